"""INSERT INTO: the files as pyarrow reads them, the rows as Athena reads them back, and what Trino refuses.

Messages are those that Trino 435 gives to the same statements.
"""

import csv
import io
import json
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

BUCKET, DATABASE = "lake", "shop"
EVERY = {
    "a": "tinyint",
    "b": "smallint",
    "c": "int",
    "d": "bigint",
    "e": "float",
    "f": "double",
    "g": "boolean",
    "h": "string",
    "i": "varchar(3)",
    "j": "decimal(10,2)",
    "k": "date",
    "l": "timestamp",
    "m": "binary",
    "n": "array<int>",
    "o": "map<string,bigint>",
    "p": "struct<x:int,y:array<string>>",
}


@pytest.fixture(scope="module", autouse=True)
def _readable(lake: Any) -> None:
    # the engine reads bytes without a signature, which the lake's own store allows
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    lake.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))


def _keys(lake: Any, prefix: str) -> list[str]:
    return [one["Key"] for one in lake.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def _parquet(lake: Any, key: str) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(lake.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()))


def _done(lake: Any, sql: str, **arguments: Any) -> dict[str, Any]:
    execution: dict[str, Any] = lake.run(sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
    return execution


def test_a_row_of_every_type(lake: Any, make_table: Any) -> None:
    make_table("every", EVERY, {})
    sql = """
        INSERT INTO every VALUES (
            1, 2, 3, 4, 5.5, 6.25, true, 'text', 'abc', 7.5, DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.4565',
            X'00ff', ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY[8]),
            CAST(ROW(9, ARRAY['z']) AS row(x integer, y array(varchar)))
        ), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"""
    execution = _done(lake, sql)
    [key] = _keys(lake, "tables/every/")
    file = _parquet(lake, key)
    assert file.read().to_pylist() == [
        {
            "a": 1,
            "b": 2,
            "c": 3,
            "d": 4,
            "e": 5.5,
            "f": 6.25,
            "g": True,
            "h": "text",
            "i": "abc",
            "j": Decimal("7.50"),
            "k": date(2024, 2, 29),
            "l": datetime(2024, 2, 29, 1, 2, 3, 457000),
            "m": b"\x00\xff",
            "n": [1, None],
            "o": [("k", 8)],
            "p": {"x": 9, "y": ["z"]},
        },
        dict.fromkeys(EVERY),
    ]
    kinds = {column.path.split(".")[0]: column for column in map(file.schema.column, range(len(file.schema)))}
    assert (kinds["l"].physical_type, kinds["j"].physical_type) == ("INT96", "FIXED_LEN_BYTE_ARRAY")
    assert str(kinds["a"].logical_type) == "Int(bitWidth=8, isSigned=true)"
    assert file.metadata.row_group(0).column(0).compression == "GZIP"
    assert lake.rows("SELECT * FROM every WHERE a = 1") == [
        (
            *("1", "2", "3", "4", "5.5", "6.25", "true", "text", "abc", "7.50", "2024-02-29"),
            *("2024-02-29 01:02:03.457", "00 ff", "[1, null]", "{k=8}", "{x=9, y=[z]}"),
        )
    ]
    assert lake.rows("SELECT count(*), count(l), count(p) FROM every") == [("2", "1", "1")]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "INSERT")


def test_what_the_api_says_of_an_insert(lake: Any, make_table: Any) -> None:
    make_table("told", {"n": "int"}, {})
    execution = _done(lake, "INSERT INTO shop.told SELECT * FROM UNNEST(sequence(1, 5)) AS t (n)")
    identifier = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://lake/results/{identifier}"
    manifest = execution["Statistics"]["DataManifestLocation"]
    assert manifest == f"s3://lake/results/{identifier}-manifest.csv"
    body = lake.s3.get_object(Bucket=BUCKET, Key=manifest.removeprefix("s3://lake/"))["Body"].read().decode()
    assert [row[0] for row in csv.reader(io.StringIO(body))] == [f"s3://lake/{_keys(lake, 'tables/told/')[0]}"]
    results = lake.athena.get_query_results(QueryExecutionId=identifier)
    assert results["UpdateCount"] == 5
    assert results["ResultSet"]["Rows"] == []
    [column] = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"], column["Precision"]) == ("rows", "bigint", 19)
    assert _keys(lake, f"results/{identifier}") == [
        f"results/{identifier}-manifest.csv",
        f"results/{identifier}.metadata",
    ]


