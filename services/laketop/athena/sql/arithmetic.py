"""+ - * / % as Trino means them: integers stay integers and overflow, decimals have exact types, dates take intervals.

DuckDB differs in each: its `/` gives a double, a division by zero NULL, and a product of two short decimals stays
short.
Follows Trino's pages "Mathematical functions and operators", "Decimal functions and operators" and "Date and time
functions and operators"; the precision rules are those of the decimal page.
"""

from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import temporal, text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import as_decimal, coerce, common
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, lets, parts, rule
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.literals import whole_number
from laketop.athena.sql.strict import strict

_SYMBOLS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_AMBIGUOUS = "Could not choose a best candidate operator. Explicit type casts must be added."
_MAX_INT64_DIGITS = 18  # decimals up to this precision are 64-bit numbers in DuckDB


@rule(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def _binary(node: exp.Binary, context: Context) -> Expr:
    left_node, right_node, *_ = parts(node, "this", "expression", "typed", "safe")
    left, right = compile_expression(left_node, context), compile_expression(right_node, context)
    return strict((left, right), binary(_SYMBOLS[type(node)], left, right, node))


def binary(symbol: str, left: Expr, right: Expr, node: exp.Expr) -> Expr:
    """One arithmetic operation.

    Args:
        symbol: one of + - * / %.
        node: where to say that an error is.

    Raises:
        SqlError: TYPE_MISMATCH where Trino has no such operation.
    """
    if t.is_numeric(left.type) and t.is_numeric(right.type):
        return _numeric(symbol, left, right)
    if t.UNKNOWN in (left.type, right.type):
        known = right if left.type == t.UNKNOWN else left
        if _ambiguous(symbol, left.type, right.type):
            raise fail("AMBIGUOUS_FUNCTION_CALL", _AMBIGUOUS, node)
        if t.is_numeric(known.type):
            # a NULL beside a decimal is the smallest decimal that there is
            target = t.Decimal(1, 0) if isinstance(known.type, t.Decimal) else known.type
            sides = [coerce(side, target) if side.type == t.UNKNOWN else side for side in (left, right)]
            return _numeric(symbol, sides[0], sides[1])
    found = temporal.binary(symbol, left, right, node)
    if found is None:
        raise fail("TYPE_MISMATCH", f"Cannot apply operator: {left.type} {symbol} {right.type}", node)
    return found


def _ambiguous(symbol: str, left: t.Type, right: t.Type) -> bool:
    """Whether the NULL could as well be an interval, which is multiplied and divided too."""
    if left == right:
        return True
    if symbol == "*":
        return t.DOUBLE in (left, right) or t.BIGINT in (left, right)
    return symbol == "/" and right == t.DOUBLE


def _numeric(symbol: str, left: Expr, right: Expr) -> Expr:
    types = (left.type, right.type)
    if any(isinstance(type_, t.Decimal) for type_ in types) and not any(t.is_float(type_) for type_ in types):
        if symbol == "*":
            return _product(left, right)
        return _DECIMAL[symbol](left, right)
    target = common(left.type, right.type)
    assert target is not None  # noqa: S101 - any two numbers have a common type
    a, b = coerce(left, target).sql, coerce(right, target).sql
    if t.is_float(target):
        return Expr(f"({a} {symbol} {b})", target)
    if symbol not in "/%":
        # the cast keeps DuckDB from widening, e.g. a sum with a wider literal
        return Expr(f"CAST(({a} {symbol} {b}) AS {t.duckdb_type(target)})", target)
    if symbol == "/":
        return Expr(lets([a, b], lambda x, y: checked_divisor(x, y, f"({x} // {y})", target)), target)
    # the smallest number modulo -1 overflows in DuckDB
    safe = isinstance(right.literal, int) and right.literal != -1
    rest = "({x} % {y})" if safe else "(CASE WHEN {y} = -1 THEN 0 ELSE {x} % {y} END)"
    return Expr(lets([a, b], lambda x, y: checked_divisor(x, y, rest.format(x=x, y=y), target)), target)


def checked_divisor(dividend: str, divisor: str, quotient: str, type_: t.Type) -> str:
    """The quotient, or Trino's error where the divisor is zero (DuckDB would answer NULL); NULL by zero is NULL."""
    # the message hangs on the divisor, or DuckDB would evaluate the failing constant for rows that never get there
    message = f"'Division by zero' || left(CAST({divisor} AS VARCHAR), 0)"
    error = text.raising("DIVISION_BY_ZERO", message, t.duckdb_type(type_))
    return f"CASE WHEN {dividend} IS NULL THEN NULL WHEN {divisor} = 0 THEN {error} ELSE {quotient} END"


def _decimals(left: Expr, right: Expr) -> tuple[str, t.Decimal, str, t.Decimal]:
    a, b = as_decimal(left.type), as_decimal(right.type)
    return coerce(left, a).sql, a, coerce(right, b).sql, b


def _widened(sql: str, type_: t.Decimal, other: t.Decimal, result: int) -> str:
    """The left operand in more bits where DuckDB would squeeze the result of two short decimals into 64."""
    if result > _MAX_INT64_DIGITS >= max(type_.precision, other.precision):
        return f"CAST({sql} AS DECIMAL({min(result, t.MAX_PRECISION)},{type_.scale}))"
    return sql


def _additive(symbol: str) -> Callable[[Expr, Expr], Expr]:
    def compute(left: Expr, right: Expr) -> Expr:
        a, p, b, q = _decimals(left, right)
        scale = max(p.scale, q.scale)
        digits = max(p.precision - p.scale, q.precision - q.scale) + scale + 1
        result = t.Decimal(min(t.MAX_PRECISION, digits), scale)
        a = _widened(a, p, q, digits)
        return Expr(f"CAST(({a} {symbol} {b}) AS {t.duckdb_type(result)})", result)

    return compute


def _product(left: Expr, right: Expr) -> Expr:
    a, p, b, q = _decimals(left, right)
    digits, scale = p.precision + q.precision, p.scale + q.scale
    if scale > t.MAX_PRECISION:
        problem = f"DECIMAL scale must be in range [0, precision (38)]: {scale}"
        raise SqlError("INVALID_FUNCTION_ARGUMENT", problem)
    result = t.Decimal(min(t.MAX_PRECISION, digits), scale)
    short = [
        value.narrow or (sql if type_.precision <= _MAX_INT64_DIGITS else None)
        for value, sql, type_ in ((left, a, p), (right, b, q))
    ]
    narrow = None
    if None not in short and digits > _MAX_INT64_DIGITS > scale:
        narrow = f"({short[0]} * {short[1]})"
    return Expr(f"CAST(({_widened(a, p, q, digits)} * {b}) AS {t.duckdb_type(result)})", result, narrow=narrow)


def quotient(left: Expr, right: Expr) -> Expr:
    """Decimal division, rounded half up to the scale of the longer operand; an error where the divisor is zero."""
    a, p, b, q = _decimals(left, right)
    scale = max(p.scale, q.scale)
    result = t.Decimal(min(t.MAX_PRECISION, p.precision + q.scale + max(q.scale - p.scale, 0)), scale)
    up = scale - p.scale + q.scale

    def divided(x: str, y: str) -> str:
        whole = f"tr_divide(tr_unscaled({x}, {p.scale}) * {power_of_ten(up)}, tr_unscaled({y}, {q.scale}))"
        return checked_divisor(x, y, from_unscaled(whole, result), result)

    return Expr(lets([a, b], divided), result)


def power_of_ten(exponent: int) -> str:
    """10^exponent as a DuckDB HUGEINT."""
    return f"CAST('{10**exponent}' AS HUGEINT)"


def from_unscaled(sql: str, type_: t.Decimal) -> str:
    """A decimal from its digits as a HUGEINT; an error where they are too many."""
    if type_.scale == 0:
        return f"CAST({sql} AS {t.duckdb_type(type_)})"
    unit = f"CAST('{10**-type_.scale:.{type_.scale}f}' AS DECIMAL({type_.scale},{type_.scale}))"
    return f"CAST((CAST({sql} AS DECIMAL(38,0)) * {unit}) AS {t.duckdb_type(type_)})"


def _remainder(left: Expr, right: Expr) -> Expr:
    a, p, b, q = _decimals(left, right)
    scale = max(p.scale, q.scale)
    result = t.Decimal(min(p.precision - p.scale, q.precision - q.scale) + scale, scale)

    def rest(x: str, y: str) -> str:
        return checked_divisor(x, y, f"CAST(({x} % {y}) AS {t.duckdb_type(result)})", result)

    return Expr(lets([a, b], rest), result)


_DECIMAL: dict[str, Callable[[Expr, Expr], Expr]] = {
    "+": _additive("+"),
    "-": _additive("-"),
    "/": quotient,
    "%": _remainder,
}


@rule(exp.Neg)
def _negative(node: exp.Neg, context: Context) -> Expr:
    inner = parts(node, "this")[0]
    if isinstance(inner, exp.Literal) and not inner.is_string and inner.this.isdigit():
        # the sign belongs to the literal, or the smallest of all numbers could not be written
        return whole_number(-int(inner.this), node)
    value = compile_expression(inner, context)
    if value.type == t.UNKNOWN or not (t.is_numeric(value.type) or value.type in (t.INTERVAL_DAY, t.INTERVAL_YEAR)):
        if value.type == t.UNKNOWN:
            raise fail("AMBIGUOUS_FUNCTION_CALL", _AMBIGUOUS, node)
        raise fail("TYPE_MISMATCH", f"Cannot negate {value.type}", node)
    literal = -value.literal if isinstance(value.literal, int) else None
    return Expr(f"(-{value.sql})", value.type, literal)


def plus(node: exp.Anonymous, context: Context) -> Expr:
    """`+x`, which is x.

    Raises:
        SqlError: TYPE_MISMATCH for anything but integers, real and double.
    """
    value = compile_expression(node.expressions[0], context)
    if not t.is_integer(value.type) and not t.is_float(value.type):
        raise fail("TYPE_MISMATCH", f"Unary '+' operator cannot by applied to {value.type} type", node)
    return value


@rule(exp.Paren)
def _parentheses(node: exp.Paren, context: Context) -> Expr:
    value = compile_expression(parts(node, "this")[0], context)
    return Expr(value.sql, value.type, value.literal, value.zoned)
