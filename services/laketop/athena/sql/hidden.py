"""Columns that a table has without listing them: where a row comes from.

Follows AWS's "SELECT" (`"$path"`) and Trino's page "Hive connector" (special columns).
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table

PATH, SIZE, MODIFIED, PARTITION = "$path", "$file_size", "$file_modified_time", "$partition"

# name → (the view's column, type); the partition only where there are any
_COLUMNS: dict[str, tuple[str, t.Type]] = {
    PATH: ("file_path", t.VARCHAR),
    SIZE: ("file_bytes", t.BIGINT),
    MODIFIED: ("file_time", t.TimestampTz(3)),
    PARTITION: ("file_partition", t.VARCHAR),
}
NAMES = {name: sql for name, (sql, _) in _COLUMNS.items()}


def columns(table: Table) -> tuple[tuple[Column, str], ...]:
    """The hidden columns of a table, each with the name of the view's column that has it."""
    return tuple(
        (Column(name, type_), sql)
        for name, (sql, type_) in _COLUMNS.items()
        if (name != PARTITION or table.partition_keys) and (table.hidden is None or name in table.hidden)
    )