def test_partitions_are_made_and_kept(lake: Any, make_table: Any) -> None:
    make_table(
        "parted",
        {"n": "int"},
        {"elsewhere/a.parquet": pa.table({"n": pa.array([0], pa.int32())})},
        {"year": "int", "what": "string"},
        {"elsewhere/": ["2024", "a/b"]},
    )
    execution = _done(
        lake,
        "INSERT INTO parted "
        "VALUES (1, 2024, 'a/b'), (2, 2024, 'c:d'), (3, NULL, ''), (4, 2025, 'c:d'), (5, 2024, 'a/b')",
    )
    partitions = lake.glue.get_partitions(DatabaseName=DATABASE, TableName="parted")["Partitions"]
    null = "__HIVE_DEFAULT_PARTITION__"
    folders = {
        ("2024", "a/b"): "s3://lake/tables/parted/elsewhere/",
        ("2024", "c:d"): "s3://lake/tables/parted/year=2024/what=c%3Ad/",
        (null, null): f"s3://lake/tables/parted/year={null}/what={null}/",
        ("2025", "c:d"): "s3://lake/tables/parted/year=2025/what=c%3Ad/",
    }
    assert {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in partitions} == folders
    assert all(one["StorageDescriptor"]["Columns"] == [{"Name": "n", "Type": "int"}] for one in partitions)
    made = [key for key in _keys(lake, "tables/parted/") if not key.endswith("a.parquet")]
    assert sorted(key.rsplit("/", 1)[0] for key in made) == sorted(
        location.removeprefix("s3://lake/").rstrip("/") for location in folders.values()
    )
    assert all(_parquet(lake, key).schema.names == ["n"] for key in made)
    assert lake.rows("SELECT n, year, what FROM parted ORDER BY n") == [
        ("0", "2024", "a/b"),
        ("1", "2024", "a/b"),
        ("2", "2024", "c:d"),
        ("3", None, None),
        ("4", "2025", "c:d"),
        ("5", "2024", "a/b"),
    ]
    assert lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 5


def test_partition_values_of_each_type(lake: Any, make_table: Any) -> None:
    keys = {"a": "date", "b": "boolean", "c": "decimal(6,3)", "d": "bigint"}
    make_table("keyed", {"n": "int"}, {}, keys)
    _done(lake, "INSERT INTO keyed SELECT 1, DATE '2024-01-31', true, 10.500, -7")
    [partition] = lake.glue.get_partitions(DatabaseName=DATABASE, TableName="keyed")["Partitions"]
    assert partition["Values"] == ["2024-01-31", "true", "10.5", "-7"]
    assert lake.rows("SELECT a, b, c, d FROM keyed WHERE d = -7") == [("2024-01-31", "true", "10.500", "-7")]


def test_at_most_a_hundred_partitions(lake: Any, make_table: Any) -> None:
    make_table("many", {"n": "int"}, {}, {"k": "int"})
    select = "SELECT 1, k FROM UNNEST(sequence(1, {})) AS t (k)"
    problem = lake.error(f"INSERT INTO many {select.format(101)}")
    assert problem == "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    assert _keys(lake, "tables/many/") == []
    _done(lake, f"INSERT INTO many {select.format(100)}")
    assert len(_keys(lake, "tables/many/")) == 100
    assert lake.rows("SELECT count(*), count(DISTINCT k) FROM many") == [("100", "100")]


def test_a_column_list_leaves_out_columns(lake: Any, make_table: Any) -> None:
    make_table("listed", {"n": "int", "name": "string"}, {}, {"k": "string"})
    _done(lake, 'INSERT INTO "listed" (K, "n") SELECT \'x\', 1')
    _done(lake, "INSERT INTO listed (name) WITH q AS (SELECT 'y' AS y) SELECT y FROM q;")
    assert lake.rows("SELECT n, name, k FROM listed ORDER BY n") == [("1", None, "x"), (None, "y", None)]


