"""Trino's page "Mathematical functions and operators": ceil, floor, round, truncate, sign and mod.

Halves go away from zero. A decimal rounded to digits keeps its scale and has a digit more; a whole number has its type.
"""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.arithmetic import binary, from_unscaled
from laketop.athena.sql.coercion import as_decimal, coerce, common, converts
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import DECIMAL, INTEGER, Call, Form, Rule, apply, same

_MOST_DIGITS = 38  # beyond, Trino's answers follow no rule
_OUT_OF_RANGE, _OVERFLOW = "NUMERIC_VALUE_OUT_OF_RANGE", "GENERIC_INTERNAL_ERROR"


def _whole(values: list[Expr]) -> t.Type:
    """The decimal that floor, ceil and round give: one digit more for the carry where there was a fraction."""
    type_ = values[0].type
    assert isinstance(type_, t.Decimal)  # noqa: S101 - the form's kind
    return t.Decimal(type_.precision - type_.scale + min(type_.scale, 1), 0)


def _to_whole(function: str) -> tuple[Form, ...]:
    return (
        # what a bare NULL is taken for
        Form((t.TINYINT,), t.TINYINT, "{0}"),
        Form((INTEGER,), same, "{0}"),
        Form((DECIMAL,), _whole, f"{function}({{0}})"),
        Form((t.REAL,), t.REAL, f"CAST({function}(CAST({{0}} AS DOUBLE)) AS FLOAT)"),
        Form((t.DOUBLE,), t.DOUBLE, f"{function}({{0}})"),
    )


FORMS: dict[str, tuple[Form, ...]] = {
    "floor": _to_whole("floor"),
    "ceil": _to_whole("ceil"),
    "ceiling": _to_whole("ceil"),
}

_ROUND = _to_whole("round")


def _round(call: Call) -> Expr:
    if len(call.args) == 1:
        return apply(call, _ROUND)
    if len(call.args) != 2:
        raise call.unexpected()
    value, digits = call.args
    if value.type == t.UNKNOWN:
        value = coerce(value, t.TINYINT)
    if not t.is_numeric(value.type) or not converts(digits.type, t.INTEGER):
        raise call.unexpected()
    digits = coerce(digits, t.INTEGER)
    if isinstance(digits.literal, int) and abs(digits.literal) > _MOST_DIGITS and isinstance(value.type, t.Decimal):
        raise call.refuse(f"{digits.literal} digits of a decimal")
    if isinstance(value.type, t.Decimal):
        return _round_decimal(value, value.type, digits)
    if t.is_float(value.type):
        rounded = f"tr_math_round({_double(value)}, {digits.sql})"
        return Expr(f"CAST({rounded} AS {t.duckdb_type(value.type)})", value.type)
    return _round_integer(value, digits)


def _double(value: Expr) -> str:
    return coerce(value, t.DOUBLE).sql


def _round_decimal(value: Expr, type_: t.Decimal, digits: Expr) -> Expr:
    result = t.Decimal(min(t.MAX_PRECISION, type_.precision + 1), type_.scale)
    kind = t.duckdb_type(result)
    if isinstance(digits.literal, int) and digits.literal >= type_.scale:
        return Expr(f"CAST({value.sql} AS {kind})", result)
    if isinstance(digits.literal, int) and digits.literal >= 0 and result.precision < t.MAX_PRECISION:
        # widened first: DuckDB rounds within the digits that the argument has
        return Expr(f"CAST(round(CAST({value.sql} AS {kind}), {digits.literal}) AS {kind})", result)
    return _by_digits("tr_math_round_digits", value, type_, digits, result)


def _by_digits(macro: str, value: Expr, type_: t.Decimal, digits: Expr, result: t.Decimal) -> Expr:
    """On the decimal's digits as a whole number; the macro takes them and how many of the last to give up."""
    dropped = f"({type_.scale} - CAST({digits.sql} AS BIGINT))"

    def body(x: str, drop: str) -> str:
        whole = f"{macro}(tr_unscaled({x}, {type_.scale}), least({drop}, {_MOST_DIGITS + 1}))"
        return f"CASE WHEN {drop} IS NULL THEN NULL ELSE {from_unscaled(whole, result)} END"

    return Expr(let(value.sql, lambda x: let(dropped, lambda drop: body(x, drop))), result)


