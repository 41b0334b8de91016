"""The guardian over a real supervisord, with small programs in the place of the parts."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laketop import settings as configuration
from laketop.settings import PARTS, Settings
from laketop.stack import lake, processes, supervise
from laketop.stack.parts import Part, common_environment
from tests.ports import free_ports

SLEEP = "import time; time.sleep(120)"
HEALTHY = """
import sys, http.server
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Health).serve_forever()
"""


@pytest.fixture
def lake_settings(tmp_path: Path) -> Iterator[Settings]:
    settings = configuration.load(
        {"LAKETOP_STATE": str(tmp_path / "state"), "LAKETOP_PORT": str(free_ports(len(PARTS)))}
    )
    lake.claim(settings)
    yield settings
    running = supervise.running(settings)
    if running is not None:
        running.shutdown()
    processes.end_all(settings.instance)
    lake.forget_record(settings)


def start(settings: Settings, tmp_path: Path, localstack: str) -> supervise.Supervisor:
    codes = dict.fromkeys(PARTS, SLEEP) | {"localstack": localstack}
    parts = [
        Part(
            name,
            [sys.executable, "-c", code, str(settings.port), str(tmp_path / "once")],
            common_environment(settings),
            "",
        )
        for name, code in codes.items()
    ]
    return supervise.start(settings, parts)


def until(ask: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_supervisor_s_end_ends_the_lake(lake_settings: Settings, tmp_path: Path) -> None:
    supervisor = start(lake_settings, tmp_path, HEALTHY)
    until(lambda: supervisor.states()["guardian"].state == "RUNNING")
    os.kill(supervisor.record.pid, signal.SIGKILL)
    until(lambda: not processes.marked(lake_settings.instance))
    ending = lake.last_ending(lake_settings)
    assert ending is not None
    assert ending.why == "its supervisor was killed"


@pytest.mark.parametrize("name", ["glue", "localstack"])
def test_a_part_that_ends_alone_is_restarted(lake_settings: Settings, tmp_path: Path, name: str) -> None:
    supervisor = start(lake_settings, tmp_path, HEALTHY)
    until(lambda: supervisor.states()[name].state == "RUNNING")
    before = supervisor.states()
    os.kill(before[name].pid, signal.SIGKILL)
    until(lambda: supervisor.states()[name].pid not in (0, before[name].pid))
    others = set(PARTS) - {name}
    assert all(supervisor.states()[other].pid == before[other].pid for other in others)
    assert lake.last_ending(lake_settings) is None
