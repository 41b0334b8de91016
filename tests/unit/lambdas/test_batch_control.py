"""One run at a time, every file taken up, every step written down: on an in-process S3 and a Step Functions of ours."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.batch_control import handler as control
from lambdas.batch_control import ledger
from lambdas.batch_control.history import Step, steps

JOBS = {"transactions": "etl", "products": "enrich", "reviews": "enrich", "clickstream": "clicks"}
NOW = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:execution:lake-transform:{}"


class Executions:
    """Step Functions: which executions there are, and their histories."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.histories: dict[str, list[dict[str, Any]]] = {}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self._known(executionArn, "DescribeExecution")
        return {"status": self.states[executionArn]}

    def get_paginator(self, name: str) -> Any:
        assert name == "get_execution_history"
        return self

    def paginate(self, executionArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's name
        self._known(executionArn, "GetExecutionHistory")
        yield {"events": self.histories.get(executionArn, [])}

    def _known(self, arn: str, operation: str) -> None:
        if arn not in self.states:
            raise ClientError({"Error": {"Code": "ExecutionDoesNotExist", "Message": arn}}, operation)


@pytest.fixture
def executions() -> Executions:
    return Executions()


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    monkeypatch.setattr(ledger, "record", lambda *row: rows.append(row))
    return rows


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, executions: Executions, recorded: Any) -> Iterator[Any]:
    values = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "RAW_BUCKET": "raw",
        "JOBS": json.dumps(JOBS),
        "LOCK_SECONDS": "3600",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(control, "_now", lambda: NOW)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="raw")
        monkeypatch.setattr(control, "_client", lambda service: {"s3": client, "stepfunctions": executions}[service])
        yield client


def note(s3: Any, dataset: str, name: str) -> None:
    s3.put_object(Bucket="raw", Key=f"batches/{dataset}/open/{name}.json", Body=b"{}")


def call(action: str, run: str, executions: Executions, **more: Any) -> dict[str, Any]:
    executions.states.setdefault(MACHINE.format(run), "RUNNING")
    event = {"action": action, "execution": MACHINE.format(run), "run_id": run, "started_at": "2026-02-01T11:59:00Z"}
    return control.handler(event | more, None)


def state(s3: Any) -> dict[str, Any]:
    return json.loads(s3.get_object(Bucket="raw", Key="control/transform.json")["Body"].read())


def ran_before(s3: Any) -> None:
    """A run has come to its end before."""
    done = {"state": "SUCCEEDED", "owner": MACHINE.format("zero"), "run_id": "zero", "datasets": [], "complete": True}
    s3.put_object(Bucket="raw", Key="control/transform.json", Body=json.dumps(done))


def test_the_first_run_does_all_datasets(s3: Any, executions: Executions) -> None:
    note(s3, "reviews", "a")
    answer = call("open", "one", executions)
    assert (answer["files"], answer["taken_up"]) == (1, sorted(JOBS))
    assert [run["datasets"] for run in answer["runs"]] == ["clickstream", "products,reviews", "transactions"]


def test_a_clock_that_finds_nothing_is_no_first_run(s3: Any, executions: Executions, recorded: list[Any]) -> None:
    assert call("open", "idle", executions)["nothing_to_do"]
    call("close", "idle", executions, status="SUCCEEDED", idle=True)
    note(s3, "reviews", "a")
    assert call("open", "one", executions)["taken_up"] == sorted(JOBS)
    call("close", "one", executions, status="SUCCEEDED")
    assert call("open", "two", executions)["taken_up"] == []
    assert [row[0] for row in recorded] == ["one"]


def test_a_first_run_that_failed_is_done_whole_again(s3: Any, executions: Executions, recorded: list[Any]) -> None:
    note(s3, "reviews", "a")
    call("open", "one", executions)
    call("close", "one", executions, status="FAILED", error={"step": "Datasets"})
    assert call("open", "two", executions)["taken_up"] == sorted(JOBS)
    call("close", "two", executions, status="SUCCEEDED")
    assert call("open", "three", executions)["taken_up"] == []
    assert [row[2] for row in recorded] == ["FAILED", "SUCCEEDED"]


def test_a_run_takes_the_lake_and_the_datasets_with_new_files(s3: Any, executions: Executions) -> None:
    ran_before(s3)
    for dataset, name in (("reviews", "a"), ("reviews", "b"), ("products", "c"), ("transactions", "d")):
        note(s3, dataset, name)
    answer = call("open", "one", executions)
    assert answer == {
        "run_id": "one",
        "files": 4,
        "taken_up": [],
        "nothing_to_do": False,
        "runs": [
            {
                "job": "enrich",
                "datasets": "products,reviews",
                "checks": [{"dataset": "products"}, {"dataset": "reviews"}],
            },
            {"job": "etl", "datasets": "transactions", "checks": [{"dataset": "transactions"}]},
        ],
    }
    assert state(s3)["owner"] == MACHINE.format("one")
    assert state(s3)["expires_at"] == "2026-02-01T13:00:00+00:00"


