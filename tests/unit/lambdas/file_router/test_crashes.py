"""Nothing is lost and nothing is doubled, whichever call to S3 is the last one before a function is killed, and whoever
comes in between.

The functions run over a real (in-process) S3. `before-call` and `after-call` of botocore's event system are where they
are killed: before a request leaves, or after it has done its work and before anybody hears of it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from tests.fixtures.bad_files.lake import Lake
from tests.fixtures.bad_files.rows import as_csv, good

CONTENT = as_csv(good("crash"))
FIRST, SECOND = "landing/transactions/first.csv", "landing/transactions/second.csv"
LATER = "2026-02-01T07:00:00Z"


class KilledError(Exception):
    """As a kill: the functions catch nothing of this kind."""


@contextmanager
def at_call(client: Any, number: int, moment: str, act: Callable[[], None]) -> Iterator[list[str]]:
    """Do something at the n-th request (from 0) of a client, once; gives the names of all its requests."""
    seen: list[str] = []

    def note(model: Any, **_: Any) -> None:
        seen.append(model.name)
        if len(seen) == number + 1:
            act()

    client.meta.events.register(f"{moment}.s3", note)
    try:
        yield seen
    finally:
        client.meta.events.unregister(f"{moment}.s3", note)


def kill() -> None:
    raise KilledError


def until_done(lake: Lake, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Run executions again and again, as the state machine retries and people restart them, until all have ended."""
    for _ in range(5):
        answers = []
        for event in events:
            try:
                answers.append(lake.ingest(event))
            except RuntimeError as error:
                if type(error).__name__ != "ClaimPendingError":
                    raise
        if len(answers) == len(events):
            return answers
    raise AssertionError("it never ends")


def assert_once(lake: Lake, copies: int) -> None:
    """The content is in the batch once; every upload of it is kept somewhere, and none is left in landing."""
    assert lake.keys("raw", "landing/") == []
    assert len({note["raw"] for note in lake.notes()}) == len(lake.notes()) == 1
    (raw,) = lake.keys("raw", "transactions/")
    (note,) = lake.notes()
    assert note["raw"] == f"s3://raw/{raw}"
    assert lake.read(note["raw"]) == CONTENT
    kept = [key for key in lake.keys("quarantine") if not key.endswith(".reason.json")]
    assert [lake.read(f"s3://quarantine/{key}") for key in kept] == [CONTENT] * (copies - 1)
    assert [f"{key}.reason.json" in lake.keys("quarantine") for key in kept] == [True] * (copies - 1)


