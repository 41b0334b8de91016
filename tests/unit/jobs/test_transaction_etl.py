"""The job's rules on real Spark, against what the contract says and what pandas finds."""

import csv
import gzip
import json
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from jobs import transaction_etl as etl
from lakehouse import contracts

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = contracts.parse(yaml.safe_load((ROOT / "contracts" / "transactions.odcs.yaml").read_text()))
GOOD = {
    "transaction_id": "TXN-000001",
    "order_id": "ORD-000001",
    "customer_id": "C-00001",
    "product_id": "P-0001",
    "quantity": "2",
    "unit_price": "10.00",
    "discount": "0.00",
    "total_amount": "20.00",
    "currency": "USD",
    "payment_method": "card",
    "status": "completed",
    "country": "DE",
    "transaction_ts": "2026-01-01 10:00:00",
    "updated_at": "2026-01-01 10:00:00",
}


def line(number: int = 1, **changes: str) -> dict[str, str]:
    return GOOD | {"transaction_id": f"TXN-{number:06}"} | changes


def write_file(path: Path, rows: list[dict[str, str]], extra: tuple[str, ...] = ()) -> str:
    """Write a landing file, and return its address as Spark gives it."""
    text = ",".join(CONTRACT.header) + "\n"
    text += "".join(",".join(row[name] for name in CONTRACT.header) + "\n" for row in rows)
    text += "".join(f"{item}\n" for item in extra)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return f"file:{path}"


def note(address: str, rows: int, *, is_open: bool = True) -> etl.Note:
    return etl.Note(key=f"batches/{address}.json", raw=address, rows=rows, open=is_open)


def process(spark: SparkSession, *notes: etl.Note) -> DataFrame:
    return etl.transform(etl.read_files(spark, CONTRACT, notes), CONTRACT)


def reasons(result: DataFrame) -> dict[str, tuple[str | None, str | None]]:
    """Of each row, by its transaction id as it was read: reason and column."""
    rows = result.select("as_read.transaction_id", "reason", "reason_column").collect()
    return {row["transaction_id"]: (row["reason"], row["reason_column"]) for row in rows}


# what is changed in a good row → the reason and the column that it is rejected for
WRONG = [
    ({"order_id": ""}, "MISSING_VALUE", "order_id"),
    ({"order_id": '""'}, "MISSING_VALUE", "order_id"),
    ({"order_id": "ord-1"}, "BAD_PATTERN", "order_id"),
    ({"product_id": "widget"}, "BAD_PATTERN", "product_id"),
    ({"quantity": "two"}, "BAD_TYPE", "quantity"),
    ({"quantity": "2.0"}, "BAD_TYPE", "quantity"),
    ({"quantity": " 2"}, "BAD_TYPE", "quantity"),
    ({"quantity": "2147483648"}, "BAD_TYPE", "quantity"),
    ({"quantity": "99999999999"}, "BAD_TYPE", "quantity"),
    ({"quantity": "0"}, "OUT_OF_RANGE", "quantity"),
    ({"quantity": "100001"}, "OUT_OF_RANGE", "quantity"),
    ({"unit_price": "10.005"}, "BAD_TYPE", "unit_price"),
    ({"unit_price": "1e1"}, "BAD_TYPE", "unit_price"),
    ({"unit_price": "$10.00"}, "BAD_TYPE", "unit_price"),
    ({"unit_price": "NaN"}, "BAD_TYPE", "unit_price"),
    ({"unit_price": "123456789.00"}, "BAD_TYPE", "unit_price"),
    ({"total_amount": "-0.01"}, "OUT_OF_RANGE", "total_amount"),
    ({"currency": "EUR"}, "NOT_ALLOWED", "currency"),
    ({"currency": "usd"}, "NOT_ALLOWED", "currency"),
    ({"status": "shipped"}, "NOT_ALLOWED", "status"),
    ({"country": "Germany"}, "BAD_PATTERN", "country"),
    ({"transaction_ts": "2026-02-30 10:00:00"}, "BAD_TYPE", "transaction_ts"),
    ({"transaction_ts": "2026-01-01"}, "BAD_TYPE", "transaction_ts"),
    ({"transaction_ts": "01.02.2026 10:00:00"}, "BAD_TYPE", "transaction_ts"),
    ({"transaction_ts": "2026-01-01 24:00:00"}, "BAD_TYPE", "transaction_ts"),
    ({"updated_at": "1767261600"}, "BAD_TYPE", "updated_at"),
    # Of several faults the first is said, in the contract's order.
    ({"quantity": "x", "status": "y", "order_id": ""}, "MISSING_VALUE", "order_id"),
]
RIGHT: list[dict[str, str]] = [
    {},
    {"product_id": ""},
    {"country": ""},
    {"quantity": "100000"},
    {"unit_price": "10"},
    {"unit_price": "10.5"},
    {"unit_price": "99999999.99"},
    {"total_amount": "0.00"},
    {"transaction_ts": "2024-02-29T23:59:59"},
    {"transaction_ts": "2026-01-01 10:00:00.123456"},
    {"payment_method": '"card"'},
]


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, str | None]]:
    """All of WRONG and RIGHT in one file, numbered from 1."""
    rows = [line(number, **changes) for number, (changes, *_) in enumerate(WRONG, 1)]
    rows += [line(number, **changes) for number, changes in enumerate(RIGHT, len(WRONG) + 1)]
    address = write_file(tmp_path_factory.mktemp("judged") / "a.csv", rows)
    return reasons(process(spark, note(address, len(rows))))


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: str(WRONG[number][0]))
def test_wrong_row(judged: dict[str, tuple[str | None, str | None]], number: int) -> None:
    assert judged[f"TXN-{number + 1:06}"] == WRONG[number][1:]


