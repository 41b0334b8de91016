"""Which conditions of WHERE can choose partitions before anything is listed.

Only what the catalog's expression language says in the same words is handed on; DuckDB applies the whole WHERE again,
so a condition that is left out costs time, never rows. Follows AWS's "GetPartitions" (Expression).
"""

from collections.abc import Iterator

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.columns import resolve
from laketop.athena.sql.core import Context, Field, Scope, Session
from laketop.athena.sql.parse import LITERAL

_SYMBOLS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
_MIRRORED = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


def push_down(condition: exp.Expr, context: Context, session: Session) -> None:
    """Add to each scan the conditions on its partition columns that the whole condition implies."""
    own = Scope(context.scope.fields)  # a column of the query around must not choose partitions
    for term in _conjuncts(condition):
        found = _filter(term, own)
        if found is not None:
            (scan, _), expression = found
            session.scans[scan].filters.append(expression)


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _filter(term: exp.Expr, scope: Scope) -> tuple[tuple[int, str], str] | None:
    if type(term) in _SYMBOLS:
        symbol, left, right = _SYMBOLS[type(term)], term.args["this"], term.args["expression"]
        field, value = _key(left, scope), right
        if field is None:
            field, value, symbol = _key(right, scope), left, _MIRRORED[symbol]
        values = [value]
        template = f"{{key}} {symbol} {{0}}"
    elif isinstance(term, exp.Between):
        field, values = _key(term.this, scope), [term.args["low"], term.args["high"]]
        template = "{key} >= {0} AND {key} <= {1}"
    elif isinstance(term, exp.In) and term.expressions:
        field, values = _key(term.this, scope), term.expressions
        template = "{key} IN (" + ", ".join(f"{{{number}}}" for number in range(len(values))) + ")"
    else:
        return None
    if field is None or field.partition is None:
        return None
    texts = [_text(value, field.type) for value in values]
    if None in texts:
        return None
    return field.partition, template.format(*texts, key=field.partition[1])


def _key(node: exp.Expr, scope: Scope) -> Field | None:
    if not isinstance(node, exp.Column):
        return None
    field = resolve([part.name for part in node.parts], scope, node)
    return field if field is not None and field.partition is not None else None


def _text(node: exp.Expr, type_: t.Type) -> str | None:
    """A literal in the catalog's expression language, None where the types are not plainly the same."""
    if isinstance(node, exp.Literal):
        if node.is_string and type_ == t.VARCHAR:
            return "'" + str(node.this).replace("'", "''") + "'"
        if not node.is_string and node.this.isdigit() and t.is_integer(type_):
            return str(int(node.this))
    if isinstance(node, exp.Anonymous) and node.this == LITERAL and type_ == t.DATE:
        value, to = node.expressions
        if to.this == exp.DType.DATE and len(value.this) == 10:
            return f"'{value.this}'"
    return None
