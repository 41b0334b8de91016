"""Partitions, tables and databases made and dropped by SQL: what the catalog has afterwards."""

from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

BUCKET, DATABASE = "lake", "shop"
EXECUTION = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def _done(lake: Any, sql: str, **arguments: Any) -> dict[str, Any]:
    execution: dict[str, Any] = lake.run(sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
    return execution


def _lines(lake: Any, sql: str) -> list[str]:
    identifier = _done(lake, sql)["QueryExecutionId"]
    rows = lake.athena.get_query_results(QueryExecutionId=identifier)["ResultSet"]["Rows"]
    return [row["Data"][0]["VarCharValue"] for row in rows]


def _places(lake: Any, table: str) -> dict[tuple[str, ...], str]:
    partitions = lake.glue.get_partitions(DatabaseName=DATABASE, TableName=table)["Partitions"]
    return {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in partitions}


def _file(n: int) -> pa.Table:
    return pa.table({"n": pa.array([n], pa.int32())})


def test_partitions_are_added(lake: Any, make_table: Any) -> None:
    files = {"dt=2024-01-01/c=a%2Fb/x.parquet": _file(1), "other/x.parquet": _file(2)}
    make_table("added", {"n": "int"}, files, {"dt": "string", "c": "string"})
    execution = _done(
        lake,
        "ALTER TABLE added ADD PARTITION (dt = '2024-01-01', c = 'a/b') "
        "PARTITION (c = 'z', dt = '2024-01-02') LOCATION 's3://lake/tables/added/other/'",
    )
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "ALTER_TABLE_ADD_PARTITION")
    first = {
        ("2024-01-01", "a/b"): "s3://lake/tables/added/dt=2024-01-01/c=a%2Fb",
        ("2024-01-02", "z"): "s3://lake/tables/added/other/",
    }
    assert _places(lake, "added") == first
    assert lake.rows("SELECT n, dt, c FROM added ORDER BY n") == [
        ("1", "2024-01-01", "a/b"),
        ("2", "2024-01-02", "z"),
    ]
    both = "PARTITION (dt = '2024-01-03', c = 'q') PARTITION (dt = '2024-01-02', c = 'z')"
    problem = lake.error(f"ALTER TABLE added ADD {both}")
    assert problem == f"{EXECUTION}AlreadyExistsException(message:Partition already exists.)"
    assert _places(lake, "added") == first
    _done(lake, f"ALTER TABLE `shop`.`added` ADD IF NOT EXISTS {both}")
    assert _places(lake, "added") == first | {
        ("2024-01-03", "q"): "s3://lake/tables/added/dt=2024-01-03/c=q",
    }


def test_partitions_are_dropped(lake: Any, make_table: Any) -> None:
    paths = {f"y={y}/m={m:02d}/": [str(y), f"{m:02d}"] for y in (2023, 2024) for m in (1, 2, 3)}
    make_table("dropped", {"n": "int"}, {"y=2023/m=01/a.parquet": _file(1)}, {"y": "int", "m": "int"}, paths)
    _done(lake, "ALTER TABLE dropped DROP PARTITION (y = 2023, m = 1), PARTITION (y = '2024', m = '03')")
    assert set(_places(lake, "dropped")) == {("2023", "02"), ("2023", "03"), ("2024", "01"), ("2024", "02")}
    problem = lake.error("ALTER TABLE dropped DROP PARTITION (y = 2023, m = 1), PARTITION (y = 2023, m = 2)")
    assert problem == "FAILED: SemanticException [Error 10006]: Partition not found (y = '2023', m = '1')"
    _done(lake, "ALTER TABLE dropped DROP IF EXISTS PARTITION (y = 2023, m = 1)")
    _done(lake, "ALTER TABLE dropped DROP PARTITION (y = 2023)")
    assert set(_places(lake, "dropped")) == {("2024", "01"), ("2024", "02")}
    # only the catalog has changed
    lake.s3.head_object(Bucket=BUCKET, Key="tables/dropped/y=2023/m=01/a.parquet")


def test_a_table_is_repaired(lake: Any, make_table: Any) -> None:
    files = {
        "y=2024/m=01/a.parquet": _file(1),
        "y=2024/m=01/b.parquet": _file(2),
        "y=2024/m=02/deep/a.parquet": _file(3),
        "y=2023/m=12/a.parquet": _file(4),
        "Y=2024/m=05/a.parquet": _file(5),
        "2024/06/a.parquet": _file(6),
        "y=2024/a.parquet": _file(7),
        "m=07/y=2024/a.parquet": _file(8),
    }
    known = {"y=2023/m=12/": ["2023", "12"], "y=2022/m=01/": ["2022", "01"]}
    make_table("torn", {"n": "int"}, files, {"y": "int", "m": "string"}, known)
    assert _lines(lake, "MSCK REPAIR TABLE torn") == [
        "Partitions not in metastore:\ttorn:y=2024/m=01\ttorn:y=2024/m=02",
        "Partitions missing from filesystem:\ttorn:y=2022/m=01",
        "Repair: Added partition to metastore torn:y=2024/m=01",
        "Repair: Added partition to metastore torn:y=2024/m=02",
    ]
    assert set(_places(lake, "torn")) == {("2022", "01"), ("2023", "12"), ("2024", "01"), ("2024", "02")}
    assert lake.rows("SELECT sum(n), count(DISTINCT m) FROM torn") == [(str(1 + 2 + 3 + 4), "3")]
    assert _lines(lake, "MSCK REPAIR TABLE `torn`") == ["Partitions missing from filesystem:\ttorn:y=2022/m=01"]


