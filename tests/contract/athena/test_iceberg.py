"""Iceberg tables of the Glue catalog, queried through Athena's API; pyiceberg writes them and says what is in them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg import types as ice
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform

BUCKET, DATABASE = "lake", "iced"
SCHEMA = Schema(
    ice.NestedField(1, "id", ice.LongType()),
    ice.NestedField(2, "Kind", ice.StringType()),
    ice.NestedField(3, "at", ice.TimestampType()),
    ice.NestedField(4, "seen", ice.TimestamptzType()),
    ice.NestedField(5, "who", ice.StructType(ice.NestedField(6, "name", ice.StringType()))),
)
ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "Kind": "ab"[number % 2],
        "at": dt.datetime(2026, 1, 1, 1, 2, 3, number),
        "seen": dt.datetime(2026, 1, 1, 12, number, tzinfo=dt.UTC),
        "who": {"name": f"n{number}"},
    }
    for number in range(4)
]


@pytest.fixture(scope="module")
def catalog(lake: Any) -> Iterator[GlueCatalog]:
    keys = {"access-key-id": "test", "secret-access-key": "test", "region": "us-east-1"}
    ports = {"glue": lake.port + 1, "s3": lake.port}
    options = {f"{service}.{name}": value for service in ports for name, value in keys.items()}
    options |= {f"{service}.endpoint": f"http://127.0.0.1:{port}" for service, port in ports.items()}
    made = GlueCatalog("glue", warehouse=f"s3://{BUCKET}/iced", **options)
    made.create_namespace(DATABASE)
    yield made
    made.close()


def append(lake: Any, catalog: GlueCatalog, name: str, rows: list[dict[str, Any]]) -> None:
    table = catalog.load_table(f"{DATABASE}.{name}")
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    share(lake)


def share(lake: Any) -> None:
    """Let bytes be read without a signature, which the lake's own store allows and moto does not."""
    for page in lake.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="iced"):
        for entry in page.get("Contents", []):
            lake.s3.put_object_acl(Bucket=BUCKET, Key=entry["Key"], ACL="public-read")


@pytest.fixture(scope="module")
def events(lake: Any, catalog: GlueCatalog) -> str:
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "Kind"))
    catalog.create_table(f"{DATABASE}.events", SCHEMA, partition_spec=spec, properties={"format-version": "2"})
    append(lake, catalog, "events", ROWS)
    return f"{DATABASE}.events"


def test_rows_as_athena_writes_them(lake: Any, events: str) -> None:
    assert lake.rows(f"SELECT * FROM {events} ORDER BY id") == [
        (
            str(number),
            "ab"[number % 2],
            f"2026-01-01 01:02:03.{number:06}",
            f"2026-01-01 12:{number:02}:00.000000 UTC",
            f"{{name=n{number}}}",
        )
        for number in range(4)
    ]


def test_conditions_leave_out_files(lake: Any, events: str) -> None:
    every = lake.run(f"SELECT id, kind FROM {events}")["Statistics"]["DataScannedInBytes"]
    one = lake.run(f"SELECT id, kind FROM {events} WHERE kind = 'a'")["Statistics"]["DataScannedInBytes"]
    assert 0 < one < every
    assert lake.rows(f"SELECT id FROM {events} WHERE kind = 'a' ORDER BY 1") == [("0",), ("2",)]
    paths = lake.rows(f"SELECT DISTINCT \"$path\" FROM {events} WHERE kind = 'b'")
    assert len(paths) == 1
    assert "/Kind=b/" in paths[0][0]


