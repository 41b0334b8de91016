"""Job definitions in SQLite: create, replace, list, delete.

A job has an id beside its name: runs belong to the id, so that a job made anew under an old name starts without a
history.
"""

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from laketop.glue.codec import decode, encode, moment
from laketop.glue.errors import EntityNotFound, IdempotentParameterMismatch
from laketop.glue.jobs.definitions import complete
from laketop.glue.paging import Page, page, position
from laketop.sqlite import Database

SCHEMA = (
    """CREATE TABLE jobs (
        name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, definition TEXT NOT NULL,
        created REAL NOT NULL, modified REAL NOT NULL) WITHOUT ROWID""",
)
MOST_JOBS = 1000  # a page's limit


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Job:
    """A job; `definition` has the members of the API's Job structure except Name and times."""

    name: str
    id: str
    definition: Mapping[str, Any]
    created: datetime
    modified: datetime


class Jobs:
    """The account's jobs. Methods that need a job raise EntityNotFound where there is none of the name.

    Follows "Jobs" of the AWS Glue Developer Guide.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._now = now

    def create(self, name: str, request: Mapping[str, Any]) -> Job:
        """Add a job from the members of CreateJob; again with the same members, it stays as it is.

        Raises:
            IdempotentParameterMismatch: there is a job of the name with another definition.
            InvalidInput: see `definitions.complete`.
        """
        now = self._now()
        job = Job(name, f"j_{secrets.token_hex(32)}", complete(request), now, now)
        with self._database.transaction() as tx:
            present = _find(tx, name)
            if present is None:
                _save(tx, job)
                return job
        if present.definition != job.definition:
            raise IdempotentParameterMismatch(f"Job with name: {name} already submitted with different configuration")
        return present

    def get(self, name: str) -> Job:
        """A job by name."""
        with self._database.read() as tx:
            return find(tx, name)

    def get_all(self, names: Sequence[str]) -> list[Job]:
        """The jobs of these names that exist."""
        with self._database.read() as tx:
            found = [_find(tx, name) for name in names]
        return [job for job in found if job]

    def list(self, operation: str, token: str | None, limit: int) -> Page[Job]:
        """A page of the jobs, by name."""
        after = position(operation, token) or ""
        with self._database.read() as tx:
            rows = tx.execute("SELECT * FROM jobs WHERE name > ? ORDER BY name", (after,))
            return page(operation, map(_job, rows), limit=limit, most=MOST_JOBS, key=lambda job: job.name)

    def update(self, name: str, request: Mapping[str, Any]) -> None:
        """Replace a job's definition by a JobUpdate, wholly."""
        definition = complete(request)
        with self._database.transaction() as tx:
            current = find(tx, name)
            _save(tx, Job(name, current.id, definition, current.created, self._now()))

    def delete(self, name: str) -> None:
        """Remove a job; a name without a job is no error, as on AWS."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM jobs WHERE name = ?", (name,))


def find(tx: sqlite3.Connection, name: str) -> Job:
    """A job by name, within a transaction.

    Raises:
        EntityNotFound: there is none.
    """
    found = _find(tx, name)
    if found is None:
        raise EntityNotFound(f"Job {name} not found.")
    return found


def _find(tx: sqlite3.Connection, name: str) -> Job | None:
    row = tx.execute("SELECT * FROM jobs WHERE name = ?", (name,)).fetchone()
    return _job(row) if row else None


def _save(tx: sqlite3.Connection, job: Job) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?)",
        (job.name, job.id, encode(job.definition), job.created.timestamp(), job.modified.timestamp()),
    )


def _job(row: sqlite3.Row) -> Job:
    return Job(row["name"], row["id"], decode(row["definition"]), moment(row["created"]), moment(row["modified"]))
