"""The checkout's own files: a lake is built of them, and a test may change them meanwhile in another worker."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.pipeline import ROOT


@contextmanager
def held(*, alone: bool) -> Iterator[None]:
    """The checkout as it is, for all processes: with others who only read it, or alone, to change it for a while."""
    with (ROOT / "pyproject.toml").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
