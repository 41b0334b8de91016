"""CREATE TABLE AS: the table in the catalog, its files as pyarrow reads them, and what Athena refuses."""

import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

BUCKET, DATABASE = "lake", "shop"


@pytest.fixture(scope="module", autouse=True)
def _readable(lake: Any) -> None:
    # the engine reads bytes without a signature, which the lake's own store allows
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    lake.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))


@pytest.fixture(scope="module")
def source(make_table: Any) -> None:
    data = {"id": pa.array([1, 2, 3, 4], pa.int64()), "region": ["n", "s", "n", None], "price": [1.5, 2.5, 3.5, 4.5]}
    make_table("source", {"id": "bigint", "region": "string", "price": "double"}, {"a.parquet": pa.table(data)})


def _keys(lake: Any, prefix: str) -> list[str]:
    return [one["Key"] for one in lake.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def _parquet(lake: Any, key: str) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(lake.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()))


def _done(lake: Any, sql: str, **arguments: Any) -> dict[str, Any]:
    execution: dict[str, Any] = lake.run(sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
    return execution


def _table(lake: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = lake.glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]
    return found


def test_a_table_beside_the_results(lake: Any, source: None) -> None:
    execution = _done(
        lake,
        "CREATE TABLE made AS SELECT id, region AS \"Region\", CAST(price AS decimal(8,3)) AS price, 'ab' AS word, "
        "CAST(TIMESTAMP '2024-01-01 00:00:00' AS timestamp(3)) AS at FROM source WHERE id > 1",
    )
    identifier = execution["QueryExecutionId"]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "CREATE_TABLE_AS_SELECT")
    output = f"s3://lake/results/tables/{identifier}"
    assert execution["ResultConfiguration"]["OutputLocation"] == output
    assert execution["Statistics"]["DataManifestLocation"] == f"{output}-manifest.csv"
    results = lake.athena.get_query_results(QueryExecutionId=identifier)
    assert (results["UpdateCount"], results["ResultSet"]["Rows"]) == (3, [])
    table = _table(lake, "made")
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["EXTERNAL"] == "TRUE"
    assert table["StorageDescriptor"]["Location"] == f"{output}/"
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        ("id", "bigint"),
        ("region", "string"),
        ("price", "decimal(8,3)"),
        ("word", "varchar(2)"),
        ("at", "timestamp"),
    ]
    [key] = _keys(lake, f"results/tables/{identifier}/")
    read = _parquet(lake, key).read().to_pydict()
    assert (read["id"], read["price"]) == ([2, 3, 4], [Decimal("2.500"), Decimal("3.500"), Decimal("4.500")])
    assert lake.rows("SELECT * FROM made WHERE id = 2") == [("2", "s", "2.500", "ab", "2024-01-01 00:00:00.000")]
    _done(lake, "INSERT INTO made SELECT 9, 'x', 1, 'cd', current_timestamp")
    assert lake.rows("SELECT count(*) FROM made") == [("4",)]


def test_partitions_and_a_place_of_its_own(lake: Any, source: None) -> None:
    _done(
        lake,
        """CREATE TABLE shop.resting WITH (
            format = 'Parquet', external_location = 's3://lake/own/placed', partitioned_by = ARRAY['region', 'k'],
            write_compression = 'ZSTD', compression_level = 5, table_type = 'HIVE'
        ) AS (SELECT id, price, region, id % 2 AS k FROM source)""",
    )
    table = _table(lake, "resting")
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("region", "string"), ("k", "bigint")]
    assert table["StorageDescriptor"]["Location"] == "s3://lake/own/placed/"
    assert table["Parameters"]["parquet.compression"] == "ZSTD"
    keys = _keys(lake, "own/placed/")
    folders = sorted(key.rsplit("/", 1)[0].removeprefix("own/placed/") for key in keys)
    assert folders == ["region=__HIVE_DEFAULT_PARTITION__/k=0", "region=n/k=1", "region=s/k=0"]
    assert {_parquet(lake, key).metadata.row_group(0).column(0).compression for key in keys} == {"ZSTD"}
    assert lake.rows("SELECT region, k, sum(price) FROM resting GROUP BY 1, 2 ORDER BY 1") == [
        ("n", "1", "5.0"),
        ("s", "0", "2.5"),
        (None, "0", "4.5"),
    ]


def test_without_data(lake: Any, source: None) -> None:
    execution = _done(lake, "CREATE TABLE blank AS SELECT * FROM source WITH NO DATA")
    results = lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert results["UpdateCount"] == 0
    assert lake.rows("SELECT count(*), max(price) FROM blank") == [("0", None)]
    assert _keys(lake, _table(lake, "blank")["StorageDescriptor"]["Location"].removeprefix("s3://lake/")) == []


def test_a_table_that_exists_stays(lake: Any, source: None) -> None:
    problem = lake.error("CREATE TABLE source AS SELECT nope")
    assert problem == ("TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.shop.source' already exists")
    execution = _done(lake, "CREATE TABLE IF NOT EXISTS source AS SELECT 1 AS a")
    assert lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 0
    assert lake.rows("SELECT count(*) FROM source") == [("4",)]


