"""Which values may be stored in which columns, and how they get there: stricter than CAST, laxer than a comparison.

Trino stores a number of any type in a column of any numeric type, but no text in a number, nor text that is too long.
Follows Trino's page "INSERT" and measured answers.
"""

from collections.abc import Sequence

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast
from laketop.athena.sql.coercion import common, converts
from laketop.athena.sql.core import Column, Expr, Relation
from laketop.athena.sql.errors import SqlError

_NODE = exp.Null()  # a stored value has no place in the text


def assigned(relation: Relation, columns: Sequence[Column], names: Sequence[str]) -> Relation:
    """The rows of a query as rows of a table.

    Args:
        columns: all columns of the table.
        names: the column list, empty where there is none; columns that it leaves out are NULL.

    Raises:
        SqlError: COLUMN_NOT_FOUND, DUPLICATE_COLUMN_NAME, or TYPE_MISMATCH, in Trino's words.
    """
    chosen = _chosen(columns, names)
    have = [column.type for column in relation.columns]
    want = [column.type for column in chosen]
    if len(have) != len(want) or not all(map(_fits, have, want)):
        lists = [", ".join(map(str, types)) for types in (want, have)]
        problem = f"Insert query has mismatched column types: Table: [{lists[0]}], Query: [{lists[1]}]"
        raise SqlError("TYPE_MISMATCH", problem)
    values = {
        target.name: _stored(Expr(f"s.c{number}", column.type), target.type)
        for number, (column, target) in enumerate(zip(relation.columns, chosen, strict=True))
    }
    items = [
        f"{values.get(column.name) or f'CAST(NULL AS {t.duckdb_type(column.type)})'} AS c{number}"
        for number, column in enumerate(columns)
    ]
    return Relation(f"SELECT {', '.join(items)} FROM ({relation.sql}) AS s", tuple(columns))  # noqa: S608 - parts are compiled or quoted


def _chosen(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    if not names:
        return list(columns)
    known = {column.name: column for column in columns}
    for number, name in enumerate(names):
        if name not in known:
            raise SqlError("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {name}")
        if name in names[:number]:
            raise SqlError("DUPLICATE_COLUMN_NAME", f"Insert column name is specified more than once: {name}")
    return [known[name] for name in names]


def _fits(source: t.Type, target: t.Type) -> bool:
    """Whether Trino takes values of a type for a column; a text inside of another value must not be too long."""
    if isinstance(target, t.Array | t.Map | t.Row) and _limited(target):
        return _converts(source, target)
    return common(source, target) is not None


def _converts(source: t.Type, target: t.Type) -> bool:
    """Whether a value is taken without a loss; what a row's parts are called does not matter."""
    match source, target:
        case t.Row(have), t.Row(want):
            pairs = zip(have, want, strict=False)
            return len(have) == len(want) and all(_converts(a, b) for (_, a), (_, b) in pairs)
        case t.Array(have), t.Array(want):
            return _converts(have, want)
        case t.Map(have, held), t.Map(want, kept):
            return _converts(have, want) and _converts(held, kept)
    return converts(source, target)


def _limited(type_: t.Type) -> bool:
    match type_:
        case t.Array(element):
            return _limited(element)
        case t.Map(key, value):
            return _limited(key) or _limited(value)
        case t.Row(fields):
            return any(_limited(field) for _, field in fields)
        case t.Varchar(length):
            return length is not None
    return isinstance(type_, t.Char)


def _stored(value: Expr, target: t.Type) -> str:
    converted = cast(value, target, _NODE).sql
    if value.type in (target, t.UNKNOWN) or not isinstance(target, t.Varchar | t.Char) or target.length is None:
        return converted
    problem = f"Cannot truncate non-space characters when casting from {value.type} to {target} on INSERT"
    # the message hangs on the row, so that it is not evaluated without one
    message = f"{text.string(problem)} || left({value.sql}, 0)"
    failed = text.raising("INVALID_CAST_ARGUMENT", message, "VARCHAR")
    fits = f"length(rtrim({value.sql}, ' ')) <= {target.length}"
    return f"CASE WHEN {value.sql} IS NULL THEN NULL WHEN {fits} THEN {converted} ELSE {failed} END"
