"""FOR VERSION AS OF and FOR TIMESTAMP AS OF: which state of a table a query reads.

Follows "Perform time travel and version travel queries" of the Athena user guide and Trino's page "SELECT".
"""

from collections.abc import Callable

import duckdb
from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Scope, Version, compile_expression, fail, parts
from laketop.athena.sql.definitions import macros
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

# the type of the moment → microseconds since 1970 in DuckDB SQL; what has no zone is in Athena's, which is UTC
_MOMENTS: dict[type[t.Type], Callable[[str], str]] = {
    t.TimestampTz: lambda sql: f"epoch_us(struct_extract({sql}, 't'))",
    t.Timestamp: lambda sql: f"epoch_us({sql})",
}


def as_of(node: exp.Version, context: Context) -> Version:
    """The state of a table that a query names.

    Raises:
        SqlError: TYPE_MISMATCH for a value that names none, NOT_SUPPORTED for one that cannot be computed beforehand.
    """
    what, kind, value = parts(node, "this", "kind", "expression")
    if kind != "AS OF" or value is None:
        raise not_supported(f"FOR {what} {kind}", *place(node))
    return _version(value) if what == "VERSION" else _moment(value, context)


def _version(value: exp.Expr) -> Version:
    value = value.unnest()
    if not isinstance(value, exp.Literal):
        raise not_supported("FOR VERSION AS OF with anything but a number or a text", *place(value))
    if value.is_string:
        return Version(reference=str(value.this))
    if not value.this.isdigit():
        raise fail("TYPE_MISMATCH", "Type of a table version must be bigint or varchar", value)
    return Version(snapshot=int(value.this))


def _moment(value: exp.Expr, context: Context) -> Version:
    if value.find(exp.Query) is not None:
        raise not_supported("FOR TIMESTAMP AS OF with a query", *place(value))
    found = compile_expression(value, Context(context.session, Scope()))
    to_number = _MOMENTS.get(type(found.type)) or (_days if found.type == t.DATE else None)
    if to_number is None:
        allowed = "Temporal pointers must be of type Timestamp, Timestamp with Time Zone, or Date"
        raise fail("TYPE_MISMATCH", f"Type {found.type} invalid. {allowed}", value)
    return Version(moment=_computed(found, to_number, value))


def _days(sql: str) -> str:
    return f"epoch_us(CAST({sql} AS TIMESTAMP))"


def _computed(found: Expr, to_number: Callable[[str], str], node: exp.Expr) -> int:
    with duckdb.connect(":memory:") as connection:
        try:
            for macro in macros(found.sql):
                connection.execute(macro)
            row = connection.execute(f"SELECT {to_number(found.sql)}").fetchone()
        except duckdb.Error as error:
            raise not_supported("FOR TIMESTAMP AS OF with such an expression", *place(node)) from error
    if row is None or row[0] is None:
        raise fail("INVALID_ARGUMENTS", "Table version cannot be NULL", node)
    return int(row[0])
