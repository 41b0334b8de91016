"""Implicit conversions: which Trino type two types meet in, and how a value gets there.

Trino never converts between text and numbers by itself, so `1 = '1'` is an error; DuckDB would. Follows Trino's
"TypeCoercion" as the page "Data types" and measured answers show it.
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr

_WIDTH = {type_: width for width, type_ in enumerate(t.INTEGERS)}


def common(left: t.Type, right: t.Type) -> t.Type | None:
    """The type in which values of both types can be compared or put together; None if there is none."""
    if left == right or right == t.UNKNOWN:
        return left
    if left == t.UNKNOWN:
        return right
    if t.is_numeric(left) and t.is_numeric(right):
        return _numbers(left, right)
    return _others(left, right)


def _others(left: t.Type, right: t.Type) -> t.Type | None:
    match left, right:
        case (t.Varchar(a), t.Varchar(b)):
            return t.Varchar(None if a is None or b is None else max(a, b))
        case (t.Timestamp(a), t.Timestamp(b)):
            return t.Timestamp(max(a, b))
        case (t.Timestamp(a) | t.TimestampTz(a), t.Timestamp(b) | t.TimestampTz(b)):
            return t.TimestampTz(max(a, b))
        case (t.Simple("date"), t.Timestamp() | t.TimestampTz()):
            return right
        case (t.Timestamp() | t.TimestampTz(), t.Simple("date")):
            return left
        case (t.Array(c), t.Array(d)):
            element = common(c, d)
            return None if element is None else t.Array(element)
    return None


def _numbers(left: t.Type, right: t.Type) -> t.Type:
    if t.DOUBLE in (left, right):
        return t.DOUBLE
    if t.REAL in (left, right):
        return t.REAL
    if t.is_integer(left) and t.is_integer(right):
        return max(left, right, key=lambda type_: _WIDTH[type_])
    a, b = as_decimal(left), as_decimal(right)
    scale = max(a.scale, b.scale)
    whole = max(a.precision - a.scale, b.precision - b.scale)
    return t.Decimal(min(t.MAX_PRECISION, whole + scale), scale)


def as_decimal(type_: t.Type) -> t.Decimal:
    """The decimal type that an integer or decimal is in decimal arithmetic."""
    if isinstance(type_, t.Decimal):
        return type_
    return t.Decimal(t.INTEGER_DIGITS[type_], 0)


def converts(source: t.Type, target: t.Type) -> bool:
    """Whether a value of one type is accepted where the other is expected, without a CAST."""
    return common(source, target) == target


def coerce(value: Expr, target: t.Type) -> Expr:
    """The value in a type that it `converts` to."""
    if value.type == target:
        return value
    source, sink = t.duckdb_type(value.type), t.duckdb_type(target)
    if source == sink and value.type != t.UNKNOWN:
        return Expr(value.sql, target, value.literal)
    return Expr(f"CAST({value.sql} AS {sink})", target)
