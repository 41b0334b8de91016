"""Waiting until every part takes requests, and showing it: one line per part that turns green.

A part that dies while it starts ends the wait at once, with the end of its log: nobody should wait for a time-out to
read an error that is already written.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from rich.live import Live
from rich.text import Text

from laketop.settings import Settings
from laketop.stack import supervise
from laketop.stack.messages import StackError, say, talk
from laketop.stack.parts import Part
from laketop.stack.supervise import PartState

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


def tail(settings: Settings, name: str, count: int = LOG_LINES) -> list[str]:
    """The last lines of a part's log; [] where there is none."""
    log = settings.state / "logs" / f"{name}.log"
    return log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []


def is_ready(client: httpx.Client, url: str) -> bool:
    """Whether a health URL answers 200 now."""
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _fail(settings: Settings, name: str, cause: str) -> StackError:
    for line in tail(settings, name):
        say(f"  {name} | {line}", style="dim")
    return StackError(name, cause, f"the whole log: make logs PART={name}")


def wait(
    settings: Settings,
    parts: Sequence[Part],
    states: Callable[[], Mapping[str, PartState]],
    timeout: float = 120,
) -> dict[str, float]:
    """Wait until all parts are ready.

    Args:
        settings: the lake.
        parts: what to wait for.
        states: asks the supervisor for the parts' states.
        timeout: seconds for all of them.

    Returns:
        part → seconds until it was ready.

    Raises:
        StackError: a part died, or was not ready in time; the end of its log was shown.
    """
    began = time.monotonic()
    progress = Progress([part.name for part in parts])
    live = Live(progress.lines(0), console=talk, refresh_per_second=4) if talk.is_terminal else None
    with httpx.Client(timeout=2, trust_env=False) as client:
        if live:
            live.start()
        try:
            while waiting := [part for part in parts if part.name not in progress.seconds]:
                now = states()
                for part in waiting:
                    _step(settings, progress, part, now[part.name], client, time.monotonic() - began, live is None)
                if time.monotonic() - began > timeout:
                    late = [part.name for part in parts if part.name not in progress.seconds]
                    if late:
                        raise _fail(settings, late[0], f"it was not ready after {timeout:.0f} s")
                if live:
                    live.update(progress.lines(time.monotonic() - began))
                time.sleep(0.1)
        finally:
            if live:
                live.update(progress.lines(time.monotonic() - began))
                live.stop()
    return progress.seconds


def _step(
    settings: Settings,
    progress: Progress,
    part: Part,
    state: PartState,
    client: httpx.Client,
    elapsed: float,
    plain: bool,
) -> None:
    if state.state in supervise.DEAD:
        raise _fail(settings, part.name, f"it ended while starting: {supervise.how_it_ended(settings, part.name)}")
    if is_ready(client, part.health):
        progress.seconds[part.name] = elapsed
        if plain:
            talk.print(progress.line(part.name, elapsed))
