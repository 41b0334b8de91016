"""Trino's page "Aggregate functions": the statistical ones.

Trino computes in double and lets NaN and infinity through; DuckDB stops with an error at them and at squares that are
too large, so these are kept away from it. What Trino answers to NaN and infinity is written out; the rest is refused.
"""

from collections.abc import Callable

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Form, Rule, aggregated, fit

_WHOLE_OR_DOUBLE = (Form((t.BIGINT,), t.DOUBLE, ""), Form((t.DOUBLE,), t.DOUBLE, ""))
_MEANS = (Form((t.BIGINT,), t.DOUBLE, ""), Form((t.REAL,), t.REAL, ""), Form((t.DOUBLE,), t.DOUBLE, ""))
_LARGEST = "1e154"
_PAIRS = (Form((t.REAL, t.REAL), t.REAL, ""), Form((t.DOUBLE, t.DOUBLE), t.DOUBLE, ""))


def _numbers(call: Call, forms: tuple[Form, ...]) -> tuple[t.Type, list[str]]:
    """The result's type, and the arguments as doubles."""
    found = fit(call, forms)
    if found is None:
        raise call.unexpected()
    form, values = found
    assert not callable(form.gives)  # noqa: S101 - the tables above say types
    return form.gives, [f"CAST({value.sql} AS DOUBLE)" for value in values]


def _refused_large(call: Call, numbers: list[str], sql: str) -> str:
    """DuckDB SQL of a measure; refused where the square of a number is too large for a double.

    Trino then answers 0, NaN or infinity, by how it happened to split the rows.
    """
    large = " OR ".join(f"(isfinite({number}) AND abs({number}) > {_LARGEST})" for number in numbers)
    found = aggregated(call, "bool_or", large, t.BOOLEAN).sql
    count = aggregated(call, "count", numbers[0], t.BIGINT).sql
    what = text.string(f"{call.name} of numbers beyond {_LARGEST} is not supported by Laketop")
    error = text.raising("NOT_SUPPORTED", f"{what} || left(CAST({count} AS VARCHAR), 0)", "DOUBLE")
    return f"CASE WHEN {found} THEN {error} ELSE {sql} END"


def _spread(function: str, least: int) -> Rule:
    """A measure of one column that needs at least so many rows."""

    def compiled(call: Call) -> Expr:
        _, (x,) = _numbers(call, _WHOLE_OR_DOUBLE)
        value = aggregated(call, function, x, t.DOUBLE, f"abs({x}) <= {_LARGEST}").sql
        if not t.is_float(call.args[0].type):
            return Expr(value, t.DOUBLE)
        wild, count = (
            aggregated(call, "bool_or", f"NOT isfinite({x})", t.BOOLEAN),
            aggregated(call, "count", x, t.BIGINT),
        )
        sql = (
            f"CASE WHEN {wild.sql} THEN CASE WHEN {count.sql} >= {least} THEN CAST('nan' AS DOUBLE) END "
            f"ELSE {value} END"
        )
        return Expr(_refused_large(call, [x], sql), t.DOUBLE)

    return compiled


def _once(sql: str, name: str, body: str) -> str:
    """DuckDB SQL that uses a value by a name, and computes it once."""
    return f"list_extract(list_transform([{sql}], lambda {name}: {body}), 1)"


def _shape(macro: str, least: int) -> Rule:
    """Skewness or kurtosis, of the gathered values; NaN where all are equal, as nothing divided by nothing is."""

    def compiled(call: Call) -> Expr:
        _, (x,) = _numbers(call, _WHOLE_OR_DOUBLE)
        gathered = aggregated(call, "list", x, t.Array(t.DOUBLE), f"{x} IS NOT NULL").sql
        # counted from the smallest, or large values would lose the digits in which they differ
        measured = _once("list_avg(m_c)", "m_m", f"{macro}(m_c, m_m)")
        moved = _once("list_min(m_a)", "m_o", _once("list_transform(m_a, lambda m_e: m_e - m_o)", "m_c", measured))
        odd = "list_min(m_a) = list_max(m_a) OR NOT isfinite(list_sum(m_a))"
        value = f"CASE WHEN len(m_a) >= {least} THEN CASE WHEN {odd} THEN CAST('nan' AS DOUBLE) ELSE {moved} END END"
        return Expr(_once(gathered, "m_a", value), t.DOUBLE)

    return compiled


def _geometric_mean(call: Call) -> Expr:
    type_, (x,) = _numbers(call, _MEANS)
    logarithm = (
        f"CASE WHEN {x} < 0 THEN CAST('nan' AS DOUBLE) WHEN {x} = 0 THEN CAST('-inf' AS DOUBLE) ELSE ln({x}) END"
    )
    mean = aggregated(call, "avg", logarithm, t.DOUBLE).sql
    return Expr(f"CAST(exp({mean}) AS {t.duckdb_type(type_)})", type_)


def _pair(template: str, wild: str, least: int) -> Rule:
    """A measure of two columns.

    Args:
        template: how it is computed, with {cov} and so on for DuckDB's aggregates of the two columns.
        wild: the answer where a value is not finite.
        least: how many rows it needs.
    """

    def compiled(call: Call) -> Expr:
        type_, (y, x) = _numbers(call, _PAIRS)
        finite = f"isfinite({y}) AND isfinite({x})"
        tame = f"abs({y}) <= {_LARGEST} AND abs({x}) <= {_LARGEST}"
        parts = {
            name: aggregated(call, function, f"{y}, {x}", t.DOUBLE, tame).sql
            for name, function in _OF_PAIRS.items()
            if f"{{{name}}}" in template
        }
        known = f"({y}) IS NOT NULL AND ({x}) IS NOT NULL"
        count = aggregated(call, "regr_count", f"{y}, {x}", t.BIGINT).sql
        odd = aggregated(call, "bool_or", f"NOT ({finite})", t.BOOLEAN, known).sql
        if call.distinct:
            raise call.refuse("DISTINCT")
        sql = f"CASE WHEN {count} < {least} THEN NULL WHEN {odd} THEN {wild} ELSE {template.format(**parts)} END"
        return Expr(f"CAST({_refused_large(call, [y, x], sql)} AS {t.duckdb_type(type_)})", type_)

    return compiled


_OF_PAIRS = {
    "pop": "covar_pop",
    "samp": "covar_samp",
    "xx": "regr_sxx",
    "yy": "regr_syy",
    "xy": "regr_sxy",
    "x": "regr_avgx",
    "y": "regr_avgy",
}
_NAN = "CAST('nan' AS DOUBLE)"
_SLOPE = "({xy} / nullif({xx}, 0))"

AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "stddev": _spread("stddev_samp", 2),
    "stddev_samp": _spread("stddev_samp", 2),
    "stddev_pop": _spread("stddev_pop", 1),
    "variance": _spread("var_samp", 2),
    "var_samp": _spread("var_samp", 2),
    "var_pop": _spread("var_pop", 1),
    "skewness": _shape("tr_agg_skewness", 3),
    "kurtosis": _shape("tr_agg_kurtosis", 4),
    "geometric_mean": _geometric_mean,
    "corr": _pair("({xy} / nullif(sqrt({xx}) * sqrt({yy}), 0))", "NULL", 1),
    "covar_pop": _pair("{pop}", _NAN, 1),
    "covar_samp": _pair("{samp}", _NAN, 2),
    "regr_slope": _pair(_SLOPE, "NULL", 1),
    "regr_intercept": _pair(f"({{y}} - {_SLOPE} * {{x}})", "NULL", 1),
}

PAGE = "Aggregate functions"
