"""Athena's values in Python: the text of a result, and the text of a parameter.

The pipeline's own helper does the same and is not used: its package, `lakehouse`, would hide one of that name in the
project that is tested.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo


def _zoned(text: str) -> datetime:
    """`2026-01-31 12:00:00.000 UTC`, with the zone's name or its distance to UTC."""
    clock, _, zone = text.rpartition(" ")
    if zone[0] in "+-":
        return datetime.fromisoformat(clock + zone)
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))


# Type of a column, as GetQueryResults names it → how its text is read. All others stay text.
READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), int),
    **dict.fromkeys(("float", "double"), float),
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamp with time zone": _zoned,
}


def read(type_: str, text: str | None) -> Any:
    """A value of a result.

    Args:
        type_: the column's type, e.g. `decimal`.
        text: the value as Athena writes it; None is a null.

    Returns:
        bool, int, float, Decimal, date, datetime (aware where it has a time zone) or None; of any other type (arrays,
        maps, rows, times, binaries, JSON), Athena's text.

    Raises:
        ValueError: Python's type cannot hold the value, e.g. a year after 9999.
    """
    reader = READERS.get(type_)
    if text is None or reader is None:
        return text
    try:
        return reader(text)
    except (ArithmeticError, LookupError, ValueError) as error:
        hint = "cast it to varchar in the query to have it as text"
        raise ValueError(f"{type_} {text!r}: Python has no such value ({error}); {hint}") from error


def _moment(value: datetime) -> str:
    offset = value.strftime("%:z")
    return (
        f"TIMESTAMP '{value.replace(tzinfo=None).isoformat(sep=' ', timespec='microseconds')}{offset and f' {offset}'}'"
    )


# Most special first: a bool is an int, a datetime a date.
LITERALS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: str(value).upper()),
    (int, str),
    (float, lambda value: f"DOUBLE '{str(value).replace('inf', 'Infinity').replace('nan', 'NaN')}'"),
    (Decimal, lambda value: f"DECIMAL '{value:f}'"),
    (datetime, _moment),
    (date, lambda value: f"DATE '{value}'"),
    (str, lambda value: "'" + value.replace("'", "''") + "'"),
    (type(None), lambda _: "NULL"),
)


def literal(value: Any) -> str:
    """A value as an SQL literal, which is what an execution parameter is ("Use parameterized queries").

    Raises:
        TypeError: the value is none of bool, int, float, Decimal, date, datetime, str and None.
    """
    for kind, write in LITERALS:
        if isinstance(value, kind):
            return write(value)
    kinds = ", ".join(kind.__name__ for kind, _ in LITERALS[:-1])
    raise TypeError(f"a parameter is one of {kinds} or None, not {type(value).__name__}; write it as one of these")
