"""An Iceberg schema as the engine's worker needs it: field ids, Trino's types, and names for columns without ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from laketop.athena.sql import types as t


@dataclass(frozen=True)
class Field:
    """A column, or a part of one.

    Attributes:
        id: the field id, by which files know it whatever its name was.
        name: its name (empty for the parts of lists and maps).
        parts: the fields of a struct, the element of a list, key and value of a map.
    """

    id: int
    name: str
    type: t.Type
    parts: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Mapped:
    """What a column of one of these names is, in a file without field ids ("Column Projection" of the spec)."""

    names: tuple[str, ...]
    id: int | None
    parts: tuple["Mapped", ...] = ()


@dataclass(frozen=True)
class IcebergSchema:
    """The columns of a snapshot, and the table's name mapping (`schema.name-mapping.default`), None without one."""

    fields: tuple[Field, ...]
    mapping: tuple[Mapped, ...] | None = None


@dataclass(frozen=True)
class IcebergSource:
    """Where an Iceberg table's rows are.

    Attributes:
        metadata: the address of its metadata file.
        snapshot: the id of the snapshot to read, None for a table that has none.
    """

    metadata: str
    snapshot: int | None
    schema: IcebergSchema


@dataclass(frozen=True)
class IcebergRows:
    """The rows of a metadata table, as DuckDB literals."""

    rows: tuple[tuple[str, ...], ...]


def mapped(entries: list[Mapping[str, Any]]) -> tuple[Mapped, ...]:
    """A name mapping from its JSON form ("Name Mapping Serialization" of the Iceberg spec).

    Raises:
        KeyError: an entry has no names.
    """
    return tuple(
        Mapped(tuple(entry["names"]), entry.get("field-id"), mapped(entry.get("fields") or [])) for entry in entries
    )
