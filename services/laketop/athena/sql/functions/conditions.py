"""Trino's page "Conditional expressions", as far as they look like functions."""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.attempts import attempt
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.comparison import compare, unified
from laketop.athena.sql.core import Expr, fail, lets
from laketop.athena.sql.definitions import can_fail
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.strict import strict
from laketop.athena.sql.text import raising


def _coalesce(call: Call) -> Expr:
    if len(call.args) < 2:
        raise fail("SYNTAX_ERROR", "The 'coalesce' function must have at least two arguments", call.node)
    values = unified(call.args, call.node, "COALESCE", call.nodes)
    if isinstance(values[0].type, t.Row | t.TimestampTz | t.TimeTz) and _is_tried(call.node):
        # DuckDB crashes on coalesce of a STRUCT inside of TRY
        tests = " ".join(f"WHEN {value.sql} IS NOT NULL THEN {value.sql}" for value in values[:-1])
        return Expr(f"(CASE {tests} ELSE {values[-1].sql} END)", values[0].type)
    return Expr(f"coalesce({', '.join(value.sql for value in values)})", values[0].type)


def _is_tried(node: exp.Expr) -> bool:
    calls = (parent for parent in _parents(node) if isinstance(parent, exp.Anonymous))
    return any(str(call.this).lower() == "try" for call in calls)


def _parents(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


def _nullif(call: Call) -> Expr:
    if len(call.args) != 2:
        raise fail("SYNTAX_ERROR", "Invalid number of arguments for 'nullif' function", call.node)
    left, right = call.args
    if left.type == t.UNKNOWN or right.type == t.UNKNOWN:
        return left

    def chosen(a: str, b: str) -> str:
        equal = compare("=", replace(left, sql=a), replace(right, sql=b), call.node)
        return f"CASE WHEN {equal} THEN NULL ELSE {a} END"

    value = Expr(lets([left.sql, right.sql], chosen), left.type)
    return strict((left, right), value) if can_fail(right.sql) else value


def _try(call: Call) -> Expr:
    if len(call.args) != 1:
        raise fail("SYNTAX_ERROR", "The 'try' function must have exactly one argument", call.node)
    if isinstance(call.nodes[0].unnest(), exp.Query):
        return call.args[0]
    if call.nodes[0].find(exp.Query) is not None:
        # an error inside of the query passes through Trino's try, DuckDB takes no query there at all
        raise call.refuse("a sub-query inside")
    return attempt(call.args[0], call.context, call.node)


def _fail(call: Call) -> Expr:
    """fail(message), which Trino has and does not describe."""
    value = coerce(call.args[0], t.VARCHAR) if len(call.args) == 1 and converts(call.args[0].type, t.VARCHAR) else None
    if value is None:
        raise call.unexpected()
    return Expr(
        f"CASE WHEN {value.sql} IS NOT NULL THEN {raising('GENERIC_USER_ERROR', value.sql, 'INTEGER')} END", t.UNKNOWN
    )


LOWERED: dict[str, Rule] = {"coalesce": _coalesce, "nullif": _nullif, "try": _try, "fail": _fail}

PAGE = "Conditional expressions"
