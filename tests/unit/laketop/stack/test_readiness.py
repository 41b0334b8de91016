"""Waiting for parts: ends at once when one dies, and shows the end of its log."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from laketop.settings import Settings
from laketop.stack import readiness
from laketop.stack.messages import StackError
from laketop.stack.parts import Part
from laketop.stack.supervise import PartState


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


def running(name: str) -> dict[str, PartState]:
    return {name: PartState(name, "RUNNING", 1, 1)}


def test_it_waits_until_the_part_says_ready(lake_settings: Settings, url: str, capsys: pytest.CaptureFixture) -> None:
    seconds = readiness.wait(lake_settings, [Part("glue", [], {}, url)], lambda: running("glue"))
    assert Health.asked == 3
    assert list(seconds) == ["glue"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "glue" in captured.err
    assert "ready" in captured.err


def test_a_part_that_dies_ends_the_wait_with_its_log(lake_settings: Settings, capsys: pytest.CaptureFixture) -> None:
    logs = lake_settings.state / "logs"
    logs.mkdir(parents=True)
    (logs / "glue.log").write_text("\n".join(f"line {number}" for number in range(30)))
    (logs / "supervisord.log").write_text("INFO exited: glue (exit status 1; not expected)\n")
    part = Part("glue", [], {}, "http://127.0.0.1:9/health")
    with pytest.raises(StackError, match="glue: it ended while starting: exit status 1") as caught:
        readiness.wait(lake_settings, [part], lambda: {"glue": PartState("glue", "BACKOFF", 0, 0)})
    assert caught.value.hint == "the whole log: make logs PART=glue"
    shown = capsys.readouterr().err
    assert "line 29" in shown
    assert "line 10" in shown
    assert "line 9\n" not in shown


def test_a_part_that_never_answers_is_named(lake_settings: Settings) -> None:
    part = Part("spark", [], {}, "http://127.0.0.1:9/health")
    with pytest.raises(StackError, match="spark: it was not ready after 0 s"):
        readiness.wait(lake_settings, [part], lambda: running("spark"), timeout=0.2)


def test_nobody_there_is_not_ready() -> None:
    with httpx.Client() as client:
        assert not readiness.is_ready(client, "http://127.0.0.1:9/health")
