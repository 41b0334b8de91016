"""Waiting until every part takes requests, and showing it: one line per part that turns green.

A part that dies while it starts ends the wait at once, with the end of its log: nobody should wait for a time-out to
read an error that is already written.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from rich.live import Live
from rich.text import Text

from laketop.settings import Settings
from laketop.stack.control import DEAD, Control, PartState
from laketop.stack.messages import StackError, say, talk
from laketop.stack.parts import health_url

LOG_LINES = 20


@dataclass
class Progress:
    """Which parts are ready, and after how many seconds."""

    names: Sequence[str]
    seconds: dict[str, float] = field(default_factory=dict)

    def line(self, name: str, elapsed: float) -> Text:
        """One part's line: green once it is ready."""
        if name in self.seconds:
            return Text(f"  {name:<12}ready     {self.seconds[name]:5.1f} s", style="green")
        return Text(f"  {name:<12}starting  {elapsed:5.1f} s", style="dim")

    def lines(self, elapsed: float) -> Text:
        """All parts' lines."""
        return Text("\n").join(self.line(name, elapsed) for name in self.names)


def is_ready(client: httpx.Client, url: str) -> bool:
    """Whether a health URL answers 200 now."""
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def answers(settings: Settings) -> bool:
    """Whether the endpoint answers now."""
    with httpx.Client(timeout=5, trust_env=False) as client:
        return is_ready(client, health_url(settings, "localstack"))


def _fail(control: Control, name: str, cause: str) -> StackError:
    for line in control.tail(name, LOG_LINES):
        say(f"  {name} | {line}", style="dim")
    return StackError(name, cause, f"the whole log: make logs PART={name}")


def wait(health: Mapping[str, str], control: Control, timeout: float = 120) -> dict[str, float]:
    """Wait until all parts are ready.

    Args:
        health: part → URL that answers 200 once it takes requests.
        control: tells the parts' states.
        timeout: seconds for all of them.

    Returns:
        part → seconds until it was ready.

    Raises:
        StackError: a part died, or was not ready in time; the end of its log was shown.
    """
    began = time.monotonic()
    progress = Progress(list(health))
    live = Live(progress.lines(0), console=talk, refresh_per_second=4) if talk.is_terminal else None
    with httpx.Client(timeout=2, trust_env=False) as client:
        if live:
            live.start()
        try:
            while waiting := [name for name in health if name not in progress.seconds]:
                states = control.states()
                for name in waiting:
                    _require_alive(control, states[name])
                    if is_ready(client, health[name]):
                        progress.seconds[name] = time.monotonic() - began
                        if not live:
                            talk.print(progress.line(name, 0))
                late = [name for name in health if name not in progress.seconds]
                if late and time.monotonic() - began > timeout:
                    raise _fail(control, late[0], f"it was not ready after {timeout:.0f} s")
                if live:
                    live.update(progress.lines(time.monotonic() - began))
                time.sleep(0.1)
        finally:
            if live:
                live.update(progress.lines(time.monotonic() - began))
                live.stop()
    return progress.seconds


def _require_alive(control: Control, state: PartState) -> None:
    if state.state in DEAD:
        raise _fail(control, state.name, f"it ended while starting: {control.how_it_ended(state.name)}")
