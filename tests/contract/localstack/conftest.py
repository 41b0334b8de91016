"""A real LocalStack with the plug-in on a free port, and two tiny servers in the place of glue and athena."""

import base64
import io
import json
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.localstack_process import SERVICE_KEY_ID, LocalStack, wait_for
from tests.ports import free_ports

DEFAULT_HEADERS = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "00000000-request")]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com", "events.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    peer: int

    @property
    def operation(self) -> str:
        return dict(self.headers).get("X-Amz-Target", "").rpartition(".")[2]


type Script = Callable[[dict[str, Any]], tuple[int, Mapping[str, Any]]]


@dataclass
class StandIn:
    """A server that keeps what arrives, and answers by a script for each operation (else with the request's body)."""

    port: int
    seen: list[Seen] = field(default_factory=list)
    scripts: dict[str, Script] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200
    connections: list[socket.socket] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen = Seen(self.command, self.path, list(self.headers.items()), body, self.client_address[1])
                stand_in.seen.append(seen)
                status, answer = stand_in.status, body
                if script := stand_in.scripts.get(seen.operation):
                    status, members = script(json.loads(body))
                    answer = json.dumps(members).encode()
                self.send_response_only(status)
                for name, value in stand_in.headers or DEFAULT_HEADERS:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def setup(self) -> None:
                super().setup()
                stand_in.connections.append(self.connection)

            def log_message(self, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 64

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        assert self.server
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.connections.clear()

    def clear(self) -> None:
        self.seen, self.scripts, self.headers, self.status = [], {}, [], 200


@dataclass
class Lake:
    """The running LocalStack and what the tests need of it."""

    localstack: LocalStack
    glue: StandIn
    athena: StandIn
    service_key_id: str = SERVICE_KEY_ID

    @property
    def port(self) -> int:
        return self.localstack.port

    @property
    def state(self) -> Path:
        return self.localstack.state

    @property
    def url(self) -> str:
        return self.localstack.url

    def client(self, service: str, key_id: str = "test", **config: Any) -> Any:
        return self.localstack.client(service, key_id, **config)

    def role(self) -> str:
        name = f"role-{uuid4().hex[:12]}"
        arn: str = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        return arn


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    glue, athena = StandIn(free_ports()), StandIn(free_ports())
    state = tmp_path_factory.mktemp("lake")
    localstack = LocalStack(free_ports(), state, glue.url, athena.url)
    lake = Lake(localstack, glue, athena)
    glue.start()
    athena.start()
    try:
        localstack.start()
        yield lake
    finally:
        localstack.close()
        glue.stop()
        athena.stop()


@pytest.fixture
def lake(running: Lake) -> Lake:
    running.glue.clear()
    running.athena.clear()
    return running


@pytest.fixture(scope="session")
def role(running: Lake) -> str:
    return running.role()


@dataclass(frozen=True)
class Answered:
    error: str | None
    payload: Any
    log: str


@dataclass(frozen=True)
class Functions:
    """Creates and invokes functions."""

    lake: Lake
    role: str

    @staticmethod
    def packed(files: Mapping[str, str]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return buffer.getvalue()

    def create(self, files: str | Mapping[str, str], **settings: Any) -> str:
        name = settings.pop("FunctionName", f"function-{uuid4().hex[:12]}")
        client = self.lake.client("lambda")
        code = self.packed({"app.py": files} if isinstance(files, str) else files)
        request = {"Runtime": "python3.13", "Handler": "app.handler", "Timeout": 20, "MemorySize": 256} | settings
        client.create_function(FunctionName=name, Role=self.role, Code={"ZipFile": code}, **request)
        wait_for(lambda: client.get_function_configuration(FunctionName=name)["State"] == "Active")
        return name

    def invoke(self, name: str, event: Any = None) -> Answered:
        answer = self.lake.client("lambda").invoke(
            FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail"
        )
        payload = answer["Payload"].read()
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return Answered(answer.get("FunctionError"), json.loads(payload) if payload else None, log)


@pytest.fixture
def functions(lake: Lake, role: str) -> Functions:
    return Functions(lake, role)


@pytest.fixture
def awaited() -> Callable[..., Any]:
    return wait_for