@pytest.mark.parametrize("number", range(len(RIGHT)), ids=lambda number: str(RIGHT[number]))
def test_right_row(judged: dict[str, tuple[str | None, str | None]], number: int) -> None:
    assert judged[f"TXN-{len(WRONG) + number + 1:06}"] == (None, None)


def test_values_and_types_of_a_written_row(spark: SparkSession, tmp_path: Path) -> None:
    address = write_file(tmp_path / "a.csv.gz", [line(1, product_id="", transaction_ts="2026-01-01 23:59:59")])
    result = process(spark, note(address, 1))
    types = {column.name: column.type for column in CONTRACT.columns}
    assert {name: kind for name, kind in result.dtypes if name in types} == types
    (row,) = result.collect()
    assert row["product_id"] is None
    assert (row["unit_price"], row["total_amount"]) == (Decimal("10.00"), Decimal("20.00"))
    assert (str(row["transaction_date"]), str(row["transaction_ts"])) == ("2026-01-01", "2026-01-01 23:59:59")
    assert row["transaction_month"] == "2026-01"


def test_rows_of_the_wrong_length_are_malformed_and_kept(spark: SparkSession, tmp_path: Path) -> None:
    short, long = "TXN-000001,ORD-000001", ",".join(line(2).values()) + ",more"
    address = write_file(tmp_path / "a.csv", [line(3)], extra=(short, long, "   ", ""))
    rows = process(spark, note(address, 3)).select("reason", "_corrupt_record").collect()
    assert sorted(tuple(row) for row in rows if row["reason"]) == [("MALFORMED_ROW", short), ("MALFORMED_ROW", long)]
    assert len(rows) == 3


def test_another_header_stops_the_job(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(reversed(CONTRACT.header)) + "\n" + ",".join(GOOD.values()) + "\n")
    with pytest.raises(Py4JJavaError, match="does not conform to the schema"):
        process(spark, note(f"file:{path}", 1)).collect()


def test_latest_report_wins_whatever_file_it_is_in(spark: SparkSession, tmp_path: Path) -> None:
    refund = line(1, status="refunded", updated_at="2026-01-05 00:00:00")
    bad = line(1, status="unheard of", updated_at="2026-01-09 00:00:00")
    first = write_file(tmp_path / "100000-a.csv", [refund, line(2)])
    second = write_file(tmp_path / "110000-b.csv", [line(1), line(2, status="cancelled"), bad])
    result = process(spark, note(first, 2), note(second, 3))
    written = {row["transaction_id"]: row["status"] for row in result.where("reason is null").collect()}
    # Of two reports of one time, that of the later file holds; a report that is wrong supersedes nothing.
    assert written == {"TXN-000001": "refunded", "TXN-000002": "cancelled"}
    rejected = Counter(row["reason"] for row in result.where("reason is not null").collect())
    assert rejected == {"DUPLICATE": 2, "NOT_ALLOWED": 1}


def test_agrees_with_pandas_whatever_the_order(spark: SparkSession, tmp_path: Path) -> None:
    chance = random.Random(11)
    rows = [
        line(
            chance.randint(1, 60),
            quantity=str(chance.randint(1, 9)),
            updated_at=f"2026-01-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:00:{number % 60:02}",
            transaction_ts=f"2026-01-{chance.randint(1, 5):02} 12:00:00",
        )
        for number in range(300)
    ]
    rows = list({(row["transaction_id"], row["updated_at"]): row for row in rows}.values())
    expected = pd.DataFrame(rows).sort_values("updated_at").drop_duplicates("transaction_id", keep="last")
    wanted = set(zip(expected.transaction_id, expected.quantity.astype(int), expected.updated_at, strict=True))
    for attempt in range(2):
        chance.shuffle(rows)
        names = (f"{attempt}-a.csv", f"{attempt}-b.csv")
        parts = [write_file(tmp_path / name, rows[half::2]) for half, name in enumerate(names)]
        result = process(spark, *(note(part, len(rows[half::2])) for half, part in enumerate(parts)))
        written = result.where("reason is null").collect()
        assert {(row["transaction_id"], row["quantity"], str(row["updated_at"])) for row in written} == wanted
        assert len(written) == len(wanted)


