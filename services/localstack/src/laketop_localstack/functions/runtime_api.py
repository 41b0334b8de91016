"""The Runtime API that one function's interpreter talks to: it asks for the next event, and posts a response or an
error.

A server of its own for each life of an interpreter: what a killed one still sends finds nobody, so no answer can
reach the wrong invocation. Behaviour: "Using the Lambda runtime API for custom runtimes".
"""

import json
import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

PREFIX = "/2018-06-01/runtime/"
# "Lambda quotas": 6 MB each for request and response; 6 MiB + 100 bytes is what Lambda's own message says.
RESPONSE_LIMIT = 6 * 1024 * 1024 + 100
ACCEPTED = b'{"status":"OK"}'


@dataclass(frozen=True)
class Event:
    """One invocation as the interpreter gets it: its request id, the event (JSON) and the `Lambda-Runtime-*`
    headers.
    """

    request_id: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What an invocation, or a failed start, ended with: the response or the error object (JSON)."""

    body: bytes
    is_error: bool

    @property
    def error_type(self) -> str:
        """The error object's errorType; "" for a response."""
        return str(json.loads(self.body).get("errorType", "")) if self.is_error else ""

    @property
    def error_message(self) -> str:
        """The error object's errorMessage; "" for a response."""
        return str(json.loads(self.body).get("errorMessage", "")) if self.is_error else ""


def error(error_type: str, message: str) -> Outcome:
    """An error that Lambda itself reports, not the function."""
    return Outcome(json.dumps({"errorType": error_type, "errorMessage": message}).encode(), is_error=True)


class RuntimeApi:
    """The server; `initialised` gets True once the interpreter asks for its first event, or the error of its start."""

    def __init__(self) -> None:
        self.initialised: Future[Outcome | Literal[True]] = Future()
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._current: tuple[str, Future[Outcome]] | None = None
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        threading.Thread(target=self._server.serve_forever, name="lambda-runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """`host:port`, as AWS_LAMBDA_RUNTIME_API has it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def submit(self, event: Event) -> Future[Outcome]:
        """Offer an event to the interpreter; the future gets what it posts for this request id."""
        outcome: Future[Outcome] = Future()
        self._current = (event.request_id, outcome)
        self._events.put(event)
        return outcome

    def close(self) -> None:
        """Stop serving; an interpreter that waits for an event is disconnected."""
        self._events.put(None)
        # On a thread: the server looks for its shutdown twice a second only.
        threading.Thread(target=self._shut, name="lambda-runtime-api-end", daemon=True).start()

    def next_event(self) -> Event | None:
        """The next event; waits for it. None: the environment ends."""
        with suppress(InvalidStateError):
            self.initialised.set_result(True)
        return self._events.get()

    def finish(self, path: str, body: bytes) -> bool:
        """Take what the interpreter posted to a path below `PREFIX`. False: no such path or request."""
        if path == "init/error":
            with suppress(InvalidStateError):
                self.initialised.set_result(Outcome(body, is_error=True))
            return True
        current = self._current
        if current is None or path not in (f"invocation/{current[0]}/response", f"invocation/{current[0]}/error"):
            return False
        outcome = Outcome(body, is_error=path.endswith("/error"))
        if len(body) > RESPONSE_LIMIT:
            message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            outcome = error("Function.ResponseSizeTooLarge", message)
        with suppress(InvalidStateError):
            current[1].set_result(outcome)
        return True

    def _shut(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    api: RuntimeApi


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one segment, at once: two small ones meet the receiver's delayed acknowledgement, 40 ms
    # each time.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """The interpreter asks for the next event."""
        if self.path != PREFIX + "invocation/next":
            self._answer(404, b"")
            return
        event = self.server.api.next_event()
        if event is None:
            self.close_connection = True
            return
        self._answer(200, event.body, event.headers)

    def do_POST(self) -> None:
        """The interpreter posts a response or an error."""
        known = self.path.startswith(PREFIX) and self.server.api.finish(self.path.removeprefix(PREFIX), self._body())
        self._answer(202 if known else 404, ACCEPTED if known else b"", {"Content-Type": "application/json"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Nothing: the function's own log is the log."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
