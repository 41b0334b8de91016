"""Trino's page "Aggregate functions": the approximate ones.

A count of distinct values is exact here, which is within every error bound. The others answer what Trino's algorithms
answer for values that arrive in the same order.
"""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.equality import distinct_key
from laketop.athena.sql.functions.aggregates import ambiguous
from laketop.athena.sql.functions.call import Call, aggregated

_LEAST_ERROR, _MOST_ERROR = 0.0040625, 0.26
# A t-digest of so few values keeps each for itself, so its answers are values; beyond the other it takes too long.
_SINGLE, _LARGE = 39, 100_000
_EXACT = 2**53  # whole numbers up to this are doubles


def _approx_distinct(call: Call) -> Expr:
    if not 1 <= len(call.args) <= 2:
        raise call.unexpected()
    value = call.args[0]
    key = value.sql if value.type == t.UNKNOWN else distinct_key(value, call.node)
    condition = f"({value.sql}) IS NOT NULL"
    counted = aggregated(replace(call, distinct=True), "count", key, t.BIGINT, condition if key != value.sql else "")
    if len(call.args) == 1:
        return counted
    error = call.args[1]
    if not converts(error.type, t.DOUBLE):
        raise call.unexpected()
    if error.type == t.UNKNOWN:
        return Expr(f"({counted.sql} * 0)", t.BIGINT)
    return Expr(f"({counted.sql} + {_checked(call, coerce(error, t.DOUBLE).sql, condition)})", t.BIGINT)


def _checked(call: Call, error: str, condition: str) -> str:
    """Zero, or Trino's error for a standard error out of bounds."""
    plain = replace(call, distinct=False, order="")
    last = aggregated(plain, "last", error, t.DOUBLE, condition).sql
    message = (
        f"{text.string(f'Max standard error must be in [{_LEAST_ERROR}, {_MOST_ERROR}]: ')} || CAST({last} AS VARCHAR)"
    )
    wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, "BIGINT")
    return f"CASE WHEN {last} NOT BETWEEN {_LEAST_ERROR} AND {_MOST_ERROR} THEN {wrong} ELSE 0 END"


def _approx_percentile(call: Call) -> Expr:
    values, weight, wanted = _percentile_arguments(call)
    many = isinstance(wanted.type, t.Array)
    numbers = coerce(wanted, t.Array(t.DOUBLE) if many else t.DOUBLE).sql
    known = f"({values.sql}) IS NOT NULL AND ({numbers}) IS NOT NULL"
    if weight is not None:
        known += f" AND ({weight}) IS NOT NULL"
    quantiles = aggregated(_plain(call), "last", numbers if many else f"[{numbers}]", values.type, known).sql
    listed = aggregated(call, "list", _as_double(values), values.type, known).sql
    if weight is None:
        answers = let(listed, lambda rows: let(_bounded(quantiles), lambda asked: _of_few(rows, asked)))
    else:
        weights = aggregated(call, "list", weight, values.type, known).sql
        answers = f"py_agg_percentiles({listed}, {weights}, {_bounded(quantiles)})"
    kind = t.duckdb_type(values.type)
    rounded = "CAST(floor(q + 0.5) AS BIGINT)" if values.type == t.BIGINT else f"CAST(q AS {kind})"
    answers = f"list_transform({answers}, lambda q: {rounded})"
    return Expr(answers, t.Array(values.type)) if many else Expr(f"list_extract({answers}, 1)", values.type)


def _plain(call: Call) -> Call:
    return replace(call, distinct=False)


def _percentile_arguments(call: Call) -> tuple[Expr, str | None, Expr]:
    """The values, their weights and the percentages, in Trino's types."""
    args = call.args
    if not 2 <= len(args) <= 4:
        raise call.unexpected()
    type_ = next((to for to in (t.BIGINT, t.REAL, t.DOUBLE) if converts(args[0].type, to)), None)
    wanted = args[1] if len(args) == 2 else args[2]
    if type_ is None or not _is_percentage(wanted, many=len(args) < 4):
        raise call.unexpected()
    if wanted.type == t.UNKNOWN or args[0].type == t.UNKNOWN:
        raise ambiguous(call)
    if len(args) == 4:
        raise call.refuse("an accuracy")
    if len(args) == 2:
        return coerce(args[0], type_), None, wanted
    if not converts(args[1].type, t.DOUBLE):
        raise call.unexpected()
    return coerce(args[0], type_), _weight(coerce(args[1], t.DOUBLE).sql), wanted


def _is_percentage(value: Expr, *, many: bool) -> bool:
    return converts(value.type, t.DOUBLE) or (many and converts(value.type, t.Array(t.DOUBLE)))


