"""Files that do not fit their table: what is missing is NULL, what differs is an error, never a silent conversion."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def test_columns_are_found_by_name(lake: Any, make_table: Any) -> None:
    make_table(
        "evolved",
        {"b": "string", "A": "bigint", "c": "double"},
        {
            "1.parquet": pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]}),
            "2.parquet": pa.table({"C": [0.5], "B": ["y"], "A": pa.array([2], pa.int32()), "extra": [1]}),
        },
    )
    assert lake.rows("SELECT b, a, c FROM evolved ORDER BY b") == [("x", "1", None), ("y", "2", "0.5")]


@pytest.mark.parametrize(
    ("declared", "array"),
    [
        ("int", pa.array([1], pa.int64())),
        ("string", pa.array([1], pa.int64())),
        ("bigint", pa.array(["1"])),
        ("double", pa.array([Decimal("1.5")], pa.decimal128(5, 1))),
        ("decimal(10,2)", pa.array([Decimal("1.5")], pa.decimal128(10, 1))),
        ("date", pa.array([datetime(2024, 1, 1)], pa.timestamp("us"))),
        ("bigint", pa.array([2**63], pa.uint64())),
    ],
)
def test_wrong_types_are_bad_data(lake: Any, make_table: Any, declared: str, array: pa.Array, request: Any) -> None:
    name = f"wrong_{request.node.callspec.indices['declared']}"
    make_table(name, {"v": declared}, {"1.parquet": pa.table({"v": array})})
    reason = lake.error(f"SELECT v FROM {name}")
    assert reason.startswith("HIVE_BAD_DATA: Field v's type ")
    assert f"s3://lake/tables/{name}/1.parquet is incompatible with type" in reason


def test_no_parquet_is_bad_data(lake: Any, make_table: Any) -> None:
    make_table("broken", {"v": "int"}, {"1.parquet": b"certainly no parquet file, but long enough to be read"})
    assert (
        lake.error("SELECT v FROM broken") == "HIVE_BAD_DATA: Not valid Parquet file: s3://lake/tables/broken/1.parquet"
    )


def test_times_of_every_writer(lake: Any, make_table: Any) -> None:
    moment = datetime(2024, 3, 10, 1, 2, 3, 456500)
    arrays = {
        "micros": pa.array([moment], pa.timestamp("us")),
        "millis": pa.array([moment.replace(microsecond=456000)], pa.timestamp("ms")),
        "nanos": pa.array([moment], pa.timestamp("ns")),
        "instant": pa.array([moment.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "early": pa.array([datetime(1969, 12, 31, 23, 59, 59, 999500)], pa.timestamp("us")),
    }
    make_table("times", dict.fromkeys(arrays, "timestamp"), {"1.parquet": pa.table(arrays)})
    # micros are rounded half up to the three digits of a table's timestamp
    assert lake.rows("SELECT micros, millis, nanos, instant, early FROM times") == [
        (
            "2024-03-10 01:02:03.457",
            "2024-03-10 01:02:03.456",
            "2024-03-10 01:02:03.457",
            "2024-03-10 01:02:03.457",
            "1970-01-01 00:00:00.000",
        )
    ]


def test_times_of_spark(lake: Any, make_table: Any, tmp_path: Path) -> None:
    """Spark writes INT96 by default."""
    moment = datetime(2024, 3, 10, 1, 2, 3, 456789)
    pq.write_table(
        pa.table({"at": pa.array([moment], pa.timestamp("ns"))}), tmp_path / "a", use_deprecated_int96_timestamps=True
    )
    make_table("spark_times", {"at": "timestamp"}, {"1.parquet": (tmp_path / "a").read_bytes()})
    assert lake.rows("SELECT at, date(at) FROM spark_times") == [("2024-03-10 01:02:03.457", "2024-03-10")]


def test_nested_values(lake: Any, make_table: Any) -> None:
    row = pa.struct([("sku", pa.string()), ("price", pa.float64())])
    table = pa.table(
        {
            "tags": pa.array([["a", None], []], pa.list_(pa.string())),
            "item": pa.array([{"sku": "x", "price": 1.5}, None], row),
            "items": pa.array([[{"sku": "y", "price": 2.0}], None], pa.list_(row)),
            "props": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int32())),
        }
    )
    columns = {
        "tags": "array<string>",
        "item": "struct<sku:string,price:double>",
        "items": "array<struct<sku:string,price:double>>",
        "props": "map<string,int>",
    }
    make_table("nested", columns, {"1.parquet": table})
    assert lake.rows("SELECT tags, item, items, props FROM nested ORDER BY item.price") == [
        ("[a, null]", "{sku=x, price=1.5}", "[{sku=y, price=2.0}]", "{k=1}"),
        ("[]", None, None, "{}"),
    ]
    assert lake.rows("SELECT t.sku, t.price * 2 FROM nested CROSS JOIN UNNEST(items) AS t(sku, price)") == [
        ("y", "4.0")
    ]


def test_partition_values_have_their_types(lake: Any, make_table: Any) -> None:
    files = {f"y={year}/m={month}/1.parquet": pa.table({"v": [year * 100]}) for year in (9, 10) for month in (1, 2)}
    partitions = {f"y={year}/m={month}/": [str(year), str(month)] for year in (9, 10) for month in (1, 2)}
    partitions["y=none/"] = ["__HIVE_DEFAULT_PARTITION__", "3"]
    files["y=none/1.parquet"] = pa.table({"v": [0]})
    make_table("parts", {"v": "bigint"}, files, {"y": "int", "m": "smallint"}, partitions)
    assert lake.rows("SELECT DISTINCT y FROM parts WHERE y > 9 AND m = 2") == [("10",)]
    assert lake.rows("SELECT v FROM parts WHERE y IS NULL") == [("0",)]
    assert lake.rows("SELECT y + m AS s, v FROM parts WHERE y BETWEEN 9 AND 9 ORDER BY s") == [
        ("10", "900"),
        ("11", "900"),
    ]
    make_table("odd", {"v": "bigint"}, {"y=x/1.parquet": pa.table({"v": [1]})}, {"y": "int"}, {"y=x/": ["x"]})
    assert lake.error("SELECT v FROM odd").startswith("HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'x'")


def test_keys_with_odd_characters(lake: Any, make_table: Any) -> None:
    odd = "d=a b%2F+ü?&#[1]*/file 'quoted'.parquet"
    make_table("odd_keys", {"v": "bigint"}, {odd: pa.table({"v": [7]})})
    assert lake.rows("SELECT v FROM odd_keys") == [("7",)]


def test_empty_table_has_no_rows(lake: Any, make_table: Any) -> None:
    make_table("empty", {"v": "bigint", "w": "array<string>"}, {})
    assert lake.rows("SELECT v, w FROM empty") == []
    assert lake.rows("SELECT count(*), sum(v) FROM empty") == [("0", None)]


def test_tables_that_cannot_be_read_are_named(lake: Any, make_table: Any) -> None:
    make_table("a_view", {"v": "bigint"}, {}, TableType="VIRTUAL_VIEW")
    make_table("delta", {"v": "bigint"}, {}, Parameters={"table_type": "DELTA"})
    make_table("projected", {"v": "bigint"}, {}, Parameters={"projection.enabled": "true"})
    for name, what in (("a_view", "view"), ("delta", "delta"), ("projected", "partition projection")):
        reason = lake.error(f"SELECT * FROM {name}")
        assert reason.startswith("NOT_SUPPORTED: ")
        assert what in reason
