"""OVER: partitions, order and frames, and the windows that WINDOW names.

Follows Trino's pages "Window functions" and "SELECT" (WINDOW clause).
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts
from laketop.athena.sql.equality import distinct_key, sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.ordering import direction
from laketop.athena.sql.parse import place

WITHIN = "Window"  # the clause of what stands in a window's brackets
_DAY = 86_400_000  # milliseconds
_UNBOUNDED, _CURRENT = "UNBOUNDED", "CURRENT ROW"
# A frame that starts with one cannot end with the other.
_BACKWARDS = {
    (_CURRENT, "PRECEDING"): "Window frame starting from CURRENT ROW cannot end with PRECEDING",
    ("FOLLOWING", "PRECEDING"): "Window frame starting from FOLLOWING cannot end with PRECEDING",
    ("FOLLOWING", _CURRENT): "Window frame starting from FOLLOWING cannot end with CURRENT ROW",
}


@dataclass(frozen=True)
class Window:
    """A window after its names are resolved; each part None where it is not said."""

    partition: list[exp.Expr] | None = None
    order: exp.Order | None = None
    frame: exp.WindowSpec | None = None


def over(node: exp.Window, context: Context) -> str:
    """` OVER (…)` in DuckDB SQL.

    Raises:
        SqlError: INVALID_WINDOW_REFERENCE for an unknown name, INVALID_WINDOW_FRAME, MISSING_ORDER_BY, TYPE_MISMATCH.
    """
    window = resolved(node, context)
    inside = replace(context, windows=False, clause=WITHIN)
    pieces = []
    if window.partition:
        keys = [distinct_key(compile_expression(key, inside), key) for key in window.partition]
        pieces.append("PARTITION BY " + ", ".join(keys))
    ordered = window.order.expressions if window.order is not None else []
    keys_of_order = [compile_expression(item.this, inside) for item in ordered]
    framed = _frame(window.frame, keys_of_order, inside) if window.frame is not None else _Frame("", None)
    if ordered:
        sorted_by = (
            [framed.key]
            if framed.key
            else [sort_key(key, item) for key, item in zip(keys_of_order, ordered, strict=True)]
        )
        ways = [key + direction(item) for key, item in zip(sorted_by, ordered, strict=True)]
        pieces.append("ORDER BY " + ", ".join(ways))
    return f" OVER ({' '.join([*pieces, framed.sql]).strip()})"


def resolved(node: exp.Window, context: Context) -> Window:
    """The window that OVER means.

    Raises:
        SqlError: INVALID_WINDOW_REFERENCE, INVALID_PARTITION_BY, INVALID_ORDER_BY.
    """
    _, partition, order, frame, name, _, first = parts(
        node, "this", "partition_by", "order", "spec", "alias", "over", "first"
    )
    if first not in (None, True, False):
        raise not_supported("FIRST or LAST in a window", *place(node))
    if name is None:
        return Window(partition or None, order, frame)
    known = _named(context)
    if name.name.lower() not in known:
        raise fail("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {name.name}", name)
    base = known[name.name.lower()]
    if "spec" not in node.args:
        return base  # OVER w; what stands in brackets can only extend it
    return _extended(base, partition, order, frame, name)


def _named(context: Context) -> dict[str, Window]:
    """The windows of the WINDOW clause; each may extend one before it."""
    known: dict[str, Window] = {}
    for name, node in context.named_windows.items():
        base = node.args.get("alias")
        partition, order, frame = (node.args.get(part) for part in ("partition_by", "order", "spec"))
        if base is None:
            known[name] = Window(partition or None, order, frame)
        elif base.name.lower() not in known:
            raise fail("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {base.name}", base)
        else:
            known[name] = _extended(known[base.name.lower()], partition or [], order, frame, base)
    return known


def _extended(
    base: Window, partition: list[exp.Expr], order: exp.Order | None, frame: exp.WindowSpec | None, node: exp.Expr
) -> Window:
    if partition:
        problem = "WINDOW specification with named WINDOW reference cannot specify PARTITION BY"
        raise fail("INVALID_PARTITION_BY", problem, partition[0])
    if order is not None and base.order is not None:
        problem = "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY"
        raise fail("INVALID_ORDER_BY", problem, order)
    if base.frame is not None:
        problem = "Cannot reference named WINDOW containing frame specification"
        raise fail("INVALID_WINDOW_REFERENCE", problem, node)
    return Window(base.partition, order or base.order, frame)


@dataclass(frozen=True)
class _Frame:
    """A frame's SQL, and the sort key that it counts from where that is not the plain one."""

    sql: str
    key: str | None


def _frame(spec: exp.WindowSpec, keys: list[Expr], context: Context) -> _Frame:
    kind, start, start_side, end, end_side, exclude = parts(
        spec, "kind", "start", "start_side", "end", "end_side", "exclude"
    )
    if exclude:
        raise fail("SYNTAX_ERROR", "mismatched input 'EXCLUDE'", spec)
    if end is None:
        end, end_side = _CURRENT, None
    _check_direction(start, start_side, end, end_side, spec)
    offsets = [bound for bound in (start, end) if not isinstance(bound, str)]
    if offsets and kind in ("RANGE", "GROUPS") and not keys:
        raise fail("MISSING_ORDER_BY", f"Window frame of type {kind} PRECEDING or FOLLOWING requires ORDER BY", spec)
    if not keys and kind == "GROUPS":
        kind = "RANGE"  # without an order all rows are one group
    key = _range_key(keys, offsets, context, spec) if offsets and kind == "RANGE" else None
    low, high = (_bound(bound, side, kind, key, context) for bound, side in ((start, start_side), (end, end_side)))
    return _Frame(f"{kind} BETWEEN {low} AND {high}", key.sql if key else None)


