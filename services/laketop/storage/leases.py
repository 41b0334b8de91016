"""Leases: how readers outside the store keep the files that they are about to open.

A reader looks files up in the index and opens them later. While it holds a lease, the store deletes no file that became
superfluous after the lease began. A lease is a locked file: it ends with its process, however that ends.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lease(readers: Path) -> Iterator[None]:
    """Hold a lease while the block runs.

    Args:
        readers: the folder of the leases.

    Raises:
        OSError: the folder cannot be written.
    """
    while True:
        path = readers / f"{time.monotonic_ns():020d}-{uuid.uuid4().hex}"
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():  # else the store took it for a dead one, between its creation and its lock
            break
        os.close(handle)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def oldest(readers: Path) -> int | None:
    """When the oldest lease began that is still held, by the monotonic clock in ns; None where there is none.

    Leases of dead readers are removed.
    """
    for name in sorted(os.listdir(readers)):
        if _held(readers / name):
            return int(name.partition("-")[0])
    return None


def _held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)  # a reader may be another user's
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)
