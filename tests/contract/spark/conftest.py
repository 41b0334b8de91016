"""A real agent with real Spark, against an S3 that notes who asked for what."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx
import psutil
import pytest
from werkzeug.serving import make_server

from tests.contract.glue.conftest import glue_server
from tests.ports import free_ports

TOOLS = Path(os.environ.get("LAKETOP_TOOLS") or Path(__file__).parents[3] / ".tools")
BUCKET = "lake"
OVER = ("SUCCEEDED", "FAILED", "STOPPED")


class Recorder:
    """Notes (access key, method, path) of every request, then lets the emulator answer; Glue's go to `glue`, if any."""

    def __init__(self, app):
        self.app, self.seen, self.glue = app, [], None

    def __call__(self, environ, start_response):
        key = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        self.seen.append((key and key.group(1), environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if self.glue is None or not target.startswith("AWSGlue."):
            return self.app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {"X-Amz-Target": target, "Content-Type": environ["CONTENT_TYPE"]}
        headers |= {"Authorization": environ.get("HTTP_AUTHORIZATION", "")}
        answer = httpx.post(self.glue, content=body, headers=headers, trust_env=False, timeout=30)
        start_response(f"{answer.status_code} glue", list(answer.headers.items()))
        return [answer.content]


@dataclass
class Store:
    url: str
    recorder: Recorder

    @property
    def client(self):
        keys = {"aws_access_key_id": "TESTS", "aws_secret_access_key": "x", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.url, **keys)

    def put(self, key, body):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{BUCKET}/{key}"

    def keys(self, prefix):
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]

    def get(self, key):
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def askers(self, path):
        return {key for key, _, asked in self.recorder.seen if asked.startswith(path)}


@pytest.fixture(scope="session")
def s3():
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    recorder = Recorder(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, recorder, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    store = Store(f"http://127.0.0.1:{server.port}", recorder)
    store.client.create_bucket(Bucket=BUCKET)
    yield store
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def catalog(s3, tmp_path_factory):
    """The lake's Data Catalog behind the endpoint, and pyiceberg's view of it."""
    from pyiceberg.catalog.glue import GlueCatalog

    with glue_server(tmp_path_factory.mktemp("glue"), s3.url, "http://127.0.0.1:9") as (server, _):
        s3.recorder.glue = server.url
        keys = {"access-key-id": "TESTS", "secret-access-key": "x", "region": "us-east-1", "endpoint": s3.url}
        options = {f"{service}.{name}": value for service in ("glue", "s3") for name, value in keys.items()}
        catalog = GlueCatalog("glue", warehouse=f"s3://{BUCKET}/warehouse", **options)
        catalog.create_namespace("ice", {"location": f"s3://{BUCKET}/warehouse/ice"})
        yield catalog
        s3.recorder.glue = None
    assert "Traceback" not in server.log.read_text()


class Agent:
    """One agent, its lake's folder, and a client of its API."""

    def __init__(self, state, pool, s3, **more):
        self.state = state
        self.s3, self.instance, self.count = s3, f"test{os.getpid():x}{state.name}", 0
        port = free_ports(4)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(state),
            "LAKETOP_STATE": str(state),
            "LAKETOP_PORT": str(port),
            "LAKETOP_SPARK_POOL": str(pool),
            "LAKETOP_INSTANCE": self.instance,
            "LAKETOP_TOOLS": str(TOOLS),
            "LAKETOP_SERVICE_KEY_ID": "not for jobs",
            "COVERAGE_PROCESS_START": os.environ.get("COVERAGE_PROCESS_START", ""),
            **more,
        }
        state.mkdir(parents=True, exist_ok=True)
        with (state / "agent.log").open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "laketop.spark"], env=environment, stderr=log)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port + 2}", timeout=30)
        wait_for(self._answers, 20, "the agent's first answer")

    def _answers(self):
        assert self.process.poll() is None
        try:
            return self.health()["status"] == "ready"
        except httpx.TransportError:
            return False

    def health(self):
        return self.http.get("/health").json()

    def start(self, script, **body):
        """Start a run of a script's text."""
        self.count += 1
        run_id = body.get("run_id", f"jr_{self.count}")
        location = body.pop("script_location", None) or self.s3.put(f"scripts/{run_id}.py", script)
        environment = {
            "AWS_ACCESS_KEY_ID": f"KEYOF{self.count}",
            "AWS_SECRET_ACCESS_KEY": f"hidden-{self.count}",
            "AWS_SESSION_TOKEN": f"token-{self.count}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.s3.url,
        }
        answer = self.http.post(
            "/runs",
            json={
                "run_id": run_id,
                "job_name": "a job",
                "script_location": location,
                "arguments": {},
                "extra_py_files": [],
                "conf": {},
                "environment": environment,
                "driver_memory_mb": None,
                **body,
            },
        )
        assert (answer.status_code, answer.json()) == (201, {"run_id": run_id}), answer.text
        return run_id

    def get(self, run_id):
        return self.http.get(f"/runs/{run_id}").json()

    def wait(self, run_id, seconds=60):
        wait_for(lambda: self.get(run_id)["state"] in OVER, seconds, f"the end of {run_id}")
        return self.get(run_id)

    def run(self, script, **body):
        return self.wait(self.start(script, **body))

    def log(self, run_id, stream="output", offset=0):
        return self.http.get(f"/runs/{run_id}/logs/{stream}", params={"offset": offset}).text

    def processes(self):
        """What the agent has started and is alive, by the lake's marker in the environment."""
        return [each for each in psutil.process_iter() if each.pid != self.process.pid and self._owns(each)]

    def commands(self):
        """The command lines of these processes, in one text."""
        lines = []
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                lines += process.cmdline()
        return " ".join(lines)

    def _owns(self, process):
        try:
            return process.environ().get("LAKETOP_INSTANCE") == self.instance and process.status() != "zombie"
        except psutil.Error:
            return False

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)
        self.http.close()


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def tools():
    if not (TOOLS / "jars" / "spark").is_dir():
        pytest.fail(f"no Spark jars in {TOOLS}: run `make up` once, which fetches them")
    return TOOLS


@pytest.fixture(scope="session")
def agent(tools, s3, tmp_path_factory):
    agent = Agent(tmp_path_factory.mktemp("lake"), 1, s3)
    yield agent
    agent.end()
    assert agent.processes() == []


@pytest.fixture
def own_agent(tools, s3, tmp_path):
    """An agent for one test, without a pool unless the test asks."""
    agents = []

    def start(pool=0):
        agents.append(Agent(tmp_path / "own", pool, s3))
        return agents[-1]

    yield start
    for agent in agents:
        agent.end()