def _weight(sql: str) -> str:
    def checked(name: str) -> str:
        message = f"'weight must be >= 1, was ' || CAST({name} AS VARCHAR)"
        wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, "DOUBLE")
        return f"CASE WHEN {name} < 1 THEN {wrong} ELSE {name} END"

    return let(sql, checked)


def _as_double(values: Expr) -> str:
    def exact(name: str) -> str:
        message = f"'no exact double representation for long: ' || CAST({name} AS VARCHAR)"
        wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, "DOUBLE")
        inexact = f"abs({name}) > {_EXACT} AND CAST(CAST({name} AS DOUBLE) AS HUGEINT) <> {name}"
        return f"CASE WHEN {inexact} THEN {wrong} ELSE CAST({name} AS DOUBLE) END"

    def number(name: str) -> str:
        wrong = text.raising("GENERIC_INTERNAL_ERROR", f"'value is NaN' || left(CAST({name} AS VARCHAR), 0)", "DOUBLE")
        return f"CASE WHEN isnan({name}) THEN {wrong} ELSE CAST({name} AS DOUBLE) END"

    return let(values.sql, exact if values.type == t.BIGINT else number)


def _bounded(quantiles: str) -> str:
    """The percentages, each between 0 and 1."""
    message = "'Percentile must be between 0 and 1' || left(CAST(q AS VARCHAR), 0)"
    outside = text.raising("INVALID_FUNCTION_ARGUMENT", message, "DOUBLE")
    missing = text.raising(
        "INVALID_FUNCTION_ARGUMENT", "'Percentile cannot be null' || left(CAST(i AS VARCHAR), 0)", "DOUBLE"
    )
    return (
        f"list_transform({quantiles}, lambda q, i: CASE WHEN q IS NULL THEN {missing} "
        f"WHEN q NOT BETWEEN 0 AND 1 THEN {outside} ELSE q END)"
    )


def _of_few(rows: str, asked: str) -> str:
    place = f"CAST(least(floor(q * len({rows})), len({rows}) - 1) AS BIGINT) + 1"
    picked = f"list_transform({asked}, lambda q: list_sort({rows})[{place}])"
    digested = f"py_agg_percentiles({rows}, NULL, {asked})"
    return f"CASE WHEN len({rows}) BETWEEN {_SINGLE} AND {_LARGE} THEN {digested} ELSE {picked} END"


def _most_frequent(call: Call) -> Expr:
    if len(call.args) != 3 or not all(converts(call.args[at].type, t.BIGINT) for at in (0, 2)):
        raise call.unexpected()
    count, value, capacity = call.args
    type_ = t.VARCHAR if isinstance(value.type, t.Varchar) else t.BIGINT
    if not converts(value.type, type_):
        raise call.unexpected()
    plain, known = _plain(call), f"({value.sql}) IS NOT NULL"
    first, room = (
        aggregated(plain, "first", coerce(number, t.BIGINT).sql, t.BIGINT, known).sql for number in (count, capacity)
    )
    listed = aggregated(call, "list", f"CAST({value.sql} AS VARCHAR)", t.VARCHAR, known).sql
    return Expr(
        f"CAST(py_agg_frequent({first}, {listed}, {room}) AS {t.duckdb_type(t.Map(type_, t.BIGINT))})",
        t.Map(type_, t.BIGINT),
    )


def _numeric_histogram(call: Call) -> Expr:
    if not 2 <= len(call.args) <= 3 or not converts(call.args[0].type, t.BIGINT):
        raise call.unexpected()
    value = call.args[1]
    type_ = next((to for to in (t.REAL, t.DOUBLE) if converts(value.type, to)), None)
    weight = call.args[2] if len(call.args) == 3 else Expr("CAST(1 AS DOUBLE)", t.DOUBLE)
    if type_ is None or not converts(weight.type, t.DOUBLE):
        raise call.unexpected()
    known = f"({value.sql}) IS NOT NULL AND ({weight.sql}) IS NOT NULL"
    plain = _plain(call)
    if call.distinct:
        raise call.refuse("DISTINCT")
    first = aggregated(plain, "first", coerce(call.args[0], t.BIGINT).sql, t.BIGINT, known).sql
    values, weights = (
        aggregated(plain, "list", f"CAST({coerce(part, to).sql} AS DOUBLE)", t.DOUBLE, known).sql
        for part, to in ((value, type_), (weight, t.DOUBLE))
    )
    result = t.Map(type_, type_)
    return Expr(f"CAST(py_agg_buckets({first}, {values}, {weights}) AS {t.duckdb_type(result)})", result)


AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "approx_distinct": _approx_distinct,
    "approx_most_frequent": _most_frequent,
    "approx_percentile": _approx_percentile,
    "numeric_histogram": _numeric_histogram,
}

PAGE = "Aggregate functions"
