"""Trino's page "Window functions"."""

from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common, converts
from laketop.athena.sql.core import Context, Expr, fail
from laketop.athena.sql.functions.call import Call, aggregated
from laketop.athena.sql.functions.frames import WITHIN, over, resolved

__all__ = ["IGNORING", "PAGE", "WINDOWS", "WITHIN", "check", "over"]

_FARTHEST = 2**62


def _rank(sql: str, type_: t.Type) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if call.args:
            raise call.unexpected()
        return aggregated(call, sql, "", type_)

    return compiled


def _bigint(call: Call, position: int) -> Expr:
    value = call.args[position]
    if not converts(value.type, t.BIGINT):
        raise call.unexpected()
    return coerce(value, t.BIGINT)


def _least(value: Expr, least: int, problem: str, *, nulls: str | None = None) -> str:
    """A number that is not below the least; with `nulls`, the error for a NULL."""
    if isinstance(value.literal, int) and value.literal >= least:
        return value.sql
    # the message hangs on the row, or the error would be raised for a query without rows
    tail = f"coalesce(left(CAST({value.sql} AS VARCHAR), 0), '')"
    wrong = text.raising("INVALID_FUNCTION_ARGUMENT", f"{text.string(problem)} || {tail}", "BIGINT")
    if nulls is None:
        return f"CASE WHEN {value.sql} < {least} THEN {wrong} ELSE {value.sql} END"
    missing = text.raising("INVALID_FUNCTION_ARGUMENT", f"{text.string(nulls)} || {tail}", "BIGINT")
    # DuckDB adds it to a row's number, which must not overflow
    bounded = f"least({value.sql}, {_FARTHEST})"
    return f"CASE WHEN {value.sql} IS NULL THEN {missing} WHEN {value.sql} < {least} THEN {wrong} ELSE {bounded} END"


def _ntile(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    buckets = _least(_bigint(call, 0), 1, "Buckets must be greater than 0")
    return aggregated(call, "ntile", buckets, t.BIGINT)


def _shift(sql: str) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if not 1 <= len(call.args) <= 3:
            raise call.unexpected()
        value, offset, default = call.args[0], "1", ""
        if len(call.args) > 1:
            offset = _least(_bigint(call, 1), 0, "Offset must be at least 0", nulls="Offset must not be null")
        if len(call.args) == 3:
            type_ = common(value.type, call.args[2].type)
            if type_ is None:
                raise call.unexpected()
            value, default = coerce(value, type_), f", {coerce(call.args[2], type_).sql}"
        return aggregated(call, sql, f"{value.sql}, {offset}{default}{_nulls(call)}", value.type)

    return compiled


def _value(sql: str) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if len(call.args) != 1:
            raise call.unexpected()
        return aggregated(call, sql, call.args[0].sql + _nulls(call), call.args[0].type)

    return compiled


def _nth_value(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    offset = _least(_bigint(call, 1), 1, "Offset must be at least 1")
    return aggregated(call, "nth_value", f"{call.args[0].sql}, {offset}{_nulls(call)}", call.args[0].type)


def _nulls(call: Call) -> str:
    return " IGNORE NULLS" if call.ignore_nulls else ""


def check(name: str, node: exp.Window, context: Context) -> None:
    """What lag and lead ask of their window.

    Raises:
        SqlError: MISSING_ORDER_BY, INVALID_WINDOW_FRAME.
    """
    if name not in ("lag", "lead"):
        return
    window = resolved(node, context)
    if window.order is None:
        raise fail("MISSING_ORDER_BY", f"{name} function requires an ORDER BY window clause", node)
    if window.frame is not None:
        raise fail("INVALID_WINDOW_FRAME", f"Cannot specify window frame for {name} function", node)


WINDOWS: dict[str, Callable[[Call], Expr]] = {
    "row_number": _rank("row_number", t.BIGINT),
    "rank": _rank("rank", t.BIGINT),
    "dense_rank": _rank("dense_rank", t.BIGINT),
    "percent_rank": _rank("percent_rank", t.DOUBLE),
    "cume_dist": _rank("cume_dist", t.DOUBLE),
    "ntile": _ntile,
    "lag": _shift("lag"),
    "lead": _shift("lead"),
    "first_value": _value("first_value"),
    "last_value": _value("last_value"),
    "nth_value": _nth_value,
}
IGNORING = {"lag", "lead", "first_value", "last_value", "nth_value"}

PAGE = "Window functions"
