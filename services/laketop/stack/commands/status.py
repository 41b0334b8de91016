"""`laketop status`: one line per part."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated

import httpx
import typer

from laketop import settings as configuration
from laketop.settings import PARTS, Settings
from laketop.stack import deployment, lake, processes, readiness, supervise
from laketop.stack.clients import require_running
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.parts import health_url
from laketop.stack.tables import show


@dataclass(frozen=True)
class Line:
    """What status tells about a part.

    Attributes:
        part: its name.
        state: ready, starting, or what the supervisor says (exited, fatal, …).
        pid: its process id, 0 where it does not run.
        uptime_seconds: seconds since its start.
        port: its TCP port.
        rss_bytes: resident memory of its process and all processes below it.
    """

    part: str
    state: str
    pid: int
    uptime_seconds: int
    port: int
    rss_bytes: int


def lines(settings: Settings, supervisor: supervise.Supervisor) -> list[Line]:
    """The state of every part, asked now."""
    states = supervisor.states()
    found = []
    with httpx.Client(timeout=2, trust_env=False) as client:
        for part in PARTS:
            state = states[part]
            word = state.state.lower()
            if state.state in supervise.RUNNING:
                word = "ready" if readiness.is_ready(client, health_url(settings, part)) else "starting"
            memory = processes.tree_memory(state.pid) if state.pid else 0
            found.append(Line(part, word, state.pid, state.uptime, settings.ports[part], memory))
    return found


def run(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print one line per part: state, process, uptime, port, memory."""
    settings = configuration.load()
    ending = lake.last_ending(settings)
    if ending is not None:
        say(str(ending), style="yellow")
    require_running(settings)
    lost = deployment.lost(settings)
    if lost is not None:
        say(lost, style="yellow")
    supervisor = supervise.running(settings)
    if supervisor is None:
        raise StackError(f"lake {settings.state}", "it ended just now", "run `make up`", ExitCode.NOT_RUNNING)
    found = lines(settings, supervisor)
    if as_json:
        print(json.dumps({"parts": [asdict(line) for line in found], "deployment_lost": lost}, indent=2))
    else:
        rows = [
            [line.part, line.state, str(line.pid or "-"), str(timedelta(seconds=line.uptime_seconds)), str(line.port),
             f"{line.rss_bytes / 2**20:.0f} MiB"]
            for line in found
        ]  # fmt: skip
        show(["part", "state", "pid", "uptime", "port", "memory"], rows)
    if any(line.state != "ready" for line in found):
        raise typer.Exit(ExitCode.FAILED)