@pytest.fixture(scope="module")
def strict(make_table: Any) -> None:
    columns = {"a": "int", "b": "varchar(3)", "c": "decimal(5,2)", "d": "array<varchar(2)>", "e": "timestamp"}
    make_table("strict", columns, {}, {"k": "string"})


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "INSERT INTO strict (a) VALUES 'x'",
            "TYPE_MISMATCH: Insert query has mismatched column types: Table: [integer], Query: [varchar(1)]",
        ),
        (
            "INSERT INTO strict (a, b) VALUES 1",
            "TYPE_MISMATCH: Insert query has mismatched column types: Table: [integer, varchar(3)], Query: [integer]",
        ),
        (
            "INSERT INTO strict VALUES 1",
            (
                "TYPE_MISMATCH: Insert query has mismatched column types: Table: [integer, varchar(3), decimal(5,2), "
                "array(varchar(2)), timestamp(3), varchar], Query: [integer]"
            ),
        ),
        (
            "INSERT INTO strict (d) VALUES ARRAY['abc']",
            (
                "TYPE_MISMATCH: Insert query has mismatched column types: Table: [array(varchar(2))], "
                "Query: [array(varchar(3))]"
            ),
        ),
        (
            "INSERT INTO strict (a, a) VALUES (1, 2)",
            "DUPLICATE_COLUMN_NAME: Insert column name is specified more than once: a",
        ),
        ("INSERT INTO strict (z) VALUES 1", "COLUMN_NOT_FOUND: Insert column name does not exist in target table: z"),
        (
            "INSERT INTO strict (b) VALUES 'abcd'",
            (
                "INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from varchar(4) "
                "to varchar(3) on INSERT"
            ),
        ),
        ("INSERT INTO strict (c) VALUES 12345", "INVALID_CAST_ARGUMENT: Cannot cast INTEGER '12345' to DECIMAL(5, 2)"),
        (
            "INSERT INTO strict (a) VALUES 5000000000",
            "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 5000000000",
        ),
        ("INSERT INTO strict (a) SELECT z", "COLUMN_NOT_FOUND: line 1:31: Column 'z' cannot be resolved"),
        ("INSERT INTO nope SELECT 1", "TABLE_NOT_FOUND: Table 'awsdatacatalog.shop.nope' does not exist"),
        ("INSERT INTO nope.strict SELECT 1", "SCHEMA_NOT_FOUND: Schema 'nope' does not exist"),
        (
            "INSERT INTO strict (k) VALUES U&'\\00e9'",
            (
                "HIVE_INVALID_PARTITION_VALUE: Hive partition keys can only contain printable ASCII characters "
                "(0x20 - 0x7E). Invalid value: C3 A9"
            ),
        ),
    ],
)
def test_what_does_not_fit(lake: Any, strict: None, sql: str, reason: str) -> None:
    assert lake.error(sql) == reason
    assert _keys(lake, "tables/strict/") == []


