"""The Data Catalog over the wire, as boto3 and Terraform use it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

STORAGE = {
    "Columns": [{"Name": "id", "Type": "string", "Comment": "key"}, {"Name": "items", "Type": "array<struct<a:int>>"}],
    "Location": "s3://bucket/sales/",
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
TABLE = {
    "Name": "Sales",
    "Description": "every sale",
    "Owner": "team",
    "LastAccessTime": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    "Retention": 3,
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "dt", "Type": "date"}, {"Name": "hour", "Type": "int"}],
    "Parameters": {"classification": "parquet"},
    "StorageDescriptor": STORAGE,
}


@pytest.fixture
def database(glue: Any) -> Iterator[str]:
    glue.create_database(DatabaseInput={"Name": "Shop", "Parameters": {"a": "b"}}, Tags={"team": "data"})
    glue.create_table(DatabaseName="shop", TableInput=TABLE)
    yield "shop"
    glue.delete_database(Name="shop")


def code(call: Any, **members: Any) -> str:
    """The AWS error code that a call ends with, and its message."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def partition(dt: str, hour: int) -> dict[str, Any]:
    return {"Values": [dt, str(hour)], "StorageDescriptor": {**STORAGE, "Location": f"s3://bucket/sales/{dt}/{hour}/"}}


def test_a_database_is_read_back(glue: Any, database: str) -> None:
    found = glue.get_database(Name="SHOP")["Database"]
    assert abs((datetime.now(UTC) - found.pop("CreateTime")).total_seconds()) < 60
    assert found == {
        "Name": "shop",
        "Parameters": {"a": "b"},
        "CatalogId": "000000000000",
        # What AWS answers for a database that Lake Formation does not manage.
        "CreateTableDefaultPermissions": [
            {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
        ],
    }


def test_a_table_is_read_back_as_it_was_written(glue: Any, database: str) -> None:
    found = glue.get_table(DatabaseName="shop", Name="sales")["Table"]
    assert {name: found[name] for name in TABLE if name not in ("Name", "StorageDescriptor")} == {
        name: value for name, value in TABLE.items() if name not in ("Name", "StorageDescriptor")
    }
    assert {name: found["StorageDescriptor"][name] for name in STORAGE} == STORAGE
    assert (found["Name"], found["DatabaseName"], found["VersionId"]) == ("sales", "shop", "0")
    assert (found["CatalogId"], found["IsRegisteredWithLakeFormation"]) == ("000000000000", False)


def test_versions_count_up(glue: Any, database: str) -> None:
    glue.update_table(DatabaseName="shop", TableInput={**TABLE, "Description": "2"}, VersionId="0")
    versions = glue.get_table_versions(DatabaseName="shop", TableName="sales")["TableVersions"]
    assert [(one["VersionId"], one["Table"]["Description"]) for one in versions] == [("1", "2"), ("0", "every sale")]
    assert code(glue.update_table, DatabaseName="shop", TableInput=TABLE, VersionId="0").startswith(
        "ConcurrentModificationException"
    )


def test_a_version_that_is_skipped_is_not_kept(glue: Any, database: str) -> None:
    of = {"DatabaseName": "shop", "TableInput": TABLE}
    for version, skip in enumerate((True, False, True)):
        glue.update_table(**of, VersionId=str(version), SkipArchive=skip)
    versions = glue.get_table_versions(DatabaseName="shop", TableName="sales")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["3", "1"]


def test_of_writers_who_changed_the_same_version_one_wins(glue: Any, database: str) -> None:
    start = threading.Barrier(8)

    def write(writer: int) -> str:
        start.wait()
        try:
            table = {**TABLE, "Description": str(writer)}
            glue.update_table(DatabaseName="shop", TableInput=table, VersionId="0", SkipArchive=True)
        except glue.exceptions.ConcurrentModificationException as error:
            return str(error.response["Error"]["Message"])
        return "won"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(8)))
    assert sorted(answers) == ["Update table failed due to concurrent modifications."] * 7 + ["won"]
    found = glue.get_table(DatabaseName="shop", Name="sales")["Table"]
    assert (found["VersionId"], found["Description"]) == ("1", str(answers.index("won")))