def test_no_second_run_at_the_same_time(s3: Any, executions: Executions) -> None:
    note(s3, "products", "a")
    call("open", "one", executions)
    with pytest.raises(control.LockHeldError, match=r"run one .* has the lake until 2026-02-01T13:00:00"):
        call("open", "two", executions)
    assert state(s3)["run_id"] == "one"


def test_the_same_run_may_open_again(s3: Any, executions: Executions) -> None:
    note(s3, "products", "a")
    assert call("open", "one", executions)["files"] == call("open", "one", executions)["files"] == 1


def test_a_closed_run_leaves_the_lake_to_the_next(s3: Any, executions: Executions, recorded: list[Any]) -> None:
    note(s3, "products", "a")
    call("open", "one", executions)
    assert call("close", "one", executions, status="SUCCEEDED") == {"status": "SUCCEEDED", "recorded": True}
    s3.delete_object(Bucket="raw", Key="batches/products/open/a.json")
    answer = call("open", "two", executions)
    assert (answer["taken_up"], answer["nothing_to_do"]) == ([], True)
    assert [(row[0], row[2]) for row in recorded] == [("one", "SUCCEEDED")]


def test_what_a_failed_run_left_is_taken_up_even_without_new_files(
    s3: Any, executions: Executions, recorded: list[Any]
) -> None:
    ran_before(s3)
    note(s3, "clickstream", "a")
    call("open", "one", executions)
    s3.delete_object(Bucket="raw", Key="batches/clickstream/open/a.json")
    call("close", "one", executions, status="FAILED", error={"step": "Datasets", "error": {"Error": "Boom"}})
    answer = call("open", "two", executions)
    assert (answer["files"], answer["taken_up"]) == (0, ["clickstream"])
    assert [run["datasets"] for run in answer["runs"]] == ["clickstream"]
    (row,) = recorded
    assert row[2] == "FAILED"
    assert json.loads(row[6]) == {"step": "Datasets", "error": {"Error": "Boom"}}


@pytest.mark.parametrize("gone", [True, False])
def test_an_interrupted_run_is_written_down_and_its_batch_taken_up(
    s3: Any, executions: Executions, recorded: list[Any], gone: bool
) -> None:
    ran_before(s3)
    note(s3, "reviews", "a")
    call("open", "one", executions)
    if gone:
        del executions.states[MACHINE.format("one")]
    else:
        executions.states[MACHINE.format("one")] = "ABORTED"
    assert call("open", "two", executions)["taken_up"] == ["reviews"]
    (row,) = recorded
    assert row[:4] == ("one", MACHINE.format("one"), "FAILED", "2026-02-01T11:59:00Z")
    assert "interrupted" in row[6]


