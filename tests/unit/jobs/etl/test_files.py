"""Files of each format give the same rows of text."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from lakehouse import contracts
from lakehouse.etl.files import read_files
from lakehouse.etl.notes import BatchError, Note
from tests.unit.jobs.etl.lake import GOOD, TRANSACTIONS, Lake, document, line, property_

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

THINGS = contracts.parse(
    document(
        [
            property_("id", key=True),
            property_("count", "int"),
            property_("price", "decimal(10,2)"),
            property_("weight", "double"),
            property_("active", "boolean"),
            property_("day", "date"),
            property_("at", "timestamp"),
        ]
    )
)
NOTHING = dict.fromkeys(THINGS.header)


def read(spark: SparkSession, contract: contracts.Contract, *notes: Note) -> list[dict[str, Any]]:
    rows = read_files(spark, contract, notes).collect()
    return sorted((row.asDict() for row in rows), key=lambda row: (row["source_file"], str(row)))


def row(note: Note, corrupt: str | None = None, **values: str) -> dict[str, Any]:
    return NOTHING | values | {"_corrupt_record": corrupt, "source_file": note.raw, "_in_batch": note.open}


def parquet(lake: Lake, name: str, table: pa.Table, **options: Any) -> Note:
    address = lake.address("things", name)
    pq.write_table(table, lake.path(address), **options)
    return lake.note(address, table.num_rows, format="parquet")


def test_csv_values_are_text_and_empty_is_null(spark: SparkSession, lake: Lake) -> None:
    note = lake.csv(THINGS, "a.csv.gz", [{"id": 'a "b", c', "count": "007", "active": ""}], extra=('"",,,,,,',))
    assert read(spark, THINGS, note) == [row(note, id='a "b", c', count="007"), row(note)]


def test_csv_rows_of_the_wrong_length_are_corrupt_and_kept(spark: SparkSession, lake: Lake) -> None:
    short, long = "TXN-000001,ORD-000001", ",".join(line(2).values()) + ",more"
    note = lake.csv(TRANSACTIONS, "a.csv", [line(3)], extra=(short, long, "   ", ""))
    found = read(spark, TRANSACTIONS, note)
    assert {item["_corrupt_record"] for item in found} == {None, short, long}
    assert len(found) == note.rows == 3


def test_another_csv_header_stops_the_job(spark: SparkSession, lake: Lake) -> None:
    note = lake.csv(TRANSACTIONS, "a.csv", [GOOD])
    text = ",".join(reversed(TRANSACTIONS.header)) + "\n" + ",".join(GOOD.values()) + "\n"
    lake.path(note.raw).write_text(text)
    with pytest.raises(Py4JJavaError, match="does not conform to the schema"):
        read(spark, TRANSACTIONS, note)


def test_spark_and_the_validator_split_a_file_into_the_same_rows(spark: SparkSession, lake: Lake) -> None:
    text = ",".join(TRANSACTIONS.header) + "\r\n" + ",".join(GOOD.values()) + "\r\n \t \r\n\r\n" + "a,b\r" + ',"x,y"\n'
    note = lake.csv(TRANSACTIONS, "a.csv", [])
    lake.path(note.raw).write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = read(spark, TRANSACTIONS, note)
    assert len(found) == len([item for item in csv.reader(text.splitlines()) if "".join(item).strip()]) - 1 == 3


# a line → the values of its row
OBJECTS: list[tuple[str, dict[str, str]]] = [
    (
        '{"id": "a", "count": 7, "price": 19.90, "weight": 1E+2, "active": true, "day": "2026-01-31"}',
        {"id": "a", "count": "7", "price": "19.90", "weight": "1E+2", "active": "true", "day": "2026-01-31"},
    ),
    (
        '{"count":-0.0,"price":12345678901234567890.123456789,"active":false}',
        {"count": "-0.0", "price": "12345678901234567890.123456789", "active": "false"},
    ),
    ('{"id": null, "active": null, "day": ""}', {}),
    ("{}", {}),
    (' { "id" : "b" , "count" : 1 } \t', {"id": "b", "count": "1"}),
    # What looks like syntax inside of a string is none.
    (r'{"id": "a\"1\" {x: [2], 3}", "count": 4}', {"id": 'a"1" {x: [2], 3}', "count": "4"}),
    (r'{"id": "\\", "count": 5}', {"id": "\\", "count": "5"}),
    (r'{"id": "\u00e9\n\ud83d\ude00", "count": "6"}', {"id": "é\n😀", "count": "6"}),
    ('{"id": "é 😀 ü"}', {"id": "é 😀 ü"}),
    ('{"id": "%s"}' % ("x" * 200_000), {"id": "x" * 200_000}),
]
NO_OBJECTS = [
    "null",
    "1",
    '"text"',
    "[1, 2]",
    '{"id": {"nested": 1}}',
    '{"id": []}',
    '{"id": "a", "unknown": 1}',
    '{"id": "a"',
    '{"id": "a"} {"id": "b"}',
    '{"id": "a"},',
    '{"id": "a",}',
    '{"id": NaN}',
    '{"count": 01}',
    '{"count": 1.}',
    "{'id': 'a'}",
    r'{"id": "\x"}',
    r'{"id": "\ud83d"}',
    '{"id": "tab\there"}',
    '{"id" "a"}',
    "not json",
]


def test_jsonl_values_are_text(spark: SparkSession, lake: Lake) -> None:
    lines = [text for text, _ in OBJECTS]
    assert all(isinstance(json.loads(text), dict) for text in lines)
    note = lake.jsonl(THINGS, "a.jsonl.gz", [lines[0], "", " \t ", *lines[1:]])
    expected = [row(note, **values) for _, values in OBJECTS]
    assert read(spark, THINGS, note) == sorted(expected, key=str)


def test_jsonl_lines_that_are_no_flat_object_are_corrupt_and_kept(spark: SparkSession, lake: Lake) -> None:
    note = lake.jsonl(THINGS, "a.jsonl", ['{"id": "a"}', *NO_OBJECTS])
    found = read(spark, THINGS, note)
    assert sorted(str(item["_corrupt_record"]) for item in found) == sorted([*NO_OBJECTS, "None"])
    assert [item for item in found if item["_corrupt_record"]] == sorted(
        (row(note, corrupt=text) for text in NO_OBJECTS), key=str
    )


def test_jsonl_line_ends_and_byte_order_mark(spark: SparkSession, lake: Lake) -> None:
    note = lake.jsonl(THINGS, "a.jsonl", [], rows=3)
    lake.path(note.raw).write_bytes(b'\xef\xbb\xbf{"id": "a"}\r\n{"id": "b"}\r{"id": "c"}')
    assert read(spark, THINGS, note) == [row(note, id=name) for name in "abc"]


def test_parquet_values_are_the_texts_of_csv(spark: SparkSession, lake: Lake) -> None:
    moment = datetime(2026, 1, 31, 10, 0, 0, 120000, tzinfo=UTC)
    table = pa.table(
        {
            "at": pa.array([moment, None, moment.replace(microsecond=0)], pa.timestamp("us", tz="UTC")),
            "id": ["a", "", "c"],
            "count": pa.array([7, None, -1], pa.int32()),
            "price": pa.array([Decimal("19.90"), None, Decimal("0.00")], pa.decimal128(10, 2)),
            "weight": pa.array([0.1, None, 1e300], pa.float64()),
            "active": [True, None, False],
            "day": pa.array([date(2026, 1, 31), None, date(1, 1, 1)], pa.date32()),
        }
    )
    note = parquet(lake, "a.parquet", table)
    first = {"id": "a", "count": "7", "price": "19.90", "weight": "0.1", "active": "true", "day": "2026-01-31"}
    third = {"id": "c", "count": "-1", "price": "0.00", "weight": "1.0E300", "active": "false", "day": "0001-01-01"}
    expected = [
        row(note, **first, at="2026-01-31 10:00:00.12"),
        row(note),
        row(note, **third, at="2026-01-31 10:00:00"),
    ]
    assert read(spark, THINGS, note) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (pa.timestamp("ms", tz="UTC"), {}),
        (pa.timestamp("us"), {}),  # without a zone: UTC
        (pa.timestamp("ns", tz="UTC"), {}),
        (pa.timestamp("ns"), {}),
        (pa.timestamp("us"), {"use_deprecated_int96_timestamps": True}),
    ],
    ids=str,
)
def test_parquet_moments_of_any_unit(
    spark: SparkSession, lake: Lake, kind: pa.DataType, options: dict[str, Any]
) -> None:
    moments = [datetime(2026, 1, 31, 10, 0, 0, 250000), datetime(1969, 12, 31, 23, 59, 59), None]
    note = parquet(lake, "a.parquet", pa.table({"at": pa.array(moments, kind)}), **options)
    texts = [item["at"] for item in read(spark, THINGS, note)]
    assert set(texts) == {"2026-01-31 10:00:00.25", "1969-12-31 23:59:59", None}


def test_parquet_nanoseconds_that_would_be_rounded_are_shown(spark: SparkSession, lake: Lake) -> None:
    values = pa.array([1_000_000_001, -1, 1_000_000_000], pa.int64()).cast(pa.timestamp("ns"))
    note = parquet(lake, "a.parquet", pa.table({"at": values}))
    expected = {"1970-01-01 00:00:01.000000001", "1969-12-31 23:59:59.999999999", "1970-01-01 00:00:01"}
    assert {item["at"] for item in read(spark, THINGS, note)} == expected


def test_parquet_files_of_several_schemas(spark: SparkSession, lake: Lake) -> None:
    texts = parquet(lake, "1.parquet", pa.table({"id": ["a"], "count": ["1"]}))
    wide = parquet(lake, "2.parquet", pa.table({"count": pa.array([2**40], pa.int64()), "id": ["b"]}))
    narrow = parquet(lake, "3.parquet", pa.table({"id": ["c"], "count": pa.array([3], pa.int8())}))
    assert read(spark, THINGS, texts, wide, narrow) == [
        row(texts, id="a", count="1"),
        row(wide, id="b", count=str(2**40)),
        row(narrow, id="c", count="3"),
    ]


def test_parquet_files_that_are_no_rows_of_text_are_corrupt_and_kept(spark: SparkSession, lake: Lake) -> None:
    unknown = parquet(lake, "1.parquet", pa.table({"id": ["a"], "colour": ["red"]}))
    nested = parquet(lake, "2.parquet", pa.table({"id": [["b"]]}))
    assert read(spark, THINGS, unknown, nested) == [
        row(unknown, corrupt='{"id":"a","colour":"red"}'),
        row(nested, corrupt='{"id":["b"]}'),
    ]


def test_a_parquet_file_that_is_gone_stops_the_job(spark: SparkSession, lake: Lake) -> None:
    note = parquet(lake, "1.parquet", pa.table({"id": ["a"]}))
    lake.path(note.raw).unlink()
    with pytest.raises(Py4JJavaError, match="FileNotFoundException"):
        read(spark, THINGS, note)


def test_a_batch_may_mix_formats(spark: SparkSession, lake: Lake) -> None:
    closed = lake.csv(THINGS, "1.csv", [{"id": "a", "count": "1"}])
    first = Note(closed.key, closed.raw, closed.rows, closed.format, open=False)
    second = lake.jsonl(THINGS, "2.jsonl", ['{"id": "b", "count": 1}'])
    third = parquet(lake, "3.parquet", pa.table({"id": ["c"], "count": pa.array([1], pa.int32())}))
    expected = [row(first, id="a", count="1"), row(second, id="b", count="1"), row(third, id="c", count="1")]
    assert read(spark, THINGS, third, first, second) == expected
    assert [item["_in_batch"] for item in expected] == [False, True, True]


def test_a_format_without_a_reader_is_named(spark: SparkSession, lake: Lake) -> None:
    note = lake.note(lake.address("things", "a.csv"), 1, format="xml")
    with pytest.raises(BatchError, match=r"a\.csv: there is no reader for the format 'xml', only for csv, jsonl"):
        read_files(spark, THINGS, [note])


def test_nothing_else_of_the_library_needs_spark() -> None:
    library = Path(contracts.__file__).parent
    for path in library.rglob("*.py"):
        if "etl" not in path.parts:
            text = path.read_text()
            assert not [word for word in ("pyspark", "awsglue", "lakehouse.etl") if word in text], path