def test_what_trino_converts_by_itself(lake: Any, make_table: Any) -> None:
    columns = {"a": "int", "b": "varchar(3)", "c": "decimal(5,2)", "d": "double", "e": "timestamp", "f": "float"}
    make_table("lax", columns, {})
    _done(
        lake,
        "INSERT INTO lax SELECT BIGINT '5', 'abc  ', 1.005, 1.5, DATE '2020-01-01', 2.5e0 "
        "UNION ALL SELECT 1.5, CAST('ab' AS char(9)), 1e0, 2, TIMESTAMP '2020-01-01 00:00:00.1239 UTC', 1",
    )
    assert lake.rows("SELECT a, b, c, d, e, f FROM lax ORDER BY a") == [
        ("2", "ab ", "1.00", "2.0", "2020-01-01 00:00:00.124", "1.0"),
        ("5", "abc", "1.01", "1.5", "2020-01-01 00:00:00.000", "2.5"),
    ]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("INSERT INTO x () VALUES 1", "line 1:16: mismatched input ')'. Expecting: <identifier>"),
        ("INSERT INTO x (a) VALUEZ 1", "line 1:19: mismatched input 'VALUEZ'. Expecting: 'WITH', <query>"),
        ("INSERT INTO x", "line 1:14: mismatched input '<EOF>'. Expecting: '(', 'WITH', <query>"),
        ("INSERT OVERWRITE x SELECT 1", "line 1:8: mismatched input 'OVERWRITE'. Expecting: 'INTO'"),
        ("-- first\nINSERT INTO x SELECT FROM", "line 2:22: mismatched input 'FROM'. Expecting: <expression>"),
        ("INSERT INTO x SELECT 1; INSERT INTO x SELECT 2", "Only one sql statement is allowed"),
        ("INSERT INTO `x` SELECT 1", "backquoted identifiers are not supported"),
        ("INSERT INTO other.shop.x SELECT 1", "Catalog 'other' does not exist"),
        ("INSERT INTO x SELECT ?", "Incorrect number of parameters: expected 1 but found 0"),
    ],
)
def test_texts_that_are_no_insert(lake: Any, sql: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        lake.start(sql)
    assert message in caught.value.response["Error"]["Message"]


def test_parameters_and_prepared_inserts(lake: Any, make_table: Any) -> None:
    make_table("filled", {"n": "int", "name": "string"}, {})
    _done(lake, "INSERT INTO filled VALUES (?, ?)", ExecutionParameters=["1", "'a''b'"])
    _done(lake, "PREPARE fill FROM INSERT INTO filled SELECT ?, ?")
    execution = _done(lake, "EXECUTE fill USING 2, 'c'")
    assert lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 1
    assert lake.rows("SELECT n, name FROM filled ORDER BY n") == [("1", "a'b"), ("2", "c")]


def test_no_rows_make_no_file(lake: Any, make_table: Any) -> None:
    make_table("norows", {"n": "int"}, {}, {"k": "int"})
    execution = _done(lake, "INSERT INTO norows SELECT 1, 2 WHERE 1 = 0")
    assert lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 0
    assert _keys(lake, "tables/norows/") == []
    assert lake.glue.get_partitions(DatabaseName=DATABASE, TableName="norows")["Partitions"] == []


def test_a_table_can_be_read_and_written_at_once(lake: Any, make_table: Any) -> None:
    make_table("doubled", {"n": "int"}, {"a.parquet": pa.table({"n": pa.array([1, 2], pa.int32())})})
    for _ in range(2):
        _done(lake, "INSERT INTO doubled SELECT n * 10 FROM doubled")
    assert lake.rows("SELECT sum(n), count(*) FROM doubled") == [(str((3 + 30) + (30 + 300)), "8")]


@pytest.mark.parametrize(
    ("properties", "codec"),
    [
        ({"parquet.compression": "GZIP"}, "GZIP"),
        ({"write.compression": "zstd", "parquet.compression": "GZIP"}, "ZSTD"),
        ({"parquet.compression": "UNCOMPRESSED"}, "UNCOMPRESSED"),
    ],
)
def test_compression_is_the_tables(lake: Any, make_table: Any, properties: dict[str, str], codec: str) -> None:
    name = f"packed_{codec.lower()}"
    make_table(name, {"n": "int"}, {}, Parameters=properties)
    _done(lake, f"INSERT INTO {name} VALUES 1")
    [key] = _keys(lake, f"tables/{name}/")
    assert _parquet(lake, key).metadata.row_group(0).column(0).compression == codec


def test_tables_that_cannot_be_written(lake: Any, make_table: Any) -> None:
    make_table("lz4", {"n": "int"}, {}, Parameters={"parquet.compression": "LZ4"})
    make_table("berg", {"n": "int"}, {}, Parameters={"table_type": "ICEBERG"})
    make_table("halves", {"n": "int"}, {}, {"k": "double"})
    for name, change in {
        "buckets": {"BucketColumns": ["n"], "NumberOfBuckets": 4},
        "texts": {"SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"}},
    }.items():
        make_table(name, {"n": "int"}, {})
        found = lake.glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]
        changed = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": found["StorageDescriptor"] | change,
        }
        lake.glue.update_table(DatabaseName=DATABASE, TableInput=changed)
    view = {
        "Name": "looked",
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": "x",
        "StorageDescriptor": {"Columns": []},
    }
    lake.glue.create_table(DatabaseName=DATABASE, TableInput=view)
    for name, what in {
        "lz4": "Compression codec LZ4 is not supported for Parquet",
        "berg": "INSERT INTO the iceberg table shop.berg is not supported by Laketop",
        "halves": "Partition key k of type double is not supported by Laketop",
        "buckets": "Inserting into bucketed tables is not supported: shop.buckets",
        "texts": "The SerDe 'org.apache.hadoop.hive.serde2.OpenCSVSerde' of the table shop.texts: a format other than "
        "Parquet is not supported by Laketop",
        "looked": "Inserting into views is not supported",
    }.items():
        values = "(1, 1)" if name == "halves" else "1"
        assert lake.error(f"INSERT INTO {name} VALUES {values}") == f"NOT_SUPPORTED: {what}"
        assert _keys(lake, f"tables/{name}/") == []