def test_account_adds_up_per_file_and_finds_the_changed_partitions(spark: SparkSession, tmp_path: Path) -> None:
    old = write_file(
        tmp_path / "1-old.csv",
        [
            line(1, transaction_ts="2026-01-31 23:59:59"),
            line(2, transaction_ts="2026-02-01 00:00:00"),
            line(3, transaction_ts="2026-03-03 10:00:00"),
        ],
    )
    # Transaction 1 moves to another month, 4 is new, and one row is wrong.
    new = write_file(
        tmp_path / "2-new.csv",
        [
            line(1, transaction_ts="2026-05-05 10:00:00", updated_at="2026-05-06 00:00:00"),
            line(4, transaction_ts="2026-03-03 10:00:00"),
            line(5, transaction_ts="2026-07-07 10:00:00", currency="XXX"),
        ],
    )
    found = etl.account(process(spark, note(old, 3, is_open=False), note(new, 3)), CONTRACT)
    assert found.by_file() == {old: 3, new: 3}
    assert found.by_reason(old) == {None: 2, "DUPLICATE": 1}
    assert found.by_reason(new) == {None: 2, "NOT_ALLOWED": 1}
    assert found.changed == {"2026-01", "2026-03", "2026-05"}
    assert found.kept == {"2026-03", "2026-05"}


def test_a_row_lost_or_made_up_stops_the_job() -> None:
    notes = [note("s3://raw/a.csv", 3), note("s3://raw/b.csv", 2)]
    etl.check_counts(notes, Counter({"s3://raw/a.csv": 3, "s3://raw/b.csv": 2}))
    for read in ({"s3://raw/a.csv": 3, "s3://raw/b.csv": 1}, {"s3://raw/a.csv": 3}, {"s3://raw/a.csv": 4}):
        with pytest.raises(etl.BatchError, match=r"s3://raw/[ab].csv: \d rows read, but the validator counted \d"):
            etl.check_counts(notes, Counter(read))


def test_writes_the_partitions_asked_for_and_keeps_the_others(spark: SparkSession, tmp_path: Path) -> None:
    months = ["2026-01", "2026-02", "2026-03"]
    rows = [line(number, transaction_ts=f"{month}-05 10:00:00") for number, month in enumerate(months, 1)]
    processed = tmp_path / "processed"
    first = process(spark, note(write_file(tmp_path / "a.csv", rows), 3))
    etl.write(first, CONTRACT, months, str(processed))
    kept = (processed / "transaction_month=2026-02").stat().st_mtime_ns
    more = [*rows, line(9, transaction_ts="2026-01-01 11:00:00")]
    second = process(spark, note(write_file(tmp_path / "b.csv", more), 4))
    for _ in range(2):  # a repeated run ends in the same
        etl.write(second, CONTRACT, ["2026-01"], str(processed))
    tables = {month: pq.read_table(processed / f"transaction_month={month}", partitioning=None) for month in months}
    assert {month: table.num_rows for month, table in tables.items()} == {"2026-01": 2, "2026-02": 1, "2026-03": 1}
    assert [str(day) for day in tables["2026-01"]["transaction_date"].to_pylist()] == ["2026-01-01", "2026-01-05"]
    assert tables["2026-01"].column_names == [column.name for column in CONTRACT.stored]
    assert (processed / "transaction_month=2026-02").stat().st_mtime_ns == kept


def test_rejected_rows_are_kept_as_they_were_read(spark: SparkSession, tmp_path: Path) -> None:
    rows = [line(1), line(2, quantity="many"), line(1, updated_at="2026-01-02 00:00:00")]
    address = write_file(tmp_path / "a.csv", rows, extra=("TXN-000003",))
    etl.write_rejected(process(spark, note(address, 4)), str(tmp_path / "rejected"))
    lines = [text for path in (tmp_path / "rejected").glob("*.json") for text in path.read_text().splitlines()]
    found = {item["transaction_id"]: item for item in map(json.loads, lines)}
    assert {name: item["reason"] for name, item in found.items()} == {
        "TXN-000001": "DUPLICATE",
        "TXN-000002": "BAD_TYPE",
        "TXN-000003": "MALFORMED_ROW",
    }
    assert {name: found["TXN-000002"][name] for name in CONTRACT.header} == rows[1]
    assert found["TXN-000002"]["reason_column"] == "quantity"
    assert found["TXN-000003"]["_corrupt_record"] == "TXN-000003"
    assert all(item["source_file"] == address for item in found.values())


def test_spark_and_the_validator_split_a_file_into_the_same_rows(spark: SparkSession, tmp_path: Path) -> None:
    text = ",".join(CONTRACT.header) + "\r\n" + ",".join(GOOD.values()) + "\r\n \t \r\n\r\n" + "a,b\r" + ',"x,y"\n'
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    read = process(spark, note(f"file:{tmp_path / 'a.csv'}", 3)).count()
    assert read == len([row for row in csv.reader(text.splitlines()) if "".join(row).strip()]) - 1 == 3


def test_the_partition_key_is_one() -> None:
    none = contracts.Contract(
        dataset="x",
        columns=CONTRACT.stored,
        key=("transaction_id",),
        latest_by="updated_at",
        max_object_bytes=1,
        max_content_bytes=1,
    )
    with pytest.raises(contracts.ContractError, match="exactly one partition key"):
        etl.partition_of(none)
