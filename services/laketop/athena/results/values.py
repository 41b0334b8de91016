"""How Athena writes values: one function a type, from DuckDB's Python value to text.

Not what CAST(x AS varchar) gives: a double is Java's `Double.toString` (1.0E10), a nested text stands without quotes.
Follows "Data types in Amazon Athena" and "Work with query results" of the Athena user guide.
"""

import datetime
import decimal
import math
import struct
from collections.abc import Callable
from typing import Any

from laketop.athena.sql import types as t

type Writer = Callable[[Any], str]

_PLAIN_LOW, _PLAIN_HIGH = 1e-3, 1e7  # between these Java writes a number without exponent
_DAY, _HOUR, _MINUTE, _SECOND = 86_400_000, 3_600_000, 60_000, 1000


def writer(type_: t.Type) -> Writer:
    """The function that writes non-NULL values of a type."""
    match type_:
        case t.Decimal(_, scale):
            return lambda value: decimal_text(value, scale)
        case t.Varchar():
            return str
        case t.Timestamp(precision):
            return lambda value: timestamp_text(value, precision)
        case t.TimestampTz(precision):
            return lambda value: f"{timestamp_text(value, precision)} UTC"
        case t.Array(element):
            return _array(element)
        case t.Map(key, value):
            return _map(key, value)
        case t.Row(fields):
            return _row(fields)
    return _SIMPLE[type_]


def double_text(value: float) -> str:
    """Java's `Double.toString`: the shortest digits that read back the same number."""
    return _floating(value, repr(value))


def real_text(value: float) -> str:
    """Java's `Float.toString`, of a number that a float of 32 bits holds."""
    if math.isnan(value) or math.isinf(value):
        return _floating(value, "")
    for digits in range(1, 10):
        short = f"{value:.{digits - 1}e}"
        if struct.pack("f", float(short)) == struct.pack("f", value):
            return _floating(value, short)
    return _floating(value, repr(value))


def _floating(value: float, shortest: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = decimal.Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - finite
    text = "".join(map(str, digits)).rstrip("0") or "0"
    # the place of the first digit: 1.5 is 0, 0.15 is -1
    place = len(digits) + exponent - 1 if value else 0
    minus = "-" if sign else ""
    if value == 0 or _PLAIN_LOW <= abs(value) < _PLAIN_HIGH:
        return minus + _plain(text, place)
    return f"{minus}{text[0]}.{text[1:] or '0'}E{place}"


def _plain(digits: str, place: int) -> str:
    if place < 0:
        return "0." + "0" * (-place - 1) + digits
    whole = digits[: place + 1].ljust(place + 1, "0")
    return f"{whole}.{digits[place + 1 :] or '0'}"


def decimal_text(value: decimal.Decimal, scale: int) -> str:
    """All digits of the scale."""
    return f"{value:.{scale}f}"


def timestamp_text(value: datetime.datetime, precision: int) -> str:
    """`2024-01-31 10:00:00.000`, with as many digits as the precision has."""
    whole = f"{value.year:04d}-{value.month:02d}-{value.day:02d} {value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return f"{whole}.{value.microsecond:06d}"[: 20 + precision] if precision else whole


def _date(value: datetime.date) -> str:
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def _day_interval(milliseconds: int) -> str:
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    clock = f"{rest % _DAY // _HOUR:02d}:{rest % _HOUR // _MINUTE:02d}:{rest % _MINUTE // _SECOND:02d}"
    return f"{sign}{rest // _DAY} {clock}.{rest % _SECOND:03d}"


def _year_interval(months: int) -> str:
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


def _binary(value: bytes) -> str:
    return value.hex(" ")


def _nested(type_: t.Type) -> Writer:
    inner = writer(type_)
    return lambda value: "null" if value is None else inner(value)


def _array(element: t.Type) -> Writer:
    inner = _nested(element)
    return lambda value: "[" + ", ".join(inner(item) for item in value) + "]"


def _map(key: t.Type, value: t.Type) -> Writer:
    left, right = _nested(key), _nested(value)
    return lambda pairs: "{" + ", ".join(f"{left(k)}={right(v)}" for k, v in pairs.items()) + "}"


def _row(fields: tuple[tuple[str | None, t.Type], ...]) -> Writer:
    inner = [(name or f"field{number}", _nested(field)) for number, (name, field) in enumerate(fields)]

    def write(value: dict[str, Any]) -> str:
        return "{" + ", ".join(f"{name}={w(part)}" for (name, w), part in zip(inner, value.values(), strict=True)) + "}"

    return write


_SIMPLE: dict[t.Type, Writer] = {
    t.BOOLEAN: lambda value: "true" if value else "false",
    t.TINYINT: str,
    t.SMALLINT: str,
    t.INTEGER: str,
    t.BIGINT: str,
    t.UNKNOWN: str,
    t.REAL: real_text,
    t.DOUBLE: double_text,
    t.VARBINARY: _binary,
    t.DATE: _date,
    t.INTERVAL_DAY: _day_interval,
    t.INTERVAL_YEAR: _year_interval,
}
