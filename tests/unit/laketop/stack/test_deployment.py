"""A deployment that ended with LocalStack's process is told, whoever ended it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from laketop.settings import Settings
from laketop.stack import deployment, lake

Answer = dict[str, str]


@pytest.fixture
def health() -> Iterator[tuple[int, Answer]]:
    """A LocalStack's health page: its port, and what it says."""
    says: Answer = {"status": "ready", "session": "first"}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(says).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port, says
    server.shutdown()
    server.server_close()


def test_it_is_lost_with_the_process_it_was_made_on(lake_settings: Settings, health: tuple[int, Answer]) -> None:
    port, says = health
    settings = replace(lake_settings, port=port)
    lake.claim(settings)
    assert deployment.lost(settings) is None
    deployment.note(settings)
    assert deployment.lost(settings) is None
    says["session"] = "second"
    assert "functions, state machines, rules and roles are gone" in str(deployment.lost(settings))
    deployment.note(settings)
    assert deployment.lost(settings) is None


def test_nothing_is_said_while_localstack_does_not_answer(lake_settings: Settings) -> None:
    lake.claim(lake_settings)
    deployment.note(lake_settings)
    assert deployment.session(lake_settings) is None
    assert deployment.lost(lake_settings) is None
