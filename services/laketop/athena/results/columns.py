"""What GetQueryResults says of a result's columns.

Follows "ColumnInfo" of the Amazon Athena API reference; precisions as clients of the service see them.
"""

from collections.abc import Callable, Mapping
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
    t.UUID: ("uuid", 0),
    t.IPADDRESS: ("ipaddress", 0),
    t.HYPERLOGLOG: ("HyperLogLog", 0),
    t.P4_HYPERLOGLOG: ("P4HyperLogLog", 0),
    t.TDIGEST: ("tdigest", 0),
    t.SET_DIGEST: ("SetDigest", 0),
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
        "CaseSensitive": isinstance(column.type, t.Varchar | t.Char),
    }


# what the types with parameters are called: (name, precision, scale)
_KINDS: dict[type, Callable[[Any], tuple[str, int, int]]] = {
    t.Decimal: lambda type_: ("decimal", type_.precision, type_.scale),
    t.Varchar: lambda type_: ("varchar", _MAX_LENGTH if type_.length is None else type_.length, 0),
    t.Char: lambda type_: ("char", type_.length, 0),
    t.Time: lambda _: ("time", 3, 0),
    t.TimeTz: lambda _: ("time with time zone", 3, 0),
    t.Timestamp: lambda _: ("timestamp", 3, 0),
    t.TimestampTz: lambda _: ("timestamp with time zone", 3, 0),
    t.Array: lambda _: ("array", 0, 0),
    t.Map: lambda _: ("map", 0, 0),
    t.Row: lambda _: ("row", 0, 0),
    t.QDigest: lambda _: ("qdigest", 0, 0),
}


def _type(type_: t.Type) -> tuple[str, int, int]:
    if type(type_) in _KINDS:
        return _KINDS[type(type_)](type_)
    name, precision = _NAMES[type_]
    return name, precision, 0
