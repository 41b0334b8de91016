"""Billing rules, against the examples and the words of AWS's pricing pages."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.cost import PRICES, rules

MB = 1_000_000


def query(scanned: int | None, state: str = "SUCCEEDED", kind: str = "DML", **statistics: Any) -> dict[str, Any]:
    known = {} if scanned is None else {"DataScannedInBytes": scanned}
    return {"Status": {"State": state}, "StatementType": kind, "Statistics": known | statistics}


@pytest.mark.parametrize(
    ("one", "billed"),
    [
        (query(3_000_000 * MB), 3_000_000 * MB),  # "3 TB"
        (query(0), 10 * MB),
        (query(1), 10 * MB),
        (query(10 * MB), 10 * MB),
        (query(10 * MB + 1), 11 * MB),  # "rounded up to the nearest megabyte"
        (query(5 * MB, "FAILED"), 0),
        (query(50 * MB, "CANCELLED"), 50 * MB),
        (query(1, "CANCELLED"), 10 * MB),
        (query(0, "CANCELLED"), 0),
        (query(None, "CANCELLED"), 0),
        (query(0, kind="DDL"), 0),
        (query(12 * MB, kind="DDL"), 12 * MB),  # CREATE TABLE AS
        (query(0, kind="UTILITY"), 0),
        (query(12 * MB, kind="UTILITY"), 12 * MB),  # EXPLAIN ANALYZE
        (query(0, ResultReuseInformation={"ReusedPreviousResult": True}), 0),
        (query(0, ResultReuseInformation={"ReusedPreviousResult": False}), 10 * MB),
    ],
)
def test_what_athena_bills(one: dict[str, Any], billed: int) -> None:
    assert rules.billed_bytes(one) == billed


def test_athenas_example() -> None:
    """ "Amazon Athena pricing": a query that scans 3 TB costs $15, one that scans a third of it $5."""
    price = PRICES["athena.megabyte"]
    for terabytes, usd in ((3, 15), (1, 5)):
        billed = rules.billed_bytes(query(terabytes * 10**12))
        assert price.of(Decimal(billed) / rules.MEGABYTE) == usd


@given(st.integers(0, 10**13), st.sampled_from(["SUCCEEDED", "CANCELLED"]), st.sampled_from(["DML", "DDL", "UTILITY"]))
def test_athena_never_bills_less_than_was_scanned(scanned: int, state: str, kind: str) -> None:
    billed = rules.billed_bytes(query(scanned, state, kind))
    assert billed >= scanned
    assert billed % MB == 0
    assert billed == 0 or billed >= 10 * MB
    assert billed - scanned < MB or billed in (0, 10 * MB)


def run(seconds: int, capacity: float = 2.0, **more: Any) -> dict[str, Any]:
    return {"ExecutionTime": seconds, "MaxCapacity": capacity, "GlueVersion": "6.0"} | more


@pytest.mark.parametrize(
    ("one", "billed"),
    [
        (run(900, 6.0), 5400),
        (run(59), 120),  # "1-minute minimum"
        (run(60), 120),
        (run(61), 122),
        (run(0), 0),  # it never came to execute; start-up is free
        (run(59, 10.0, GlueVersion="1.0"), 6000),  # "10-minute minimum"
        (run(601, 10.0, GlueVersion="0.9"), 6010),
        (run(300, 0.0625), Decimal("18.75")),  # a Python shell job
        (run(300, 10.0, DPUSeconds=1234.5, ExecutionClass="FLEX"), Decimal("1234.5")),
    ],
)
def test_what_glue_bills(one: dict[str, Any], billed: Decimal | int) -> None:
    assert rules.billed_dpu_seconds(one) == billed


def test_glues_example() -> None:
    """ "AWS Glue pricing": 15 minutes on 6 DPUs are $0.66."""
    assert PRICES["glue.dpu_second"].of(rules.billed_dpu_seconds(run(15 * 60, 6.0))) == Decimal("0.66")


@given(st.integers(1, 10**6), st.sampled_from([2.0, 10.0, 0.0625]))
def test_glue_bills_seconds_from_a_minute_on(seconds: int, capacity: float) -> None:
    billed = rules.billed_dpu_seconds(run(seconds, capacity))
    assert billed / Decimal(str(capacity)) == max(60, seconds)


# "Sending Lambda function logs to CloudWatch Logs" shows this line.
REPORT = (
    "REPORT RequestId: 79b4f56e-95b1-4643-9700-2807f4e68189\tDuration: 26.10 ms\tBilled Duration: 27 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 58 MB\tInit Duration: 127.39 ms\t\n"
)
JSON_REPORT = {
    "time": "2026-01-01T00:00:00.000Z",
    "type": "platform.report",
    "record": {
        "requestId": "79b4f56e-95b1-4643-9700-2807f4e68189",
        "metrics": {"durationMs": 26.1, "billedDurationMs": 27, "memorySizeMB": 128, "maxMemoryUsedMB": 58},
        "status": "success",
    },
}


@pytest.mark.parametrize("message", [REPORT, json.dumps(JSON_REPORT), json.dumps(JSON_REPORT, separators=(",", ":"))])
def test_a_report_is_read_in_both_formats(message: str) -> None:
    found = rules.report(message)
    assert found == rules.Report("79b4f56e-95b1-4643-9700-2807f4e68189", 27, 128)
    end = datetime(2026, 1, 1, tzinfo=UTC)
    assert found.began(end) == end - timedelta(milliseconds=27)


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 79b4f56e-95b1-4643-9700-2807f4e68189 Version: $LATEST\n",
        "END RequestId: 79b4f56e-95b1-4643-9700-2807f4e68189\n",
        "a function that says REPORT RequestId: 1\tBilled Duration: 5 ms\tMemory Size: 1 MB",
        'the word "platform.report" in a text',
        '{"type": "platform.report"}',
        '["platform.report"]',
        "",
    ],
)
def test_other_lines_are_no_reports(message: str) -> None:
    assert rules.report(message) is None


def test_lambdas_example() -> None:
    """ "AWS Lambda Pricing": 3 million executions of 1 s with 512 MB are 1,500,000 GB-seconds; 3 million requests are
    $0.60 where the free million is not taken off.
    """
    found = 3_000_000 * rules.Report("", 1000, 512).gb_seconds
    assert found == 1_500_000
    assert PRICES["lambda.gb_second"].of(found) == pytest.approx(Decimal("25.00"), abs=Decimal("0.01"))
    assert PRICES["lambda.request"].of(Decimal(3_000_000)) == Decimal("0.60")


class History:
    """Writes an execution's history as Step Functions does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._ids = count(1)

    def add(self, type_: str, previous: int, **details: Any) -> int:
        self.events.append({"id": next(self._ids), "type": type_, "previousEventId": previous} | details)
        return int(self.events[-1]["id"])

    def task(self, previous: int, attempts: int = 1, resource: str = "invoke", type_: str = "lambda") -> int:
        last = self.add("TaskStateEntered", previous)
        for attempt in range(attempts):
            details = {"resourceType": type_, "resource": resource, "parameters": "{}"}
            last = self.add("TaskScheduled", last, taskScheduledEventDetails=details)
            last = self.add("TaskStarted", last)
            last = self.add("TaskFailed" if attempt < attempts - 1 else "TaskSucceeded", last)
        return self.add("TaskStateExited", last)


