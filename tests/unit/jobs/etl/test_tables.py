"""Accounts of rows, and what is written of them."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from lakehouse import contracts
from lakehouse.etl import tables
from lakehouse.etl.accounts import Account, account, check_counts, figures
from lakehouse.etl.files import read_files
from lakehouse.etl.notes import BatchError, Note
from lakehouse.etl.rows import transform
from tests.unit.jobs.etl.lake import TRANSACTIONS, Lake, document, line, property_

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

VISITS = contracts.parse(
    document(
        [
            property_("id", key=True),
            property_("country", partitioned=True),
            property_("at", "timestamp", required=True),
            property_("day", "date", partitioned=True, transformLogic="cast(at as date)"),
        ],
        dataset="visits",
    )
)


def judge(spark: SparkSession, contract: contracts.Contract, *notes: Note) -> DataFrame:
    return transform(read_files(spark, contract, notes), contract)


def visit(name: str, country: str = "DE", at: str = "2026-01-01 10:00:00") -> dict[str, str]:
    return {"id": name, "country": country, "at": at}


def test_account_adds_up_per_file_and_finds_the_changed_partitions(spark: SparkSession, lake: Lake) -> None:
    times = ["2026-01-31 23:59:59", "2026-02-01 00:00:00", "2026-03-03 10:00:00"]
    old_rows = [line(number, transaction_ts=time) for number, time in enumerate(times, 1)]
    old = replace(lake.csv(TRANSACTIONS, "1-old.csv", old_rows), open=False)
    # Transaction 1 moves to another month, 4 is new, and one row is wrong.
    new_rows = [
        line(1, transaction_ts="2026-05-05 10:00:00", updated_at="2026-05-06 00:00:00"),
        line(4, transaction_ts="2026-03-03 10:00:00"),
        line(5, transaction_ts="2026-07-07 10:00:00", currency="XXX"),
    ]
    new = lake.csv(TRANSACTIONS, "2-new.csv", new_rows)
    found = account(judge(spark, TRANSACTIONS, old, new), TRANSACTIONS)
    assert found.by_file() == {old.raw: 3, new.raw: 3}
    assert found.by_reason(old.raw) == {None: 2, "DUPLICATE": 1}
    assert found.by_reason(new.raw) == {None: 2, "NOT_ALLOWED": 1}
    assert found.changed == {("2026-01",), ("2026-03",), ("2026-05",)}
    assert found.kept == {("2026-03",), ("2026-05",)}
    assert figures(found.by_reason()) == {
        "rows_in": 6,
        "rows_out": 4,
        "rejected": 2,
        "duplicates": 1,
        "reasons": {"DUPLICATE": 1, "NOT_ALLOWED": 1},
    }


def test_a_row_lost_or_made_up_stops_the_job() -> None:
    notes = [Note("k", f"s3://raw/{name}.csv", rows, "csv", open=True) for name, rows in (("a", 3), ("b", 2))]
    check_counts(notes, Counter({"s3://raw/a.csv": 3, "s3://raw/b.csv": 2}))
    for read in ({"s3://raw/a.csv": 3, "s3://raw/b.csv": 1}, {"s3://raw/a.csv": 3}, {"s3://raw/a.csv": 4}):
        with pytest.raises(BatchError, match=r"s3://raw/[ab].csv: \d rows read, but the validator counted \d: nothing"):
            check_counts(notes, Counter(read))


def test_writes_the_partitions_asked_for_and_keeps_the_others(spark: SparkSession, lake: Lake) -> None:
    months = ["2026-01", "2026-02", "2026-03"]
    rows = [line(number, transaction_ts=f"{month}-05 10:00:00") for number, month in enumerate(months, 1)]
    address = f"s3://{lake.buckets['processed']}/transactions/"
    first = judge(spark, TRANSACTIONS, lake.csv(TRANSACTIONS, "a.csv", rows))
    tables.write_partitions(first, TRANSACTIONS, [(month,) for month in months], address)
    before = {key: data for key, data in lake.objects("processed").items() if "2026-01" not in key}
    more = [*rows, line(9, transaction_ts="2026-01-01 11:00:00")]
    second = judge(spark, TRANSACTIONS, lake.csv(TRANSACTIONS, "b.csv", more))
    for _ in range(2):  # a repeated run ends in the same
        tables.write_partitions(second, TRANSACTIONS, [("2026-01",)], address)
    written = lake.objects("processed")
    assert {key: data for key, data in written.items() if "2026-01" not in key} == before
    (key,) = [key for key in written if "2026-01" in key]
    table = pq.read_table(lake.path(f"s3://{lake.buckets['processed']}/{key}"), partitioning=None)
    assert [str(day) for day in table["transaction_date"].to_pylist()] == ["2026-01-01", "2026-01-05"]
    assert table.column_names == [column.name for column in TRANSACTIONS.stored]


def test_several_partition_keys(spark: SparkSession, lake: Lake) -> None:
    rows = [
        visit("a"),
        visit("b", "FR"),
        visit("c", at="2026-01-02 10:00:00"),
        visit("d", "FR"),
        visit("e", "São Tomé"),
    ]
    result = judge(spark, VISITS, lake.csv(VISITS, "a.csv", rows))
    found = account(result, VISITS)
    days = {("DE", "2026-01-01"), ("FR", "2026-01-01"), ("DE", "2026-01-02"), ("São Tomé", "2026-01-01")}
    assert found.kept == days
    address = f"s3://{lake.buckets['processed']}/visits/"
    tables.write_partitions(result, VISITS, found.kept - {("DE", "2026-01-02")}, address)
    folders = {key.rsplit("/", 1)[0]: key for key in lake.objects("processed")}
    assert set(folders) == {
        "visits/country=DE/day=2026-01-01",
        "visits/country=FR/day=2026-01-01",
        "visits/country=São Tomé/day=2026-01-01",
    }
    path = lake.path(f"s3://{lake.buckets['processed']}/{folders['visits/country=FR/day=2026-01-01']}")
    assert pq.read_table(path, partitioning=None)["id"].to_pylist() == ["b", "d"]


@pytest.mark.parametrize(
    ("country", "reason"),
    [("", "MISSING_VALUE"), ("A/B", "BAD_PATTERN"), ("50%", "BAD_PATTERN"), ("a=b", "BAD_PATTERN")],
)
def test_what_can_not_name_a_folder_is_no_partition(spark: SparkSession, lake: Lake, country: str, reason: str) -> None:
    (row,) = judge(spark, VISITS, lake.csv(VISITS, "a.csv", [visit("a", country)])).collect()
    assert (row["reason"], row["reason_column"], row["as_read"]["country"]) == (reason, "country", country or None)


@pytest.mark.parametrize("most", [tables.ROWS_PER_FILE, 2])
def test_a_table_without_partitions_is_written_as_a_whole(
    spark: SparkSession, lake: Lake, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    things = contracts.parse(document([property_("id", key=True), property_("at", "timestamp", required=True)]))
    monkeypatch.setattr(tables, "ROWS_PER_FILE", most)
    address = f"s3://{lake.buckets['processed']}/things/"
    for rows in (["c", "a", "b"], ["e", "d"]):
        items = [{"id": name, "at": "2026-01-01 00:00:00"} for name in rows]
        result = judge(spark, things, lake.csv(things, "a.csv", items))
        tables.write_table(result, things, len(rows), address)
        paths = [lake.path(f"s3://{lake.buckets['processed']}/{key}") for key in lake.objects("processed")]
        found = [pq.read_table(path)["id"].to_pylist() for path in paths]
        assert sorted(name for names in found for name in names) == sorted(rows)
        assert all(names == sorted(names) for names in found)
        assert len(found) <= 1 + len(rows) // most


def test_rejected_rows_are_kept_as_they_were_read(spark: SparkSession, lake: Lake) -> None:
    rows = [line(1), line(2, quantity="many"), line(1, updated_at="2026-01-02 00:00:00")]
    note = lake.csv(TRANSACTIONS, "a.csv", rows, extra=("TXN-000003",))
    address = f"s3://{lake.buckets['quarantine']}/rows/transactions/"
    for _ in range(2):
        tables.write_rejected(judge(spark, TRANSACTIONS, note), address)
    found = {item["transaction_id"]: item for item in lake.rejected()}
    assert len(lake.rejected()) == 3
    assert {name: item["reason"] for name, item in found.items()} == {
        "TXN-000001": "DUPLICATE",
        "TXN-000002": "BAD_TYPE",
        "TXN-000003": "MALFORMED_ROW",
    }
    assert {name: found["TXN-000002"][name] for name in TRANSACTIONS.header} == rows[1]
    assert found["TXN-000002"]["reason_column"] == "quantity"
    assert found["TXN-000003"]["_corrupt_record"] == "TXN-000003"
    assert all(item["source_file"] == note.raw for item in found.values())


def test_publish_adds_what_has_rows_and_removes_what_has_none(lake: Lake) -> None:
    lake.glue.tables["visits"] = ["country", "day"]
    bucket = lake.buckets["processed"]
    for key in ("visits/country=DE/day=2026-01-01/a.parquet", "visits/country=DE/day=2026-01-02/a.parquet"):
        lake.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    old, new = ("DE", "2026-01-01"), ("FR", "2026-01-03")
    rows: Counter[Any] = Counter()
    for kept in (frozenset({old}), frozenset({new})):
        found = Account(rows, changed=frozenset({old}) | kept, kept=kept)
        for _ in range(2):
            removed = tables.publish(VISITS, found, f"s3://{bucket}/visits/", "processed", lake.s3, lake.glue)
    assert removed == [old]
    assert set(lake.glue.partitions["processed", "visits"]) == {new}
    assert list(lake.objects("processed")) == ["visits/country=DE/day=2026-01-02/a.parquet"]


def test_a_table_without_partitions_has_nothing_to_publish(lake: Lake) -> None:
    things = contracts.parse(document([property_("id", key=True), property_("at", "timestamp")]))
    found = Account(Counter(), changed=frozenset({()}), kept=frozenset())
    assert tables.publish(things, found, "s3://processed/things/", "processed", lake.s3, lake.glue) == []
