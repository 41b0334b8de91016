"""Which processes belong to a lake, and how they end.

Every process of a lake carries LAKETOP_INSTANCE in its environment. Parents die and groups change, an environment does
not: so the marker finds what a killed supervisor, agent or Lambda executor left behind.
"""

import contextlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import psutil

MARKER = "LAKETOP_INSTANCE"


@dataclass(frozen=True)
class Marked:
    """A process of a lake: its id, its command line, the parent's id."""

    pid: int
    command: str
    parent: int


def command_line(process: psutil.Process, limit: int = 120) -> str:
    """A process's command line, shortened to `limit` characters; its name where the system hides the line."""
    try:
        line = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        line = "unknown"
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _with_marker(instance: str) -> Iterator[psutil.Process]:
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        # Other people's processes cannot be read, and a process may end while we look at it: neither is ours.
        with contextlib.suppress(psutil.Error):
            ours = process.pid not in own and process.environ().get(MARKER) == instance
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def marked(instance: str) -> list[Marked]:
    """The living processes of a lake, without the caller and its parents."""
    found = []
    for process in _with_marker(instance):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(Marked(process.pid, command_line(process), process.ppid()))
    return found


def end_all(instance: str, keep: Collection[int] = (), grace: float = 3.0) -> list[Marked]:
    """End all processes of a lake but those in `keep`: SIGTERM, `grace` seconds, SIGKILL; until none is left.

    Args:
        instance: the lake's short name.
        keep: process ids to leave alone.
        grace: seconds between SIGTERM and SIGKILL.

    Returns:
        what was ended, as it was at the beginning of each round.
    """
    ended: list[Marked] = []
    for _ in range(5):  # a process may start another while we end it
        victims = [process for process in _with_marker(instance) if process.pid not in keep]
        if not victims:
            break
        ended += [Marked(process.pid, command_line(process), 0) for process in victims]
        for process in victims:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(victims, timeout=grace)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, timeout=grace)
    return ended


def tree_memory(pid: int) -> int:
    """Resident memory of a process and all its descendants, in bytes; 0 where it has ended."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += member.memory_info().rss
    return total
