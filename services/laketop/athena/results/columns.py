"""What GetQueryResults says of a result's columns.

Follows "ColumnInfo" of the Amazon Athena API reference; precisions as clients of the service see them.
"""

from collections.abc import Mapping
from typing import Any

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column

_MAX_LENGTH = 2147483647
_NAMES: Mapping[t.Type, tuple[str, int]] = {
    t.BOOLEAN: ("boolean", 0),
    t.TINYINT: ("tinyint", 3),
    t.SMALLINT: ("smallint", 5),
    t.INTEGER: ("integer", 10),
    t.BIGINT: ("bigint", 19),
    t.REAL: ("float", 17),
    t.DOUBLE: ("double", 17),
    t.VARBINARY: ("varbinary", 1073741824),
    t.DATE: ("date", 0),
    t.JSON: ("json", 0),
    t.UNKNOWN: ("unknown", 0),
    t.INTERVAL_DAY: ("interval day to second", 0),
    t.INTERVAL_YEAR: ("interval year to month", 0),
}


def column_info(column: Column) -> dict[str, Any]:
    """A result column as `ColumnInfo`."""
    name, precision, scale = _type(column.type)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": isinstance(column.type, t.Varchar),
    }


def _type(type_: t.Type) -> tuple[str, int, int]:
    match type_:
        case t.Decimal(precision, scale):
            return "decimal", precision, scale
        case t.Varchar(length):
            return "varchar", _MAX_LENGTH if length is None else length, 0
        case t.Timestamp():
            return "timestamp", 3, 0
        case t.TimestampTz():
            return "timestamp with time zone", 3, 0
        case t.Array():
            return "array", 0, 0
        case t.Map():
            return "map", 0, 0
        case t.Row():
            return "row", 0, 0
    name, precision = _NAMES[type_]
    return name, precision, 0
