"""Free TCP ports on 127.0.0.1 for the servers of tests.

They lie below the range from which the kernel takes the ports of clients, so that no connection that is opened between
the question and the server's start can have one of them. Where pytest has several workers, each has a part of them of
its own, so that none takes a port between another's question and the start of its server.
"""

import os
import random
import socket
from collections.abc import Mapping
from itertools import count

_ALL = range(20_000, 32_000)


def share(environment: Mapping[str, str]) -> range:
    """The ports of one worker of pytest-xdist, whose number and count the environment has; without these, all ports."""
    number = int(environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = max(int(environment.get("PYTEST_XDIST_WORKER_COUNT", 1)), number + 1)  # one that crashed has a successor
    size = len(_ALL) // workers
    return _ALL[number * size : (number + 1) * size]


_PORTS = share(os.environ)
_cursor = count(random.Random(os.getpid()).randrange(len(_PORTS)))


def free_ports(in_a_row: int = 1) -> int:
    """The first of some free ports in a row; no port is given twice in one process before all were.

    Args:
        in_a_row: how many; a lake takes four.

    Raises:
        RuntimeError: none are free.
    """
    for _ in _PORTS:
        ports = [_PORTS[next(_cursor) % len(_PORTS)] for _ in range(in_a_row)]
        if ports[-1] - ports[0] == in_a_row - 1 and all(map(_is_free, ports)):
            return ports[0]
    raise RuntimeError(f"no {in_a_row} free ports in a row in {_PORTS.start} to {_PORTS.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
