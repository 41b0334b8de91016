"""Curated tables: how they are made, what a replacement writes, how the processed zone is read, control totals."""

import dataclasses
import datetime
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse import contracts
from lakehouse.etl import controls, iceberg, processed
from lakehouse.etl.iceberg import Table, Zone

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

COLUMNS = iceberg.columns("""
    id     | string        | The thing's name.
    amount | decimal(10,2) | What it costs; "a\\b" isn't one.
    at     | timestamp     | When.
    month  | string        | The month; the partitions.
""")
BY_KEY = Table("by_key", "It's one row per thing.", COLUMNS, partition="month")
BY_MONTH = Table("by_month", "One row per thing.", COLUMNS, month_of="at")
WHOLE = Table("whole", "One row per thing.", COLUMNS)
TABLES = [BY_KEY, BY_MONTH, WHOLE]


def rows(*items: tuple[str, str | None, str]) -> list[tuple[Any, ...]]:
    """Rows of name, amount and day."""
    found = []
    for name, amount, day in items:
        at = datetime.datetime.fromisoformat(day)
        found.append((name, None if amount is None else Decimal(amount), at, f"{at:%Y-%m}"))
    return found


def frame(spark: SparkSession, items: list[tuple[Any, ...]], table: Table = WHOLE) -> DataFrame:
    made = spark.createDataFrame(items, "id string, amount decimal(10,2), at timestamp, month string")
    return iceberg.conform(made, table)


def content(zones: Any, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in zones.rows(table.name)]


def zone_of(zones: Any) -> Zone:
    return Zone(zones.arguments["curated_database"], zones.arguments["warehouse"])