def test_a_failing_row_leaves_nothing(lake: Any, make_table: Any) -> None:
    make_table("spoilt", {"n": "int"}, {}, {"k": "int"})
    problem = lake.error("INSERT INTO spoilt SELECT 10 / (50 - x), x FROM UNNEST(sequence(1, 60)) AS t (x)")
    assert problem == "DIVISION_BY_ZERO: Division by zero"
    assert _keys(lake, "tables/spoilt/") == []
    assert lake.glue.get_partitions(DatabaseName=DATABASE, TableName="spoilt")["Partitions"] == []


def test_a_bucket_that_does_not_take_files(lake: Any, make_table: Any) -> None:
    make_table("lost", {"n": "int"}, {}, {"k": "int"})
    found = lake.glue.get_table(DatabaseName=DATABASE, Name="lost")["Table"]
    moved = {key: found[key] for key in ("Name", "TableType", "PartitionKeys", "StorageDescriptor")}
    moved["StorageDescriptor"]["Location"] = "s3://no-such-bucket/lost/"
    lake.glue.update_table(DatabaseName=DATABASE, TableInput=moved)
    there = {
        "Values": ["1"],
        "StorageDescriptor": {**moved["StorageDescriptor"], "Location": "s3://lake/tables/lost/1/"},
    }
    lake.glue.create_partition(DatabaseName=DATABASE, TableName="lost", PartitionInput=there)
    execution = lake.run("INSERT INTO lost VALUES (1, 1), (2, 2)")
    assert execution["Status"]["StateChangeReason"].startswith("HIVE_WRITER_CLOSE_ERROR: Error committing write")
    assert _keys(lake, "tables/lost/") == []
    [left] = lake.glue.get_partitions(DatabaseName=DATABASE, TableName="lost")["Partitions"]
    assert left["Values"] == ["1"]


def test_a_stopped_insert_leaves_nothing(lake: Any, make_table: Any) -> None:
    make_table("stopped", {"n": "bigint"}, {})
    identifier = lake.start(
        "INSERT INTO stopped SELECT x * y * z FROM UNNEST(sequence(1, 10000)) AS a (x), "
        "UNNEST(sequence(1, 10000)) AS b (y), UNNEST(sequence(1, 100)) AS c (z)"
    )
    until = time.monotonic() + 30
    while lake.athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]["State"] == "QUEUED":
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.5)
    lake.athena.stop_query_execution(QueryExecutionId=identifier)
    assert lake.wait(identifier)["Status"]["State"] == "CANCELLED"
    assert lake.rows("SELECT 1") == [("1",)]
    assert _keys(lake, "tables/stopped/") == []


def test_what_is_in_other_values_is_read_back(lake: Any, make_table: Any) -> None:
    columns = {
        "a": "array<timestamp>",
        "b": "map<string,struct<select:int,at:timestamp>>",
        "c": "array<array<varchar(3)>>",
        "d": "struct<order:array<struct<x:int>>,words:map<varchar(2),varchar(2)>>",
    }
    make_table("within", columns, {})
    _done(
        lake,
        """INSERT INTO within SELECT ARRAY[TIMESTAMP '2024-01-01 00:00:00.001', NULL],
            MAP(ARRAY['k', 'l'], ARRAY[ROW(1, TIMESTAMP '2024-01-01 00:00:00'), NULL]), ARRAY[ARRAY['abc'], NULL],
            ROW(ARRAY[ROW(7)], MAP(ARRAY['a'], ARRAY['bc'])) UNION ALL SELECT NULL, NULL, NULL, NULL""",
    )
    assert lake.rows(
        'SELECT a, b, b[\'k\']."select", c, d."order"[1].x, d.words FROM within ORDER BY cardinality(a) NULLS LAST'
    ) == [
        (
            "[2024-01-01 00:00:00.001, null]",
            "{k={select=1, at=2024-01-01 00:00:00.000}, l=null}",
            "1",
            "[[abc], null]",
            "7",
            "{a=bc}",
        ),
        (None,) * 6,
    ]
