"""Notes as the router writes them, read and closed."""

import json

import pytest

from lakehouse.etl.notes import BatchError, close_notes, format_of, read_notes
from tests.unit.jobs.etl.lake import Lake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://raw/a.csv", "csv"),
        ("s3://raw/a.csv.gz", "csv"),
        ("s3://raw/a.jsonl", "jsonl"),
        ("s3://raw/a.jsonl.gz", "jsonl"),
        ("s3://raw/a.b.parquet", "parquet"),
    ],
)
def test_format_by_suffix(name: str, expected: str) -> None:
    assert format_of(name) == expected


@pytest.mark.parametrize("name", ["s3://raw/a.xml", "s3://raw/csv", "s3://raw/a.gz", "s3://raw/a.CSV"])
def test_unknown_suffix_is_refused(name: str) -> None:
    with pytest.raises(BatchError, match=rf"{name}: its note names no format.*add `format`"):
        format_of(name)


def test_notes_come_in_the_order_of_arrival_open_before_closed(lake: Lake) -> None:
    raw = f"s3://{lake.buckets['raw']}/"
    second = lake.note(lake.address("things", "110000-b.jsonl.gz"), 2, format="jsonl")
    first = lake.note(lake.address("things", "100000-z.csv"), 1)
    lake.note(lake.address("others", "090000-a.csv"), 9)
    close_notes(lake.s3, raw, "things", [first])
    lake.note(lake.address("things", "100000-z.csv"), 1)  # the same event once more
    assert read_notes(lake.s3, raw, "things") == [first, second]


def test_closing_moves_the_note_and_may_be_repeated(lake: Lake) -> None:
    raw = f"s3://{lake.buckets['raw']}/"
    note = lake.note(lake.address("things", "a.csv"), 3, time="2026-01-01T00:00:00Z")
    before = lake.objects("raw")[note.key]
    close_notes(lake.s3, raw, "things", [note])
    closed = note.key.replace("/open/", "/closed/")
    assert lake.objects("raw") == {closed: before}
    assert [(found.key, found.open) for found in read_notes(lake.s3, raw, "things")] == [(closed, False)]


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", json.dumps({"raw": "s3://r/a.csv", "rows": "many"}).encode()])
def test_a_note_that_cannot_be_read_is_named(lake: Lake, content: bytes) -> None:
    note = lake.note(lake.address("things", "a.csv"), 3)
    lake.path(f"s3://{lake.buckets['raw']}/{note.key}").write_bytes(content)
    with pytest.raises(BatchError, match=rf"note {note.key} cannot be read .*mend it"):
        read_notes(lake.s3, f"s3://{lake.buckets['raw']}/", "things")