def test_an_expired_claim_is_taken_over_though_its_owner_runs(
    s3: Any, executions: Executions, recorded: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran_before(s3)
    note(s3, "reviews", "a")
    call("open", "one", executions)
    monkeypatch.setattr(control, "_now", lambda: NOW + timedelta(seconds=3601))
    assert call("open", "two", executions)["taken_up"] == ["reviews"]
    # the first wakes up: it must not give away what is not its own
    assert call("close", "one", executions, status="SUCCEEDED") == {"status": "SUCCEEDED", "recorded": False}
    assert (state(s3)["run_id"], state(s3)["state"]) == ("two", "RUNNING")
    assert len(recorded) == 1


def test_a_run_without_work_is_not_written_down(s3: Any, executions: Executions, recorded: list[Any]) -> None:
    assert call("open", "one", executions)["nothing_to_do"]
    assert call("close", "one", executions, status="SUCCEEDED", idle=True)["recorded"] is False
    assert recorded == []
    assert state(s3)["state"] == "SUCCEEDED"


def test_of_two_that_write_at_once_one_has_the_lake(
    s3: Any, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(s3, "products", "a")
    write = control._write

    def late(document: dict[str, Any], etag: str | None) -> bool:
        monkeypatch.setattr(control, "_write", write)
        call("open", "other", executions)  # between reading and writing
        return write(document, etag)

    monkeypatch.setattr(control, "_write", late)
    with pytest.raises(control.LockHeldError, match="run other"):
        call("open", "one", executions)
    assert state(s3)["run_id"] == "other"


@given(st.lists(st.sampled_from(sorted(JOBS))))
def test_a_plan_has_every_dataset_once(datasets: list[str]) -> None:
    runs = control.plan(datasets, JOBS)
    named = [name for run in runs for name in run["datasets"].split(",")]
    assert sorted(named) == sorted(set(datasets))
    assert all(JOBS[name] == run["job"] for run in runs for name in run["datasets"].split(","))
    assert len({run["job"] for run in runs}) == len(runs)


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


def entered(number: int, before: int, name: str, second: int, item: Any = None, kind: str = "Task") -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(item)}
    return {
        "id": number,
        "previousEventId": before,
        "timestamp": at(second),
        "type": f"{kind}StateEntered",
        "stateEnteredEventDetails": details,
    }


def event(number: int, before: int, kind: str, second: int, **details: Any) -> dict[str, Any]:
    return {"id": number, "previousEventId": before, "timestamp": at(second), "type": kind, **details}


def test_steps_of_a_history_with_a_map_and_a_caught_error() -> None:
    events = [
        event(1, 0, "ExecutionStarted", 0),
        entered(2, 1, "Open", 1, {"event": "x", "execution": "y"}),
        event(3, 2, "TaskScheduled", 1),
        event(4, 3, "TaskSucceeded", 2),
        event(5, 4, "TaskStateExited", 3),
        entered(6, 5, "Datasets", 3, {}, kind="Map"),
        event(7, 6, "MapIterationStarted", 3),
        entered(8, 7, "RawToProcessed", 4, {"job": "etl", "datasets": "a"}),
        event(9, 6, "MapIterationStarted", 3),
        entered(10, 9, "RawToProcessed", 4, {"job": "clicks", "datasets": "b"}),
        event(11, 8, "TaskSucceeded", 9),
        event(12, 11, "TaskStateExited", 9),
        event(13, 10, "TaskFailed", 8, taskFailedEventDetails={"error": "States.TaskFailed", "cause": "boom"}),
        event(14, 13, "MapIterationFailed", 8),
        event(15, 14, "MapStateFailed", 10),
        entered(16, 15, "DatasetsFailed", 11, {}, kind="Pass"),
        event(17, 16, "PassStateExited", 11),
        entered(18, 17, "Close", 12, {}),
    ]
    assert steps([]) == []
    assert steps(events) == [
        Step("Open", "SUCCEEDED", at(1), at(3), ""),
        Step("RawToProcessed[etl]", "SUCCEEDED", at(4), at(9), ""),
        Step("RawToProcessed[clicks]", "FAILED", at(4), at(8), "States.TaskFailed: boom"),
        Step("Close", "RUNNING", at(12), None, ""),
    ]


def test_the_insert_has_a_row_for_the_run_and_one_for_each_step() -> None:
    found = [Step("Check[it's]", "FAILED", at(1), at(3), "no 'quotes' left"), Step("Open", "RUNNING", at(4), None, "")]
    sql = ledger.insert("r'1", "arn", "FAILED", at(0), at(5), found, "")
    assert sql.splitlines() == [
        "INSERT INTO pipeline_runs VALUES",
        (
            "    ('r''1', 'arn', 0, '(run)', 'FAILED', TIMESTAMP '2026-02-01 12:00:00.000', "
            "TIMESTAMP '2026-02-01 12:00:05.000', 5.000000E+00, CAST(NULL AS varchar), '2026-02'),"
        ),
        (
            "    ('r''1', 'arn', 1, 'Check[it''s]', 'FAILED', TIMESTAMP '2026-02-01 12:00:01.000', "
            "TIMESTAMP '2026-02-01 12:00:03.000', 2.000000E+00, 'no ''quotes'' left', '2026-02'),"
        ),
        (
            "    ('r''1', 'arn', 2, 'Open', 'RUNNING', TIMESTAMP '2026-02-01 12:00:04.000', CAST(NULL AS timestamp), "
            "CAST(NULL AS double), CAST(NULL AS varchar), '2026-02')"
        ),
    ]


def test_a_task_that_was_tried_again_or_caught() -> None:
    again = [
        entered(1, 0, "Check", 1, {"dataset": "a"}),
        event(2, 1, "TaskFailed", 2, taskFailedEventDetails={"error": "Busy"}),
        event(3, 2, "TaskScheduled", 3),
    ]
    assert steps(again) == [Step("Check[a]", "RUNNING", at(1), None, "")]
    done = [*again, event(4, 3, "TaskSucceeded", 4), event(5, 4, "TaskStateExited", 5)]
    assert steps(done) == [Step("Check[a]", "SUCCEEDED", at(1), at(5), "")]
    failed = event(4, 3, "TaskFailed", 4, taskFailedEventDetails={"error": "Busy", "cause": "still"})
    caught = [*again, failed, event(5, 4, "TaskStateExited", 5)]
    assert steps(caught) == [Step("Check[a]", "FAILED", at(1), at(5), "Busy: still")]
