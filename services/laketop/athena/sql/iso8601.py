"""Reads ISO 8601 dates and times in all the forms that from_iso8601_date and from_iso8601_timestamp take.

Follows Trino's page "Date and time functions and operators", Joda-Time's ISODateTimeFormat and measured answers.
"""

import datetime
import re
from dataclasses import dataclass

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.joda import INVALID
from laketop.athena.sql.literals_temporal import days_of

_DATE = (
    r"(?P<year>[+-]?\d{1,9})(?:-[Ww](?P<week>\d{1,2})(?:-(?P<weekday>\d))?"
    r"|-(?P<yearday>\d{3})|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
)
_TIME = (
    r"(?P<hour>\d{1,2})(?:[.,](?P<hours>\d{1,9})|:(?P<minute>\d{1,2})"
    r"(?:[.,](?P<minutes>\d{1,9})|:(?P<second>\d{1,2})(?:[.,](?P<seconds>\d{1,9}))?)?)?"
)
_OFFSET = r"(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)"
_ONLY_DATE = re.compile(_DATE)
_MOMENT = re.compile(f"(?:{_DATE})?(?:[Tt](?:{_TIME})?{_OFFSET}?)?")
_HOUR, _MINUTE, _SECOND = 3_600_000_000, 60_000_000, 1_000_000  # microseconds
_FAR = 5_800_000  # years whose days Java's int does not hold


@dataclass(frozen=True)
class Moment:
    """A time on the clock, in microseconds since 1970-01-01 there, and the zone as it was spelled."""

    microseconds: int
    zone: str | None


def read_date(text: str) -> int:
    """Days since 1970-01-01 of a date, also `2024`, `2024-05`, `2024-015` or `2024-W02-3`.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT.
    """
    match = _ONLY_DATE.fullmatch(text)
    if not match:
        raise SqlError(INVALID, f'Invalid format: "{text}"')
    return _days(match, text)


def read_moment(text: str, digits: int) -> Moment:
    """A date, a time or both, with an offset or not, cut to so many digits of a second.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT.
    """
    match = _MOMENT.fullmatch(text)
    if not match or not text:
        raise SqlError(INVALID, f'Invalid format: "{text}"')
    days = _days(match, text) if match["year"] else 0
    microseconds = 0
    for name, most, unit, part in (
        ("hour", 23, _HOUR, "hours"),
        ("minute", 59, _MINUTE, "minutes"),
        ("second", 59, _SECOND, "seconds"),
    ):
        value = int(match[name] or 0)
        if value > most:
            raise SqlError(INVALID, f'Cannot parse "{text}": Value {value} for {name} must be in the range [0,{most}]')
        fraction = match[part] or "0"
        microseconds += value * unit + int(fraction) * unit // 10 ** len(fraction)
    step = 10 ** (6 - digits)
    return Moment(days * 24 * _HOUR + microseconds // step * step, match["zone"])


def _days(match: re.Match[str], text: str) -> int:
    year = int(match["year"])
    if abs(year) > _FAR:
        raise SqlError("GENERIC_INTERNAL_ERROR", "integer overflow")
    days = _week_days(match, year) if match["week"] else _year_days(match, year)
    if days is None:
        raise SqlError(INVALID, f'Cannot parse "{text}": a value is out of range')
    return days


def _year_days(match: re.Match[str], year: int) -> int | None:
    first = days_of(year, 1, 1)
    if match["yearday"] is None:
        return days_of(year, int(match["month"] or 1), int(match["day"] or 1))
    last = days_of(year, 12, 31)
    assert first is not None and last is not None  # noqa: S101, PT018 - every year has them
    days = first + int(match["yearday"]) - 1
    return days if first <= days <= last else None


def _week_days(match: re.Match[str], year: int) -> int | None:
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return None
    try:
        day = datetime.date.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1))
    except ValueError:
        return None
    return (day - datetime.date(1970, 1, 1)).days