def ingest_beside(lake: Lake, event: dict[str, Any]) -> dict[str, Any]:
    """Another execution, in the midst of one; its router has a client of its own, on which nothing is counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake.router, "_s3", lambda: lake.s3)
        return lake.ingest(event)


def expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on claims expire at once."""
    monkeypatch.setenv("CLAIM_SECONDS", "-1")


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.parametrize("function", ["validator", "router"])
def test_killed_at_each_call_and_run_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, function: str, moment: str
) -> None:
    killed: list[str] = []
    for number in count():
        event = lake.put(FIRST, CONTENT)
        try:
            with at_call(getattr(lake, function)._s3(), number, moment, kill) as seen:
                lake.ingest(event)
        except KilledError:
            killed.append(seen[-1])
        until_done(lake, event)
        assert_once(lake, copies=1)
        empty(lake)
        if len(killed) == number:
            break
    calls = {
        "validator": {"GetObject", "PutObject"},
        "router": {"GetObject", "HeadObject", "CopyObject", "PutObject", "DeleteObject"},
    }
    assert set(killed) == calls[function]


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_killed_at_each_call_and_another_file_comes_instead(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    expire(monkeypatch)
    killed = 0
    for number in count():
        first = lake.put(FIRST, CONTENT)
        try:
            with at_call(lake.router._s3(), number, moment, kill):
                lake.ingest(first)
        except KilledError:
            killed += 1
        second = lake.put(SECOND, CONTENT, LATER)
        until_done(lake, second)
        until_done(lake, first)
        # Where the first came to its end, the second is a duplicate like any other.
        assert_once(lake, copies=2)
        empty(lake)
        if killed == number:
            break
    assert killed == 6


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_overtaken_at_each_call(lake: Lake, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """The first is so slow that its claim expires, and the second does all of its work in the midst of it."""
    expire(monkeypatch)
    outcomes = set()
    for number in count():
        first, second = lake.put(FIRST, CONTENT), lake.put(SECOND, CONTENT, LATER)
        answers: dict[str, Any] = {}

        def overtake(second: dict[str, Any] = second, answers: dict[str, Any] = answers) -> None:
            answers["second"] = ingest_beside(lake, second)

        with at_call(lake.router._s3(), number, moment, overtake):
            answers["first"] = until_done(lake, first)[0]
        if overtaken := "second" in answers:
            outcomes.add(answers["first"]["outcome"])
        else:
            answers["second"] = until_done(lake, second)[0]
        assert sorted(answer["outcome"] for answer in answers.values()) == ["accepted", "quarantined"]
        (refused,) = [answer for answer in answers.values() if answer["outcome"] == "quarantined"]
        assert refused["reason"]["code"] == "DUPLICATE_FILE"
        assert_once(lake, copies=2)
        empty(lake)
        if not overtaken:
            break
    assert outcomes == {"accepted", "quarantined"}


def test_taken_over_and_not_done_is_tried_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    expire(monkeypatch)
    first, second = lake.put(FIRST, CONTENT), lake.put(SECOND, CONTENT, LATER)
    verdict = lake.validator.handler(first, None)
    lake.validator.handler(second, None)
    with pytest.raises(RuntimeError, match=r"was taken over by s3://raw/landing/transactions/second.csv") as caught:
        lake.router.handler(verdict, None)
    assert type(caught.value).__name__ == "ClaimPendingError"
    assert lake.keys("raw", "transactions/") == []
    until_done(lake, second)
    assert lake.router.handler(verdict, None)["reason"]["details"]["owner"]["key"] == SECOND
    assert_once(lake, copies=2)


def test_two_deliveries_at_once(lake: Lake) -> None:
    for number in count():
        event = lake.put(FIRST, CONTENT)
        beside: list[dict[str, Any]] = []

        def deliver(event: dict[str, Any] = event, beside: list[dict[str, Any]] = beside) -> None:
            beside.append(ingest_beside(lake, event))

        with at_call(lake.router._s3(), number, "before-call", deliver):
            assert lake.ingest(event)["outcome"] in ("accepted", "absent")
        until_done(lake, event)
        assert_once(lake, copies=1)
        empty(lake)
        if not beside:
            break
    assert number == 6


def test_a_note_that_a_job_has_closed_is_not_opened_again(lake: Lake) -> None:
    event = lake.put(FIRST, CONTENT)
    try:
        with at_call(lake.router._s3(), 0, "before-call", lambda: None) as seen:
            lake.ingest(event)
    finally:
        assert seen[-1] == "DeleteObject"
    (note,) = lake.keys("raw", "batches/")
    lake.s3.delete_object(Bucket="raw", Key=note)
    again = lake.put(FIRST, CONTENT)
    # The landing version of a run that was killed before its last call.
    owner = {"owner": {name: again[name] for name in ("bucket", "key", "version")}}
    (claim,) = lake.keys("raw", "claims/")
    held = json.loads(lake.read(f"s3://raw/{claim}")) | owner
    lake.s3.put_object(Bucket="raw", Key=claim, Body=json.dumps(held))
    assert lake.ingest(again)["outcome"] == "accepted"
    assert lake.keys("raw", "batches/") == lake.keys("raw", "landing/") == []


def empty(lake: Lake) -> None:
    """Everything that the executions left, deleted."""
    for bucket in ("raw", "quarantine"):
        for key in lake.keys(bucket):
            lake.s3.delete_object(Bucket=bucket, Key=key)
