"""The columns of a Parquet file as a tree, with the field ids that its writer gave them.

Runs in the engine's worker. Follows "Parquet" (Appendix A) and "Column Projection" of the Iceberg table spec, and
"Nested Types" of the Parquet format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from laketop.athena.scan.iceberg.fields import Mapped
from laketop.athena.sql.errors import SqlError


class SchemaRow(NamedTuple):
    """A row of DuckDB's `parquet_schema`."""

    name: str
    children: int | None
    repetition: str | None
    shape: str | None
    field_id: int | None
    kind: str | None


# what COLUMNS of a query over `parquet_schema` must be, for `SchemaRow`
COLUMNS = """name, num_children, repetition_type,
    CASE WHEN logical_type LIKE 'ListType%' THEN 'LIST' WHEN logical_type LIKE 'MapType%' THEN 'MAP'
    ELSE converted_type END, field_id, duckdb_type"""


@dataclass(frozen=True)
class Node:
    """A column of a file, or a part of one.

    Attributes:
        id: the field id, None where the file says none.
        kind: what DuckDB calls its type; `STRUCT`, `LIST` or `MAP` where it has parts.
        parts: the fields of a struct, the element of a list, key and value of a map.
    """

    name: str
    id: int | None
    kind: str
    parts: tuple["Node", ...] = ()


def build(rows: Sequence[SchemaRow], file: str, mapping: Sequence[Mapped] | None) -> dict[int, Node]:
    """A file's columns by field id.

    Args:
        rows: the file's schema, the root first.
        file: its name, for messages.
        mapping: the table's name mapping, for a file without field ids.

    Raises:
        SqlError: ICEBERG_BAD_DATA for a list or map of another form than Iceberg's, NOT_SUPPORTED for a file without
            field ids where the table has no name mapping.
    """
    reader = _Reader(rows, file)
    root = reader.node()
    if not any(row.field_id is not None for row in rows[1:]):
        if mapping is None:
            problem = f"The data file {file} without field ids, of a table without schema.name-mapping.default,"
            raise SqlError("NOT_SUPPORTED", f"{problem} is not supported by Laketop")
        root = _identified(root, mapping)
    return {part.id: part for part in root.parts if part.id is not None}


class _Reader:
    """Takes rows one after another."""

    def __init__(self, rows: Sequence[SchemaRow], file: str) -> None:
        self._rows, self._file, self._next = rows, file, 0

    def node(self) -> Node:
        row = self._rows[self._next]
        self._next += 1
        parts = tuple(self.node() for _ in range(row.children or 0))
        if row.shape == "LIST":
            return Node(row.name, row.field_id, "LIST", self._repeated(row, parts, 1))
        if row.shape in ("MAP", "MAP_KEY_VALUE") and row.children:
            return Node(row.name, row.field_id, "MAP", self._repeated(row, parts, 2))
        return Node(row.name, row.field_id, "STRUCT" if row.children else row.kind or "", parts)

    def _repeated(self, row: SchemaRow, parts: tuple[Node, ...], count: int) -> tuple[Node, ...]:
        """What the repeated group inside of a list or map holds."""
        if len(parts) != 1 or len(parts[0].parts) != count:
            problem = f"Column {row.name} of {self._file} is a list or map of another form than Iceberg's"
            raise SqlError("ICEBERG_BAD_DATA", problem)
        return parts[0].parts


def _identified(node: Node, mapping: Sequence[Mapped]) -> Node:
    """A file's columns with the ids that a name mapping gives them."""
    by_name: Mapping[str, Mapped] = {name: each for each in mapping for name in each.names}
    names = {"LIST": ("element",), "MAP": ("key", "value")}.get(node.kind, tuple(part.name for part in node.parts))
    parts = []
    for part, name in zip(node.parts, names, strict=True):
        found = by_name.get(name)
        known = replace(part, id=found.id if found else None)
        parts.append(_identified(known, found.parts if found else ()))
    return replace(node, parts=tuple(parts))
