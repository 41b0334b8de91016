"""`laketop status`: one line per part."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated

import httpx
import typer

from laketop import settings as configuration
from laketop.settings import PARTS, Settings
from laketop.stack import deployment, lake, readiness
from laketop.stack.control import RUNNING, Control
from laketop.stack.messages import ExitCode, say
from laketop.stack.parts import health_url
from laketop.stack.running import require_control
from laketop.stack.tables import show


@dataclass(frozen=True)
class Line:
    """What status tells about a part.

    Attributes:
        part: its name.
        state: ready, starting, or what runs it says (exited, fatal, …).
        pid: its process id on this machine, 0 where it does not run.
        uptime_seconds: seconds since its start.
        port: its TCP port.
        rss_bytes: resident memory of its process and all processes below it, or of its container.
    """

    part: str
    state: str
    pid: int
    uptime_seconds: int
    port: int
    rss_bytes: int


def lines(settings: Settings, control: Control) -> list[Line]:
    """The state of every part, asked now."""
    states, memory = control.states(), control.memory()
    found = []
    with httpx.Client(timeout=2, trust_env=False) as client:
        for part in PARTS:
            state = states[part]
            word = state.state.lower()
            if state.state in RUNNING:
                word = "ready" if readiness.is_ready(client, health_url(settings, part)) else "starting"
            found.append(Line(part, word, state.pid, state.uptime, settings.ports[part], memory.get(part, 0)))
    return found


def run(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print one line per part: state, process, uptime, port, memory."""
    settings = configuration.load()
    ending = lake.last_ending(settings)
    if ending is not None:
        say(str(ending), style="yellow")
    control = require_control(settings)
    lost = deployment.lost(settings)
    if lost is not None:
        say(lost, style="yellow")
    found = lines(settings, control)
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
