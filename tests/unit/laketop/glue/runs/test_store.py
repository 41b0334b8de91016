"""Runs in SQLite: moves, events, retries, pages."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from laketop.glue.errors import ConcurrentRunsExceeded, EntityNotFound
from laketop.glue.jobs import service as jobs_service
from laketop.glue.jobs.service import Job, Jobs
from laketop.glue.runs import store as runs_store
from laketop.glue.runs.model import Run, new_id
from laketop.glue.runs.states import MOVES, State
from laketop.glue.runs.store import IllegalMoveError, RunStore
from laketop.sqlite import Database
from laketop.wire import outbox
from laketop.wire.outbox import Outbox

START = datetime(2024, 1, 1, tzinfo=UTC)
LEAST = {"Role": "etl", "GlueVersion": "6.0", "Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket/etl.py"}}


class Lake:
    """A database with a job, and a clock that a test moves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START
        self.jobs = Jobs(database)
        self.store = RunStore(database, Outbox(database, "http://127.0.0.1:9"), lambda: self.now)

    def start(self, job: Job) -> Run:
        run = Run(new_id(), job.id, job.name, job.definition, started=self.now, modified=self.now)
        self.store.add(run)
        return run

    def events(self) -> list[dict[str, Any]]:
        with self.database.read() as tx:
            payloads = [json.loads(row["payload"]) for row in tx.execute("SELECT payload FROM outbox ORDER BY id")]
        assert all(one["Source"] == "aws.glue" for one in payloads)
        assert all(one["DetailType"] == "Glue Job State Change" for one in payloads)
        return [json.loads(one["Detail"]) for one in payloads]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    schema = (*jobs_service.SCHEMA, *runs_store.SCHEMA, *outbox.SCHEMA)
    with closing(Database(tmp_path / "glue.db", schema)) as database:
        yield Lake(database)


@pytest.fixture
def job(lake: Lake) -> Job:
    return lake.jobs.create("etl", {**LEAST, "ExecutionProperty": {"MaxConcurrentRuns": 2}})


def test_a_run_ends_with_its_time_and_an_event(lake: Lake, job: Job) -> None:
    run = lake.start(job)
    lake.now += timedelta(seconds=10)
    assert lake.store.running(run.id).state is State.RUNNING
    lake.now += timedelta(seconds=42.9)
    assert lake.store.end(run.id, State.SUCCEEDED) is None
    ended = lake.store.get("etl", run.id)
    assert (ended.state, ended.execution_seconds, ended.completed) == (State.SUCCEEDED, 42, lake.now)
    # "Automating AWS Glue with EventBridge" of the AWS Glue Developer Guide.
    assert lake.events() == [
        {
            "jobName": "etl",
            "severity": "INFO",
            "state": "SUCCEEDED",
            "jobRunId": run.id,
            "message": "Job run succeeded",
        }
    ]


@pytest.mark.parametrize(
    ("state", "severity", "message"),
    [
        (State.FAILED, "ERROR", "JobName:etl and JobRunId:{id} failed to execute with exception Boom"),
        (State.TIMEOUT, "WARN", "Job run timed out"),
        (State.SUCCEEDED, "INFO", "Job run succeeded"),
    ],
)
def test_each_end_has_its_own_event(lake: Lake, job: Job, state: State, severity: str, message: str) -> None:
    run = lake.start(job)
    lake.store.running(run.id)
    lake.store.end(run.id, state, "Boom")
    (event,) = lake.events()
    assert (event["severity"], event["message"]) == (severity, message.format(id=run.id))
    assert lake.store.get("etl", run.id).error_message == "Boom"


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("after", [State.STOPPED, State.SUCCEEDED, State.FAILED, State.TIMEOUT])
def test_only_allowed_moves_are_made(lake: Lake, job: Job, before: State, after: State) -> None:
    run = lake.start(job)
    with lake.database.transaction() as tx:
        tx.execute("UPDATE runs SET state = ?", (before,))
    if after in MOVES[before]:
        lake.store.end(run.id, after)
        assert lake.store.get("etl", run.id).state is after
    else:
        with pytest.raises(IllegalMoveError):
            lake.store.end(run.id, after)
        assert (lake.store.get("etl", run.id).state, lake.events()) == (before, [])


