"""Runs in SQLite. A change of state and the event that tells of it are one transaction."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from laketop.glue.codec import decode, encode, moment
from laketop.glue.errors import ConcurrentRunsExceeded, EntityNotFound
from laketop.glue.jobs.service import find
from laketop.glue.paging import Page, page, position
from laketop.glue.runs.model import Run
from laketop.glue.runs.states import ACTIVE, EVENTS, MOVES, State
from laketop.sqlite import Database
from laketop.wire.outbox import Outbox

SCHEMA = (
    """CREATE TABLE runs (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        job_id TEXT NOT NULL, job_name TEXT NOT NULL, attempt INTEGER NOT NULL, previous_id TEXT, state TEXT NOT NULL,
        definition TEXT NOT NULL, started REAL NOT NULL, modified REAL NOT NULL,
        running_since REAL, completed REAL, error_message TEXT)""",
    "CREATE INDEX runs_by_job ON runs (job_id, sequence)",
    "CREATE INDEX runs_by_state ON runs (state)",
)
MOST_RUNS = 200  # a page's limit


def _now() -> datetime:
    return datetime.now(UTC)


class IllegalMoveError(RuntimeError):
    """A run was to go where it cannot from its state: a defect of ours."""


class RunStore:
    """The runs of every job.

    Args:
        database: opened with `SCHEMA`, the jobs' and the outbox'.
        outbox: takes the events.
        now: the clock.
    """

    def __init__(self, database: Database, outbox: Outbox, now: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._outbox = outbox
        self._now = now

    def add(self, run: Run) -> None:
        """Add a run, where its job has room for it.

        Raises:
            ConcurrentRunsExceeded: the job has as many runs as its MaxConcurrentRuns.
        """
        most = run.definition["ExecutionProperty"]["MaxConcurrentRuns"]
        with self._database.transaction() as tx:
            if sum(1 for other in _active(tx) if other.job_id == run.job_id) >= most:
                raise ConcurrentRunsExceeded(f"Concurrent runs exceeded for {run.job_name}")
            _insert(tx, run)

    def get(self, job_name: str, run_id: str) -> Run:
        """A run of a job.

        Raises:
            EntityNotFound: there is no such job, or the job has no such run.
        """
        with self._database.read() as tx:
            job = find(tx, job_name)
            row = tx.execute("SELECT * FROM runs WHERE id = ? AND job_id = ?", (run_id, job.id)).fetchone()
        if row is None:
            raise EntityNotFound(f"Job run {run_id} not found.")
        return _run(row)

    def list(self, job_name: str, token: str | None, limit: int) -> Page[Run]:
        """A page of a job's runs, the newest first."""
        at = position("GetJobRuns", token)
        with self._database.read() as tx:
            rows = tx.execute(
                """SELECT * FROM runs WHERE job_id = ?1
                   AND (?2 IS NULL OR sequence < (SELECT sequence FROM runs WHERE id = ?2)) ORDER BY sequence DESC""",
                (find(tx, job_name).id, at),
            )
            return page("GetJobRuns", map(_run, rows), limit=limit, most=MOST_RUNS, key=lambda run: run.id)

    def active(self) -> tuple[Run, ...]:
        """The runs that have not ended."""
        with self._database.read() as tx:
            return tuple(_active(tx))

    def running(self, run_id: str) -> Run:
        """Note that a run's script has begun; one that is being stopped stays so."""
        with self._database.transaction() as tx:
            run, now = _by_id(tx, run_id), self._now()
            state = run.state if run.state is State.STOPPING else _allowed(run, State.RUNNING)
            return _update(tx, replace(run, state=state, running_since=now, modified=now))

    def stopping(self, run_id: str) -> Run | None:
        """Note that a run is to be stopped; None where it has ended, or is being stopped already."""
        with self._database.transaction() as tx:
            run = _by_id(tx, run_id)
            if State.STOPPING not in MOVES[run.state]:
                return None
            return _update(tx, replace(run, state=State.STOPPING, modified=self._now()))

    def end(self, run_id: str, state: State, message: str | None = None, *, retry: bool = True) -> Run | None:
        """Note a run's end, with the event that says so; returns the next attempt where it is to be retried."""
        with self._database.transaction() as tx:
            run, now = _by_id(tx, run_id), self._now()
            ended = replace(run, state=_allowed(run, state), completed=now, modified=now, error_message=message)
            _update(tx, ended)
            severity, text = EVENTS[state]
            text = text or f"JobName:{run.job_name} and JobRunId:{run.id} failed to execute with exception {message}"
            self._outbox.add_event(
                tx,
                source="aws.glue",
                detail_type="Glue Job State Change",
                detail={
                    "jobName": run.job_name,
                    "severity": severity,
                    "state": str(state),
                    "jobRunId": run.id,
                    "message": text,
                },
            )
            following = ended.retried(now) if retry and run.state is not State.STOPPING else None
            if following:
                _insert(tx, following)
            return following


def _allowed(run: Run, state: State) -> State:
    if state not in MOVES[run.state]:
        raise IllegalMoveError(f"{run.id} is {run.state} and cannot become {state}")
    return state


def _active(tx: sqlite3.Connection) -> Iterator[Run]:
    marks = ", ".join("?" * len(ACTIVE))
    return map(_run, tx.execute(f"SELECT * FROM runs WHERE state IN ({marks}) ORDER BY sequence", tuple(ACTIVE)))  # noqa: S608 - question marks


def _by_id(tx: sqlite3.Connection, run_id: str) -> Run:
    row = tx.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise EntityNotFound(f"Job run {run_id} not found.")
    return _run(row)


def _insert(tx: sqlite3.Connection, run: Run) -> None:
    tx.execute(
        """INSERT INTO runs (id, job_id, job_name, attempt, previous_id, state, definition, started, modified)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            run.id,
            run.job_id,
            run.job_name,
            run.attempt,
            run.previous_id,
            run.state,
            encode(run.definition),
            run.started.timestamp(),
            run.modified.timestamp(),
        ),
    )


def _update(tx: sqlite3.Connection, run: Run) -> Run:
    tx.execute(
        "UPDATE runs SET state = ?, modified = ?, running_since = ?, completed = ?, error_message = ? WHERE id = ?",
        (
            run.state,
            run.modified.timestamp(),
            run.running_since.timestamp() if run.running_since else None,
            run.completed.timestamp() if run.completed else None,
            run.error_message,
            run.id,
        ),
    )
    return run


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        job_id=row["job_id"],
        job_name=row["job_name"],
        definition=decode(row["definition"]),
        started=moment(row["started"]),
        modified=moment(row["modified"]),
        attempt=row["attempt"],
        previous_id=row["previous_id"],
        state=State(row["state"]),
        running_since=_time(row["running_since"]),
        completed=_time(row["completed"]),
        error_message=row["error_message"],
    )
