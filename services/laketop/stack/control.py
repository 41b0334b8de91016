"""A lake that runs, whichever way: what commands ask it, and have it do.

The lake remembers its mode; each mode has a module that finds the running lake (`supervise`, `compose`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

RUNNING = ("RUNNING", "STARTING")
DEAD = ("BACKOFF", "EXITED", "FATAL", "STOPPED", "UNKNOWN")


@dataclass(frozen=True)
class PartState:
    """What is known about a part.

    Attributes:
        name: the part.
        state: in supervisord's words, e.g. RUNNING, EXITED, FATAL.
        pid: its process id on this machine, 0 where it does not run.
        uptime: seconds since its start, 0 where it does not run.
    """

    name: str
    state: str
    pid: int
    uptime: int


class Control(Protocol):
    """The control of a running lake. Every method raises StackError where what runs it does not answer."""

    @property
    def port(self) -> int:
        """The port of the endpoint that it was started with."""
        ...

    @property
    def spark_pool(self) -> int:
        """The number of warmed drivers that it was started with."""
        ...

    @property
    def workers(self) -> int:
        """The number of workers of a Spark cluster of its own that it was started with."""
        ...

    def states(self) -> Mapping[str, PartState]:
        """Every part's state by name."""
        ...

    def memory(self) -> Mapping[str, int]:
        """Resident memory of each part that runs, with all that it started, in bytes."""
        ...

    def start(self, names: Sequence[str]) -> None:
        """Start parts that do not run; does not wait for them."""
        ...

    def how_it_ended(self, name: str) -> str:
        """How a part last ended, e.g. `terminated by SIGKILL`, `exit status 1`."""
        ...

    def tail(self, name: str, count: int) -> list[str]:
        """The last lines that a part wrote."""
        ...

    def shutdown(self) -> None:
        """Stop all parts; returns when they have ended."""
        ...
