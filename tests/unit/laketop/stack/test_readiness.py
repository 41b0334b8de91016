"""Waiting for parts: ends at once when one dies, and shows the end of its log."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from laketop.stack import readiness
from laketop.stack.control import DEAD, PartState
from laketop.stack.messages import StackError

NOBODY = "http://127.0.0.1:9/health"


class Health(BaseHTTPRequestHandler):
    """Answers 503 twice, then 200."""

    asked = 0

    def do_GET(self) -> None:
        Health.asked += 1
        self.send_response(200 if Health.asked > 2 else 503)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Silence."""


@pytest.fixture
def url() -> Iterator[str]:
    Health.asked = 0
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()
        thread.join()


@dataclass
class Lake:
    """A lake with one part, which is in this state and wrote this."""

    name: str
    state: str
    written: Sequence[str] = ()
    port: int = 0
    spark_pool: int = 0
    workers: int = 0

    def states(self) -> dict[str, PartState]:
        return {self.name: PartState(self.name, self.state, 1, 1)}

    def memory(self) -> dict[str, int]:
        return {}

    def start(self, names: Sequence[str]) -> None:
        raise AssertionError(names)

    def how_it_ended(self, name: str) -> str:
        return f"exit status 1 of {name}"

    def tail(self, name: str, count: int) -> list[str]:
        assert name == self.name
        return list(self.written[-count:])

    def shutdown(self) -> None:
        raise AssertionError


def test_it_waits_until_the_part_says_ready(url: str, capsys: pytest.CaptureFixture) -> None:
    seconds = readiness.wait({"glue": url}, Lake("glue", "RUNNING"))
    assert Health.asked == 3
    assert list(seconds) == ["glue"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "glue" in captured.err
    assert "ready" in captured.err


@pytest.mark.parametrize("state", DEAD)
def test_a_part_that_dies_ends_the_wait_with_its_log(state: str, capsys: pytest.CaptureFixture) -> None:
    lake = Lake("glue", state, [f"line {number}" for number in range(30)])
    with pytest.raises(StackError, match="glue: it ended while starting: exit status 1 of glue") as caught:
        readiness.wait({"glue": NOBODY}, lake)
    assert caught.value.hint == "the whole log: make logs PART=glue"
    shown = capsys.readouterr().err
    assert "line 29" in shown
    assert "line 10" in shown
    assert "line 9\n" not in shown


def test_a_part_that_never_answers_is_named() -> None:
    with pytest.raises(StackError, match="spark: it was not ready after 0 s"):
        readiness.wait({"spark": NOBODY}, Lake("spark", "RUNNING"), timeout=0.2)


def test_nobody_there_is_not_ready() -> None:
    with httpx.Client() as client:
        assert not readiness.is_ready(client, NOBODY)
