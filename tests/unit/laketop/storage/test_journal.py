import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from laketop.sqlite import Database
from laketop.storage import Journal, index

THREADS = 16


def nothing() -> None:
    pass


@dataclass
class Log:
    """What happened, in order; and whether each change was durable when it heard so."""

    database: Database
    written: list[str] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)
    durable: list[bool] = field(default_factory=list)


@dataclass
class Upload:
    """A change that adds an upload of this name."""

    log: Log
    name: str
    before: Callable[[], None] = nothing

    def write(self, tx: sqlite3.Connection) -> None:
        self.before()
        index.put_upload(tx, "lake", self.name, "{}")
        self.log.written.append(self.name)

    def committed(self) -> None:
        self.log.committed.append(self.name)
        self.log.durable.append(self.name in names(self.log.database))


def names(database: Database) -> set[str]:
    with database.read() as tx:
        return {row["id"] for row in tx.execute("SELECT id FROM uploads")}


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


def commits_of(database: Database) -> list[None]:
    found: list[None] = []
    database.after_commit(lambda: found.append(None))
    return found


def write_together(journal: Journal, log: Log, changes: list[Upload]) -> dict[str, BaseException | None]:
    """Write the changes in as many threads while a first one has the turn; what each thread got."""
    results: dict[str, BaseException | None] = {}
    began = threading.Event()

    def write(change: Upload) -> None:
        try:
            journal.write(change)
            results[change.name] = None
        except (sqlite3.Error, ZeroDivisionError) as error:
            results[change.name] = error

    def until_all_wait() -> None:
        began.set()
        end = time.monotonic() + 10
        while len(journal._waiting) < len(changes):
            assert time.monotonic() < end
            time.sleep(0.001)

    with ThreadPoolExecutor(len(changes) + 1) as pool:
        leader = pool.submit(journal.write, Upload(log, "first", until_all_wait))
        assert began.wait(10)
        list(pool.map(write, changes))
        leader.result(10)
    return results


def test_changes_that_come_together_share_a_transaction(database: Database, log: Log) -> None:
    commits = commits_of(database)
    changes = [Upload(log, f"change {number}") for number in range(THREADS)]
    results = write_together(Journal(database), log, changes)
    assert set(results.values()) == {None}
    assert names(database) == {"first", *results}
    assert len(commits) == 2
    assert log.written == log.committed
    assert len(log.committed) == THREADS + 1
    assert all(log.durable)


def test_many_threads_again_and_again(database: Database, log: Log) -> None:
    commits = commits_of(database)
    journal = Journal(database)
    together = threading.Barrier(THREADS)

    def write(thread: int) -> None:
        for number in range(10):
            together.wait(10)
            journal.write(Upload(log, f"{thread}/{number}"))
            assert f"{thread}/{number}" in names(database)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, range(THREADS)))
    assert len(names(database)) == THREADS * 10
    assert len(commits) < THREADS * 10
    assert log.committed == log.written
    assert len(set(log.committed)) == THREADS * 10
    assert all(log.durable)


def test_a_change_that_fails_fails_alone(database: Database, log: Log) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of this change")

    changes = [Upload(log, f"change {number}", fail if number == 5 else nothing) for number in range(THREADS)]
    results = write_together(Journal(database), log, changes)
    errors = {name: error for name, error in results.items() if error}
    assert {name: str(error) for name, error in errors.items()} == {"change 5": "of this change"}
    good = {"first", *results} - {"change 5"}
    assert names(database) == good
    assert sorted(log.committed) == sorted(good)
    assert all(log.durable)
    # each was written before it heard of it, and in the order of the last writing
    assert log.written[-len(good) + 1 :] == log.committed[1:]


def test_nothing_is_kept_of_a_change_that_fails(database: Database, log: Log) -> None:
    class Half(Upload):
        def write(self, tx: sqlite3.Connection) -> None:
            super().write(tx)
            tx.execute("INSERT INTO no_such_table VALUES (1)")

    journal = Journal(database)
    with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
        journal.write(Half(log, "half"))
    assert names(database) == set()
    assert log.committed == []
    journal.write(Upload(log, "next"))
    assert names(database) == {"next"}