OLD = rows(("a", "1.00", "2026-01-31 23:59:59"), ("b", None, "2026-02-01"), ("c", "3.00", "2026-12-31 23:59:59"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_table_is_what_was_declared(zones: Any, table: Table) -> None:
    name = iceberg.create(zones.spark, zone_of(zones), table)
    assert name == f"glue_catalog.`curated`.`{table.name}`"
    iceberg.create(zones.spark, zone_of(zones), table)  # is there already
    described = {
        row["col_name"]: (row["data_type"], row["comment"])
        for row in reversed(zones.spark.sql(f"DESCRIBE TABLE EXTENDED {name}").collect())
    }
    assert [described[column.name] for column in COLUMNS] == [
        ("string", "The thing's name."),
        ("decimal(10,2)", 'What it costs; "a\\b" isn\'t one.'),
        # Iceberg's timestamp without a zone, which Athena calls `timestamp`.
        ("timestamp_ntz", "When."),
        ("string", "The month; the partitions."),
    ]
    assert described["Comment"][0] == table.comment
    assert described["Location"][0] == f"{zones.arguments['warehouse']}{table.name}"
    assert "format-version=2" in described["Table Properties"][0]
    (created,) = zones.spark.sql(f"SHOW CREATE TABLE {name}").first()
    partition = {"by_key": "PARTITIONED BY (month)", "by_month": "PARTITIONED BY (months(at))", "whole": ""}[table.name]
    assert partition in created
    assert ("PARTITIONED" in created) == bool(partition)


def test_a_line_of_columns_has_three_parts() -> None:
    with pytest.raises(ValueError, match=r"column 'id \| string': a line is `name \| type \| comment`"):
        iceberg.columns("id | string")


# what the table gets after OLD → the partitions that are rewritten, of BY_KEY and BY_MONTH
REPLACEMENTS = [
    (OLD, []),
    (list(reversed(OLD)), []),
    ([], ["2026-01", "2026-02", "2026-12"]),
    (OLD[1:], ["2026-01"]),
    (OLD + rows(("d", None, "2027-01-01")), ["2027-01"]),
    (OLD + OLD[1:2], ["2026-02"]),  # the same row once more
    ([OLD[0], *rows(("b", "0.00", "2026-02-01")), OLD[2]], ["2026-02"]),
    ([*OLD[:2], *rows(("c", "3.00", "2026-11-30 23:59:59"))], ["2026-11", "2026-12"]),
]


@pytest.mark.parametrize(("new", "changed"), REPLACEMENTS)
@pytest.mark.parametrize("table", [BY_KEY, BY_MONTH], ids=lambda table: table.name)
def test_only_the_partitions_that_differ_are_rewritten(zones: Any, table: Table, new: Any, changed: list[str]) -> None:
    zone, spark = zone_of(zones), zones.spark
    assert iceberg.replace(spark, zone, table, frame(spark, OLD)) == ["2026-01", "2026-02", "2026-12"]
    before = zones.files(table.name)
    assert iceberg.replace(spark, zone, table, frame(spark, new)) == changed
    assert content(zones, table) == sorted(new, key=lambda row: [str(value) for value in row])
    assert zones.commits(table.name) == 1 + bool(changed)
    # The files of the other months are the same objects as before.
    kept = before.keys() & zones.files(table.name).keys()
    assert len(kept) == len({row[3] for row in OLD} - set(changed))


def test_a_table_without_partitions_is_rewritten_as_a_whole(zones: Any) -> None:
    zone, spark = zone_of(zones), zones.spark
    for new, changed in ((OLD, ["all"]), (OLD, []), (OLD[1:], ["all"]), ([], ["all"]), ([], [])):
        assert iceberg.replace(spark, zone, WHOLE, frame(spark, new)) == changed
        assert content(zones, WHOLE) == new


def test_random_replacements_agree_with_a_set_of_rows(zones: Any) -> None:
    chance, zone, spark = random.Random(4), zone_of(zones), zones.spark
    held: list[tuple[Any, ...]] = []
    for _ in range(6):
        new = [row for row in held if chance.random() < 0.9]
        new += rows(
            *(
                (chance.choice("xyz"), chance.choice(["1.00", None]), f"2026-0{chance.randint(1, 5)}-01")
                for _ in range(chance.randint(0, 6))
            )
        )
        months = {row[3] for row in held + new}
        both = [pd.Series(some, dtype=object).value_counts() for some in (held, new)]
        differ = {row[3] for row in set(held + new) if both[0].get(row, 0) != both[1].get(row, 0)}
        assert iceberg.replace(spark, zone, BY_KEY, frame(spark, new)) == sorted(differ & months)
        held = new
        assert content(zones, BY_KEY) == sorted(held, key=lambda row: [str(value) for value in row])


def test_a_number_that_does_not_fit_is_an_error(zones: Any) -> None:
    wide = zones.spark.range(1).select(
        f.lit("a").alias("id"),
        f.lit(Decimal("123456789.00")).alias("amount"),
        f.lit(None).alias("at"),
        f.lit("m").alias("month"),
    )
    with pytest.raises(Exception, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        iceberg.conform(wide, WHOLE).collect()


def contract(dataset: str) -> contracts.Contract:
    root = Path(__file__).resolve().parents[3]
    return contracts.parse(yaml.safe_load((root / "contracts" / f"{dataset}.odcs.yaml").read_text()))


REVIEW = {
    "review_id": "REV-000001",
    "product_id": "P-0001",
    "customer_id": "C-00001",
    "rating": 4,
    "verified": True,
    "helpful_votes": 0,
    "review_ts": datetime.datetime(2026, 1, 31, 23, 59, 59),
    "updated_at": datetime.datetime(2026, 2, 1),
}


def test_the_processed_zone_is_read_by_path_and_contract(zones: Any, tmp_path: Path) -> None:
    reviews = contract("reviews")
    types = [(column.name, column.type) for column in reviews.columns]
    address = zones.arguments["processed"]
    for prepare in (lambda: None, lambda: (tmp_path / "processed" / "reviews").mkdir(parents=True)):
        prepare()  # first no folder at all, then one without a file
        empty = processed.read(zones.spark, reviews, address)
        assert (empty.dtypes, empty.count()) == (types, 0)
    zones.write("reviews", [REVIEW, REVIEW | {"review_id": "REV-000002", "review_ts": datetime.datetime(2026, 3, 1)}])
    found = processed.read(zones.spark, reviews, address)
    assert found.dtypes == types
    assert sorted((row["review_id"], row["review_month"], row["rating"]) for row in found.collect()) == [
        ("REV-000001", "2026-01", 4),
        ("REV-000002", "2026-03", 4),
    ]


def test_only_a_folder_that_is_not_there_counts_as_empty(zones: Any) -> None:
    reviews = contract("reviews")
    wrong = dataclasses.replace(reviews, columns=(dataclasses.replace(reviews.columns[0], type="nonsense"),))
    with pytest.raises(AnalysisException, match="UNSUPPORTED_DATATYPE"):
        processed.read(zones.spark, wrong, zones.arguments["processed"])


def test_control_totals_that_differ_are_both_named() -> None:
    equal = controls.Control("orders", 3, 3)
    assert controls.check("job", [equal, controls.Control("revenue", Decimal("1.50"), Decimal("1.50"))]) == {
        "orders": 3,
        "revenue": Decimal("1.50"),
    }
    wrong = controls.Control("revenue", Decimal("1.50"), Decimal("1.49"))
    with pytest.raises(controls.ControlError, match=r"job: .*revenue: 1.49, but the source has 1.50 .*nothing was"):
        controls.check("job", [equal, wrong])


def test_figures_of_several_frames_come_together(lake: SparkSession) -> None:
    numbers = lake.range(4)
    assert controls.gather(numbers.agg(f.sum("id").alias("sum")), numbers.agg(f.max("id").alias("max"))) == {
        "sum": 6,
        "max": 3,
    }
