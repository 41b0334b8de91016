"""Tables of the catalogue, their partitions and files."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from streamlit_app.charts import lake as charts
from streamlit_app.figures import files, iceberg, tables
from streamlit_app.figures.files import Files, Partition
from streamlit_app.figures.identifiers import plain, quoted
from streamlit_app.figures.storage import Folder
from streamlit_app.figures.tables import HIVE, ICEBERG, VIEW

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def entry(**more: Any) -> dict[str, Any]:
    storage = {"Columns": [{"Name": "n", "Type": "int", "Comment": "A number."}], "Location": "s3://b/t/"}
    return {"DatabaseName": "db", "Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, **more}


def table(**more: Any) -> tables.Table:
    return tables.table_of(entry(**more))


MONTHLY: dict[str, Any] = {"PartitionKeys": [{"Name": "month", "Type": "string"}]}
AS_ICEBERG: dict[str, Any] = {"Parameters": {"table_type": "iceberg", "metadata_location": "s3://b/t/metadata/1.json"}}


def folder(path: str, count: int, size: int) -> Folder:
    return Folder(path, count, size, count, size, NOW)


def test_a_hive_table() -> None:
    found = table(**MONTHLY, Parameters={"classification": "Parquet"}, Description="Sales.", UpdateTime=NOW)
    assert (found.kind, found.format, found.keys, found.version) == (HIVE, "parquet", ("month",), "")
    assert [(item.name, item.type, item.comment) for item in found.columns] == [
        ("n", "int", "A number."),
        ("month", "string", ""),
    ]
    assert tables.columns(found)["Partition key"].tolist() == [False, True]
    assert (found.label, found.qualified) == ("db.t", '"db"."t"')


def test_an_iceberg_table_is_another_one_after_each_commit() -> None:
    found = table(**AS_ICEBERG)
    assert (found.kind, found.version) == (ICEBERG, "s3://b/t/metadata/1.json")


@pytest.mark.parametrize(
    ("serde", "expected"),
    [
        ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", "orc"),
        ("org.openx.data.jsonserde.JsonSerDe", "json"),
        ("of.nobody.KnownSerDe", ""),
    ],
)
def test_without_a_classification_the_serde_says_the_format(serde: str, expected: str) -> None:
    storage = {"Location": "s3://b/t", "SerdeInfo": {"SerializationLibrary": serde}}
    assert table(StorageDescriptor=storage).format == expected


def test_a_view_has_a_text_and_no_location() -> None:
    text = base64.b64encode(json.dumps({"originalSql": "SELECT 'é'"}).encode()).decode()
    found = table(TableType="VIRTUAL_VIEW", ViewOriginalText=f"/* Presto View: {text} */")
    assert (found.kind, found.sql, found.location, found.format) == (VIEW, "SELECT 'é'", "", "")


@pytest.mark.parametrize("text", ["SELECT 1", "/* Presto View: !!! */", "/* Presto View: WzFd */", ""])
def test_another_text_of_a_view_stands_as_it_is(text: str) -> None:
    assert tables.view_text(text) == text


def test_all_kinds_in_one_overview() -> None:
    frame = tables.overview([table(**MONTHLY), table(**AS_ICEBERG), table(TableType="VIRTUAL_VIEW")])
    assert frame["Type"].tolist() == [HIVE, ICEBERG, VIEW]
    assert frame["Partitioned by"].tolist() == ["month", tables.HIDDEN, ""]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("s3://b/t", ("b", "t/")),
        ("s3a://b/t/x/", ("b", "t/x/")),
        ("s3://b", ("b", "")),
        ("hdfs://b/t", ("", "")),
        ("", ("", "")),
    ],
)
def test_split(location: str, expected: tuple[str, str]) -> None:
    assert tables.split(location) == expected


# Names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("daily_sales", "daily_sales"),
        ("_x1", "_x1"),
        ("order", '"order"'),
        ("Order", '"Order"'),
        ("1st", '"1st"'),
        ('a"; DROP TABLE b; --', '"a""; DROP TABLE b; --"'),
    ],
)
def test_a_name_is_quoted_where_it_must_be(name: str, expected: str) -> None:
    assert plain(name) == expected


def test_statements_quote_all_names() -> None:
    strange = table(Name='t"x', DatabaseName="my-db")
    assert quoted('"') == '""""'
    assert tables.preview_sql(strange, 100) == 'SELECT * FROM "my-db"."t""x" LIMIT 100'
    assert ' FROM "my-db"."t""x$snapshots" ' in iceberg.snapshots_sql(strange)


# Files


