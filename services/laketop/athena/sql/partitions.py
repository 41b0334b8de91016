"""Which conditions of WHERE can choose partitions, or files by the values in them, before anything is listed.

Only what the catalog's expression language and Iceberg's say in the same words is handed on; DuckDB applies the whole
WHERE again, so a condition that is left out costs time, never rows. Follows AWS's "GetPartitions" (Expression).
"""

import datetime
import re
from collections.abc import Iterator

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.columns import resolve
from laketop.athena.sql.core import Condition, Context, Field, Scope, Session
from laketop.athena.sql.parse import LITERAL

_SYMBOLS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
_COMPARISON = "{key} {symbol} {0}"
_TEMPLATES = {"BETWEEN": "{key} >= {0} AND {key} <= {1}", "IN": "{key} IN ({all})"}
_SECONDS = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?"
# (the literal's type, the column's) → the literals that are handed on
_SHAPES: dict[tuple[exp.DType, object], re.Pattern[str]] = {
    (exp.DType.DATE, t.DATE): re.compile(r"\d{4}-\d\d-\d\d"),
    (exp.DType.TIMESTAMP, t.Timestamp): re.compile(_SECONDS),
    (exp.DType.TIMESTAMPTZ, t.TimestampTz): re.compile(_SECONDS + " UTC"),
}
_MIRRORED = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


def push_down(where: exp.Expr, context: Context, session: Session) -> None:
    """Add to each scan the conditions on its partition and prunable columns that the whole condition implies."""
    own = Scope(context.scope.fields)  # a column of the query around must not choose partitions
    for term in _conjuncts(where):
        found = _filter(term, own)
        if found is not None:
            number, condition = found
            scan = session.scans[number]
            if condition.column in scan.table.prunable:
                scan.conditions.append(condition)
            elif (expression := _expression(condition)) is not None:
                scan.filters.append(expression)


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _filter(term: exp.Expr, scope: Scope) -> tuple[int, Condition] | None:
    if type(term) in _SYMBOLS:
        symbol, left, right = _SYMBOLS[type(term)], term.args["this"], term.args["expression"]
        field, value = _key(left, scope), right
        if field is None:
            field, value, symbol = _key(right, scope), left, _MIRRORED[symbol]
        nodes = [value]
    elif isinstance(term, exp.Between):
        field, symbol, nodes = _key(term.this, scope), "BETWEEN", [term.args["low"], term.args["high"]]
    elif isinstance(term, exp.In) and term.expressions:
        field, symbol, nodes = _key(term.this, scope), "IN", term.expressions
    else:
        return None
    if field is None or field.partition is None:
        return None
    values = tuple(value for value in (_value(node, field.type) for node in nodes) if value is not None)
    if len(values) < len(nodes):
        return None
    number, column = field.partition
    return number, Condition(column, symbol, values)


def _expression(condition: Condition) -> str | None:
    """A condition in the catalog's expression language, None where a value has no form in it."""
    texts = [_text(value) for value in condition.values]
    if None in texts:
        return None
    return _TEMPLATES.get(condition.symbol, _COMPARISON).format(
        *texts, key=condition.column, symbol=condition.symbol, all=", ".join(map(str, texts))
    )


def _key(node: exp.Expr, scope: Scope) -> Field | None:
    if not isinstance(node, exp.Column):
        return None
    field = resolve([part.name for part in node.parts], scope, node)
    return field if field is not None and field.partition is not None else None


def _value(node: exp.Expr, type_: t.Type) -> str | int | datetime.date | None:
    """A literal's value, None where its type is not plainly the column's."""
    if isinstance(node, exp.Literal):
        if node.is_string and type_ == t.VARCHAR:
            return str(node.this)
        if not node.is_string and node.this.isdigit() and t.is_integer(type_):
            return int(node.this)
    if isinstance(node, exp.Anonymous) and node.this == LITERAL:
        value, to = node.expressions
        return _moment(value.this, to.this, type_)
    return None


def _moment(spelled: str, to: exp.DType, type_: t.Type) -> datetime.date | None:
    """What a DATE or TIMESTAMP literal says, None where it is not the column's type or not in the usual form."""
    shape = _SHAPES.get((to, t.DATE if type_ == t.DATE else type(type_)))
    if shape is None or not shape.fullmatch(spelled):
        return None
    try:
        if type_ == t.DATE:
            return datetime.date.fromisoformat(spelled)
        return datetime.datetime.fromisoformat(spelled.replace(" UTC", "+00:00"))
    except ValueError:
        return None


def _text(value: str | int | datetime.date) -> str | None:
    match value:
        case int():
            return str(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime.datetime():
            return None
    return f"'{value.isoformat()}'"
