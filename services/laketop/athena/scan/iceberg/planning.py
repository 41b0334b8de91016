"""The files of a snapshot: which data files a query reads, what is deleted from each, and what they leave unsaid.

Follows "Scan Planning" and "Column Projection" of the Iceberg table spec.
"""

import datetime
import decimal
import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.exceptions import ResolveError, ValidationError
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, ManifestContent, ManifestFile
from pyiceberg.table import FileScanTask, Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.transforms import IdentityTransform

from laketop.athena.scan.iceberg.fields import Field, IcebergSource
from laketop.athena.scan.iceberg.files import LakeFiles, place
from laketop.athena.scan.iceberg.metadata import load
from laketop.athena.scan.iceberg.predicate import row_filter
from laketop.athena.scan.objects import Objects
from laketop.athena.scan.plan import File
from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Condition
from laketop.athena.sql.errors import SqlError, not_supported


def data_files(objects: Objects, source: IcebergSource, conditions: Sequence[Condition]) -> tuple[File, ...]:
    """The data files that may hold rows which meet the conditions.

    Raises:
        SqlError: ICEBERG_MISSING_DATA or ICEBERG_INVALID_METADATA; NOT_SUPPORTED for equality deletes, deletion vectors
            and formats other than Parquet.
    """
    if source.snapshot is None:
        return ()
    metadata = load(objects, source.metadata)
    lake = LakeFiles(objects)
    tasks = _tasks(metadata, source, conditions, lake)
    by_id = {field.id: field for field in _flat(source.schema.fields)}
    found: dict[str, tuple[str, int]] = {}
    return tuple(_file(task, metadata, by_id, objects, found) for task in tasks)


def _tasks(
    metadata: TableMetadata, source: IcebergSource, conditions: Sequence[Condition], lake: LakeFiles
) -> list[FileScanTask]:
    snapshot = metadata.snapshot_by_id(source.snapshot) if source.snapshot is not None else None
    if snapshot is None:
        raise SqlError("ICEBERG_INVALID_METADATA", f"{source.metadata} has no snapshot {source.snapshot}")
    try:
        lake.find([snapshot.manifest_list])
        manifests = snapshot.manifests(lake)
        lake.find(manifest.manifest_path for manifest in manifests)
        _check_deletes(manifests, lake, source.metadata)
        table = Table(("table",), metadata, source.metadata, lake, NoopCatalog("lake"))
        chosen = row_filter(conditions, source.schema, metadata.schema())
        return list(table.scan(row_filter=chosen, snapshot_id=source.snapshot).plan_files())
    except (ValueError, TypeError, KeyError, EOFError, struct.error, ValidationError, ResolveError) as error:
        problem = f"The manifests of snapshot {source.snapshot} in {source.metadata} cannot be read: {error}"
        raise SqlError("ICEBERG_INVALID_METADATA", problem) from error


def _check_deletes(manifests: Sequence[ManifestFile], lake: LakeFiles, location: str) -> None:
    for manifest in manifests:
        if manifest.content == ManifestContent.DELETES:
            for entry in manifest.fetch_manifest_entry(lake, discard_deleted=True):
                _check_delete(entry.data_file, location)


def _check_delete(file: DataFile, location: str) -> None:
    if file.content == DataFileContent.EQUALITY_DELETES:
        raise not_supported(f"An equality delete file of an Iceberg table ({location}): compact the table first, it")
    if file.file_format == FileFormat.PUFFIN:
        raise not_supported(f"A deletion vector of an Iceberg table ({location})")


def _file(
    task: FileScanTask,
    metadata: TableMetadata,
    fields: Mapping[int, Field],
    objects: Objects,
    found: dict[str, tuple[str, int]],
) -> File:
    data = task.file
    _check_format(data)
    for delete in task.delete_files:
        if delete.file_path not in found:
            _check_format(delete)
            found[delete.file_path] = place(objects, delete.file_path), delete.file_size_in_bytes
    return File(
        place(objects, data.file_path),
        data.file_path,
        data.file_size_in_bytes,
        0,
        deletes=tuple(sorted(found[delete.file_path] for delete in task.delete_files)),
        constants=_constants(data, metadata, fields),
    )


def _check_format(file: DataFile) -> None:
    if file.file_format != FileFormat.PARQUET:
        raise not_supported(f"The {str(file.file_format.name).lower()} file {file.file_path} of an Iceberg table")


def _constants(file: DataFile, metadata: TableMetadata, fields: Mapping[int, Field]) -> tuple[tuple[int, str], ...]:
    """The columns by whose values the file is partitioned: (field id, DuckDB literal)."""
    spec = metadata.specs()[file.spec_id]
    return tuple(
        (part.source_id, literal(file.partition[position], fields[part.source_id].type))
        for position, part in enumerate(spec.fields)
        if isinstance(part.transform, IdentityTransform) and part.source_id in fields
    )


def _flat(fields: Sequence[Field]) -> list[Field]:
    return [each for field in fields for each in (field, *_flat(field.parts))]


def _days(value: Any) -> str:
    days = (value - datetime.date(1970, 1, 1)).days if isinstance(value, datetime.date) else int(value)
    return f"CAST(DATE '1970-01-01' + CAST({days} AS INTEGER) AS DATE)"


def _moment(value: Any) -> str:
    return f"make_timestamp(CAST({int(value)} AS BIGINT))"


def _time(value: Any) -> str:
    return f"CAST(make_timestamp(CAST({int(value)} AS BIGINT)) AS TIME)"


_LITERALS: dict[t.Type, Callable[[Any], str]] = {
    t.BOOLEAN: lambda value: str(bool(value)).upper(),
    t.INTEGER: lambda value: str(int(value)),
    t.BIGINT: lambda value: str(int(value)),
    t.REAL: lambda value: f"'{float(value)!r}'",
    t.DOUBLE: lambda value: f"'{float(value)!r}'",
    t.DATE: _days,
    t.Time(6): _time,
    t.Timestamp(6): _moment,
    t.TimestampTz(6): lambda value: f"{{'t': {_moment(value)}, 'z': 'UTC'}}",
    t.VARCHAR: text.string,
    t.UUID: lambda value: f"'{value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=value)}'",
    t.VARBINARY: lambda value: f"unhex('{bytes(value).hex()}')",
}


def literal(value: Any, type_: t.Type) -> str:
    """A partition's value as a DuckDB literal.

    Args:
        value: as manifests have it: dates in days, times in microseconds.

    Raises:
        SqlError: NOT_SUPPORTED for a type by whose values nothing can be partitioned.
    """
    kind = t.duckdb_type(type_)
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(type_, t.Decimal):
        return f"CAST('{decimal.Decimal(value):f}' AS {kind})"
    if type_ not in _LITERALS:
        raise not_supported(f"A partition by values of type {type_}")
    return f"CAST({_LITERALS[type_](value)} AS {kind})"
