"""Implicit conversions: which Trino type two types meet in, and how a value gets there.

Trino never converts between text and numbers by itself, so `1 = '1'` is an error; DuckDB would. Follows Trino's
"TypeCoercion" as the page "Data types" and measured answers show it.
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql import zoned
from laketop.athena.sql.core import Expr

MAX_CHAR = 65536
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
        case (t.Array(c), t.Array(d)):
            element = common(c, d)
            return None if element is None else t.Array(element)
        case (t.Map(a, c), t.Map(b, d)):
            key, value = common(a, b), common(c, d)
            return None if key is None or value is None else t.Map(key, value)
        case (t.Row(fields), t.Row(others)) if len(fields) == len(others):
            return _rows(fields, others)
    if type(left) is type(right):
        return _longer(left, right)
    return _wider(left, right) or _wider(right, left)


def _longer(left: t.Type, right: t.Type) -> t.Type | None:
    """Two types that differ in their length or precision only."""
    match left, right:
        case (t.Varchar(a), t.Varchar(b)):
            return t.Varchar(None if a is None or b is None else max(a, b))
        case (t.Char(a), t.Char(b)):
            return t.Char(max(a, b))
        case (t.Time(a), t.Time(b)) | (t.TimeTz(a), t.TimeTz(b)):
            return left if a >= b else right
        case (t.Timestamp(a), t.Timestamp(b)) | (t.TimestampTz(a), t.TimestampTz(b)):
            return left if a >= b else right
        case (t.Simple("HyperLogLog"), t.Simple("P4HyperLogLog")) | (
            t.Simple("P4HyperLogLog"),
            t.Simple("HyperLogLog"),
        ):
            return t.HYPERLOGLOG
    return None


def _wider(narrow: t.Type, wide: t.Type) -> t.Type | None:
    """Where the first of two kinds of types becomes the second."""
    match narrow, wide:
        case (t.Varchar(a), t.Char(b)):
            # a varchar without a length makes the longest char that there is
            return t.Char(MAX_CHAR if a is None else min(max(a, b), MAX_CHAR))
        case (t.Time(a), t.TimeTz(b)):
            return t.TimeTz(max(a, b))
        case (t.Timestamp(a), t.TimestampTz(b)):
            return t.TimestampTz(max(a, b))
        case (t.Simple("date"), t.Timestamp() | t.TimestampTz()):
            return wide
    return None


def _rows(
    fields: tuple[tuple[str | None, t.Type], ...], others: tuple[tuple[str | None, t.Type], ...]
) -> t.Type | None:
    """Rows meet part by part; a name that the parts do not share is lost."""
    merged: list[tuple[str | None, t.Type]] = []
    for (name, type_), (other_name, other) in zip(fields, others, strict=True):
        part = common(type_, other)
        if part is None:
            return None
        merged.append((name if name == other_name else None, part))
    return t.Row(tuple(merged))


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
    if value.type == t.UNKNOWN:
        return Expr(f"CAST({value.sql} AS {sink})", target)
    if source == sink:
        text = isinstance(value.type, t.Varchar) and isinstance(target, t.Char)
        # a char is carried without the spaces at its end
        return Expr(f"rtrim({value.sql}, ' ')" if text else value.sql, target, value.literal, value.zoned)
    if isinstance(target, t.TimestampTz | t.TimeTz):
        return zoned.coerce(value, target)
    if _by_parts(target) or _narrows(value.type, target):
        from laketop.athena.sql.casts import cast

        return cast(value, target, exp.Null())
    return Expr(f"CAST({value.sql} AS {sink})", target)


def _narrows(source: t.Type, target: t.Type) -> bool:
    """Whether digits before the point are lost: the common type of two decimals has 38 digits at most."""
    if not isinstance(source, t.Decimal) or not isinstance(target, t.Decimal):
        return False
    return source.precision - source.scale > target.precision - target.scale


def _by_parts(target: t.Type) -> bool:
    """Whether DuckDB's own cast would not do what Trino means."""
    return isinstance(target, t.Array | t.Map | t.Row)