def test_writers_who_try_again_lose_no_change(glue: Any, database: str) -> None:
    def add(_: int) -> None:
        while True:
            found = glue.get_table(DatabaseName="shop", Name="sales")["Table"]
            count = str(int(found["Parameters"].get("count", 0)) + 1)
            table = {**TABLE, "Parameters": {"count": count}}
            try:
                glue.update_table(DatabaseName="shop", TableInput=table, VersionId=found["VersionId"], SkipArchive=True)
            except glue.exceptions.ConcurrentModificationException:
                continue
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))
    found = glue.get_table(DatabaseName="shop", Name="sales")["Table"]
    assert (found["Parameters"], found["VersionId"]) == ({"count": "40"}, "40")
    assert len(glue.get_table_versions(DatabaseName="shop", TableName="sales")["TableVersions"]) == 1


def test_of_writers_who_create_a_table_one_wins(glue: Any, database: str) -> None:
    def create(writer: int) -> bool:
        try:
            glue.create_table(DatabaseName="shop", TableInput={"Name": "new", "Description": str(writer)})
        except glue.exceptions.AlreadyExistsException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    assert sum(answers) == 1
    found = glue.get_table(DatabaseName="shop", Name="new")["Table"]
    assert found["Description"] == str(answers.index(True))


def test_partitions_in_batches_pages_and_by_expression(glue: Any, database: str) -> None:
    of = {"DatabaseName": "shop", "TableName": "sales"}
    wanted = [partition("2024-01-01", hour) for hour in range(12)]
    assert glue.batch_create_partition(**of, PartitionInputList=wanted)["Errors"] == []
    (error,) = glue.batch_create_partition(
        **of, PartitionInputList=[partition("2024-01-01", 1), partition("2024-01-02", 0)]
    )["Errors"]
    assert (error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) == (
        ["2024-01-01", "1"],
        "AlreadyExistsException",
    )

    pages = glue.get_paginator("get_partitions").paginate(**of, PaginationConfig={"PageSize": 5})
    sizes = [len(page["Partitions"]) for page in pages]
    assert sizes == [5, 5, 3]

    (late,) = glue.get_partitions(**of, Expression="dt = '2024-01-01' AND hour > 10", ExcludeColumnSchema=True)[
        "Partitions"
    ]
    assert (late["Values"], late["StorageDescriptor"]["Location"]) == (
        ["2024-01-01", "11"],
        "s3://bucket/sales/2024-01-01/11/",
    )
    assert "Columns" not in late["StorageDescriptor"]

    halves = [glue.get_partitions(**of, Segment={"SegmentNumber": n, "TotalSegments": 2})["Partitions"] for n in (0, 1)]
    assert len(halves[0]) + len(halves[1]) == 13
    assert all(halves)


