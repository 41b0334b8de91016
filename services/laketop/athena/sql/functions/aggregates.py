"""Trino's page "Aggregate functions": general, bitwise and boolean ones.

Sums keep Trino's types (DuckDB's sum of bigint is a 128-bit number), the mean of decimals is a decimal, and NaN is less
than every number for max() but not for ORDER BY, as Trino has it.
"""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import types as t
from laketop.athena.sql.arithmetic import from_unscaled
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, fail, let
from laketop.athena.sql.equality import distinct_key, sort_key
from laketop.athena.sql.functions.call import Call, Rule, aggregated

MOST = 10_000  # values that min, max, min_by and max_by can give


def one(call: Call) -> Expr:
    """The only argument of a call.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where there is none, or another.
    """
    if len(call.args) != 1:
        raise call.unexpected()
    return call.args[0]


def ambiguous(call: Call) -> Exception:
    """Trino's error where an untyped NULL fits several forms with different results."""
    problem = "Could not choose a best candidate operator. Explicit type casts must be added."
    return fail("AMBIGUOUS_FUNCTION_CALL", problem, call.node)


def _count(call: Call) -> Expr:
    if not call.nodes:
        return aggregated(call, "count", "*", t.BIGINT)
    value = one(call)
    if not call.distinct or value.type == t.UNKNOWN:
        return aggregated(call, "count", value.sql, t.BIGINT)
    key = distinct_key(value, call.node)
    # a key of a NULL may be a value
    return aggregated(call, "count", key, t.BIGINT, "" if key == value.sql else f"{value.sql} IS NOT NULL")


def _sum(call: Call) -> Expr:
    value = one(call)
    if t.is_integer(value.type):
        return _cast(aggregated(call, "sum", value.sql, t.BIGINT))
    match value.type:
        case t.Decimal(_, scale):
            result = t.Decimal(t.MAX_PRECISION, scale)
            return _bounded(aggregated(call, "sum", _summed(call, value), result), result)
        case t.Simple("double"):
            return aggregated(call, "sum", value.sql, t.DOUBLE)
        case t.Simple("real"):
            total = aggregated(call, "sum", f"CAST({value.sql} AS DOUBLE)", t.REAL)
            return Expr(let(total.sql, lambda name: f"tr_agg_real({name})"), t.REAL)
        case t.Simple("interval day to second" | "interval year to month"):
            return _cast(aggregated(call, "sum", value.sql, value.type))
    raise ambiguous(call) if value.type == t.UNKNOWN else call.unexpected()


def _summed(call: Call, value: Expr) -> str:
    """What is summed up: products in 64 bits, three times as fast; the other form is kept in case these are too few."""
    if value.narrow is None or call.distinct or call.order:
        return value.sql
    call.context.session.narrowed[f"sum({value.narrow})"] = f"sum({value.sql})"
    return value.narrow


def _bounded(value: Expr, type_: t.Decimal) -> Expr:
    """A sum of decimals, which DuckDB lets grow beyond 38 digits."""
    most = from_unscaled(f"CAST('{10**t.MAX_PRECISION - 1}' AS HUGEINT)", type_)
    bounded = let(value.sql, lambda name: f"tr_agg_bounded({name}, {most})")
    return Expr(f"CAST({bounded} AS {t.duckdb_type(type_)})", type_)


def _cast(value: Expr) -> Expr:
    return Expr(f"CAST({value.sql} AS {t.duckdb_type(value.type)})", value.type)


def _avg(call: Call) -> Expr:
    value = one(call)
    if isinstance(value.type, t.Decimal):
        summed, counted = (aggregated(call, name, value.sql, t.BIGINT).sql for name in ("sum", "count"))
        mean = f"tr_agg_mean(tr_unscaled({summed}, {value.type.scale}), {counted})"
        return Expr(from_unscaled(mean, value.type), value.type)
    if t.is_integer(value.type) or t.is_float(value.type):
        type_ = t.REAL if value.type == t.REAL else t.DOUBLE
        return _cast(aggregated(call, "avg", f"CAST({value.sql} AS DOUBLE)", type_))
    if value.type in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        # Java's rounding: a half goes up
        rounded = f"floor({aggregated(call, 'avg', value.sql, t.DOUBLE).sql} + 0.5)"
        return _cast(Expr(rounded, value.type))
    raise ambiguous(call) if value.type == t.UNKNOWN else call.unexpected()


def _orderable(call: Call, value: Expr, way: str) -> str:
    """The key by which a value is compared (`way`: DESC for the largest), or FUNCTION_NOT_FOUND where it cannot be."""
    if isinstance(value.type, t.Map) or value.type in _UNORDERED:
        raise call.unexpected()
    return sort_key(value, call.node, nan_first=way == "DESC")


_UNORDERED = (t.JSON, t.HYPERLOGLOG, t.P4_HYPERLOGLOG, t.TDIGEST, t.SET_DIGEST, t.GEOMETRY, t.SPHERICAL_GEOGRAPHY)


