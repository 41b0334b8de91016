"""Which executions belong to a run, and when it was at work."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.cost import NoRunError, Span, last_days, last_run
from lakehouse.cost.work import joined

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def machines(aws: Any, arn: Any, *names: str) -> None:
    listed = [
        {"stateMachineArn": arn("stateMachine", name), "name": name, "type": "STANDARD", "creationDate": NOON}
        for name in names
    ]
    aws.answers("stepfunctions", "list_state_machines", {"stateMachines": listed})


def executions(aws: Any, arn: Any, machine: str, *ones: tuple[str, float, float | None]) -> None:
    """Answers with executions: name, start and end in minutes after noon."""
    listed = [
        {
            "executionArn": arn("execution", f"{machine}:{name}"),
            "stateMachineArn": arn("stateMachine", machine),
            "name": name,
            "status": "RUNNING" if end is None else "SUCCEEDED",
            "startDate": at(start),
        }
        | ({} if end is None else {"stopDate": at(end)})
        for name, start, end in ones
    ]
    asked = {"stateMachineArn": arn("stateMachine", machine)}
    aws.answers("stepfunctions", "list_executions", {"executions": listed}, **asked)


def names(work: Any) -> list[str]:
    return [one.rpartition(":")[2] for one in work.executions]


def test_a_run_has_the_files_since_the_one_before(aws: Any, arn: Any) -> None:
    machines(aws, arn, "shop-transform", "shop-ingest", "another-transform")
    executions(aws, arn, "shop-transform", ("now", 60, None), ("third", 30, 40), ("second", 10, 20), ("first", 0, 5))
    executions(
        aws,
        arn,
        "shop-ingest",
        ("during the run", 32, 33),
        ("running", 29, None),
        ("ended in the run", 29, 31),
        ("b", 25, 26),
        ("a, begun before the second", 8, 10.5),
        ("of the second", 8, 9),
    )
    work = last_run(aws.connect("stepfunctions"), "shop")
    assert names(work) == ["third", "b", "a, begun before the second"]
    assert work.spans == (Span(at(8), at(10.5)), Span(at(25), at(26)), Span(at(30), at(40)))
    assert "third" in work.title
    assert "2 ingested files" in work.title
    assert work.period == 60


def test_the_first_run_has_all_files(aws: Any, arn: Any) -> None:
    machines(aws, arn, "shop-transform", "shop-ingest")
    executions(aws, arn, "shop-transform", ("only", 10, 20))
    executions(aws, arn, "shop-ingest", ("b", 1, 2), ("a", -9000, -8999))
    work = last_run(aws.connect("stepfunctions"), "shop")
    assert names(work) == ["only", "b", "a"]


@pytest.mark.parametrize(
    ("found", "said"),
    [((), "no state machine shop-transform"), (("shop-transform",), "no state machine shop-ingest")],
)
def test_without_a_pipeline_there_is_no_run(aws: Any, arn: Any, found: tuple[str, ...], said: str) -> None:
    machines(aws, arn, *found)
    with pytest.raises(NoRunError, match=said):
        last_run(aws.connect("stepfunctions"), "shop")


def test_a_run_that_has_not_ended_is_none(aws: Any, arn: Any) -> None:
    machines(aws, arn, "shop-transform", "shop-ingest")
    executions(aws, arn, "shop-transform", ("now", 0, None))
    with pytest.raises(NoRunError, match="no execution of shop-transform has ended"):
        last_run(aws.connect("stepfunctions"), "shop")


def test_days_begin_with_a_full_hour_and_hold_what_touches_them(aws: Any, arn: Any) -> None:
    machines(aws, arn, "shop-ingest", "shop-other", "another-one")
    day = 24 * 60
    executions(
        aws, arn, "shop-ingest", ("later", 31, 32), ("now", 20, None), ("over the edge", -day - 1, -day + 1),
        ("before", -day - 5, -day - 4), ("long before", -9 * day, -8 * day),
    )  # fmt: skip
    executions(aws, arn, "shop-other")
    work = last_days(aws.connect("stepfunctions"), "shop", 1, at(30))
    assert names(work) == ["now", "over the edge"]
    assert work.spans == (Span(at(-day), at(30)),)
    assert work.period == 3600
    assert "2 executions since 2026-02-28 12:00 UTC" in work.title


def test_days_of_nothing(aws: Any, arn: Any) -> None:
    machines(aws, arn, "another-one")
    with pytest.raises(NoRunError, match="no state machine shop-"):
        last_days(aws.connect("stepfunctions"), "shop", 1, NOON)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), max_size=30))
def test_joined_spans_are_the_same_time(parts: list[tuple[int, int]]) -> None:
    spans = [Span(at(start), at(start + length)) for start, length in parts]
    found = joined(spans)
    assert all(one.end < other.start for one, other in itertools.pairwise(found))
    for half in range(2 * 330):
        moment = at(half / 2)
        assert any(one.has(moment) for one in found) == any(one.has(moment) for one in spans)