def _round_integer(value: Expr, digits: Expr) -> Expr:
    if isinstance(digits.literal, int) and digits.literal >= 0:
        return value
    kind = t.duckdb_type(value.type)

    def body(x: str, n: str) -> str:
        rounded = f"tr_math_round_digits(CAST({x} AS HUGEINT), -{n})"
        beyond = text.raising(_OUT_OF_RANGE, f"'numerical overflow: ' || CAST({x} AS VARCHAR)", kind)
        name, message = (
            (_OVERFLOW, f"'integer overflow' || left(CAST({x} AS VARCHAR), 0)")
            if value.type == t.INTEGER
            else (_OUT_OF_RANGE, f"'Out of range for {value.type}: ' || CAST({rounded} AS VARCHAR)")
        )
        large = text.raising(name, message, kind)
        return (
            f"CASE WHEN {x} IS NULL OR {n} IS NULL THEN NULL WHEN {n} >= 0 THEN {x} WHEN {n} < -18 THEN {beyond} "
            f"WHEN TRY_CAST({rounded} AS {kind}) IS NULL THEN {large} ELSE CAST({rounded} AS {kind}) END"
        )

    return Expr(let(value.sql, lambda x: let(digits.sql, lambda n: body(x, n))), value.type)


def _truncate(call: Call) -> Expr:
    if len(call.args) not in (1, 2):
        raise call.unexpected()
    value = call.args[0]
    if t.is_float(value.type) and len(call.args) == 1:
        return Expr(f"trunc({value.sql})", value.type)
    type_ = t.Decimal(1, 0) if value.type == t.UNKNOWN else value.type
    if not (isinstance(type_, t.Decimal) or t.is_integer(type_)):
        raise call.unexpected()
    type_ = as_decimal(type_)
    value = coerce(value, type_)
    if len(call.args) == 2:
        if not converts(call.args[1].type, t.INTEGER):
            raise call.unexpected()
        return _by_digits("tr_math_drop_digits", value, type_, coerce(call.args[1], t.INTEGER), type_)
    result = t.Decimal(max(type_.precision - type_.scale, 1), 0)
    return Expr(f"CAST(trunc({value.sql}) AS {t.duckdb_type(result)})", result)


def _mod(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    left, right = call.args
    target = common(left.type, right.type)
    if target is None or not (t.is_numeric(target) or target == t.UNKNOWN):
        raise call.unexpected()
    if target == t.UNKNOWN:
        target = t.TINYINT
    if not t.is_integer(target):
        return binary("%", left, right, call.node)
    kind = t.duckdb_type(target)

    def body(a: str, b: str) -> str:
        # the function has another error than the operator
        error = text.raising(_OVERFLOW, f"'/ by zero' || left(CAST({b} AS VARCHAR), 0)", kind)
        return (
            f"CASE WHEN {a} IS NULL THEN NULL WHEN {b} = 0 THEN {error} "
            f"WHEN {b} = -1 THEN CAST(0 AS {kind}) ELSE {a} % {b} END"
        )

    a, b = coerce(left, target).sql, coerce(right, target).sql
    return Expr(let(a, lambda x: let(b, lambda y: body(x, y))), target)


def _sign(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    value = coerce(call.args[0], t.TINYINT) if call.args[0].type == t.UNKNOWN else call.args[0]
    if not t.is_numeric(value.type):
        raise call.unexpected()
    kind = t.duckdb_type(t.Decimal(1, 0) if isinstance(value.type, t.Decimal) else value.type)
    if t.is_float(value.type):
        # a zero keeps its sign, NaN stays
        def body(x: str) -> str:
            return f"CASE WHEN isnan({x}) OR {x} = 0 THEN {x} ELSE CAST(sign({x}) AS {kind}) END"

        return Expr(let(value.sql, body), value.type)
    result = t.Decimal(1, 0) if isinstance(value.type, t.Decimal) else value.type
    return Expr(f"CAST(sign({value.sql}) AS {kind})", result)


LOWERED: dict[str, Rule] = {"round": _round, "truncate": _truncate, "mod": _mod, "sign": _sign}

PAGE = "Mathematical functions and operators"
