"""Literals: their exact types (a string of three characters is a varchar(3), 1.50 a decimal(3,2)).

Follows Trino's pages "Data types" and "SQL statement syntax: literals".
"""

import datetime
import decimal
import re
from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, fail, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1

_TIMESTAMP = re.compile(r"(\d{4,5})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_MILLISECONDS = {"SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
_MONTHS = {"MONTH": 1, "YEAR": 12}


type _Reader = Callable[[str, exp.Expr], Expr]


@rule(exp.Literal)
def _literal(node: exp.Literal, _: Context) -> Expr:
    if node.is_string:
        return string(node.this)
    spelled = node.this
    if "e" in spelled.lower():
        return Expr(f"CAST('{float(spelled)!r}' AS DOUBLE)", t.DOUBLE)
    if "." in spelled:
        return decimal_literal(spelled, node)
    value = int(spelled)
    if value > MAX_BIGINT:
        raise fail("NUMERIC_VALUE_OUT_OF_RANGE", f"Invalid numeric literal: {spelled}", node)
    return integer(value, t.INTEGER if value <= MAX_INTEGER else t.BIGINT)


def string(value: str) -> Expr:
    """A string literal: as long a varchar as it has characters."""
    return Expr(text.string(value), t.Varchar(len(value)), value)


def integer(value: int, type_: t.Type) -> Expr:
    """A number of an integer type; always with its type, because a bare number in GROUP BY would be a position."""
    return Expr(f"CAST({value} AS {t.duckdb_type(type_)})", type_, value)


def decimal_literal(spelled: str, node: exp.Expr) -> Expr:
    """A decimal literal: precision is the digits without leading zeros, at least those of the scale."""
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", spelled):
        raise fail("INVALID_LITERAL", f"Invalid decimal literal: {spelled}", node)
    whole, _, fraction = spelled.lstrip("+-").partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    type_ = t.Decimal(max(digits, 1), len(fraction))
    if type_.precision > t.MAX_PRECISION:
        raise fail("NUMERIC_VALUE_OUT_OF_RANGE", f"Value too large: {spelled}", node)
    value = decimal.Decimal(spelled)
    return Expr(f"CAST('{value:f}' AS {t.duckdb_type(type_)})", type_)


@rule(exp.Null)
def _null(_: exp.Null, __: Context) -> Expr:
    return Expr("NULL", t.UNKNOWN)


@rule(exp.Boolean)
def _boolean(node: exp.Boolean, _: Context) -> Expr:
    return Expr("TRUE" if node.this else "FALSE", t.BOOLEAN)


@rule(exp.Interval)
def _interval(node: exp.Interval, _: Context) -> Expr:
    amount, unit = parts(node, "this", "unit")
    sign = 1
    if isinstance(amount, exp.Neg):
        sign, amount = -1, amount.this
    if not isinstance(amount, exp.Literal) or not isinstance(unit, exp.Var):
        raise not_supported(f"The interval {node.sql(dialect='trino')}", *place(node))
    name, spelled = unit.this.upper(), amount.this.strip()
    if not re.fullmatch(r"[+-]?\d+", spelled):
        raise fail("INVALID_LITERAL", f"Invalid INTERVAL {name}: {amount.this}", node)
    if name in _MILLISECONDS:
        milliseconds = sign * int(spelled) * _MILLISECONDS[name]
        return Expr(f"CAST({milliseconds} AS BIGINT)", t.INTERVAL_DAY, milliseconds)
    if name not in _MONTHS:
        raise fail("SYNTAX_ERROR", f"mismatched input '{unit.this}'", node)
    months = sign * int(spelled) * _MONTHS[name]
    return Expr(f"CAST({months} AS INTEGER)", t.INTERVAL_YEAR, months)


def typed(node: exp.Anonymous, _: Context) -> Expr:
    """A literal with its type in front: DATE '2024-01-01', TIMESTAMP '…', DECIMAL '1.20', BIGINT '5', …

    Raises:
        SqlError: INVALID_LITERAL, or NOT_SUPPORTED for a type or precision that cannot be carried.
    """
    value, to = node.expressions
    found = _TYPED.get(to.this)
    if found is None or to.expressions:
        raise not_supported(f"A literal of type {to.sql(dialect='trino')}", *place(node))
    return found(value.this, node)


def _date(spelled: str, node: exp.Expr) -> Expr:
    if not _DATE.fullmatch(spelled):
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid DATE literal", node)
    try:
        value = datetime.date(*map(int, spelled.split("-")))
    except ValueError as error:
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid DATE literal", node) from error
    return Expr(f"DATE '{value.isoformat()}'", t.DATE)


def _timestamp(spelled: str, node: exp.Expr) -> Expr:
    match = _TIMESTAMP.fullmatch(spelled)
    if not match:
        raise not_supported(f"The literal TIMESTAMP '{spelled}' (with a time zone, or no timestamp)", *place(node))
    fraction = match.group(7) or ""
    if len(fraction) > 6:
        raise not_supported(f"TIMESTAMP '{spelled}': more than 6 digits of a second", *place(node))
    try:
        fields = [int(part or 0) for part in match.groups()[:6]]
        value = datetime.datetime(*fields, int(fraction.ljust(6, "0")))  # type: ignore[call-arg,arg-type]
    except ValueError as error:
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid TIMESTAMP literal", node) from error
    return Expr(f"TIMESTAMP '{value.isoformat(sep=' ')}'", t.Timestamp(len(fraction)))


def _whole(type_: t.Type, bits: int) -> _Reader:
    def read(spelled: str, node: exp.Expr) -> Expr:
        if not re.fullmatch(r"[+-]?\d+", spelled) or not -(2 ** (bits - 1)) <= int(spelled) < 2 ** (bits - 1):
            raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid {type_} literal", node)
        return integer(int(spelled), type_)

    return read


def _floating(type_: t.Type) -> _Reader:
    def read(spelled: str, node: exp.Expr) -> Expr:
        try:
            value = float(spelled)
        except ValueError as error:
            raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid {type_} literal", node) from error
        return Expr(f"CAST('{value!r}' AS {t.duckdb_type(type_)})", type_)

    return read


def _boolean_text(spelled: str, node: exp.Expr) -> Expr:
    if spelled.lower() not in ("true", "false"):
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid BOOLEAN literal", node)
    return Expr(spelled.upper(), t.BOOLEAN)


_TYPED: dict[exp.DType, _Reader] = {
    exp.DType.DATE: _date,
    exp.DType.TIMESTAMP: _timestamp,
    exp.DType.DECIMAL: decimal_literal,
    exp.DType.BOOLEAN: _boolean_text,
    exp.DType.TINYINT: _whole(t.TINYINT, 8),
    exp.DType.SMALLINT: _whole(t.SMALLINT, 16),
    exp.DType.INT: _whole(t.INTEGER, 32),
    exp.DType.BIGINT: _whole(t.BIGINT, 64),
    exp.DType.FLOAT: _floating(t.REAL),
    exp.DType.DOUBLE: _floating(t.DOUBLE),
    exp.DType.VARCHAR: lambda spelled, _: Expr(text.string(spelled), t.VARCHAR, spelled),
}
