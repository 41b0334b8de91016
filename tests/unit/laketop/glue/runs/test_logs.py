"""Log events within the limits of CloudWatch Logs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from laketop.glue.runs.logs import EVENT_OVERHEAD, MOST_BYTES, MOST_EVENTS, LogStream, first_batch, pieces


class FakeLogs:
    """Keeps batches as CloudWatch would, and fails as it would."""

    def __init__(self, *, there: bool = False) -> None:
        self.there = there
        self.made: list[str] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.failures: list[ClientError] = []

    def _make(self, name: str) -> None:
        if self.there:
            raise ClientError({"Error": {"Code": "ResourceAlreadyExistsException", "Message": ""}}, "Create")
        self.made.append(name)

    def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803 - boto3's spelling
        self._make(logGroupName)

    def create_log_stream(self, *, logGroupName: str, logStreamName: str) -> None:  # noqa: N803
        self._make(f"{logGroupName}:{logStreamName}")

    def put_log_events(self, *, logGroupName: str, logStreamName: str, logEvents: list[dict[str, Any]]) -> None:  # noqa: N803
        if self.failures:
            raise self.failures.pop()
        self.batches.append(logEvents)

    @property
    def messages(self) -> list[str]:
        return [event["message"] for batch in self.batches for event in batch]


def stream(logs: FakeLogs) -> LogStream:
    return LogStream(logs, "/group", "jr_1", now=lambda: 1000)


@given(st.lists(st.sampled_from(["a", "\n", "é", "\U0001f600", "\r\n", " "])), st.data())
def test_lines_arrive_whole_however_the_bytes_are_cut(signs: list[str], data: st.DataObject) -> None:
    text = "".join(signs)
    raw, logs = text.encode(), FakeLogs()
    log = stream(logs)
    while raw:
        cut = data.draw(st.integers(1, len(raw)))
        log.write(raw[:cut])
        raw = raw[cut:]
    log.finish()
    log.send()
    lines = text.split("\n")
    expected = [line.rstrip("\r") or " " for line in (lines if lines[-1] else lines[:-1])]
    assert logs.messages == expected


def test_a_line_waits_for_its_end() -> None:
    logs = FakeLogs()
    log = stream(logs)
    log.write(b"one\ntw")
    log.send()
    assert logs.messages == ["one"]
    log.write(b"o\n")
    log.send()
    assert logs.messages == ["one", "two"]
    assert logs.made == ["/group", "/group:jr_1"]


def test_nothing_is_made_for_nothing() -> None:
    logs = FakeLogs()
    log = stream(logs)
    log.write(b"")
    log.finish()
    log.send()
    assert (logs.made, logs.batches) == ([], [])


def test_a_group_that_is_there_is_used() -> None:
    logs = FakeLogs(there=True)
    log = stream(logs)
    log.write(b"x\n")
    log.send()
    assert logs.messages == ["x"]


def test_what_was_not_taken_is_sent_again_in_order() -> None:
    logs = FakeLogs()
    logs.failures = [ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutLogEvents")]
    log = stream(logs)
    log.write(b"1\n")
    with pytest.raises(ClientError):
        log.send()
    log.write(b"2\n")
    log.send()
    assert logs.messages == ["1", "2"]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    logs = FakeLogs()
    log = stream(logs)
    log.write(b"a\xff\n\xc3")
    log.finish()
    log.send()
    assert logs.messages == ["a\ufffd", "\ufffd"]


@given(st.text("aé\U0001f600", max_size=60), st.integers(4, 20))
def test_pieces_are_whole_characters_and_small_enough(line: str, most: int) -> None:
    found = list(pieces(line, most))
    assert "".join(found) == line
    assert all(len(piece.encode()) <= most for piece in found)


@pytest.mark.parametrize(("size", "count"), [(1, 25_000), (200_000, 17), (MOST_BYTES - EVENT_OVERHEAD, 2)])
def test_batches_keep_the_limits_and_lose_nothing(size: int, count: int) -> None:
    events = [{"timestamp": 1, "message": "x" * size} for _ in range(count)]
    seen = 0
    while events[seen:]:
        batch = first_batch(events[seen:])
        assert 1 <= len(batch) <= MOST_EVENTS
        assert sum(len(event["message"]) + EVENT_OVERHEAD for event in batch) <= MOST_BYTES
        seen += len(batch)
    assert seen == count