def _check_direction(
    start: exp.Expr | str, start_side: str | None, end: exp.Expr | str, end_side: str | None, spec: exp.Expr
) -> None:
    if (start, start_side) == (_UNBOUNDED, "FOLLOWING"):
        raise fail("INVALID_WINDOW_FRAME", "Window frame start cannot be UNBOUNDED FOLLOWING", spec)
    if (end, end_side) == (_UNBOUNDED, "PRECEDING"):
        raise fail("INVALID_WINDOW_FRAME", "Window frame end cannot be UNBOUNDED PRECEDING", spec)
    places = tuple(_CURRENT if bound == _CURRENT else side for bound, side in ((start, start_side), (end, end_side)))
    if places in _BACKWARDS:
        raise fail("INVALID_WINDOW_FRAME", _BACKWARDS[places], spec)


def _range_key(keys: list[Expr], offsets: list[exp.Expr], context: Context, spec: exp.Expr) -> Expr:
    """The one sort key of a RANGE frame with offsets, in a type in which the offsets can be added."""
    if len(keys) != 1:
        problem = "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY"
        raise fail("INVALID_ORDER_BY", f"{problem} (actual: {len(keys)})", spec)
    key = keys[0]
    if not (t.is_numeric(key.type) or isinstance(key.type, _MOMENTS) or key.type in _SPANS):
        problem = "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric"
        raise fail("TYPE_MISMATCH", f"{problem}, datetime or interval (actual: {key.type})", spec)
    if not t.is_numeric(key.type):
        return replace(key, sql=sort_key(key, spec))
    for offset in offsets:
        type_ = common(key.type, compile_expression(offset, context).type)
        key = coerce(key, type_) if type_ is not None and t.is_numeric(type_) else key
    return key


_MOMENTS = (t.Timestamp, t.TimestampTz, t.Time, t.TimeTz)
_SPANS = (t.DATE, t.INTERVAL_DAY, t.INTERVAL_YEAR)


def _bound(bound: exp.Expr | str, side: str | None, kind: str, key: Expr | None, context: Context) -> str:
    if isinstance(bound, str):
        return bound if bound == _CURRENT else f"{bound} {side}"
    value = compile_expression(bound, context)
    if kind == "RANGE" and key is not None:
        return f"{_distance(value, key, bound)} {side}"
    exact = t.is_integer(value.type) or (isinstance(value.type, t.Decimal) and value.type.scale == 0)
    if not exact:
        which = "start" if side == "PRECEDING" else "end"
        problem = f"Window frame {kind} {which} value type must be exact numeric type with scale 0"
        raise fail("TYPE_MISMATCH", f"{problem} (actual {value.type})", bound)
    return f"{_positive(replace(value, sql=f'CAST({value.sql} AS BIGINT)'), 'BIGINT')} {side}"


def _positive(value: Expr, kind: str) -> str:
    """An offset that is neither NULL nor negative."""
    if isinstance(value.literal, int) and value.literal >= 0:
        return value.sql
    problem = "'Window frame offset value must not be negative or null'"
    message = f"{problem} || coalesce(left(CAST({value.sql} AS VARCHAR), 0), '')"
    error = text.raising("INVALID_WINDOW_FRAME", message, kind)
    return f"CASE WHEN {value.sql} IS NULL OR {value.sql} < 0 THEN {error} ELSE {value.sql} END"


def _distance(value: Expr, key: Expr, node: exp.Expr) -> str:
    """The offset of a RANGE frame in what DuckDB adds to the key."""
    if t.is_numeric(key.type) and t.is_numeric(value.type):
        return _positive(coerce(value, key.type), t.duckdb_type(key.type))
    if value.type not in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        problem = f"Window frame RANGE value type ({value.type}) not compatible with sort item type ({key.type})"
        raise fail("TYPE_MISMATCH", problem, node)
    if key.type in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        return _positive(coerce(value, key.type), t.duckdb_type(key.type))
    if isinstance(key.type, t.Time | t.TimeTz) or (value.type, type(key.type)) == (t.INTERVAL_YEAR, t.TimestampTz):
        raise not_supported(f"A RANGE frame of {value.type} over {key.type}", *place(node))
    if value.type == t.INTERVAL_YEAR:
        # computed for each row: as constants DuckDB takes 30 days and a month for the same offset
        return f"to_months(CASE WHEN {key.sql} IS NULL THEN 0 ELSE {_positive(value, 'INTEGER')} END)"
    if key.type == t.DATE and not isinstance(value.literal, int):
        raise not_supported("A RANGE frame over dates whose offset is no literal", *place(node))
    if key.type == t.DATE and isinstance(value.literal, int) and value.literal % _DAY:
        raise fail("INVALID_FUNCTION_ARGUMENT", "Cannot subtract hour, minutes or seconds from a date", node)
    return f"to_milliseconds({_positive(value, 'BIGINT')})"
