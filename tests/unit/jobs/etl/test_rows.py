"""The rules for rows on real Spark, against literal answers and what pandas finds."""

import random
from collections import Counter
from decimal import Decimal

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from lakehouse.etl.files import read_files
from lakehouse.etl.notes import Note
from lakehouse.etl.rows import transform
from tests.unit.jobs.etl.lake import TRANSACTIONS, Lake, line

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


def judge(spark: SparkSession, *notes: Note) -> DataFrame:
    return transform(read_files(spark, TRANSACTIONS, notes), TRANSACTIONS)


# what is changed in a good row → the reason and the column that it is rejected for
WRONG = [
    ({"order_id": ""}, "MISSING_VALUE", "order_id"),
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
]


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, str | None]]:
    """Of WRONG and RIGHT in one file, numbered from 1: reason and column by the transaction's id as it was read."""
    rows = [line(number, **changes) for number, (changes, *_) in enumerate(WRONG, 1)]
    rows += [line(number, **changes) for number, changes in enumerate(RIGHT, len(WRONG) + 1)]
    note = Lake(spark, tmp_path_factory.mktemp("judged")).csv(TRANSACTIONS, "a.csv", rows)
    found = judge(spark, note).select("as_read.transaction_id", "reason", "reason_column").collect()
    return {row["transaction_id"]: (row["reason"], row["reason_column"]) for row in found}


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: str(WRONG[number][0]))
def test_wrong_row(judged: dict[str, tuple[str | None, str | None]], number: int) -> None:
    assert judged[f"TXN-{number + 1:06}"] == WRONG[number][1:]


@pytest.mark.parametrize("number", range(len(RIGHT)), ids=lambda number: str(RIGHT[number]))
def test_right_row(judged: dict[str, tuple[str | None, str | None]], number: int) -> None:
    assert judged[f"TXN-{len(WRONG) + number + 1:06}"] == (None, None)


def test_values_and_types_of_a_written_row(spark: SparkSession, lake: Lake) -> None:
    note = lake.csv(TRANSACTIONS, "a.csv.gz", [line(1, product_id="", transaction_ts="2026-01-01 23:59:59")])
    result = judge(spark, note)
    types = {column.name: column.type for column in TRANSACTIONS.columns}
    assert {name: kind for name, kind in result.dtypes if name in types} == types
    (row,) = result.collect()
    assert row["product_id"] is None
    assert (row["unit_price"], row["total_amount"]) == (Decimal("10.00"), Decimal("20.00"))
    assert (str(row["transaction_date"]), str(row["transaction_ts"])) == ("2026-01-01", "2026-01-01 23:59:59")
    assert row["transaction_month"] == "2026-01"


def test_latest_report_wins_whatever_file_it_is_in(spark: SparkSession, lake: Lake) -> None:
    refund = line(1, status="refunded", updated_at="2026-01-05 00:00:00")
    bad = line(1, status="unheard of", updated_at="2026-01-09 00:00:00")
    first = lake.csv(TRANSACTIONS, "100000-a.csv", [refund, line(2)])
    second = lake.csv(TRANSACTIONS, "110000-b.csv", [line(1), line(2, status="cancelled"), bad])
    result = judge(spark, second, first)
    written = {row["transaction_id"]: row["status"] for row in result.where("reason is null").collect()}
    # Of two reports of one time, that of the later file holds; a report that is wrong supersedes nothing.
    assert written == {"TXN-000001": "refunded", "TXN-000002": "cancelled"}
    rejected = Counter(row["reason"] for row in result.where("reason is not null").collect())
    assert rejected == {"DUPLICATE": 2, "NOT_ALLOWED": 1}


def test_agrees_with_pandas_whatever_the_order(spark: SparkSession, lake: Lake) -> None:
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
        notes = [lake.csv(TRANSACTIONS, f"{attempt}-{half}.csv", rows[half::2]) for half in range(2)]
        written = judge(spark, *notes).where("reason is null").collect()
        assert {(row["transaction_id"], row["quantity"], str(row["updated_at"])) for row in written} == wanted
        assert len(written) == len(wanted)
