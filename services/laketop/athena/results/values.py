"""How Athena writes values: one function a type, from DuckDB's Python value to text.

Not what CAST(x AS varchar) gives: a double is Java's `Double.toString` (1.0E10), a nested text stands without quotes.
Follows "Data types in Amazon Athena" and "Work with query results" of the Athena user guide.
"""

import datetime
import decimal
import ipaddress
import math
import struct
import zoneinfo
from collections.abc import Callable
from typing import Any

from laketop.athena.sql import types as t
from laketop.athena.sql.errors import not_supported

type Writer = Callable[[Any], str]

_PLAIN_LOW, _PLAIN_HIGH = 1e-3, 1e7  # between these Java writes a number without exponent
_LAST_YEAR = 9999  # with four digits
_DAY, _HOUR, _MINUTE, _SECOND = 86_400_000, 3_600_000, 60_000, 1000


def writer(type_: t.Type) -> Writer:
    """The function that writes non-NULL values of a type.

    Raises:
        SqlError: NOT_SUPPORTED for a type of which nobody says how Athena writes it.
    """
    if type(type_) in _KINDS:
        return _KINDS[type(type_)](type_)
    if type_ not in _SIMPLE:
        raise not_supported(f"A result of type {type_} (a function may turn it into text)")
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


def timestamp_text(value: datetime.datetime | str, precision: int) -> str:
    """`2024-01-31 10:00:00.000`, with as many digits as the precision has.

    Args:
        value: DuckDB's value; a text where Python has no such year.
    """
    if isinstance(value, str):
        return _far(value, precision)
    whole = f"{value.year:04d}-{value.month:02d}-{value.day:02d} {value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return whole + _digits(value.microsecond, precision)


def _digits(microsecond: int, precision: int) -> str:
    return f".{microsecond:06d}"[: 1 + precision] if precision else ""


def _far(value: str, precision: int = 0) -> str:
    """A date or timestamp in the years before 1 and after 9999, of DuckDB's text: `0002-01-01 (BC) 10:00:00`."""
    year, rest = value.split("-", 1)
    number = 1 - int(year) if "(BC)" in rest else int(year)
    date, _, time = rest.replace(" (BC)", "").partition(" ")
    clock, _, fraction = time.partition(".")
    sign = "+" if number > _LAST_YEAR else "-" if number < 0 else ""
    whole = f"{sign}{abs(number):04d}-{date}" + (f" {clock}" if time else "")
    return whole + (_digits(int(fraction.ljust(6, "0")), precision) if time else "")


def _zoned(type_: t.TimestampTz) -> Writer:
    """An instant in UTC and a zone: what its clock shows, and the zone."""

    def write(value: dict[str, Any]) -> str:
        instant, zone = value.values()
        if isinstance(instant, str) and zone != "UTC":
            raise not_supported(f"A result in the zone {zone} outside of the years 1 to 9999")
        local = instant if isinstance(instant, str) else _local(instant, zone)
        return f"{timestamp_text(local, type_.precision)} {zone}"

    return write


def _local(instant: datetime.datetime, zone: str) -> datetime.datetime:
    if zone[0] in "+-":
        return instant + datetime.timedelta(minutes=int(f"{zone[0]}1") * (int(zone[1:3]) * 60 + int(zone[4:6])))
    return instant.replace(tzinfo=datetime.UTC).astimezone(zoneinfo.ZoneInfo(zone))


def _time_text(value: datetime.time, precision: int) -> str:
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_digits(value.microsecond, precision)}"


def _zoned_time(type_: t.TimeTz) -> Writer:
    def write(value: dict[str, Any]) -> str:
        time, minutes = value.values()
        sign = "-" if minutes < 0 else "+"
        return f"{_time_text(time, type_.precision)}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"

    return write


def _date(value: datetime.date | str) -> str:
    if isinstance(value, str):
        return _far(value)
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def _address(value: bytes) -> str:
    address = ipaddress.IPv6Address(value)
    return str(address.ipv4_mapped or address)


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


def _array(type_: t.Array) -> Writer:
    inner = _nested(type_.element)
    return lambda value: "[" + ", ".join(inner(item) for item in value) + "]"


def _map(type_: t.Map) -> Writer:
    left, right = _nested(type_.key), _nested(type_.value)
    # DuckDB gives keys that Python cannot hash, and the values, as two lists
    apart = isinstance(type_.key, t.Array | t.Map | t.Row | t.TimestampTz | t.TimeTz)

    def write(value: dict[Any, Any]) -> str:
        pairs = zip(value["key"], value["value"], strict=True) if apart else value.items()
        return "{" + ", ".join(f"{left(k)}={right(v)}" for k, v in pairs) + "}"

    return write


def _row(type_: t.Row) -> Writer:
    inner = [(name or f"field{number}", _nested(field)) for number, (name, field) in enumerate(type_.fields)]

    def write(value: dict[str, Any]) -> str:
        return "{" + ", ".join(f"{name}={w(part)}" for (name, w), part in zip(inner, value.values(), strict=True)) + "}"

    return write


_KINDS: dict[type, Callable[[Any], Writer]] = {
    t.Decimal: lambda type_: lambda value: decimal_text(value, type_.scale),
    t.Varchar: lambda _: str,
    t.Char: lambda type_: lambda value: str(value).ljust(type_.length),
    t.Time: lambda type_: lambda value: _time_text(value, type_.precision),
    t.TimeTz: _zoned_time,
    t.Timestamp: lambda type_: lambda value: timestamp_text(value, type_.precision),
    t.TimestampTz: _zoned,
    t.Array: _array,
    t.Map: _map,
    t.Row: _row,
    t.QDigest: lambda _: _binary,
}
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
    t.HYPERLOGLOG: _binary,
    t.P4_HYPERLOGLOG: _binary,
    t.TDIGEST: _binary,
    t.SET_DIGEST: _binary,
    t.DATE: _date,
    t.JSON: str,
    t.UUID: str,
    t.IPADDRESS: _address,
    t.INTERVAL_DAY: _day_interval,
    t.INTERVAL_YEAR: _year_interval,
}
