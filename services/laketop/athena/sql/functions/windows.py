"""Trino's page "Window functions", and OVER for aggregates."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.call import Call, bare
from laketop.athena.sql.ordering import direction
from laketop.athena.sql.parse import place

_BOUNDS = ("UNBOUNDED", "CURRENT ROW")


def _rank(sql: str, type_: t.Type) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if call.args:
            raise call.unexpected()
        return bare(call, f"{sql}()", type_)

    return compiled


def _ntile(call: Call) -> Expr:
    if len(call.args) != 1 or not isinstance(call.args[0].literal, int):
        raise call.refuse("a number of buckets that is no literal")
    if call.args[0].literal < 1:
        raise call.invalid("Buckets must be greater than 0")
    return bare(call, f"ntile({call.args[0].literal})", t.BIGINT)


def _shift(sql: str) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if not 1 <= len(call.args) <= 3:
            raise call.unexpected()
        value = call.args[0]
        offset = call.args[1].literal if len(call.args) > 1 else 1
        if not isinstance(offset, int) or offset < 0:
            raise call.refuse("an offset that is no literal")
        default = ""
        if len(call.args) == 3:
            if common(value.type, call.args[2].type) != value.type:
                raise call.unexpected()
            default = f", {coerce(call.args[2], value.type).sql}"
        return bare(call, f"{sql}({value.sql}, {offset}{default}{_nulls(call)})", value.type)

    return compiled


def _value(sql: str) -> Callable[[Call], Expr]:
    def compiled(call: Call) -> Expr:
        if len(call.args) != 1:
            raise call.unexpected()
        return bare(call, f"{sql}({call.args[0].sql}{_nulls(call)})", call.args[0].type)

    return compiled


def _nth_value(call: Call) -> Expr:
    if len(call.args) != 2 or not isinstance(call.args[1].literal, int) or call.args[1].literal < 1:
        raise call.refuse("an offset that is no literal")
    return bare(call, f"nth_value({call.args[0].sql}, {call.args[1].literal}{_nulls(call)})", call.args[0].type)


def _nulls(call: Call) -> str:
    return " IGNORE NULLS" if call.ignore_nulls else ""


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


def over(node: exp.Window, context: Context) -> str:
    """` OVER (…)` in DuckDB SQL.

    Raises:
        SqlError: INVALID_WINDOW_REFERENCE for an unknown name, NOT_SUPPORTED for a frame that is not.
    """
    _, partition_by, order, spec, alias, _, first = parts(
        node, "this", "partition_by", "order", "spec", "alias", "over", "first"
    )
    if first not in (None, True, False):
        raise not_supported("FIRST or LAST in a window", *place(node))
    if alias is not None:
        named = context.named_windows.get(alias.name.lower())
        if named is None:
            raise fail("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {alias.name}", node)
        if partition_by or order or spec:
            raise not_supported("A window that extends a named one", *place(node))
        _, partition_by, order, spec, inner = (
            named.args.get(key) for key in ("this", "partition_by", "order", "spec", "alias")
        )
        if inner is not None:
            raise not_supported("A window that extends a named one", *place(node))
    pieces = []
    inside = replace(context, windows=False)
    if partition_by:
        keys = [compile_expression(key, inside) for key in partition_by]
        _check_keys(keys, node)
        pieces.append("PARTITION BY " + ", ".join(key.sql for key in keys))
    if order is not None:
        ordered = [(compile_expression(key.this, inside), direction(key)) for key in order.expressions]
        _check_keys([key for key, _ in ordered], node)
        pieces.append("ORDER BY " + ", ".join(f"{key.sql}{way}" for key, way in ordered))
    if spec is not None:
        pieces.append(_frame(spec, context))
    return f" OVER ({' '.join(pieces)})"


def _check_keys(keys: list[Expr], node: exp.Expr) -> None:
    for key in keys:
        if not t.is_comparable(key.type):
            raise not_supported(f"A window over {key.type} values", *place(node))


def _frame(spec: exp.WindowSpec, context: Context) -> str:
    kind, start, start_side, end, end_side, exclude = parts(
        spec, "kind", "start", "start_side", "end", "end_side", "exclude"
    )
    if exclude:
        raise not_supported("EXCLUDE in a window frame", *place(spec))
    low = _bound(start, start_side, kind, context)
    high = _bound(end, end_side, kind, context) if end else "CURRENT ROW"
    return f"{kind} BETWEEN {low} AND {high}"


def _bound(bound: exp.Expr | str, side: str | None, kind: str, context: Context) -> str:
    if isinstance(bound, str):
        if bound not in _BOUNDS:
            raise not_supported(f"The window frame bound {bound}")
        return bound if bound == "CURRENT ROW" else f"{bound} {side}"
    if isinstance(bound, exp.Literal) and not bound.is_string and bound.this.isdigit() and kind == "ROWS":
        return f"{int(bound.this)} {side}"
    if isinstance(bound, exp.Interval) and kind == "RANGE":
        value = compile_expression(bound, context)
        if value.type == t.INTERVAL_DAY and isinstance(value.literal, int):
            return f"to_milliseconds({value.literal}) {side}"
        if value.type == t.INTERVAL_YEAR and isinstance(value.literal, int):
            return f"to_months({value.literal}) {side}"
    raise not_supported(f"The window frame {kind} {bound.sql(dialect='trino')} {side}", *place(bound))
