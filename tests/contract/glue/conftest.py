"""The glue server as a process of its own, with an IAM, STS and CloudWatch that are not ours (moto), and a Spark agent
that runs no script but does what the argument `--play` says."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.ports import free_ports

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs/etl"
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "%s.amazonaws.com"}}]}'
)


def wait(ready: Callable[[], Any], seconds: float = 30) -> Any:
    """What `ready` gives, once it gives something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"nothing after {seconds} s")


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def process(command: list[str], environment: dict[str, str], log: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        running = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
    try:
        wait(lambda: running.poll() is not None or answers(url), 60)
        assert running.poll() is None, log.read_text()
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        finally:
            running.kill()
            running.wait()


def client(service: str, url: str, key: str = "test") -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


@dataclass
class Agent:
    """Keeps the orders; a run plays what its `--play` says: succeed, fail, fail-once, hang."""

    url: str
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    async def start(self, request: Request) -> Response:
        order = await request.json()
        self.orders[order["run_id"]] = order
        return JSONResponse({"run_id": order["run_id"]}, 201)

    def get(self, request: Request) -> Response:
        run_id = request.path_params["run_id"]
        if run_id not in self.orders:
            return JSONResponse({"message": "unknown"}, 404)
        return JSONResponse(self._shape(run_id))

    def _shape(self, run_id: str) -> dict[str, Any]:
        play = self.orders[run_id]["arguments"].get("--play", "succeed")
        first = "_attempt_" not in run_id
        state = {"succeed": "SUCCEEDED", "fail": "FAILED", "fail-once": "FAILED" if first else "SUCCEEDED"}.get(
            play, "RUNNING"
        )
        state = "STOPPED" if run_id in self.stopped else state
        message = "ValueError: no rows" if state == "FAILED" else None
        return {"run_id": run_id, "state": state, "error_message": message, "exit_code": None, "driver": "warm"}

    def stop(self, request: Request) -> Response:
        run_id = request.path_params["run_id"]
        self.stopped.add(run_id)
        return JSONResponse(self._shape(run_id)) if run_id in self.orders else JSONResponse({}, 404)

    def logs(self, request: Request) -> Response:
        text = {"output": b"rows: 10\n", "error": b"WARN careful\n"}[request.path_params["stream"]]
        offset = int(request.query_params["offset"])
        return Response(text[offset:], headers={"X-Next-Offset": str(max(offset, len(text)))})

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/runs", self.start, methods=["POST"]),
                Route("/runs/{run_id}", self.get, methods=["GET"]),
                Route("/runs/{run_id}", self.stop, methods=["DELETE"]),
                Route("/runs/{run_id}/logs/{stream}", self.logs, methods=["GET"]),
            ]
        )


@pytest.fixture(scope="session")
def agent() -> Iterator[Agent]:
    port = free_ports()
    made = Agent(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait(lambda: server.started)
    yield made
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_ports(), tmp_path_factory.mktemp("moto") / "log"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with process(command, {"MOTO_ACCOUNT_ID": ACCOUNT}, log, f"{url}/moto-api/data.json"):
        iam = client("iam", url)
        iam.create_role(RoleName="etl", Path="/jobs/", AssumeRolePolicyDocument=TRUST % "glue")
        iam.create_role(RoleName="others", AssumeRolePolicyDocument=TRUST % "lambda")
        yield url


@dataclass
class Server:
    """The glue server and how to ask it."""

    glue: Any
    url: str
    state: Path
    log: Path


@contextmanager
def glue_server(state: Path, endpoint: str, agent: str) -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    port = free_ports()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "LAKETOP_STATE": str(state),
        "LAKETOP_PORT": str(port - 1),
        "LAKETOP_LOCALSTACK_URL": endpoint,
        "LAKETOP_SPARK_URL": agent,
        "LAKETOP_SERVICE_KEY_ID": "AKIASERVICE",
    }
    state.mkdir(exist_ok=True)
    log = state / "glue.log"
    with process([sys.executable, "-m", "laketop.glue"], environment, log, f"{url}/health") as running:
        yield Server(client("glue", url), url, state, log), running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, endpoint: str, agent: Agent) -> Iterator[Server]:
    with glue_server(tmp_path_factory.mktemp("lake"), endpoint, agent.url) as (made, _):
        yield made
    log = made.log.read_text()
    assert "Traceback" not in log, log


@pytest.fixture
def glue(server: Server) -> Any:
    return server.glue
