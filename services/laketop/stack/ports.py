"""Who holds a TCP port, and which are free.

"Address already in use" in some log helps nobody: the person needs to know which process to end, and whether it is
another lake of their own.
"""

import contextlib
import errno
import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from laketop.stack.messages import ExitCode, StackError
from laketop.stack.processes import command_line

# Below the range from which Linux and macOS take the ports of clients.
_POOL = range(20_000, 32_000)


@dataclass(frozen=True)
class Holder:
    """The process that listens on a port.

    Attributes:
        pid: its process id, None where the system does not tell (another user's process).
        command: its command line, shortened.
        state: the state folder, where it is a process of a lake.
    """

    pid: int | None
    command: str
    state: str | None

    def __str__(self) -> str:
        if self.pid is None:
            return "taken by another user's process"
        lake = f"the lake in {self.state}, " if self.state else ""
        return f"taken by {lake}pid {self.pid} ({self.command})"


def taken(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger are no obstacle
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def _listeners(port: int) -> list[int]:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS tells each process's connections only
        connections = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if any(c.laddr and c.laddr.port == port and c.status == "LISTEN" for c in process.net_connections()):
                    return [process.pid]
    return [c.pid for c in connections if c.pid and c.status == "LISTEN" and c.laddr and c.laddr.port == port]


def holder(port: int) -> Holder | None:
    """Who listens on a port; None where nobody does."""
    if not taken(port):
        return None
    for pid in _listeners(port):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            state = None
            with contextlib.suppress(psutil.AccessDenied):
                state = process.environ().get("LAKETOP_STATE")
            return Holder(pid, command_line(process), state)
    return Holder(None, "", None)


def require_free(ports: Mapping[str, int]) -> None:
    """Check that nobody listens on the ports.

    Args:
        ports: part → port.

    Raises:
        StackError: a port is taken; the message names the holder.
    """
    for part, port in ports.items():
        found = holder(port)
        if found is not None:
            hint = f"{_way_out(found)}, or choose other ports: LAKETOP_PORT={_another(port)} make up"
            raise StackError(f"port {port} ({part})", str(found), hint, ExitCode.REFUSED)


def _way_out(found: Holder) -> str:
    if found.state:
        return f"end it (LAKETOP_STATE={found.state} make down)"
    return f"end it (kill {found.pid})" if found.pid else "end it"


def _another(port: int) -> int:
    """A port for a second lake: well away from the first, and the same for the same user."""
    return port + 1000 if port < 60000 else 20000 + os.getuid() % 1000


@contextlib.contextmanager
def reserved(in_a_row: int) -> Iterator[int]:
    """The first of some free ports in a row, which no other caller, in whatever process, is given meanwhile.

    Args:
        in_a_row: how many.

    Raises:
        StackError: none are free.
    """
    folder = Path(tempfile.gettempdir()) / f"laketop-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    firsts = list(_POOL[::in_a_row])
    random.shuffle(firsts)
    for first in firsts:
        with (folder / str(first)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if not any(map(taken, range(first, first + in_a_row))):
                yield first
                return
    raise StackError(
        "ports", f"no {in_a_row} in a row are free from {_POOL.start} to {_POOL.stop - 1}", "end some lakes"
    )