def test_a_run_that_is_being_stopped_stays_so_when_its_script_begins(lake: Lake, job: Job) -> None:
    run = lake.start(job)
    stopping = lake.store.stopping(run.id)
    assert stopping is not None
    assert stopping.state is State.STOPPING
    assert lake.store.stopping(run.id) is None
    begun = lake.store.running(run.id)
    assert (begun.state, begun.running_since) == (State.STOPPING, lake.now)
    lake.store.end(run.id, State.STOPPED)
    assert [event["message"] for event in lake.events()] == ["Job run stopped"]


def test_a_job_has_no_more_runs_than_it_may(lake: Lake, job: Job) -> None:
    first = lake.start(job)
    lake.start(job)
    lake.start(lake.jobs.create("other", LEAST))
    with pytest.raises(ConcurrentRunsExceeded, match=r"^Concurrent runs exceeded for etl$"):
        lake.start(job)
    lake.store.end(first.id, State.FAILED)
    lake.start(job)
    assert len(lake.store.active()) == 3


def test_a_failed_run_is_tried_again_as_often_as_the_job_allows(lake: Lake) -> None:
    job = lake.jobs.create("twice", {**LEAST, "MaxRetries": 2})
    first = lake.start(job)
    second = lake.store.end(first.id, State.FAILED, "1")
    assert second is not None
    third = lake.store.end(second.id, State.FAILED, "2")
    assert third is not None
    assert lake.store.end(third.id, State.FAILED, "3") is None
    found = [lake.store.get("twice", run.id) for run in (first, second, third)]
    assert [run.id for run in found] == [first.id, f"{first.id}_attempt_1", f"{first.id}_attempt_2"]
    assert [run.previous_id for run in found] == [None, first.id, second.id]
    assert [run.attempt for run in found] == [0, 1, 2]
    assert [run.error_message for run in found] == ["1", "2", "3"]
    assert len(lake.events()) == 3


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.TIMEOUT])
def test_only_failures_are_tried_again(lake: Lake, state: State) -> None:
    run = lake.start(lake.jobs.create("twice", {**LEAST, "MaxRetries": 2}))
    lake.store.running(run.id)
    assert lake.store.end(run.id, state) is None


def test_a_run_that_was_to_stop_is_not_tried_again(lake: Lake) -> None:
    run = lake.start(lake.jobs.create("twice", {**LEAST, "MaxRetries": 2}))
    lake.store.stopping(run.id)
    assert lake.store.end(run.id, State.FAILED, "x") is None


def test_runs_are_listed_newest_first_and_belong_to_their_job(lake: Lake, job: Job) -> None:
    runs = []
    for _ in range(3):
        runs.append(lake.start(job))
        lake.store.end(runs[-1].id, State.FAILED)
    lake.start(lake.jobs.create("other", LEAST))
    first = lake.store.list("etl", None, 2)
    second = lake.store.list("etl", first.next_token, 2)
    assert [run.id for run in (*first.entries, *second.entries)] == [run.id for run in reversed(runs)]
    with pytest.raises(EntityNotFound):
        lake.store.get("other", runs[0].id)
    lake.jobs.delete("etl")
    lake.jobs.create("etl", LEAST)
    assert lake.store.list("etl", None, 2).entries == []


def test_a_run_comes_back_as_it_was_saved(lake: Lake, job: Job) -> None:
    run = replace(lake.start(job), state=State.RUNNING, running_since=lake.now)
    lake.store.running(run.id)
    assert lake.store.get("etl", run.id) == run
