"""Changes of the index: threads that come at the same time share a transaction, and so one write to the disk."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from laketop.sqlite import Database


class Change(Protocol):
    """What is written together or not at all."""

    def write(self, tx: sqlite3.Connection) -> None:
        """Write in an open transaction; called again, in another one, where that one fails."""

    def committed(self) -> None:
        """Follow what is durable now; called before any later change is written. Must not raise."""


@dataclass
class _Entry:
    """A change that waits, and what became of it."""

    change: Change
    done: bool = False
    error: BaseException | None = None


class Journal:
    """Writes changes to an index, in the order in which they come.

    Args:
        database: the index.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def write(self, change: Change) -> None:
        """Write a change and wait until it is durable.

        Raises:
            sqlite3.Error: it could not be written, and nothing of it was kept.
        """
        mine = _Entry(change)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:  # else whoever had the turn before wrote it too
                with self._guard:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if mine.error is not None:
            raise mine.error

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Hold changes back while the block runs; each one before it was followed (`Change.committed`) to its end."""
        with self._turn:
            yield

    def _write(self, batch: Sequence[_Entry]) -> None:
        try:
            with self._database.transaction() as tx:
                for entry in batch:
                    entry.change.write(tx)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that it belongs to
            if len(batch) > 1:
                for entry in batch:  # singly: one that cannot be written must not take the others with it
                    self._write([entry])
                return
            batch[0].error = error
        for entry in batch:
            entry.done = True
            if entry.error is None:
                entry.change.committed()