def test_a_folder_with_files_is_left_alone(lake: Any, source: None) -> None:
    lake.s3.put_object(Bucket=BUCKET, Key="own/full/x", Body=b"x")
    problem = lake.error("CREATE TABLE stuffed WITH (external_location = 's3://lake/own/full/') AS SELECT 1 AS a")
    assert problem.startswith(
        "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'shop.stuffed' already exists: s3://lake/own/full/."
    )
    assert _keys(lake, "own/full/") == ["own/full/x"]
    with pytest.raises(ClientError):
        _table(lake, "stuffed")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("AS SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        ("AS SELECT 1 a, 2 A", "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'A' specified more than once"),
        ("AS SELECT NULL a", "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a"),
        ("AS SELECT JSON '1' a", "NOT_SUPPORTED: Unsupported Hive type: json"),
        (
            "AS SELECT ARRAY[TIMESTAMP '2024-01-01 00:00:00.123456'] a",
            (
                "NOT_SUPPORTED: Incorrect timestamp precision for timestamp(6); "
                "the configured precision is MILLISECONDS; column name: a"
            ),
        ),
        ("WITH (format = 'ORC') AS SELECT 1 a", "NOT_SUPPORTED: CREATE TABLE AS with format = 'ORC' is not supported"),
        (
            "WITH (table_type = 'ICEBERG', is_external = false) AS SELECT 1 a",
            "NOT_SUPPORTED: CREATE TABLE AS with table_type = 'ICEBERG' is not supported",
        ),
        (
            "WITH (bucketed_by = ARRAY['a'], bucket_count = 2) AS SELECT 1 a",
            "NOT_SUPPORTED: The property bucketed_by of CREATE TABLE AS is not supported",
        ),
        (
            "WITH (foo = 1) AS SELECT 1 a",
            "INVALID_TABLE_PROPERTY: Catalog 'awsdatacatalog' table property 'foo' does not exist",
        ),
        ("WITH (format = 1) AS SELECT 1 a", "INVALID_TABLE_PROPERTY: Invalid value for catalog"),
        (
            "WITH (write_compression = 'LZ4') AS SELECT 1 a",
            "NOT_SUPPORTED: Compression codec LZ4 is not supported for Parquet",
        ),
        (
            "WITH (partitioned_by = ARRAY['a']) AS SELECT 1 a, 2 b",
            (
                "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same "
                "order as the table properties: [a]"
            ),
        ),
        (
            "WITH (partitioned_by = ARRAY['c']) AS SELECT 1 a, 2 b",
            "INVALID_TABLE_PROPERTY: Partition columns [c] not present in schema",
        ),
        (
            "WITH (partitioned_by = ARRAY['a']) AS SELECT 1 a",
            "INVALID_TABLE_PROPERTY: Table contains only partition columns",
        ),
        (
            "WITH (partitioned_by = ARRAY['b']) AS SELECT 1 a, b FROM UNNEST(sequence(1, 101)) AS t (b)",
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets",
        ),
        (
            "WITH (external_location = 'there') AS SELECT 1 a",
            "INVALID_TABLE_PROPERTY: External location must be a valid file system URI: there",
        ),
        ("AS SELECT id / 0 a FROM source", "DIVISION_BY_ZERO: Division by zero"),
    ],
)
def test_what_is_refused(lake: Any, source: None, sql: str, reason: str) -> None:
    execution = lake.run(f"CREATE TABLE bad {sql}")
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["StateChangeReason"].startswith(reason)
    assert _keys(lake, f"results/tables/{execution['QueryExecutionId']}") == []
    with pytest.raises(ClientError):
        _table(lake, "bad")


def test_a_database_that_is_not_there(lake: Any, source: None) -> None:
    execution = lake.run("CREATE TABLE nope.bad AS SELECT 1 a")
    assert execution["Status"]["StateChangeReason"] == "NOT_FOUND: Schema nope not found"
    # what was uploaded is deleted again; the manifest says what it was
    identifier = execution["QueryExecutionId"]
    assert _keys(lake, f"results/tables/{identifier}/") == []
    assert _keys(lake, f"results/tables/{identifier}-manifest") == [f"results/tables/{identifier}-manifest.csv"]


def test_a_work_group_that_decides_where_results_go(lake: Any, source: None) -> None:
    configuration = {
        "ResultConfiguration": {"OutputLocation": "s3://lake/decided/"},
        "EnforceWorkGroupConfiguration": True,
    }
    lake.athena.create_work_group(Name="deciding", Configuration=configuration)
    problem = lake.error(
        "CREATE TABLE bad WITH (external_location = 's3://lake/own/bad/') AS SELECT 1 a", WorkGroup="deciding"
    )
    assert "Please remove the 'external_location' property and resubmit the query." in problem
    execution = _done(lake, "CREATE TABLE decided AS SELECT 1 a", WorkGroup="deciding")
    location = _table(lake, "decided")["StorageDescriptor"]["Location"]
    assert location == f"s3://lake/decided/tables/{execution['QueryExecutionId']}/"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "CREATE TABLE a WITH (b = ) AS SELECT 1 c",
            "line 1:26: mismatched input ')'. Expecting: 'DEFAULT', <expression>",
        ),
        ("CREATE TABLE a AS SELECT 1 c WITH NO", "line 1:37: mismatched input '<EOF>'. Expecting: 'DATA'"),
        ("CREATE TABLE a AS SELECT 1 c WITH DATA d", "line 1:40: mismatched input 'd'. Expecting: <EOF>"),
        ("CREATE TABLE a (b) AS SELECT 1", "CREATE TABLE AS with a list of columns is not supported by Laketop"),
        ("CREATE TABLE a WITH (b = 1, b = 2) AS SELECT 1 c", "Duplicate property: b"),
        ("CREATE TABLE a WITH (b = lower('C')) AS SELECT 1 c", "A computed value of the property b is not supported"),
    ],
)
def test_texts_that_are_no_statement(lake: Any, sql: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        lake.start(sql)
    assert message in caught.value.response["Error"]["Message"]
