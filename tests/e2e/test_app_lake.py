"""The page Lake where it is deployed: zones, tables, files, snapshots and rows against S3, Glue and pandas."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from unittest.mock import Mock

import pandas as pd
import pytest
from botocore.exceptions import ClientError
from streamlit.testing.v1 import AppTest

from streamlit_app import formats
from streamlit_app.figures import files
from tests.e2e import app, truth
from tests.e2e.pipeline import Pipeline

ZONES = ("raw", "processed", "curated", "quarantine")

type Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _asked_anew(open_page: Open) -> None:
    app.forget()


def objects(pipeline: Pipeline, bucket: str, prefix: str = "") -> dict[str, int]:
    pages = pipeline.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", ())}


def part(open_page: Open, pipeline: Pipeline, name: str, table: str, zone: str = "curated") -> AppTest:
    return open_page("lake", table=f"{pipeline.lake.database(zone)}.{table}", part=name)


def notes(page: AppTest) -> str:
    return "\n".join(item.value for item in [*page.warning, *page.info, *page.error])


def table_with(page: AppTest, column: str) -> pd.DataFrame:
    """The last table on the page that has a column of that name."""
    return next(item.value for item in reversed(page.dataframe) if column in item.value)


def test_zones_are_what_s3_lists(open_page: Open, pipeline: Pipeline) -> None:
    page = open_page("lake")
    found = {zone: objects(pipeline, pipeline.lake.bucket(zone)) for zone in ZONES}
    told = app.figures(page)
    for zone, listed in found.items():
        noun = "object" if len(listed) == 1 else "objects"
        assert told[f"{zone.capitalize()}, {len(listed):,} {noun}"] == formats.size(sum(listed.values()))
    folders = table_with(page, "Folder")
    raw = folders[(folders["Zone"] == "raw") & (folders["Folder"] == "transactions/")].iloc[0]
    landed = [size for key, size in found["raw"].items() if key.startswith("transactions/")]
    assert (raw["Objects"], raw["Bytes"]) == (len(landed), sum(landed))
    assert folders["Bytes"].sum() == sum(sum(listed.values()) for listed in found.values())


def test_tables_are_those_of_the_catalogue(open_page: Open, pipeline: Pipeline) -> None:
    shown = table_with(open_page("lake"), "Partitioned by")
    names = set(zip(shown["Database"], shown["Table"], strict=True))
    for database in (pipeline.processed_db, pipeline.curated_db):
        pages = pipeline.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        assert {(database, table["Name"]) for page in pages for table in page["TableList"]} == {
            name for name in names if name[0] == database
        }
    kinds = {row["Table"]: (row["Type"], row["Format"], row["Partitioned by"]) for _, row in shown.iterrows()}
    assert kinds["transactions"] == ("Hive", "parquet", "transaction_month")
    assert kinds["daily_sales"][0] == "Iceberg"
    assert kinds["daily_kpis"][0] == "View"


def test_columns_are_those_of_the_contract(open_page: Open, pipeline: Pipeline) -> None:
    shown = table_with(part(open_page, pipeline, "Columns", "transactions", "processed"), "What it means")
    promised = truth.landing("transactions")
    types = dict(zip(shown["Column"], shown["Type"], strict=True))
    assert {item["name"]: types[item["name"]] for item in promised} == {
        item["name"]: item["physicalType"] for item in promised
    }
    assert shown[shown["Partition key"]]["Column"].tolist() == ["transaction_month"]


def test_partitions_are_the_months_of_the_files(open_page: Open, pipeline: Pipeline) -> None:
    page = part(open_page, pipeline, "Files", "transactions", "processed")
    sold = truth.kept("transactions", pipeline.raw_files("transactions"))
    listed = objects(pipeline, pipeline.processed, "transactions/transaction_month=")
    shown = table_with(page, "Partition").set_index("Partition")
    assert set(shown.index) == {f"transaction_month={month}" for month in sold.transaction_ts.str[:7]}
    for name, row in shown.iterrows():
        sizes = [size for key, size in listed.items() if f"/{name}/" in key and key.endswith(".parquet")]
        assert (row["Files"], row["Bytes"]) == (len(sizes), sum(sizes))
        assert row["Athena reads it"]
    assert app.figures(page)["Files"] == f"{shown['Files'].sum():,}"
    assert app.figures(page)["Size"] == formats.size(shown["Bytes"].sum())


def test_the_snapshot_has_a_row_for_each_day_with_an_order_line(open_page: Open, pipeline: Pipeline) -> None:
    page = part(open_page, pipeline, "Snapshots", "daily_sales")
    days = truth.sales(truth.kept("transactions", pipeline.raw_files("transactions"))).day.nunique()
    latest = table_with(page, "Operation").iloc[0]
    assert (latest["Rows"], latest["Files"] > 0) == (days, True)
    asked = pipeline.query('SELECT snapshot_id FROM "daily_sales$snapshots" ORDER BY committed_at DESC')
    assert latest["Snapshot"] == asked[0]["snapshot_id"]


def test_an_iceberg_table_s_files_are_those_of_its_latest_snapshot(open_page: Open, pipeline: Pipeline) -> None:
    latest = table_with(part(open_page, pipeline, "Snapshots", "customer_360"), "Operation").iloc[0]
    told = app.figures(part(open_page, pipeline, "Files", "customer_360"))
    assert told["Files"] == f"{latest['Files']:,}"
    assert told["Size"] == formats.size(latest["Bytes"])


def test_rows_of_a_view_are_those_of_pandas(open_page: Open, pipeline: Pipeline) -> None:
    shown = table_with(part(open_page, pipeline, "Rows", "daily_kpis"), "average_order_value")
    expected = truth.daily_kpis(
        truth.kept("transactions", pipeline.raw_files("transactions")),
        truth.kept("clickstream", pipeline.raw_files("clickstream")),
    )
    assert len(shown) == min(100, len(expected))
    told = {str(row["day"]): (row["orders"], Decimal(row["revenue"])) for _, row in shown.iterrows()}
    assert told == {day: (expected[day][0], expected[day][4]) for day in told}


def test_no_more_than_a_hundred_rows(open_page: Open, pipeline: Pipeline) -> None:
    shown = table_with(part(open_page, pipeline, "Rows", "transactions", "processed"), "total_amount")
    sold = truth.kept("transactions", pipeline.raw_files("transactions")).set_index("transaction_id")
    assert len(shown) == 100
    assert {row["transaction_id"]: row["total_amount"] for _, row in shown.iterrows()} == {
        name: Decimal(sold.total_amount[name]) for name in shown["transaction_id"]
    }


def test_a_view_has_a_text_and_neither_files_nor_snapshots(open_page: Open, pipeline: Pipeline) -> None:
    text = part(open_page, pipeline, "Columns", "daily_kpis").code[-1].value
    assert "SELECT" in text
    assert "Presto View" not in text
    assert "A view has no files" in notes(part(open_page, pipeline, "Files", "daily_kpis"))
    assert "No snapshots" in notes(part(open_page, pipeline, "Snapshots", "daily_kpis"))


def test_many_small_files_are_warned_of(open_page: Open, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MANY_FILES", 2)
    page = part(open_page, pipeline, "Files", "customer_360")
    assert "Small files" in notes(page)
    assert page.code[-1].value.startswith(f'OPTIMIZE "{pipeline.curated_db}"."customer_360"')
    monkeypatch.setattr(files, "SMALL_FILE", 1)
    assert "Small files" not in notes(part(open_page, pipeline, "Files", "customer_360"))


@pytest.fixture
def stray(pipeline: Pipeline) -> Iterator[str]:
    """A file in a folder that is no partition; no query reads it."""
    folder = "transactions/transaction_month=1999-12"
    key = f"{folder}/stray.parquet"
    pipeline.s3.put_object(Bucket=pipeline.processed, Key=key, Body=b"PAR1")
    yield folder.partition("/")[2]
    pipeline.s3.delete_object(Bucket=pipeline.processed, Key=key)


def test_files_that_athena_does_not_know_are_told(open_page: Open, pipeline: Pipeline, stray: str) -> None:
    page = part(open_page, pipeline, "Files", "transactions", "processed")
    assert "**Not registered.** 1 file" in notes(page)
    shown = table_with(page, "Partition").set_index("Partition")
    assert not shown.loc[stray, "Athena reads it"]
    known = shown[shown["Athena reads it"]]
    assert app.figures(page)["Files"] == f"{known['Files'].sum():,}"


def test_an_unknown_table_in_the_address_is_no_error(open_page: Open) -> None:
    page = open_page("lake", table="nobody.nothing'--", part="Nonsense")
    assert not page.error
    assert page.selectbox(key="table").value != "nobody.nothing'--"


def test_an_error_in_one_part_leaves_the_others(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetTables")
    refused = Mock(side_effect=refusal)
    monkeypatch.setattr("streamlit_app.lake.catalogue.tables", refused)
    page = open_page("lake")
    (error,) = page.error
    assert "Tables: AWS refused" in error.value
    assert "add it to their policy" in error.value
    assert len(page.metric) == len(ZONES)