def test_a_map_of_two_items_is_three_transitions() -> None:
    """Of a Map only what is entered is paid: the state itself, and the states of its iterations."""
    history = History()
    started = history.add("MapStateStarted", history.add("MapStateEntered", history.add("ExecutionStarted", 0)))
    begun = [history.add("MapIterationStarted", started) for _ in range(2)]
    ends = [history.add("MapIterationSucceeded", history.task(one)) for one in begun]
    history.add("ExecutionSucceeded", history.add("MapStateExited", history.add("MapStateSucceeded", ends[-1])))
    assert rules.transitions(history.events) == 3


@given(st.lists(st.integers(1, 5), max_size=8))
def test_retries_are_transitions(attempts: list[int]) -> None:
    history = History()
    last = history.add("ExecutionStarted", 0)
    for number in attempts:
        last = history.task(history.add("ChoiceStateExited", history.add("ChoiceStateEntered", last)), number)
    assert rules.transitions(history.events) == len(attempts) + sum(attempts)


def test_a_map_that_is_tried_again_and_a_redrive_are_transitions() -> None:
    history = History()
    entered = history.add("MapStateEntered", history.add("ExecutionStarted", 0))
    failed = history.add("MapStateFailed", history.add("MapStateStarted", entered))
    failed = history.add("MapStateFailed", history.add("MapStateStarted", failed))
    history.add("ExecutionRedriven", history.add("ExecutionFailed", failed))
    assert rules.transitions(history.events) == 3


def test_calls_of_services_are_found() -> None:
    history = History()
    history.task(history.task(history.add("ExecutionStarted", 0), 2, "publish", "sns"), 1, "startJobRun.sync", "glue")
    details = {"resourceType": "events", "resource": "putEvents", "parameters": '{"Entries": [{}, {}]}'}
    history.add("TaskScheduled", 0, taskScheduledEventDetails=details)
    history.add("TaskScheduled", 0, taskScheduledEventDetails=details | {"parameters": '{"Entries": [{"Source": "a'})
    history.add("TaskScheduled", 0, taskScheduledEventDetails=details | {"parameters": "[]"})
    assert list(rules.calls(history.events)) == [
        (("sns", "publish"), {}),
        (("sns", "publish"), {}),
        (("glue", "startJobRun"), {}),
        (("events", "putEvents"), {"Entries": [{}, {}]}),
        (("events", "putEvents"), {}),
        (("events", "putEvents"), {}),
    ]


def test_logs_are_paid_by_utf8_bytes_and_26_an_event() -> None:
    assert rules.ingested_bytes(["abc", "é", ""]) == 3 + 2 + 3 * 26
    assert rules.ingested_bytes([]) == 0
