"""SQLite as the services' store: durable state changes, many readers, one writer at a time.

A service's threads share one `Database`. Writers take turns by a lock of ours, since SQLite's own waiting is a sleep
that grows; readers never wait. A file that an incompatible version wrote is refused rather than half understood.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_BUSY_SECONDS = 30.0
_APPLIED = "CREATE TABLE IF NOT EXISTS laketop_schema (sha256 TEXT PRIMARY KEY, statement TEXT NOT NULL) STRICT"


class SchemaError(RuntimeError):
    """The file was made by a version whose tables are not ours; the message names the file and the next step."""


class NestedTransactionError(RuntimeError):
    """A thread opened a transaction while it had one: the inner one could be kept while the outer is undone."""


class Database:
    """One SQLite file, opened with a connection a thread at a time.

    Args:
        path: the file; its folder is made.
        schema: statements that make the tables, each applied once, in order. New ones may be added anywhere; one that
            was applied must not change.
        synchronous: SQLite's setting: NORMAL survives a killed process, FULL a power cut too.

    Raises:
        SchemaError: the file holds statements that `schema` does not have.
    """

    def __init__(self, path: Path, schema: Sequence[str], synchronous: str = "NORMAL") -> None:
        self._path = path
        self._synchronous = synchronous
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._closed = False
        self._thread = threading.local()
        self._listeners: list[Callable[[], None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._apply(schema)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A state change: committed where the block ends, undone where it raises.

        Raises:
            NestedTransactionError: this thread has a transaction or read open.
            sqlite3.OperationalError: another process kept the file locked for half a minute.
        """
        if self._current() is not None:
            raise NestedTransactionError("this thread already has a transaction or read open; pass it on instead")
        if not self._writing.acquire(timeout=_BUSY_SECONDS):
            raise sqlite3.OperationalError(f"{self._path}: another thread kept the database locked")
        try:
            with self._borrowed() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
        finally:
            self._writing.release()
        for listener in self._listeners:
            listener()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the file; writing in it fails. Within this thread's transaction: that one's view."""
        current = self._current()
        if current is not None:
            yield current
            return
        with self._borrowed() as connection:
            connection.execute("PRAGMA query_only = ON")
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute("PRAGMA query_only = OFF")

    def after_commit(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in the writing thread, after each committed transaction."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Close the connections; those in use are closed when they are given back. Later use fails."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _current(self) -> sqlite3.Connection | None:
        return getattr(self._thread, "connection", None)

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        self._thread.connection = connection
        try:
            yield connection
        finally:
            self._thread.connection = None
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._guard:
            if self._closed:
                raise sqlite3.ProgrammingError(f"{self._path}: the database is closed")
            if self._idle:
                return self._idle.pop()
        return self._open()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _open(self) -> sqlite3.Connection:
        # Threads use a connection one after another, never two at once, which SQLite allows.
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA fullfsync = ON")  # macOS: else a sync ends in the disk's own cache
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _apply(self, schema: Sequence[str]) -> None:
        wanted = {hashlib.sha256(statement.encode()).hexdigest(): statement for statement in schema}
        with self.transaction() as tx:
            tx.execute(_APPLIED)
            applied = {row["sha256"]: row["statement"] for row in tx.execute("SELECT * FROM laketop_schema")}
            strange = [statement for digest, statement in applied.items() if digest not in wanted]
            if strange:
                made = strange[0].partition("(")[0].strip()
                raise SchemaError(
                    f"{self._path} was made by another version of Laketop ({made!r} differs): "
                    "run `make reset`, which deletes the lake"
                )
            for digest, statement in wanted.items():
                if digest not in applied:
                    tx.execute(statement)
                    tx.execute("INSERT INTO laketop_schema VALUES (?, ?)", (digest, statement))
