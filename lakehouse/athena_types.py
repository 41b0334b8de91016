"""Athena's values: from the text of a result to Python and Arrow, and from Python to the text of a parameter."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ZONED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (\S+)")
_FINER = re.compile(r"\.\d{6}\d*[1-9]")  # than microseconds


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _timestamp(text: str) -> datetime:
    if _FINER.search(text):
        raise ValueError("a datetime has microseconds")
    return datetime.fromisoformat(text)


def _zoned(text: str) -> datetime:
    found = _ZONED.fullmatch(text)
    if not found or found[2].startswith(("+", "-")):
        moment = _timestamp(text.replace(" +", "+").replace(" -", "-"))
    else:
        moment = _timestamp(found[1]).replace(tzinfo=UTC if found[2] == "UTC" else ZoneInfo(found[2]))
    if moment.tzinfo is None:
        raise ValueError("there is no time zone")
    return moment


# Type of a column, as GetQueryResults names it → how its text is read. All others stay text.
READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "int": int,
    "bigint": int,
    "float": float,
    "real": float,
    "double": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": _timestamp,
    "timestamp with time zone": _zoned,
}

# The same types in Arrow, by the names of pyarrow's functions; decimals have their own digits.
_ARROW: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "boolean": ("bool_", ()),
    "tinyint": ("int8", ()),
    "smallint": ("int16", ()),
    "integer": ("int32", ()),
    "int": ("int32", ()),
    "bigint": ("int64", ()),
    "float": ("float32", ()),
    "real": ("float32", ()),
    "double": ("float64", ()),
    "date": ("date32", ()),
    "timestamp": ("timestamp", ("us",)),
    "timestamp with time zone": ("timestamp", ("us", "UTC")),
}


def read(type_: str, text: str | None) -> Any:
    """A value of a result as Python's.

    Args:
        type_: the column's type, e.g. `decimal`, `timestamp with time zone`.
        text: the value's text; None for NULL.

    Returns:
        bool, int, float, Decimal, date, datetime (aware for a time zone), or None. A value that Python's type cannot
        hold (a year after 9999, nanoseconds, an unknown time zone) and one of any other type (arrays, maps, rows,
        times, binaries, JSON) stays text.
    """
    reader = READERS.get(type_)
    if text is None or reader is None:
        return text
    try:
        return reader(text)
    except (ArithmeticError, KeyError, ValueError, ZoneInfoNotFoundError):
        return text


def arrow_type(pyarrow: Any, type_: str, precision: int, scale: int) -> Any:
    """The Arrow type of a column; `precision` and `scale` are a decimal's. What has no type of its own is a string."""
    if type_ == "decimal":
        return pyarrow.decimal128(precision or 38, scale)
    name, arguments = _ARROW.get(type_, ("string", ()))
    return getattr(pyarrow, name)(*arguments)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _double(value: float) -> str:
    return f"DOUBLE '{str(value).replace('inf', 'Infinity').replace('nan', 'NaN')}'"


def _moment(value: datetime) -> str:
    zone = value.strftime("%z")
    clock = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return f"TIMESTAMP '{clock}{f' {zone[:3]}:{zone[3:5]}' if zone else ''}'"


# Most special first: a bool is an int, a datetime a date.
_LITERALS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "TRUE" if value else "FALSE"),
    (int, str),
    (float, _double),
    (Decimal, lambda value: f"DECIMAL '{value:f}'"),
    (datetime, _moment),
    (date, lambda value: f"DATE '{value.isoformat()}'"),
    (str, _text),
)


def literal(value: Any) -> str:
    """A Python value as an SQL literal, which is what an execution parameter is ("Use parameterized queries").

    Raises:
        TypeError: the value is none of bool, int, float, Decimal, date, datetime, str and None.
    """
    if value is None:
        return "NULL"
    for kind, write in _LITERALS:
        if isinstance(value, kind):
            return write(value)
    kinds = ", ".join(kind.__name__ for kind, _ in _LITERALS)
    raise TypeError(f"a parameter is one of {kinds} or None, not {type(value).__name__}; write it as one of these")
