"""Trino's pages "Conditional expressions" and "Conversion functions", as far as they look like functions."""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import compare, unified
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Rule


def _coalesce(call: Call) -> Expr:
    if len(call.args) < 2:
        raise call.invalid("The 'coalesce' function must have at least two arguments")
    values = unified(call.args, call.node, "COALESCE")
    return Expr(f"coalesce({', '.join(value.sql for value in values)})", values[0].type)


def _nullif(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.invalid("Invalid number of arguments for 'nullif' function")
    left, right = call.args
    if left.type == t.UNKNOWN:
        return left
    return Expr(f"CASE WHEN {compare('=', left, right, call.node)} THEN NULL ELSE {left.sql} END", left.type)


def _try(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.invalid("The 'try' function must have exactly one argument")
    return Expr(f"TRY({call.args[0].sql})", call.args[0].type)


def _typeof(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    return Expr(text.string(str(call.args[0].type)), t.VARCHAR)


LOWERED: dict[str, Rule] = {"coalesce": _coalesce, "nullif": _nullif, "try": _try, "typeof": _typeof}
