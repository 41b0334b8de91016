"""Trino's page "Conversion functions"."""

import re

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast
from laketop.athena.sql.core import Expr, fail
from laketop.athena.sql.functions.call import Call, Form, Rule
from laketop.athena.sql.udfs import format as kinds
from laketop.athena.sql.zoned import instant, zone

PAGE = "Conversion functions"

# a column, or a constant that cannot fail
_PLAIN = re.compile(r"NULL|TRUE|FALSE|[a-z]\w*\.\w+|'(?:[^']|'')*'|CAST\((?:NULL|-?\d+|'[\d.-]+') AS [A-Z(),\d]+\)")

_SIMPLE_KINDS: dict[t.Type, str] = {
    t.BOOLEAN: kinds.BOOLEAN,
    t.REAL: kinds.REAL,
    t.DOUBLE: kinds.DOUBLE,
    t.DATE: kinds.DATE,
    t.UNKNOWN: kinds.TEXT,
    t.JSON: kinds.TEXT,
}
_KINDS: dict[type, str] = {
    t.Decimal: kinds.DECIMAL,
    t.Varchar: kinds.TEXT,
    t.Time: kinds.TIME,
    t.Timestamp: kinds.TIMESTAMP,
    t.TimestampTz: kinds.ZONED,
}


def _typeof(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    value, name = call.args[0], text.string(str(call.args[0].type))
    if _PLAIN.fullmatch(value.sql):
        return Expr(name, t.VARCHAR)
    # the argument is computed, and may fail
    return Expr(f"CASE WHEN ({value.sql}) IS NULL THEN {name} ELSE {name} || '' END", t.VARCHAR)


def _format(call: Call) -> Expr:
    if len(call.args) < 2:
        raise fail("SYNTAX_ERROR", "The 'format' function must have at least two arguments", call.node)
    pattern, *values = call.args
    if not isinstance(pattern.type, t.Varchar) and pattern.type != t.UNKNOWN:
        problem = f"Type of first argument to format() must be VARCHAR (actual: {pattern.type})"
        raise fail("TYPE_MISMATCH", problem, call.node)
    given = [_argument(value, call) for value in values]
    listed = ", ".join(sql for _, sql in given)
    letters = "".join(kind for kind, _ in given)
    sql = f"py_format(CAST({pattern.sql} AS VARCHAR), {text.string(letters)}, CAST([{listed}] AS VARCHAR[]))"
    return Expr(sql, t.VARCHAR)


def _argument(value: Expr, call: Call) -> tuple[str, str]:
    """The kind of a value, and the value as a DuckDB text."""
    as_text = f"CAST({value.sql} AS VARCHAR)"
    if t.is_integer(value.type):
        return kinds.LONG, as_text
    kind = _SIMPLE_KINDS.get(value.type) or _KINDS.get(type(value.type))
    if kind == kinds.REAL:
        # both as a real and as the double that Java counts with
        return kind, f"({as_text} || '|' || CAST(CAST({value.sql} AS DOUBLE) AS VARCHAR))"
    if kind == kinds.ZONED:
        return kind, f"(CAST({instant(value)} AS VARCHAR) || '|' || {zone(value)})"
    if kind is not None:
        return kind, as_text
    if value.type == t.VARBINARY or isinstance(value.type, t.Array | t.Map | t.Row):
        raise call.refuse(f"Type not supported for formatting: {value.type}")
    return kinds.TEXT, cast(value, t.VARCHAR, call.node).sql


FORMS: dict[str, tuple[Form, ...]] = {
    "format_number": (
        Form((t.BIGINT,), t.VARCHAR, "py_format_whole({0})"),
        Form((t.DOUBLE,), t.VARCHAR, "py_format_number({0})"),
    ),
    "human_readable_seconds": (Form((t.DOUBLE,), t.VARCHAR, "py_readable_seconds({0})"),),
    "parse_duration": (Form((t.VARCHAR,), t.INTERVAL_DAY, "py_duration({0})"),),
    **{
        name: (Form((t.VARCHAR,), t.Decimal(38, 0), "CAST(py_data_size({0}) AS DECIMAL(38,0))"),)
        for name in ("parse_data_size", "parse_presto_data_size")
    },
}
LOWERED: dict[str, Rule] = {"typeof": _typeof, "format": _format}