def test_values_in_paths_are_read_back(lake: Any, make_table: Any) -> None:
    make_table("signs", {"n": "int"}, {"what=a%3Ab%25/x.parquet": _file(1)}, {"what": "string"})
    _done(lake, "MSCK REPAIR TABLE signs")
    assert lake.rows("SELECT what FROM signs") == [("a:b%",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "ALTER TABLE nope ADD PARTITION (a = 1)",
            "FAILED: SemanticException [Error 10001]: Table not found shop.nope",
        ),
        ("MSCK REPAIR TABLE nope", "FAILED: SemanticException [Error 10001]: Table not found shop.nope"),
        ("MSCK REPAIR TABLE whole", "FAILED: SemanticException table shop.whole is not partitioned"),
        ("ALTER TABLE whole ADD PARTITION (a = 1)", "FAILED: SemanticException table shop.whole is not partitioned"),
        (
            "ALTER TABLE cut ADD PARTITION (a = 1)",
            "FAILED: ValidationFailureSemanticException partition spec {a=1} doesn't contain all (2) partition columns",
        ),
        (
            "ALTER TABLE cut DROP PARTITION (c = 1)",
            "FAILED: ValidationFailureSemanticException Partition spec {c=1} contains non-partition columns",
        ),
        ("DROP TABLE nope", "FAILED: SemanticException [Error 10001]: Table not found shop.nope"),
        ("DROP DATABASE nope", "FAILED: SemanticException [Error 10072]: Database does not exist: nope"),
        ("CREATE DATABASE shop", f"{EXECUTION}Database shop already exists"),
        (
            "DROP DATABASE shop",
            f"{EXECUTION}InvalidOperationException(message:Database shop is not empty. One or more tables exist.)",
        ),
    ],
)
def test_what_is_refused(lake: Any, make_table: Any, sql: str, reason: str) -> None:
    names = {table["Name"] for table in lake.glue.get_tables(DatabaseName=DATABASE)["TableList"]}
    if "cut" not in names:
        make_table("cut", {"n": "int"}, {}, {"a": "int", "b": "int"})
        make_table("whole", {"n": "int"}, {})
    assert lake.error(sql) == reason
    assert _places(lake, "cut") == {}


def test_a_table_is_dropped_and_its_objects_stay(lake: Any, make_table: Any) -> None:
    make_table("gone", {"n": "int"}, {"a.parquet": _file(1)})
    _done(lake, "DROP TABLE gone")
    with pytest.raises(ClientError):
        lake.glue.get_table(DatabaseName=DATABASE, Name="gone")
    lake.s3.head_object(Bucket=BUCKET, Key="tables/gone/a.parquet")
    _done(lake, "DROP TABLE IF EXISTS `gone`")
    _done(lake, "CREATE VIEW seen AS SELECT 1 AS a")
    assert lake.error("DROP TABLE seen") == "FAILED: SemanticException Cannot drop a view with DROP TABLE"
    make_table("icy", {"n": "int"}, {}, Parameters={"table_type": "ICEBERG"})
    assert lake.error("DROP TABLE icy").startswith("NOT_SUPPORTED: DROP TABLE of the iceberg table shop.icy")


def test_databases_come_and_go(lake: Any) -> None:
    _done(lake, "CREATE DATABASE Fresh COMMENT 'it''s new' LOCATION 's3://lake/fresh/' WITH DBPROPERTIES ('a' = 'b')")
    found = lake.glue.get_database(Name="fresh")["Database"]
    assert (found["Description"], found["LocationUri"], found["Parameters"]) == (
        "it's new",
        "s3://lake/fresh/",
        {"a": "b"},
    )
    _done(lake, "CREATE SCHEMA IF NOT EXISTS fresh")
    assert "fresh" in _lines(lake, "SHOW DATABASES")
    _done(lake, "CREATE VIEW fresh.v AS SELECT 1 AS a")
    assert "is not empty" in lake.error("DROP SCHEMA fresh RESTRICT")
    _done(lake, "DROP DATABASE fresh CASCADE")
    assert "fresh" not in _lines(lake, "SHOW DATABASES")
    _done(lake, "DROP DATABASE IF EXISTS fresh")


def test_nothing_is_changed_where_the_result_cannot_be_written(lake: Any, make_table: Any) -> None:
    make_table("staying", {"n": "int"}, {})
    nowhere = {"OutputLocation": "s3://no-such-bucket/results/"}
    problem = lake.error("DROP TABLE staying", ResultConfiguration=nowhere)
    assert problem.startswith("GENERIC_USER_ERROR: Unable to verify/create output bucket no-such-bucket")
    lake.glue.get_table(DatabaseName=DATABASE, Name="staying")
