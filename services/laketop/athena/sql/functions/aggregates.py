"""Trino's page "Aggregate functions".

Sums keep Trino's types (DuckDB's sum of bigint is a 128-bit number), the mean of decimals is a decimal, and NaN is less
than every number for max() but not for ORDER BY, as Trino has it.
"""

from collections.abc import Callable

from laketop.athena.sql import types as t
from laketop.athena.sql.arithmetic import from_unscaled, quotient
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Rule, bare


def _one(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    return call.args[0]


def _count(call: Call) -> Expr:
    if not call.nodes:
        return bare(call, "count(*)", t.BIGINT)
    return bare(call, f"count({{distinct}}{_hashable(call, _one(call)).sql})", t.BIGINT)


def _hashable(call: Call, value: Expr) -> Expr:
    if call.distinct and not t.is_comparable(value.type):
        raise call.refuse(f"DISTINCT {value.type} values")
    return value


def _sum(call: Call) -> Expr:
    value = _one(call)
    summed = f"sum({{distinct}}{value.sql})"
    if t.is_integer(value.type):
        return _wrapped("CAST({} AS BIGINT)", bare(call, summed, t.BIGINT))
    match value.type:
        case t.Decimal(_, scale):
            result = t.Decimal(t.MAX_PRECISION, scale)
            return _bounded(bare(call, summed, result), result)
        case t.Simple("double"):
            return bare(call, summed, t.DOUBLE)
        case t.Simple("real"):
            return _wrapped("CAST({} AS FLOAT)", bare(call, summed, t.REAL))
        case t.Simple("interval day to second" | "interval year to month"):
            kind = t.duckdb_type(value.type)
            return _wrapped(f"CAST({{}} AS {kind})", bare(call, summed, value.type))
    raise call.unexpected()


def _bounded(value: Expr, type_: t.Decimal) -> Expr:
    """A sum of decimals, which DuckDB lets grow beyond 38 digits."""
    most = from_unscaled(f"CAST('{10**t.MAX_PRECISION - 1}' AS HUGEINT)", type_)
    return Expr(f"CAST(tr_bounded({value.sql}, {most}) AS {t.duckdb_type(type_)})", type_)


def _wrapped(template: str, value: Expr) -> Expr:
    return Expr(template.format(value.sql), value.type)


def _avg(call: Call) -> Expr:
    value = _one(call)
    if isinstance(value.type, t.Decimal):
        total = t.Decimal(t.MAX_PRECISION, value.type.scale)
        summed = bare(call, f"sum({{distinct}}{value.sql})", total)
        counted = bare(call, f"count({{distinct}}{value.sql})", t.Decimal(19, 0))
        mean = quotient(summed, Expr(f"CAST(nullif({counted.sql}, 0) AS DECIMAL(19,0))", t.Decimal(19, 0)))
        return Expr(f"CAST({mean.sql} AS {t.duckdb_type(value.type)})", value.type)
    if t.is_integer(value.type) or value.type == t.DOUBLE:
        return bare(call, f"avg({{distinct}}{value.sql})", t.DOUBLE)
    if value.type == t.REAL:
        return _wrapped("CAST({} AS FLOAT)", bare(call, f"avg({{distinct}}CAST({value.sql} AS DOUBLE))", t.REAL))
    raise call.unexpected()


def _extreme(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        value = _one(call)
        if not t.is_comparable(value.type):
            raise call.refuse(f"{value.type} values")
        if t.is_float(value.type):
            numbers = bare(call, f"{function}({_number(value)})", value.type)
            return _wrapped(f"coalesce({{}}, {bare(call, f'{function}({value.sql})', value.type).sql})", numbers)
        return bare(call, f"{function}({value.sql})", value.type)

    return compiled


def _number(value: Expr) -> str:
    return f"CASE WHEN NOT isnan({value.sql}) THEN {value.sql} END"


def _extreme_by(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if len(call.args) != 2:
            raise call.refuse("this form") if len(call.args) == 3 else call.unexpected()
        value, key = call.args
        if not t.is_comparable(key.type) or t.is_float(key.type):
            raise call.refuse(f"an order by {key.type}")
        return bare(call, f"{function}({value.sql}, {key.sql})", value.type)

    return compiled


def _boolean(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        value = _one(call)
        if value.type != t.BOOLEAN:
            raise call.unexpected()
        return bare(call, f"{function}({value.sql})", t.BOOLEAN)

    return compiled


def _count_if(call: Call) -> Expr:
    value = _one(call)
    if value.type != t.BOOLEAN:
        raise call.unexpected()
    return bare(call, f"count({{distinct}}CASE WHEN {value.sql} THEN 1 END)", t.BIGINT)


def _approx_distinct(call: Call) -> Expr:
    """The exact number, which is within every error bound."""
    value = _one(call)
    if not t.is_comparable(value.type):
        raise call.refuse(f"{value.type} values")
    return bare(call, f"count(DISTINCT {value.sql})", t.BIGINT)


def _any_value(call: Call) -> Expr:
    value = _one(call)
    return bare(call, f"any_value({value.sql})", value.type)


def _array_agg(call: Call) -> Expr:
    value = _hashable(call, _one(call))
    return bare(call, f"array_agg({{distinct}}{value.sql}{{order}})", t.Array(value.type))


def _statistics(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        value = _one(call)
        if not t.is_numeric(value.type):
            raise call.unexpected()
        return bare(call, f"{function}({{distinct}}{coerce(value, t.DOUBLE).sql})", t.DOUBLE)

    return compiled


AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "min_by": _extreme_by("arg_min_null"),
    "max_by": _extreme_by("arg_max_null"),
    "bool_and": _boolean("bool_and"),
    "every": _boolean("bool_and"),
    "bool_or": _boolean("bool_or"),
    "count_if": _count_if,
    "approx_distinct": _approx_distinct,
    "arbitrary": _any_value,
    "any_value": _any_value,
    "array_agg": _array_agg,
    "stddev": _statistics("stddev_samp"),
    "stddev_samp": _statistics("stddev_samp"),
    "stddev_pop": _statistics("stddev_pop"),
    "variance": _statistics("var_samp"),
    "var_samp": _statistics("var_samp"),
    "var_pop": _statistics("var_pop"),
}

# Aggregates that may say DISTINCT; for the others it would change nothing, or DuckDB would not take it.
DISTINCT = {"count", "sum", "avg", "array_agg", "count_if", "listagg"} | {
    name for name in AGGREGATES if name.startswith(("stddev", "var"))
}
ORDERED = {"array_agg", "listagg"}
