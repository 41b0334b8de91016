"""Publishing written files: all of them with their partitions, or nothing."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laketop.athena.catalog_client import PARQUET_SERDE, GlueCatalog
from laketop.athena.engine.job import Written
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.statements.publication import Publisher

DESCRIPTOR = {"Location": "s3://b/t/", "SerdeInfo": {"SerializationLibrary": PARQUET_SERDE}}


class _S3:
    """A store that takes a number of files."""

    def __init__(self, most: int = 99) -> None:
        self.objects: dict[str, bytes] = {}
        self.most = most

    def put_object(self, **said: Any) -> None:
        self.objects[f"{said['Bucket']}/{said['Key']}"] = said["Body"]

    def upload_file(self, path: str, bucket: str, key: str, **_: Any) -> None:
        if self.most == 0:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "PutObject")
        self.most -= 1
        self.objects[f"{bucket}/{key}"] = Path(path).read_bytes()

    def delete_object(self, **said: Any) -> None:
        self.objects.pop(f"{said['Bucket']}/{said['Key']}", None)


class _Glue:
    """A catalog of one table; `broken`: values of a partition that it does not make, with the error's code."""

    def __init__(self, broken: dict[tuple[str, ...], str] | None = None) -> None:
        self.partitions: dict[tuple[str, ...], str] = {}
        self.late: dict[tuple[str, ...], str] = {}
        self.broken = broken or {}
        self.tables: list[str] = []

    def batch_get_partition(self, **said: Any) -> dict[str, Any]:
        wanted = [tuple(one["Values"]) for one in said["PartitionsToGet"]]
        found = [
            {"Values": list(values), "StorageDescriptor": {**DESCRIPTOR, "Location": self.partitions[values]}}
            for values in wanted
            if values in self.partitions
        ]
        return {"Partitions": found}

    def batch_create_partition(self, **said: Any) -> dict[str, Any]:
        self.partitions |= self.late
        errors = []
        for one in said["PartitionInputList"]:
            values = tuple(one["Values"])
            code = "AlreadyExistsException" if values in self.partitions else self.broken.get(values)
            if code:
                errors.append({"PartitionValues": list(values), "ErrorDetail": {"ErrorCode": code}})
            else:
                self.partitions[values] = one["StorageDescriptor"]["Location"]
        return {"Errors": errors}

    def batch_delete_partition(self, **said: Any) -> dict[str, Any]:
        for one in said["PartitionsToDelete"]:
            del self.partitions[tuple(one["Values"])]
        return {}

    def create_table(self, **said: Any) -> None:
        self.tables.append(said["TableInput"]["Name"])

    def delete_table(self, **said: Any) -> None:
        self.tables.remove(said["Name"])


def _published(
    tmp_path: Path, s3: _S3, glue: _Glue, *, create: bool = False, stop_after: int = 99
) -> tuple[list[str], list[str]]:
    """The keys below the table, and those beside it, after three files of two partitions were published."""
    columns = (Column("n", t.INTEGER), Column("k", t.VARCHAR))
    table = Table("d", "t", columns, 1, {"Name": "t", "StorageDescriptor": DESCRIPTOR})
    written = []
    for number, value in enumerate(("x", "y", "x")):
        (tmp_path / str(number)).write_bytes(b"data")
        written.append(Written(str(tmp_path / str(number)), (value,)))
    checks = iter(range(99))
    publisher = Publisher(s3, "0a1b2c3d-0000-0000-0000-000000000000", "s3://r/q", {}, lambda: next(checks) < stop_after)
    try:
        publisher.publish(table, written, GlueCatalog(glue), create=create)
    finally:
        assert [key for key in s3.objects if key.startswith("r/")] == ["r/q-manifest.csv"]
    keys = sorted(key for key in s3.objects if key.startswith("b/"))
    return keys, s3.objects["r/q-manifest.csv"].decode().splitlines()


def test_files_and_partitions(tmp_path: Path) -> None:
    s3, glue = _S3(), _Glue()
    glue.partitions = {("y",): "s3://elsewhere/y"}
    keys, manifest = _published(tmp_path, s3, glue)
    assert glue.partitions == {("x",): "s3://b/t/k=x/", ("y",): "s3://elsewhere/y"}
    assert len(keys) == 2
    assert all(key.startswith("b/t/k=x/") for key in keys)
    assert sorted(manifest) == sorted(f"s3://{key}" for key in s3.objects if not key.startswith("r/"))
    assert [line.startswith("s3://elsewhere/y/") for line in manifest] == [False, True, False]


def test_a_partition_that_another_query_made_meanwhile_serves_as_well(tmp_path: Path) -> None:
    s3, glue = _S3(), _Glue()
    glue.late = {("y",): "s3://b/t/k=y"}
    assert len(_published(tmp_path, s3, glue)[0]) == 3


@pytest.mark.parametrize(
    ("s3", "glue", "stop_after", "error"),
    [
        (_S3(2), _Glue(), 99, "HIVE_WRITER_CLOSE_ERROR"),
        (_S3(), _Glue({("y",): "InternalServiceException"}), 99, "HIVE_METASTORE_ERROR"),
        (_S3(), _Glue(), 2, "USER_CANCELED"),
        (_S3(), _Glue(), 3, "USER_CANCELED"),
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_a_failure_leaves_nothing(
    tmp_path: Path, s3: _S3, glue: _Glue, stop_after: int, error: str, create: bool
) -> None:
    s3, glue = _S3(s3.most), _Glue(glue.broken)
    with pytest.raises(SqlError) as caught:
        _published(tmp_path, s3, glue, create=create, stop_after=stop_after)
    assert caught.value.name == error
    assert list(s3.objects) == ["r/q-manifest.csv"]
    assert glue.partitions == {}
    assert glue.tables == []


def test_a_partition_that_appeared_elsewhere(tmp_path: Path) -> None:
    s3, glue = _S3(), _Glue()
    glue.late = {("y",): "s3://elsewhere/y"}
    with pytest.raises(SqlError, match="AlreadyExistsException"):
        _published(tmp_path, s3, glue)
    assert list(s3.objects) == ["r/q-manifest.csv"]
    assert glue.partitions == {("y",): "s3://elsewhere/y"}
