"""What every cast is made of: the family of a type, and the check that guards a conversion.

A caster is a function from a value and a target type to DuckDB SQL. The casts of dates and times are in
`casts_temporal`, all others in `casts`.
"""

from collections.abc import Callable

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr

type Caster = Callable[[Expr, t.Type], str]


def family(type_: t.Type) -> str:
    """The name under which the tables of casts know a type, e.g. "integer", "decimal", "timestamptz"."""
    if t.is_integer(type_):
        return "integer"
    if t.is_float(type_):
        return "float"
    return type_.name if isinstance(type_, t.Simple) else type(type_).__name__.lower()


def plain(value: Expr, target: t.Type) -> str:
    """DuckDB's own cast."""
    return f"CAST({value.sql} AS {t.duckdb_type(target)})"


def checked(value: str, test: str, result: str, error: str, message: str, target: t.Type) -> str:
    """The result where the test holds, else Trino's error; NULL stays NULL."""
    failed = text.raising(error, message, t.duckdb_type(target))
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {test} THEN {result} ELSE {failed} END"


def limited(sql: str, target: t.Type) -> str:
    """Text of a value that must fit into the varchar: only text itself is cut."""
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    if target.length is None:
        return sql
    message = f"'Value ' || {sql} || ' cannot be represented as {target}'"
    return checked(sql, f"length({sql}) <= {target.length}", sql, "INVALID_CAST_ARGUMENT", message, target)
