"""What planning refuses by name, and the values of partitions as literals."""

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyiceberg import types as ice
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat

from laketop.athena.scan.iceberg.files import address
from laketop.athena.scan.iceberg.planning import _check_delete, literal
from laketop.athena.sql import types as t
from laketop.athena.sql.errors import SqlError
from tests.unit.laketop.athena.scan.iceberg.lake import Lake
from tests.unit.laketop.athena.scan.iceberg.test_reading import flat


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (DataFileContent.EQUALITY_DELETES, FileFormat.PARQUET, "An equality delete file of an Iceberg table"),
        (DataFileContent.POSITION_DELETES, FileFormat.PUFFIN, "A deletion vector of an Iceberg table"),
    ],
)
def test_deletes_that_are_not_applied_are_refused(content: DataFileContent, form: FileFormat, message: str) -> None:
    file = DataFile.from_args(content=content, file_path="s3://lake/d", file_format=form)
    with pytest.raises(SqlError, match=f"NOT_SUPPORTED: {message}"):
        _check_delete(file, "s3://lake/m.json")


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        (uuid.UUID(int=1 << 127), t.UUID, "80000000-0000-0000-0000-000000000000"),
        (uuid.UUID(int=1).bytes, t.UUID, "00000000-0000-0000-0000-000000000001"),
        (float("nan"), t.DOUBLE, "nan"),
        (float("-inf"), t.REAL, "-inf"),
        (Decimal("-0.10"), t.Decimal(5, 2), "-0.10"),
        (-1, t.DATE, "1969-12-31"),
        (-1, t.Timestamp(6), "1969-12-31 23:59:59.999999"),
        (None, t.VARCHAR, None),
    ],
)
def test_values_of_partitions(value: Any, type_: t.Type, text: str | None) -> None:
    made = literal(value, type_)
    assert duckdb.sql(f"SELECT CAST({made} AS VARCHAR), typeof({made})").fetchone() == (text, t.duckdb_type(type_))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "/etc/passwd", "s3://bucket", "https://host/a", "s3:///a"])
def test_files_elsewhere_are_refused(location: str) -> None:
    with pytest.raises(SqlError, match="NOT_SUPPORTED: The file"):
        address(location)


@pytest.mark.parametrize(("kept", "lost"), [("data", "metadata/snap-"), ("data", "-m0.avro"), ("metadata", ".parquet")])
def test_a_file_that_is_gone_is_named(lake: Lake, kept: str, lost: str) -> None:
    lake.create(flat(a=ice.IntegerType()))
    lake.append("t", {"a": 1})
    (gone,) = [path for path in Path(lake.root).rglob("*") if lost in str(path)]
    gone.unlink()
    with pytest.raises(SqlError) as caught:
        lake.query("TABLE t")
    assert caught.value.name == "ICEBERG_MISSING_DATA"
    assert gone.name in caught.value.message


def test_a_manifest_that_is_none_is_an_error(lake: Lake) -> None:
    lake.create(flat(a=ice.IntegerType()))
    lake.append("t", {"a": 1})
    (manifest,) = lake.root.rglob("*-m0.avro")
    manifest.write_bytes(b"no avro")
    with pytest.raises(SqlError, match="ICEBERG_INVALID_METADATA: The manifests of snapshot"):
        lake.query("TABLE t")


def test_columns_of_one_name_in_small_letters_are_an_error(lake: Lake) -> None:
    lake.create(flat(a=ice.IntegerType(), A=ice.IntegerType()))
    with pytest.raises(SqlError, match="ICEBERG_INVALID_METADATA: line 1:7: Two columns are called a"):
        lake.query("TABLE t")
