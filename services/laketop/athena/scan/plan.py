"""What to read for one use of a table: its partitions, their files, and the values of the partition columns.

Partitions come from the catalog, chosen by the query's conditions before anything is listed; files from S3, listed anew
at every query. Files and folders whose names begin with `_` or `.` are skipped, as Athena does.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from laketop.athena.catalog_client import GlueCatalog, Partition
from laketop.athena.scan.iceberg.fields import IcebergRows, IcebergSchema, IcebergSource
from laketop.athena.scan.objects import Located, Objects
from laketop.athena.scan.paths import HIVE_NULL, folder, partition_name
from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Scan
from laketop.athena.sql.errors import SqlError


@dataclass(frozen=True)
class File:
    """A file to read.

    Attributes:
        url: where its bytes are (a path or an http URL).
        name: its s3:// address, for messages.
        partition: which of the plan's partitions it belongs to.
        modified: when it was written, None where the listing does not say.
        deletes: of an Iceberg table the files that say which of its rows are deleted: (where its bytes are, size).
        constants: of an Iceberg table the columns that the file's rows have by its partition: (field id, literal).
    """

    url: str
    name: str
    size: int
    partition: int
    modified: datetime.datetime | None = None
    deletes: tuple[tuple[str, int], ...] = ()
    constants: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class ScanPlan:
    """What the engine needs to offer a table's rows.

    Attributes:
        view: the name that the query uses.
        columns: data columns, in the catalog's order.
        keys: partition columns.
        partitions: for each partition the DuckDB literals of its keys.
        used: the numbers of the columns that the query names.
        names: for each partition its name as in a path, e.g. `year=2024/month=1`.
        hidden: the hidden columns that the query names.
        iceberg: of an Iceberg table its columns by field id.
        rows: of a table without files its rows, as DuckDB literals.
    """

    view: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    partitions: tuple[tuple[str, ...], ...]
    files: tuple[File, ...]
    used: frozenset[int]
    names: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    iceberg: IcebergSchema | None = None
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Every path and URL that the engine must be able to read."""
        deletes = {url: None for file in self.files for url, _ in file.deletes}
        return (*(file.url for file in self.files), *deletes)


def plan(
    scan: Scan, catalog: GlueCatalog, objects: Objects, used: frozenset[int], hidden: frozenset[str] = frozenset()
) -> ScanPlan:
    """Find the files of one use of a table.

    Args:
        objects: where its files are.
        used: the numbers of the columns that the query names.
        hidden: the hidden columns that it names.

    Raises:
        SqlError: a partition's value does not fit its type, or a listing failed.
    """
    table = scan.table
    if isinstance(table.source, IcebergSource):
        return _iceberg(scan, table.source, objects, used, hidden)
    if isinstance(table.source, IcebergRows):
        return ScanPlan(scan.view, table.columns, (), ((),), (), used, ("",), rows=table.source.rows)
    first_key = len(table.columns) - table.partition_keys
    keys = table.columns[first_key:]
    if keys:
        partitions = list(catalog.partitions(table, scan.filters))
    else:
        partitions = [Partition((), table.source["StorageDescriptor"]["Location"])]
    literals = tuple(
        tuple(key_literal(value, key) for value, key in zip(partition.values, keys, strict=True))
        for partition in partitions
    )
    folders = [folder(partition.location) for partition in partitions]
    files = tuple(
        File(one.place, f"s3://{bucket}/{one.key}", one.size, number, one.modified)
        for number, ((bucket, prefix), found) in enumerate(zip(folders, objects.list(folders), strict=True))
        for one in data_files(found, prefix)
    )
    names = tuple(partition_name([key.name for key in keys], partition.values) for partition in partitions)
    return ScanPlan(scan.view, table.columns[:first_key], keys, literals, files, used, names, hidden)


def _iceberg(
    scan: Scan, source: IcebergSource, objects: Objects, used: frozenset[int], hidden: frozenset[str]
) -> ScanPlan:
    from laketop.athena.scan.iceberg.planning import data_files as planned

    files = planned(objects, source, scan.conditions)
    return ScanPlan(scan.view, scan.table.columns, (), ((),), files, used, ("",), hidden, source.schema)


def data_files(found: Iterable[Located], prefix: str) -> Iterator[Located]:
    """The objects of a folder that hold rows: not the empty ones, nor those that Athena takes for hidden."""
    return (one for one in found if one.size > 0 and not _hidden(one.key[len(prefix) :]))


def _hidden(path: str) -> bool:
    return any(part.startswith(("_", ".")) for part in path.split("/"))


def _number(value: str, key: Column) -> str:
    if not re.fullmatch(r"[+-]?\d{1,38}", value):
        raise ValueError(value)
    return f"CAST('{int(value)}' AS {t.duckdb_type(key.type)})"


def _decimal(value: str, key: Column) -> str:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", value):
        raise ValueError(value)
    return f"CAST('{value}' AS {t.duckdb_type(key.type)})"


def _date(value: str, _: Column) -> str:
    return f"DATE '{datetime.date.fromisoformat(value).isoformat()}'"


def _boolean(value: str, _: Column) -> str:
    if value.lower() not in ("true", "false"):
        raise ValueError(value)
    return value.upper()


def _text(value: str, _: Column) -> str:
    return text.string(value)


_READERS: dict[str, Callable[[str, Column], str]] = {
    "boolean": _boolean,
    "tinyint": _number,
    "smallint": _number,
    "integer": _number,
    "bigint": _number,
    "date": _date,
    "Decimal": _decimal,
    "Varchar": _text,
}


def key_literal(value: str, key: Column) -> str:
    """A partition's value as a DuckDB literal of its key's type.

    Raises:
        SqlError: HIVE_INVALID_PARTITION_VALUE where it does not fit, NOT_SUPPORTED for a key of another type.
    """
    if value == HIVE_NULL:
        return f"CAST(NULL AS {t.duckdb_type(key.type)})"
    reader = check_key(key)
    try:
        return reader(value, key)
    except ValueError as error:
        problem = f"Invalid partition value '{value}' for {key.type} partition key: {key.name}"
        raise SqlError("HIVE_INVALID_PARTITION_VALUE", problem) from error


def check_key(key: Column) -> Callable[[str, Column], str]:
    """What reads the values of a partition column.

    Raises:
        SqlError: NOT_SUPPORTED for a key of another type.
    """
    reader = _READERS.get(key.type.name if isinstance(key.type, t.Simple) else type(key.type).__name__)
    if reader is None:
        raise SqlError("NOT_SUPPORTED", f"Partition key {key.name} of type {key.type} is not supported by Laketop")
    return reader
