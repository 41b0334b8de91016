"""What a table's metadata file says: its snapshots, and the columns of one of them in Trino's types."""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pyiceberg import types as ice
from pyiceberg.exceptions import ValidationError as BadMetadata
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromByteStream
from pyiceberg.table.metadata import TableMetadata

from laketop.athena.scan.iceberg.fields import Field, IcebergSchema, Mapped, mapped
from laketop.athena.scan.iceberg.files import place
from laketop.athena.scan.objects import Objects, content
from laketop.athena.sql import types as t
from laketop.athena.sql.errors import SqlError, not_supported

NAME_MAPPING = "schema.name-mapping.default"
_NEWEST = 2  # format version
_KEPT = 64  # parsed metadata files


def load(objects: Objects, location: str) -> TableMetadata:
    """A table's metadata.

    Args:
        location: the address of its metadata file.

    Raises:
        SqlError: ICEBERG_MISSING_DATA, ICEBERG_INVALID_METADATA, or NOT_SUPPORTED for a newer version of the format.
    """
    where = place(objects, location)
    # a file of the store never changes; what a URL leads to may
    metadata = _kept(where, location) if "://" not in where else _read(where, location)
    if metadata.format_version > _NEWEST:
        raise not_supported(f"Version {metadata.format_version} of the Iceberg format ({location})")
    return metadata


def _read(where: str, location: str) -> TableMetadata:
    found = content(where)
    if found is None:
        raise SqlError("ICEBERG_MISSING_DATA", f"The Iceberg metadata file {location} does not exist")
    try:
        text = gzip.decompress(found) if found[:2] == b"\x1f\x8b" else found
        version = json.loads(text).get("format-version")
        if isinstance(version, int) and version > _NEWEST:
            raise not_supported(f"Version {version} of the Iceberg format ({location})")
        return FromByteStream.table_metadata(io.BytesIO(text))
    except (ValueError, AttributeError, OSError, EOFError, zlib.error, ValidationError, BadMetadata) as error:
        problem = f"{location} is no Iceberg metadata file: {str(error).splitlines()[0]}"
        raise SqlError("ICEBERG_INVALID_METADATA", problem) from error


_kept = lru_cache(maxsize=_KEPT)(_read)


def schema_of(metadata: TableMetadata, snapshot: int | None, location: str) -> IcebergSchema:
    """The columns of a snapshot, or the current ones.

    Args:
        snapshot: the id of a snapshot to be read as it was; None for the table's current columns.
        location: the address of the metadata file, for messages.

    Raises:
        SqlError: NOT_SUPPORTED for a type that Athena does not read, ICEBERG_INVALID_METADATA for two columns of one
            name in small letters.
    """
    fields = tuple(_field(each, each.name.lower()) for each in _columns(metadata, snapshot).fields)
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise SqlError("ICEBERG_INVALID_METADATA", f"Two columns are called {name} in small letters ({location})")
    return IcebergSchema(fields, _mapping(metadata, location))


def _columns(metadata: TableMetadata, snapshot: int | None) -> Schema:
    found = metadata.snapshot_by_id(snapshot) if snapshot is not None else None
    if found is None or found.schema_id is None:
        return metadata.schema()
    return next((each for each in metadata.schemas if each.schema_id == found.schema_id), metadata.schema())


def _mapping(metadata: TableMetadata, location: str) -> tuple[Mapped, ...] | None:
    written = metadata.properties.get(NAME_MAPPING)
    if written is None:
        return None
    try:
        return mapped(json.loads(written))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SqlError("ICEBERG_INVALID_METADATA", f"{NAME_MAPPING} of {location} cannot be read: {error}") from error


_SIMPLE: dict[type[ice.IcebergType], t.Type] = {
    ice.BooleanType: t.BOOLEAN,
    ice.IntegerType: t.INTEGER,
    ice.LongType: t.BIGINT,
    ice.FloatType: t.REAL,
    ice.DoubleType: t.DOUBLE,
    ice.DateType: t.DATE,
    ice.TimeType: t.Time(6),
    ice.TimestampType: t.Timestamp(6),
    ice.TimestamptzType: t.TimestampTz(6),
    ice.StringType: t.VARCHAR,
    ice.UUIDType: t.UUID,
    ice.BinaryType: t.VARBINARY,
    ice.FixedType: t.VARBINARY,
}


def _struct(type_: ice.StructType) -> tuple[t.Type, tuple[Field, ...]]:
    parts = tuple(_field(each, each.name) for each in type_.fields)
    return t.Row(tuple((part.name, part.type) for part in parts)), parts


def _list(type_: ice.ListType) -> tuple[t.Type, tuple[Field, ...]]:
    element = _field(type_.element_field, "")
    return t.Array(element.type), (element,)


def _map(type_: ice.MapType) -> tuple[t.Type, tuple[Field, ...]]:
    key, value = _field(type_.key_field, ""), _field(type_.value_field, "")
    return t.Map(key.type, value.type), (key, value)


_NESTED: dict[type[ice.IcebergType], Callable[[Any], tuple[t.Type, tuple[Field, ...]]]] = {
    ice.DecimalType: lambda type_: (t.Decimal(type_.precision, type_.scale), ()),
    ice.StructType: _struct,
    ice.ListType: _list,
    ice.MapType: _map,
}


def _field(field: ice.NestedField, name: str) -> Field:
    type_ = field.field_type
    if type(type_) in _SIMPLE:
        return Field(field.field_id, name, _SIMPLE[type(type_)])
    if type(type_) not in _NESTED:
        raise not_supported(f"The Iceberg type {type_} of {field.name}")
    return Field(field.field_id, name, *_NESTED[type(type_)](type_))