def _extreme(function: str, way: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if len(call.args) == 2:
            return _extremes(call, call.args[0], call.args[0], way, f"second argument of {function}_n")
        value = one(call)
        key = _orderable(call, value, way)
        if value.type == t.UNKNOWN:
            return aggregated(call, "any_value", value.sql, value.type)
        if t.is_float(value.type):
            numbers = aggregated(call, function, _number(value), value.type)
            return Expr(f"coalesce({numbers.sql}, {aggregated(call, function, value.sql, value.type).sql})", value.type)
        if key != value.sql:
            plain = replace(call, distinct=False)
            return aggregated(plain, f"arg_{function}", f"{value.sql}, {key}", value.type, f"{value.sql} IS NOT NULL")
        return aggregated(call, function, value.sql, value.type)

    return compiled


def _number(value: Expr) -> str:
    return f"CASE WHEN NOT isnan({value.sql}) THEN {value.sql} END"


def _extreme_by(function: str, way: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if len(call.args) == 3:
            return _extremes(call, call.args[0], call.args[1], way, f"third argument of {call.name}")
        if len(call.args) != 2:
            raise call.unexpected()
        value, key = call.args
        compared = _orderable(call, key, way)
        # DISTINCT changes nothing here, and DuckDB would want the key among what is distinct
        plain = replace(call, distinct=False)
        if t.is_float(key.type):
            compared = _below_numbers(key, way)
        return aggregated(plain, function, f"{value.sql}, {compared}", value.type, f"{key.sql} IS NOT NULL")

    return compiled


def _below_numbers(key: Expr, way: str) -> str:
    """A key that puts NaN behind every number, whichever way it goes."""
    behind = "NOT isnan" if way == "DESC" else "isnan"
    return let(key.sql, lambda name: f"{{'a': {behind}({name}), 'b': {name}}}")


def _extremes(call: Call, value: Expr, key: Expr, way: str, what: str) -> Expr:
    """The first n values by a key, as an array."""
    compared = _orderable(call, key, way)
    count = call.args[-1]
    if not converts(count.type, t.BIGINT):
        raise call.unexpected()
    type_ = t.Array(value.type)
    if count.type == t.UNKNOWN:
        return Expr(f"CAST(NULL AS {t.duckdb_type(type_)})", type_)
    if not isinstance(count.literal, int):
        raise call.refuse("a number of values that is no literal")
    if count.literal < 1:
        ending = "must be positive" if what.startswith("second") else "must be a positive integer"
        raise call.invalid(f"{what} {ending}")
    if count.literal > MOST:
        raise call.invalid(f"{what} must be less than or equal to {MOST}; found {count.literal}")
    order = f" ORDER BY {_below_numbers(key, way) if t.is_float(key.type) else compared} {way}"
    if call.over:
        raise call.refuse("several values in a window")
    plain = replace(call, distinct=call.distinct and key.sql == value.sql == compared, order=order)
    listed = aggregated(plain, "list", value.sql, type_, f"{key.sql} IS NOT NULL")
    return Expr(f"list_slice({listed.sql}, 1, {count.literal})", type_)


def _boolean(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        value = one(call)
        if value.type not in (t.BOOLEAN, t.UNKNOWN):
            raise call.unexpected()
        return aggregated(call, function, coerce(value, t.BOOLEAN).sql, t.BOOLEAN)

    return compiled


def _count_if(call: Call) -> Expr:
    value = one(call)
    if value.type not in (t.BOOLEAN, t.UNKNOWN):
        raise call.unexpected()
    return aggregated(call, "count", f"CASE WHEN {coerce(value, t.BOOLEAN).sql} THEN 1 END", t.BIGINT)


def _any_value(call: Call) -> Expr:
    value = one(call)
    return aggregated(replace(call, distinct=False), "any_value", value.sql, value.type)


def _array_agg(call: Call) -> Expr:
    value, type_ = one(call), t.Array(one(call).type)
    key = distinct_key(value, call.node) if call.distinct else value.sql
    if key == value.sql:
        return aggregated(call, "list", value.sql, type_)
    pairs = aggregated(replace(call, distinct=False), "list", f"{{'k': {key}, 'v': {value.sql}}}", type_)
    return Expr(let(pairs.sql, lambda name: f"list_transform({_groups(name)}, lambda g: {name}[g[1]].v)"), type_)


def _groups(pairs: str) -> str:
    return f"tr_agg_groups(list_transform({pairs}, lambda p: p.k))"


def _bits(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        value = one(call)
        if not converts(value.type, t.BIGINT):
            raise call.unexpected()
        return aggregated(call, function, coerce(value, t.BIGINT).sql, t.BIGINT)

    return compiled


AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme("min", "ASC"),
    "max": _extreme("max", "DESC"),
    "min_by": _extreme_by("arg_min_null", "ASC"),
    "max_by": _extreme_by("arg_max_null", "DESC"),
    "bool_and": _boolean("bool_and"),
    "every": _boolean("bool_and"),
    "bool_or": _boolean("bool_or"),
    "count_if": _count_if,
    "arbitrary": _any_value,
    "any_value": _any_value,
    "array_agg": _array_agg,
    "bitwise_and_agg": _bits("bit_and"),
    "bitwise_or_agg": _bits("bit_or"),
}

PAGE = "Aggregate functions"
