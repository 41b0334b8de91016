"""What lies in buckets, counted by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from streamlit_app.charts import lake as charts
from streamlit_app.figures import storage

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def item(key: str, size: int, at: datetime = NOON) -> dict[str, Any]:
    return {"Key": key, "Size": size, "LastModified": at}


def test_folders_count_all_objects_and_those_that_are_read() -> None:
    found = storage.listing(
        [item("t/day=1/a", 10), item("t/day=1/b", 5, NOON + timedelta(hours=1)), item("t/_SUCCESS", 0), item("x", 7)]
    )
    assert found.whole
    assert (found.objects, found.bytes) == (4, 22)
    assert found.folders == (
        storage.Folder("", 1, 7, 1, 7, NOON),
        storage.Folder("t/", 1, 0, 0, 0, NOON),
        storage.Folder("t/day=1/", 2, 15, 2, 15, NOON + timedelta(hours=1)),
    )


@pytest.mark.parametrize(
    ("key", "size", "expected"),
    [
        ("t/a.parquet", 1, True),
        ("t/a.parquet", 0, False),
        ("t/_SUCCESS", 9, False),
        ("t/.part.crc", 9, False),
        ("t/_temporary/0/a.parquet", 9, False),
        ("t/a_b.parquet", 9, True),
    ],
)
def test_hidden_and_empty_files_are_not_read(key: str, size: int, expected: bool) -> None:
    assert storage.read(key, size) is expected


@pytest.mark.parametrize(("most", "objects", "whole"), [(2, 2, False), (3, 3, True), (4, 3, True)])
def test_a_listing_ends_at_its_most(most: int, objects: int, whole: bool) -> None:
    found = storage.listing([item(f"k{number}", 1) for number in range(3)], most)
    assert (found.objects, found.whole) == (objects, whole)


def test_no_more_than_one_object_behind_the_most_is_asked_for() -> None:
    asked = []

    def contents() -> Iterator[dict[str, Any]]:
        for number in range(100):
            asked.append(number)
            yield item(f"k{number}", 1)

    storage.listing(contents(), 5)
    assert asked == [0, 1, 2, 3, 4, 5]


def test_by_prefix_sums_folders_and_orders_them_by_size() -> None:
    east = datetime(2026, 1, 31, 15, tzinfo=timezone(timedelta(hours=1)))
    raw = storage.listing([item("a/x/1", 1, east), item("a/y/2", 2), item("b/3", 50), item("c", 3)])
    frame = storage.by_prefix({"raw": raw, "curated": storage.listing([])})
    assert frame.drop(columns="latest").to_dict("records") == [
        {"zone": "raw", "folder": "b/", "objects": 1, "bytes": 50},
        {"zone": "raw", "folder": storage.ROOT, "objects": 1, "bytes": 3},
        {"zone": "raw", "folder": "a/", "objects": 2, "bytes": 3},
    ]
    assert frame["latest"].iloc[2] == datetime(2026, 1, 31, 14), "UTC, without a zone"
    assert list(storage.by_prefix({}).columns) == storage.PREFIXES


def test_the_greatest_folders_are_drawn() -> None:
    found = storage.listing([item(f"f{number:02}/x", number + 1) for number in range(40)])
    drawn = charts.prefixes(storage.by_prefix({"raw": found})).to_dict()
    (data,) = drawn["datasets"].values()
    assert len(data) == charts.MOST_BARS
    assert {row["place"] for row in data} == {f"raw / f{number:02}" for number in range(15, 40)}