def test_files_are_counted_by_partition() -> None:
    sales = table(**MONTHLY)
    known = [
        Partition(("2026-01",), "s3://b/t/month=2026-01/"),
        Partition(("2026-02",), "s3://elsewhere/february"),
        Partition(("2026-03",), "s3://b/t/month=2026-03"),
        Partition(("2026-04",), "s3://b/t/april/"),
    ]
    assert files.outside(sales, known) == ["s3://elsewhere/february"]
    places = {
        "s3://b/t/": [
            folder("t/month=2026-01/", 2, 30),
            folder("t/month=2026-01/deeper/", 1, 6),
            folder("t/april/", 1, 4),
            folder("t/month=2026-09/", 3, 9),
            folder("t/lost/", 1, 1),
            Folder("t/", 1, 0, 0, 0, NOW),
        ],
        "s3://elsewhere/february": [folder("february/", 1, 8)],
    }
    frame = files.by_partition(sales, known, places)
    rows = [tuple(row)[:4] for row in frame.itertuples(index=False)]
    assert rows == [
        ("lost/", False, 1, 1),
        ("month=2026-01", True, 3, 36),
        ("month=2026-02", True, 1, 8),
        ("month=2026-03", True, 0, 0),
        ("month=2026-04", True, 1, 4),
        ("month=2026-09", False, 3, 9),
    ]
    assert frame["mean"].iloc[1] == 12
    assert pd.isna(frame["mean"].iloc[3])
    assert files.files_of(frame) == Files(5, 48, 3)
    (data,) = charts.partitions(frame).to_dict()["datasets"].values()
    assert [row["partition"] for row in data][:2] == ["month=2026-09", "month=2026-04"], "the last on top"


@pytest.mark.parametrize(
    ("more", "path", "expected"),
    [
        ({}, "t/deeper/", (files.UNPARTITIONED, True)),
        (AS_ICEBERG, "t/data/month=2026-01/", ("month=2026-01", True)),
        (AS_ICEBERG, "t/data/Xy1/a=1/b=2/", ("a=1/b=2", True)),
        (AS_ICEBERG, "t/data/", (files.UNPARTITIONED, True)),
        (MONTHLY | {"Parameters": {"projection.enabled": "TRUE"}}, "t/month=1/", ("month=1", True)),
        (MONTHLY, "t/month=1/", ("month=1", False)),
        (MONTHLY, "t/", ("/", False)),
    ],
)
def test_what_is_no_registered_partition(more: dict[str, Any], path: str, expected: tuple[str, bool]) -> None:
    frame = files.by_partition(table(**more), [], {"s3://b/t/": [folder(path, 1, 1)]})
    assert [(row.partition, row.registered) for row in frame.itertuples()] == [expected]


def test_iceberg_s_metadata_is_no_data() -> None:
    frame = files.by_partition(table(**AS_ICEBERG), [], {"s3://b/t/": [folder("t/metadata/", 5, 50)]})
    assert frame.empty
    assert files.files_of(frame) == Files(0, 0, 0)


def test_the_latest_snapshot_says_what_is_read() -> None:
    snapshots = pd.DataFrame([{"files": 3, "bytes": 30}, {"files": 9, "bytes": 90}])
    assert iceberg.current_files(snapshots, 2) == Files(3, 30, 2)
    assert iceberg.current_files(snapshots[:0], 2) is None
    assert iceberg.current_files(pd.DataFrame([{"files": None, "bytes": 30}]), 2) is None


@pytest.mark.parametrize(
    ("count", "mean", "expected"),
    [
        (files.MANY_FILES, 1, False),
        (files.MANY_FILES + 1, files.SMALL_FILE - 1, True),
        (files.MANY_FILES + 1, files.SMALL_FILE, False),
        (0, 0, False),
    ],
)
def test_many_small_files(count: int, mean: int, expected: bool) -> None:
    assert Files(count, count * mean, 1).small is expected


def test_advice_is_for_the_table() -> None:
    many = Files(100, 100, 1)
    assert "OPTIMIZE" in (files.advice(table(**AS_ICEBERG), many) or "")
    assert "repartition" in (files.advice(table(), many) or "")
    assert "coarser" in (files.advice(table(**MONTHLY), Files(100, 100, 50)) or "")
    assert files.advice(table(), Files(100, 100 * files.GOOD_FILE, 1)) is None
    assert iceberg.compaction(table()) == 'OPTIMIZE "db"."t" REWRITE DATA USING BIN_PACK;\nVACUUM "db"."t";'


def test_tiles_without_a_file() -> None:
    assert [tile.value for tile in files.file_tiles(Files(0, 0, 0))] == ["0", "0 B", "–"]
    assert [tile.value for tile in files.file_tiles(Files(4, 6000, 2))] == ["4", "6.0 kB", "1.5 kB"]
