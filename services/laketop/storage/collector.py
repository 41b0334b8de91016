"""Deletes the files that no object is any more, as soon as nobody can be about to open them.

A file that became superfluous is deleted when every request that was under way, and every lease outside, has ended that
began before; and only if the index does not name it (a copy shares its source's file).
"""

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from laketop.storage import leases
from laketop.storage.layout import Layout

RETRY_SECONDS = 1.0

_log = logging.getLogger("laketop.storage")


class Collector:
    """Deletes superfluous files in a thread of its own.

    Args:
        layout: the store.
        is_used: whether the index names a file, or named it until a change that the tree does not show yet.
    """

    def __init__(self, layout: Layout, is_used: Callable[[str], bool]) -> None:
        self._layout, self._is_used = layout, is_used
        self._waiting: deque[tuple[int, str]] = deque()
        self._under_way: dict[int, int] = {}
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="s3-collector", daemon=True)
        self._thread.start()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Keep what is a file now, while the block runs."""
        mine = threading.get_ident()
        with self._guard:
            nested = mine in self._under_way
            self._under_way.setdefault(mine, time.monotonic_ns())
        try:
            yield
        finally:
            if not nested:
                with self._guard:
                    del self._under_way[mine]

    def discard(self, files: Iterable[str]) -> None:
        """Delete files once nobody can be about to open them.

        Args:
            files: names of files that the index stopped to name; one that it still names is kept.
        """
        now = time.monotonic_ns()
        self._waiting.extend((now, file) for file in files)
        if self._waiting:
            self._wake.set()

    def sweep(self) -> None:
        """Delete what can be deleted now."""
        # taken first: what is discarded while this runs may be about to be opened by who begins while this runs
        now = time.monotonic_ns()
        with self._guard:
            begun = list(self._under_way.values())
        horizon = min([now, *begun, *filter(None, [leases.oldest(self._layout.readers)])])
        while self._waiting and self._waiting[0][0] < horizon:
            file = self._waiting[0][1]
            if not self._is_used(file):
                Path(self._layout.file(file)).unlink(missing_ok=True)
            self._waiting.popleft()

    def close(self) -> None:
        """End the thread; what still waits is deleted at the next start."""
        self._closed = True
        self._wake.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait()
            self._wake.clear()
            while self._waiting and not self._closed:
                try:
                    self.sweep()
                except (OSError, sqlite3.Error):
                    _log.exception("superfluous files could not be deleted; tried again")
                if self._waiting:
                    time.sleep(RETRY_SECONDS)


def orphans(layout: Layout, used: set[str]) -> list[str]:
    """The files that no row names: what a killed store was about to write or to delete.

    Args:
        layout: the store; nobody writes to it.
        used: names of the files that rows name.
    """
    return [
        name for folder in sorted(os.listdir(layout.objects)) for name in _names(layout, folder) if name not in used
    ]


def _names(layout: Layout, folder: str) -> list[str]:
    return sorted(os.listdir(layout.objects / folder))