def test_every_commit_is_seen_at_once(lake: Any, catalog: GlueCatalog) -> None:
    table = catalog.create_table(f"{DATABASE}.growing", Schema(ice.NestedField(1, "n", ice.IntegerType())))
    share(lake)
    query = f"SELECT count(*), sum(n) FROM {DATABASE}.growing"
    assert lake.rows(query) == [("0", None)]
    for number in range(1, 4):
        append(lake, catalog, "growing", [{"n": number}])
        assert lake.rows(query) == [(str(number), str(number * (number + 1) // 2))]
    table.refresh().delete("n = 2")
    share(lake)
    assert lake.rows(query) == [("2", "4")]


def test_columns_are_those_of_the_table_now(lake: Any, catalog: GlueCatalog) -> None:
    table = catalog.create_table(f"{DATABASE}.changing", SCHEMA)
    append(lake, catalog, "changing", ROWS[:1])
    with table.refresh().update_schema() as change:
        change.rename_column("id", "number")
        change.delete_column("at")
        change.delete_column("seen")
    with table.update_schema() as change:
        change.add_column("id", ice.DateType())
        change.delete_column("who")
    share(lake)
    assert lake.rows(f"SELECT * FROM {DATABASE}.changing") == [("0", "a", None)]
    identifier = lake.run(f"DESCRIBE {DATABASE}.changing")["QueryExecutionId"]
    described = lake.athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"]
    lines = [row["Data"][0]["VarCharValue"].split("\t") for row in described]
    assert [[part.strip() for part in line[:2]] for line in lines] == [
        ["number", "bigint"],
        ["Kind", "string"],
        ["id", "date"],
    ]
    metadata = lake.athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=DATABASE, TableName="changing")
    assert [(one["Name"], one["Type"]) for one in metadata["TableMetadata"]["Columns"]] == [
        ("number", "bigint"),
        ("Kind", "string"),
        ("id", "date"),
    ]
    assert metadata["TableMetadata"]["Parameters"]["table_type"] == "ICEBERG"


def test_time_travel_and_the_history(lake: Any, catalog: GlueCatalog) -> None:
    catalog.create_table(f"{DATABASE}.past", Schema(ice.NestedField(1, "n", ice.IntegerType())))
    for number in (1, 2):
        append(lake, catalog, "past", [{"n": number}])
    first, second = catalog.load_table(f"{DATABASE}.past").metadata.snapshots
    name = f"{DATABASE}.past"
    assert lake.rows(f"SELECT n FROM {name} FOR VERSION AS OF {first.snapshot_id}") == [("1",)]
    assert lake.rows(f"SELECT count(*) FROM {name} FOR TIMESTAMP AS OF current_timestamp") == [("2",)]
    reason = lake.error(f"SELECT n FROM {name} FOR TIMESTAMP AS OF (current_timestamp - interval '1' day)")
    assert "INVALID_ARGUMENTS" in reason
    assert "No version history of the table at or before" in reason
    found = lake.rows(
        f'SELECT snapshot_id, parent_id, operation FROM {DATABASE}."past$snapshots" ORDER BY committed_at'
    )
    assert found == [
        (str(first.snapshot_id), None, "append"),
        (str(second.snapshot_id), str(first.snapshot_id), "append"),
    ]
    refused = 'NOT_SUPPORTED: line 1:15: The metadata table "$files" of Iceberg tables is not supported by Laketop'
    assert lake.error(f'SELECT * FROM {DATABASE}."past$files"') == refused


def test_results_say_their_types(lake: Any, events: str) -> None:
    identifier = lake.run(f"SELECT at, seen, who FROM {events}")["QueryExecutionId"]
    answer = lake.athena.get_query_results(QueryExecutionId=identifier)
    types = [one["Type"] for one in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert types == ["timestamp", "timestamp with time zone", "row"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "ICEBERG_INVALID_METADATA: The Iceberg table iced.odd has no metadata_location in the Glue catalog"),
        ({"metadata_location": "s3://lake/iced/none.json"}, "ICEBERG_MISSING_DATA: "),
        ({"metadata_location": "s3://lake/iced/bad.json"}, "ICEBERG_INVALID_METADATA: s3://lake/iced/bad.json is no"),
        ({"metadata_location": "s3://lake/iced/third.json"}, "NOT_SUPPORTED: Version 3 of the Iceberg format"),
        ({"metadata_location": "file:///etc/passwd"}, "NOT_SUPPORTED: The file 'file:///etc/passwd'"),
    ],
)
def test_what_cannot_be_read_is_refused(
    lake: Any, catalog: GlueCatalog, parameters: dict[str, str], reason: str
) -> None:
    for name, body in (("bad", b"{]"), ("third", b'{"format-version": 3}')):
        lake.s3.put_object(Bucket=BUCKET, Key=f"iced/{name}.json", Body=body, ACL="public-read")
    table = {"Name": "odd", "Parameters": {"table_type": "ICEBERG"} | parameters}
    lake.glue.create_table(DatabaseName=DATABASE, TableInput=table)
    try:
        assert reason in lake.error(f"SELECT * FROM {DATABASE}.odd").replace("line 1:15: ", "")
    finally:
        lake.glue.delete_table(DatabaseName=DATABASE, Name="odd")
