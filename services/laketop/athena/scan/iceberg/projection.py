"""An Iceberg column out of a file's columns: found by field id, with the type that the table has now.

Runs in the engine's worker. A column that a file lacks is the partition's value where the file is partitioned by it,
else NULL; a type that is none of the spec's promotions is ICEBERG_BAD_DATA, never a silent conversion. Follows "Schema
Evolution" and "Column Projection" of the Iceberg table spec.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from laketop.athena.scan.iceberg.fields import Field
from laketop.athena.scan.iceberg.tree import Node
from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.errors import SqlError

type Constant = Callable[[Field], str | None]

_SMALL = ("TINYINT", "SMALLINT", "UTINYINT", "USMALLINT")
# what may stand in a file for a type of the table, as DuckDB calls it
_ACCEPTED: dict[t.Type, tuple[str, ...]] = {
    t.BOOLEAN: ("BOOLEAN",),
    t.INTEGER: ("INTEGER", *_SMALL),
    t.BIGINT: ("BIGINT", "INTEGER", "UINTEGER", *_SMALL),
    t.REAL: ("FLOAT",),
    t.DOUBLE: ("DOUBLE", "FLOAT"),
    t.DATE: ("DATE",),
    t.Time(6): ("TIME",),
    t.Timestamp(6): ("TIMESTAMP", "TIMESTAMP_MS"),
    t.VARCHAR: ("VARCHAR",),
    t.UUID: ("UUID",),
    t.VARBINARY: ("BLOB",),
}
_SHAPES: dict[type[t.Type], str] = {t.Row: "STRUCT", t.Array: "LIST", t.Map: "MAP"}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Projection:
    """Columns of the table out of one file's, or out of those of several files that have the same schema.

    Attributes:
        file: the name of a file, for messages.
        constant: what a column is that the files are partitioned by, as DuckDB SQL; None for another column.
    """

    file: str
    constant: Constant

    def column(self, field: Field, node: Node | None, sql: str, depth: int = 0) -> str:
        """DuckDB SQL for a column.

        Args:
            field: what the table says of it.
            node: what the file says of it; None where the file lacks it.
            sql: the file's column.
            depth: how many lambdas are around.

        Raises:
            SqlError: ICEBERG_BAD_DATA where the types do not fit.
        """
        if node is None:
            return self.constant(field) or f"CAST(NULL AS {t.duckdb_type(field.type)})"
        shape = _SHAPES.get(type(field.type))
        if shape is None:
            found = _value(sql, node.kind, field.type)
            if found is None:
                raise self._bad(field, node)
            return found
        if node.kind != shape:
            raise self._bad(field, node)
        makers = {"STRUCT": self._struct, "LIST": self._list, "MAP": self._map}
        return makers[shape](field, node, sql, depth)

    def _struct(self, field: Field, node: Node, sql: str, depth: int) -> str:
        known = {part.id: part for part in node.parts}
        parts = []
        for number, part in enumerate(field.parts):
            inner = known.get(part.id)
            place = f"struct_extract({sql}, {text.string(inner.name)})" if inner else ""
            parts.append(f"f{number} := {self.column(part, inner, place, depth)}")
        return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({', '.join(parts)}) END"

    def _list(self, field: Field, node: Node, sql: str, depth: int) -> str:
        return self._each(field.parts[0], node.parts[0], sql, depth)

    def _map(self, field: Field, node: Node, sql: str, depth: int) -> str:
        keys, values = f"map_keys({sql})", f"map_values({sql})"
        new_keys = self._each(field.parts[0], node.parts[0], keys, depth)
        new_values = self._each(field.parts[1], node.parts[1], values, depth)
        if (new_keys, new_values) == (keys, values):
            return sql
        return f"CASE WHEN {sql} IS NULL THEN NULL ELSE map({new_keys}, {new_values}) END"

    def _each(self, field: Field, node: Node, sql: str, depth: int) -> str:
        name = f"e{depth}"
        inner = self.column(field, node, name, depth + 1)
        return sql if inner == name else f"list_transform({sql}, lambda {name}: {inner})"

    def _bad(self, field: Field, node: Node) -> SqlError:
        problem = (
            f"Column {field.name or node.name} of type {field.type} is {node.kind} in the data file {self.file}, which"
            " no change of an Iceberg table's type leads to"
        )
        return SqlError("ICEBERG_BAD_DATA", problem)


def _value(sql: str, kind: str, type_: t.Type) -> str | None:
    """A value of a file as a type without parts; None where the types do not fit."""
    match type_:
        case t.Decimal(precision, scale):
            found = _DECIMAL.fullmatch(kind)
            if found is None or int(found[2]) != scale or int(found[1]) > precision:
                return None
        case t.TimestampTz():
            # by the instant: DuckDB's own cast would bring in the session's zone
            moment = f"make_timestamp(epoch_us({sql}))"
            zoned = f"CASE WHEN {sql} IS NULL THEN NULL ELSE {{'t': {moment}, 'z': 'UTC'}} END"
            return zoned if kind == "TIMESTAMP WITH TIME ZONE" else None
        case t.UUID if kind == "BLOB":
            # a writer that does not mark them as such
            return f"CAST(lower(hex({sql})) AS UUID)"
        case _:
            if kind not in _ACCEPTED.get(type_, ()):
                return None
    wanted = t.duckdb_type(type_)
    return sql if kind == wanted else f"CAST({sql} AS {wanted})"
