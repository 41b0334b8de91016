"""Trino's page "Mathematical functions and operators"; rounding and remainders are in `rounding`.

Where Java gives NaN, DuckDB often fails: the sine of infinity, the arc cosine of 2, a root of -1.
"""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import DECIMAL, INTEGER, Call, Form, Rule, apply, same

_NAN, _INFINITY, _MINUS_INFINITY = (f"CAST('{value}' AS DOUBLE)" for value in ("nan", "inf", "-inf"))


def _double(sql: str, arguments: int = 1) -> tuple[Form, ...]:
    return (Form((t.DOUBLE,) * arguments, t.DOUBLE, sql),)


def _logarithm(function: str) -> str:
    return f"CASE WHEN {{0}} < 0 THEN {_NAN} WHEN {{0}} = 0 THEN {_MINUS_INFINITY} ELSE {function}({{0}}) END"


def _circular(function: str) -> tuple[Form, ...]:
    """Of an angle: DuckDB fails for infinity."""
    return _double(f"CASE WHEN isinf({{0}}) THEN {_NAN} ELSE {function}({{0}}) END")


def _inverse(function: str) -> tuple[Form, ...]:
    """Of a sine or cosine: DuckDB fails outside of -1 to 1."""
    return _double(f"CASE WHEN abs({{0}}) > 1 THEN {_NAN} ELSE {function}({{0}}) END")


# Java's power differs from C's where the base is 1 or -1.
_POWER = _double(
    f"CASE WHEN isnan({{1}}) AND {{0}} IS NOT NULL OR abs({{0}}) = 1 AND isinf({{1}}) THEN {_NAN} ELSE pow({{0}}, {{1}}) END",  # noqa: E501
    2,
)

FORMS: dict[str, tuple[Form, ...]] = {
    "abs": (
        # what a bare NULL is taken for
        Form((t.TINYINT,), t.TINYINT, "abs({0})"),
        Form((INTEGER,), same, "abs({0})"),
        Form((DECIMAL,), same, "abs({0})"),
        Form((t.REAL,), t.REAL, "abs({0})"),
        Form((t.DOUBLE,), t.DOUBLE, "abs({0})"),
    ),
    "sqrt": _double(f"CASE WHEN {{0}} < 0 THEN {_NAN} ELSE sqrt({{0}}) END"),
    "cbrt": _double("cbrt({0})"),
    "exp": _double("exp({0})"),
    "ln": _double(_logarithm("ln")),
    "log2": _double(_logarithm("log2")),
    "log10": _double(_logarithm("log10")),
    **{name: _circular(name) for name in ("sin", "cos", "tan")},
    **{name: _inverse(name) for name in ("asin", "acos")},
    **{name: _double(f"{name}({{0}})") for name in ("atan", "sinh", "cosh", "tanh", "degrees", "radians")},
    "atan2": _double("atan2({0}, {1})", 2),
    "power": _POWER,
    "pow": _POWER,
    "e": _double("exp(CAST(1 AS DOUBLE))", 0),
    "pi": _double("pi()", 0),
    "nan": _double(_NAN, 0),
    "infinity": _double(_INFINITY, 0),
    "is_nan": (Form((t.REAL,), t.BOOLEAN, "isnan({0})"), Form((t.DOUBLE,), t.BOOLEAN, "isnan({0})")),
    "is_infinite": (Form((t.DOUBLE,), t.BOOLEAN, "isinf({0})"),),
    "is_finite": (Form((t.DOUBLE,), t.BOOLEAN, "isfinite({0})"),),
    "from_base": (Form((t.VARCHAR, t.BIGINT), t.BIGINT, "py_from_base({0}, {1})"),),
    "to_base": (Form((t.BIGINT, t.BIGINT), t.Varchar(64), "py_to_base({0}, {1})"),),
    "width_bucket": (
        Form((t.DOUBLE, t.DOUBLE, t.DOUBLE, t.BIGINT), t.BIGINT, "tr_math_width_bucket({0}, {1}, {2}, {3})"),
        Form((t.DOUBLE, t.Array(t.DOUBLE)), t.BIGINT, "py_bin({0}, {1})"),
    ),
    "normal_cdf": _double("py_normal_cdf({0}, {1}, {2})", 3),
    "inverse_normal_cdf": _double("py_inverse_normal_cdf({0}, {1}, {2})", 3),
    "beta_cdf": _double("py_beta_cdf({0}, {1}, {2})", 3),
    "inverse_beta_cdf": _double("py_inverse_beta_cdf({0}, {1}, {2})", 3),
    **{
        f"wilson_interval_{side}": (
            Form((t.BIGINT, t.BIGINT, t.DOUBLE), t.DOUBLE, f"py_wilson_{side}({{0}}, {{1}}, {{2}})"),
        )
        for side in ("lower", "upper")
    },
}


def _log(call: Call) -> Expr:
    apply(call, (Form((t.DOUBLE, t.DOUBLE), t.DOUBLE, ""),))
    base, value = (let(coerce(argument, t.DOUBLE).sql, _logarithm("ln").format) for argument in call.args)
    return Expr(f"(({value}) / ({base}))", t.DOUBLE)


def _random(call: Call) -> Expr:
    """rand() below 1, rand(n) below n, rand(m, n) from m to below n."""
    if not call.args:
        return Expr("random()", t.DOUBLE)
    types = [value.type for value in call.args]
    if len(types) > 2 or not all(t.is_integer(type_) or type_ == t.UNKNOWN for type_ in types):
        raise call.unexpected()
    # the narrowest form that takes them all
    known = [t.TINYINT if type_ == t.UNKNOWN else type_ for type_ in types]
    target = max(known, key=lambda type_: t.INTEGER_DIGITS[type_])
    low, high = ["0", *[coerce(value, target).sql for value in call.args]][-2:]
    kind = t.duckdb_type(target)
    problem = "bound must be positive" if len(types) == 1 else "start value must be less than stop value"

    def drawn(least: str, limit: str) -> str:
        message = f"'{problem}' || left(CAST({limit} AS VARCHAR), 0)"
        error = text.raising("INVALID_FUNCTION_ARGUMENT", message, kind)
        span = f"(CAST({limit} AS HUGEINT) - {least})"
        value = f"CAST({least} + CAST(floor(random() * {span}) AS HUGEINT) AS {kind})"
        missing = f"{limit} IS NULL OR {least} IS NULL"
        return f"CASE WHEN {missing} THEN NULL WHEN {limit} <= {least} THEN {error} ELSE {value} END"

    return Expr(let(low, lambda least: let(high, lambda limit: drawn(least, limit))), target)


LOWERED: dict[str, Rule] = {"log": _log, "rand": _random, "random": _random}

PAGE = "Mathematical functions and operators"
