"""The fields of a time that was read: all are set at once, the largest first.

They are set on 1970-01-01, or where the largest is a month, a week or a day, on the year 2000, as Joda-Time does.
"""

import calendar
import datetime
from collections.abc import Callable

from laketop.athena.sql.errors import not_supported

_DEFAULT_YEAR = 2000

# the rank of a unit of time, the largest first; and of each field the units that hold it, and that it counts
_ENDLESS, _CENTURY, _YEAR, _MONTH, _WEEK, _DAY, _HALF, _HOUR, _MINUTE, _SECOND, _MILLI = range(11)
_RANKS: dict[str, tuple[int, int]] = {
    "century": (_ENDLESS, _CENTURY),
    "year": (_ENDLESS, _YEAR),
    "year_of_era": (_ENDLESS, _YEAR),
    "week_year": (_ENDLESS, _YEAR),
    "month": (_YEAR, _MONTH),
    "week": (_YEAR, _WEEK),
    "yearday": (_YEAR, _DAY),
    "day": (_MONTH, _DAY),
    "weekday": (_WEEK, _DAY),
    "halfday": (_DAY, _HALF),
    "hour": (_DAY, _HOUR),
    "clock_of_day": (_DAY, _HOUR),
    "hour_of_half": (_HALF, _HOUR),
    "clock_of_half": (_HALF, _HOUR),
    "minute": (_HOUR, _MINUTE),
    "second": (_MINUTE, _SECOND),
    "millisecond": (_SECOND, _MILLI),
}


class OutOfRangeError(Exception):
    """A field's value that its place does not have."""


def moment_of(fields: list[tuple[str, int]]) -> datetime.datetime:
    """The time that some fields and their values say.

    Raises:
        OutOfRangeError: a value that its place does not have.
        SqlError: NOT_SUPPORTED for years that cannot be carried.
    """
    ordered = sorted(fields, key=lambda pair: _RANKS[pair[0]])
    if ordered and _MONTH <= _RANKS[ordered[0][0]][1] <= _DAY:
        ordered = sorted([*fields, ("year", _DEFAULT_YEAR)], key=lambda pair: _RANKS[pair[0]])
    moment = datetime.datetime(1970, 1, 1)
    for name, value in ordered:
        moment = _floor(_set(moment, name, value), name)
    for number, (name, value) in enumerate(ordered, 1):
        moment = _set(moment, name, value)
        if number == len(ordered):
            moment = _floor(moment, name)
    return moment


def _checked(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise OutOfRangeError(f"Value {value} for {name} must be in the range [{low},{high}]")
    return value


def _set(moment: datetime.datetime, name: str, value: int) -> datetime.datetime:
    """A time with one of its fields changed."""
    if name in _DATES:
        try:
            return datetime.datetime.combine(_DATES[name](moment.date(), value), moment.time())
        except OverflowError as error:
            raise not_supported(f"The year {value}") from error
    return _CLOCKS[name](moment, value)


def _with_year(day: datetime.date, year: int) -> datetime.date:
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise not_supported(f"The year {year}")
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _with_week_year(day: datetime.date, year: int) -> datetime.date:
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise not_supported(f"The year {year}")
    _, week, weekday = day.isocalendar()
    return datetime.date.fromisocalendar(year, min(week, _weeks(year)), weekday)


def _weeks(year: int) -> int:
    return datetime.date(year, 12, 28).isocalendar().week


def _with_month(day: datetime.date, month: int) -> datetime.date:
    _checked("monthOfYear", month, 1, 12)
    return day.replace(month=month, day=min(day.day, calendar.monthrange(day.year, month)[1]))


def _with_week(day: datetime.date, week: int) -> datetime.date:
    year, _, weekday = day.isocalendar()
    return datetime.date.fromisocalendar(year, _checked("weekOfWeekyear", week, 1, _weeks(year)), weekday)


def _with_day(day: datetime.date, number: int) -> datetime.date:
    return day.replace(day=_checked("dayOfMonth", number, 1, calendar.monthrange(day.year, day.month)[1]))


def _with_yearday(day: datetime.date, number: int) -> datetime.date:
    _checked("dayOfYear", number, 1, 366 if calendar.isleap(day.year) else 365)
    return datetime.date(day.year, 1, 1) + datetime.timedelta(days=number - 1)


def _with_weekday(day: datetime.date, number: int) -> datetime.date:
    return day + datetime.timedelta(days=_checked("dayOfWeek", number, 1, 7) - day.isoweekday())


_DATES: dict[str, Callable[[datetime.date, int], datetime.date]] = {
    "century": lambda day, value: _with_year(day, value * 100 + day.year % 100),
    "year": _with_year,
    "year_of_era": _with_year,
    "week_year": _with_week_year,
    "month": _with_month,
    "week": _with_week,
    "day": _with_day,
    "yearday": _with_yearday,
    "weekday": _with_weekday,
}


def _half(moment: datetime.datetime, hour: int) -> datetime.datetime:
    return moment.replace(hour=moment.hour // 12 * 12 + hour)


_CLOCKS: dict[str, Callable[[datetime.datetime, int], datetime.datetime]] = {
    "halfday": lambda moment, value: moment.replace(hour=value * 12 + moment.hour % 12),
    "hour": lambda moment, value: moment.replace(hour=_checked("hourOfDay", value, 0, 23)),
    "clock_of_day": lambda moment, value: moment.replace(hour=_checked("clockhourOfDay", value, 1, 24) % 24),
    "hour_of_half": lambda moment, value: _half(moment, _checked("hourOfHalfday", value, 0, 11)),
    "clock_of_half": lambda moment, value: _half(moment, _checked("clockhourOfHalfday", value, 1, 12) % 12),
    "minute": lambda moment, value: moment.replace(minute=_checked("minuteOfHour", value, 0, 59)),
    "second": lambda moment, value: moment.replace(second=_checked("secondOfMinute", value, 0, 59)),
    "millisecond": lambda moment, value: moment.replace(microsecond=value * 1000),
}


def _floor(moment: datetime.datetime, name: str) -> datetime.datetime:
    """The beginning of the unit that a field counts."""
    unit = _RANKS[name][1]
    if unit <= _DAY:
        day = moment.date()
        if name == "week_year":
            day = datetime.date.fromisocalendar(day.isocalendar().year, 1, 1)
        elif unit <= _YEAR:
            day = datetime.date(day.year, 1, 1)
        elif unit == _MONTH:
            day = day.replace(day=1)
        elif unit == _WEEK:
            day -= datetime.timedelta(days=day.weekday())
        return datetime.datetime.combine(day, datetime.time())
    hour = moment.hour // 12 * 12 if unit == _HALF else moment.hour
    return moment.replace(
        hour=hour,
        minute=moment.minute if unit >= _MINUTE else 0,
        second=moment.second if unit >= _SECOND else 0,
        microsecond=moment.microsecond if unit >= _MILLI else 0,
    )