def test_one_partition_changes_and_goes(glue: Any, database: str) -> None:
    of = {"DatabaseName": "shop", "TableName": "sales"}
    glue.create_partition(**of, PartitionInput=partition("2024-01-01", 1))
    glue.update_partition(**of, PartitionValueList=["2024-01-01", "1"], PartitionInput={**partition("2024-01-01", 2)})
    found = glue.get_partition(**of, PartitionValues=["2024-01-01", "2"])["Partition"]
    assert found["StorageDescriptor"]["Columns"] == STORAGE["Columns"]
    entries = [{"PartitionValueList": ["2024-01-01", "9"], "PartitionInput": partition("2024-01-01", 9)}]
    (error,) = glue.batch_update_partition(**of, Entries=entries)["Errors"]
    assert error["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    keys = [{"Values": ["2024-01-01", str(hour)]} for hour in (1, 2)]
    assert [one["Values"][1] for one in glue.batch_get_partition(**of, PartitionsToGet=keys)["Partitions"]] == ["2"]
    (error,) = glue.batch_delete_partition(**of, PartitionsToDelete=keys)["Errors"]
    assert error["PartitionValues"] == ["2024-01-01", "1"]
    assert glue.get_partitions(**of)["Partitions"] == []
    assert code(glue.delete_partition, **of, PartitionValues=["2024-01-01", "1"]).startswith("EntityNotFoundException")


def test_tables_are_listed_and_deleted(glue: Any, database: str) -> None:
    for name in ("orders", "order_items"):
        glue.create_table(DatabaseName="shop", TableInput={"Name": name})
    found = glue.get_tables(DatabaseName="shop", Expression="order*", AttributesToGet=["NAME"])["TableList"]
    assert found == [{"Name": "order_items"}, {"Name": "orders"}]
    assert glue.get_partition_indexes(DatabaseName="shop", TableName="orders")["PartitionIndexDescriptorList"] == []
    assert glue.get_user_defined_functions(DatabaseName="shop", Pattern="*")["UserDefinedFunctions"] == []
    errors = glue.batch_delete_table(DatabaseName="shop", TablesToDelete=["orders", "no"])["Errors"]
    assert [(one["TableName"], one["ErrorDetail"]["ErrorCode"]) for one in errors] == [
        ("no", "EntityNotFoundException")
    ]
    glue.delete_table(DatabaseName="shop", Name="order_items")
    assert [one["Name"] for one in glue.get_tables(DatabaseName="shop")["TableList"]] == ["sales"]


def test_databases_are_listed_and_tagged(glue: Any, database: str) -> None:
    assert "shop" in [one["Name"] for one in glue.get_databases()["DatabaseList"]]
    assert glue.get_databases(ResourceShareType="FOREIGN")["DatabaseList"] == []
    arn = "arn:aws:glue:us-east-1:000000000000:database/shop"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"a": "1", "b": "2"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["a"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data", "b": "2"}


@pytest.mark.parametrize(
    ("operation", "members", "expected"),
    [
        ("get_database", {"Name": "no"}, "EntityNotFoundException: Database no not found."),
        ("create_database", {"DatabaseInput": {"Name": "SHOP"}}, "AlreadyExistsException: Database already exists."),
        ("get_table", {"DatabaseName": "shop", "Name": "no"}, "EntityNotFoundException: Table no not found."),
        (
            "create_table",
            {"DatabaseName": "shop", "TableInput": TABLE},
            "AlreadyExistsException: Table already exists.",
        ),
        (
            "get_database",
            {"Name": "shop", "CatalogId": "123456789012"},
            "EntityNotFoundException: Catalog 123456789012",
        ),
        (
            "get_table",
            {"DatabaseName": "shop", "Name": "sales", "TransactionId": "1"},
            "InvalidInputException: TransactionId",
        ),
        (
            "create_table",
            {"DatabaseName": "shop", "OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE"}}},
            "InvalidInputException: OpenTableFormatInput is not supported by Laketop yet: a Glue job with",
        ),
        (
            "create_table",
            {
                "DatabaseName": "shop",
                "TableInput": {"Name": "x"},
                "PartitionIndexes": [{"Keys": ["dt"], "IndexName": "i"}],
            },
            "InvalidInputException: PartitionIndexes is not supported by Laketop yet",
        ),
        (
            "get_partitions",
            {"DatabaseName": "shop", "TableName": "sales", "Expression": "upper(dt) = 'X'"},
            "InvalidInputException: Expression",
        ),
        (
            "get_partitions",
            {"DatabaseName": "shop", "TableName": "sales", "NextToken": "x"},
            "InvalidInputException: NextToken",
        ),
        (
            "create_partition",
            {"DatabaseName": "shop", "TableName": "sales", "PartitionInput": {"Values": ["1"]}},
            "InvalidInputException: The number of partition keys do not match the number of partition values",
        ),
        ("get_tags", {"ResourceArn": "arn:aws:glue:us-east-1:000000000000:database/no"}, "EntityNotFoundException"),
        (
            "get_tags",
            {"ResourceArn": "arn:aws:glue:us-east-1:000000000000:crawler/no"},
            "InvalidInputException: Tagging a crawler",
        ),
        ("get_database", {"Name": "a\x00b"}, "ValidationException"),
        ("get_crawler", {"Name": "x"}, "NotImplemented"),
    ],
)
def test_errors_are_those_of_aws(
    glue: Any, database: str, operation: str, members: dict[str, Any], expected: str
) -> None:
    assert code(getattr(glue, operation), **members).startswith(expected)
