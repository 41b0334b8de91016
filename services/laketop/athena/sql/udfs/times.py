"""Reads and writes times where DuckDB cannot: texts of every shape that Trino takes, patterns that are no literals.

What comes in as a number is microseconds (or days) since 1970-01-01, or since midnight. Follows Trino's pages
"Conversion functions" and "Date and time functions and operators", and measured answers.
"""

import datetime
import functools
import re
import zoneinfo

from laketop.athena.sql import iso8601, joda, joda_text, joda_write, zones
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.literals_temporal import DATE_SHAPE, TIME_SHAPE, TIMESTAMP_SHAPE, days_of
from laketop.athena.sql.udfs.registry import udf

ZONED, ZONED_TIME = "STRUCT(t TIMESTAMP, z VARCHAR)", "STRUCT(t TIME, o INTEGER)"
_CAST = "INVALID_CAST_ARGUMENT"
_DAY = 86_400_000_000
_EPOCH = datetime.datetime(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)
# What Java takes for an offset; Trino's own zones end at 14:00.
_JAVA_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-7]):[0-5]\d|18:00)")
_MYSQL_PIVOT = 2020
_MOST_DIGITS = 12
_MIDDAY_YEARS = 30  # a short year lies within 50 years of 30 years ago


def _rounded(microseconds: int, fraction: str, digits: int) -> int:
    """A time with a fraction of a second of any length, rounded half up to so many digits."""
    padded = fraction.ljust(_MOST_DIGITS, "0")[:_MOST_DIGITS]
    step: int = 10 ** (_MOST_DIGITS - digits)
    return microseconds + (int(padded) + step // 2) // step * step // 10**6


def _clock(match: re.Match[str], first: int, digits: int) -> int | None:
    """Microseconds since midnight of four groups of a match, rounded; None where there is no such time."""
    hour, minute, second = (int(match[first + step] or 0) for step in range(3))
    if hour > 23 or minute > 59 or second > 59:
        return None
    return _rounded(((hour * 60 + minute) * 60 + second) * 10**6, match[first + 3] or "", digits)


@udf("py_days", ("VARCHAR",), "INTEGER")
def days(value: str) -> int:
    """CAST(text AS date)."""
    match = DATE_SHAPE.fullmatch(value)
    found = days_of(*map(int, match.groups())) if match else None
    if found is None:
        raise SqlError(_CAST, f"Value cannot be cast to date: {value}")
    return found


@udf("py_time_of_day", ("VARCHAR", "INTEGER"), "BIGINT")
def time_of_day(value: str, digits: int) -> int:
    """CAST(text AS time(digits))."""
    match = TIME_SHAPE.fullmatch(value)
    found = _clock(match, 1, digits) if match and not match[5] and len(match[4] or "") <= _MOST_DIGITS else None
    if found is None:
        raise SqlError(_CAST, f"Value cannot be cast to time: {value}")
    return found % _DAY


@udf("py_zoned_time", ("VARCHAR", "INTEGER"), ZONED_TIME)
def zoned_time(value: str, digits: int) -> dict[str, int]:
    """CAST(text AS time(digits) with time zone)."""
    match = TIME_SHAPE.fullmatch(value)
    found = _clock(match, 1, digits) if match and len(match[4] or "") <= _MOST_DIGITS else None
    ahead = (
        zones.offset_minutes(zones.zone_id("".join([match[5], match[6], ":", match[7]])) or "")
        if match and match[5]
        else 0
    )
    if found is None or ahead is None:
        raise SqlError(_CAST, f"Value cannot be cast to time with time zone: {value}")
    return {"t": found % _DAY, "o": ahead}


def _local(value: str, digits: int) -> tuple[int, str | None]:
    """Microseconds on the clock that a text says, and the zone behind it."""
    match = TIMESTAMP_SHAPE.fullmatch(value.strip())
    found = days_of(*map(int, match.groups()[:3])) if match else None
    clock = _clock(match, 4, digits) if match else None
    if match is None or found is None or clock is None:
        raise SqlError(_CAST, f"Value cannot be cast to timestamp: {value}")
    return found * _DAY + clock, match[8]


@udf("py_microseconds", ("VARCHAR", "INTEGER"), "BIGINT")
def microseconds(value: str, digits: int) -> int:
    """CAST(text AS timestamp(digits)): a zone behind the time is not looked at, if it is one."""
    found, zone = _local(value, digits)
    if zone is not None and zones.zone_id(zone) is None and not _JAVA_OFFSET.fullmatch(zone):
        raise SqlError(_CAST, f"Value cannot be cast to timestamp: {value}")
    return found


@udf("py_zoned_timestamp", ("VARCHAR", "INTEGER"), ZONED)
def zoned_timestamp(value: str, digits: int) -> dict[str, int | str]:
    """CAST(text AS timestamp(digits) with time zone)."""
    found, zone = _local(value, digits)
    name = zones.zone_id(zone or "UTC")
    if name is None:
        if _JAVA_OFFSET.fullmatch(zone or ""):
            raise SqlError("NOT_SUPPORTED", f"Time zone not supported: {zone}")
        raise SqlError(_CAST, f"Value cannot be cast to timestamp: {value}")
    return {"t": found - _shift(found, name), "z": name}


def _shift(local: int, zone: str, *, strict: str = "") -> int:
    """Microseconds that a zone is ahead of UTC when its clocks show a time, of a time that comes twice the first.

    Args:
        strict: the text that was read, where a time that the zone leaves out is an error.
    """
    minutes = zones.offset_minutes(zone)
    if minutes is not None:
        return minutes * 60_000_000
    try:
        moment = (_EPOCH + datetime.timedelta(microseconds=local)).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        again = moment.astimezone(datetime.UTC).astimezone(moment.tzinfo).replace(tzinfo=None)
    except OverflowError as error:
        raise not_supported("A year so far away") from error
    if strict and again != moment.replace(tzinfo=None):
        problem = f'Cannot parse "{strict}": Illegal instant due to time zone offset transition ({zone})'
        raise SqlError(joda.INVALID, problem)
    shift = moment.utcoffset()
    assert shift is not None  # noqa: S101 - it has a zone
    return shift // _MICROSECOND


@udf("py_zone_id", ("VARCHAR", "VARCHAR"), "VARCHAR")
def zone_id(value: str, error: str) -> str:
    """A zone's name in Trino's spelling; the error of the function that asks where there is none."""
    found = zones.zone_id(value)
    if found is None:
        unknown = error == "NOT_SUPPORTED"
        raise SqlError(error, f"Time zone not supported: {value}" if unknown else f"'{value}' is not a valid time zone")
    return found


_mysql = functools.lru_cache(maxsize=256)(joda.mysql_pieces)
_joda = functools.lru_cache(maxsize=256)(joda.joda_pieces)


@udf("py_date_parse", ("VARCHAR", "VARCHAR"), "BIGINT")
def date_parse(value: str, pattern: str) -> int:
    """date_parse."""
    moment, _ = joda_text.read(_mysql(pattern), value, _MYSQL_PIVOT)
    return (moment - _EPOCH) // _MICROSECOND


@udf("py_parse_datetime", ("VARCHAR", "VARCHAR"), ZONED)
def parse_datetime(value: str, pattern: str) -> dict[str, int | str]:
    """parse_datetime."""
    pivot = datetime.datetime.now(datetime.UTC).year - _MIDDAY_YEARS
    moment, spelled = joda_text.read(_joda(pattern), value, pivot)
    zone = zones.zone_id(spelled or "UTC")
    if zone is None:
        raise SqlError("NOT_SUPPORTED", f"Time zone not supported: {spelled}")
    local = (moment - _EPOCH) // _MICROSECOND
    return {"t": local - _shift(local, zone, strict=value), "z": zone}


@udf("py_iso_days", ("VARCHAR",), "INTEGER")
def iso_days(value: str) -> int:
    """from_iso8601_date."""
    return iso8601.read_date(value)


@udf("py_iso_timestamp", ("VARCHAR",), ZONED)
def iso_timestamp(value: str) -> dict[str, int | str]:
    """from_iso8601_timestamp."""
    moment = iso8601.read_moment(value, 3)
    spelled = moment.zone.upper() if moment.zone else "UTC"
    zone = zones.zone_id(spelled)
    if zone is None:
        raise SqlError("NOT_SUPPORTED", f"Time zone not supported: {spelled}")
    return {"t": moment.microseconds - (zones.offset_minutes(zone) or 0) * 60_000_000, "z": zone}


@udf("py_date_format", ("BIGINT", "VARCHAR"), "VARCHAR")
def date_format(local: int, pattern: str) -> str:
    """date_format."""
    return joda_write.write(_mysql(pattern), _written_moment(local))


@udf("py_format_datetime", ("BIGINT", "VARCHAR"), "VARCHAR")
def format_datetime(local: int, pattern: str) -> str:
    """format_datetime of a timestamp without zone."""
    return joda_write.write(_joda(pattern), _written_moment(local))


@udf("py_format_zoned", ("BIGINT", "VARCHAR", "BIGINT", "VARCHAR"), "VARCHAR")
def format_zoned(local: int, zone: str, ahead: int, pattern: str) -> str:
    """format_datetime of a timestamp with time zone."""
    return joda_write.write(_joda(pattern), _written_moment(local), zone, ahead)


@udf("py_zone_name", ("VARCHAR", "INTEGER", "BIGINT", "BIGINT"), "VARCHAR")
def zone_name(zone: str, letters: int, ahead: int, year: int) -> str:
    """The letters z of format_datetime."""
    return joda_write.zone_name(zone, letters, ahead, year)


def _written_moment(local: int) -> datetime.datetime:
    try:
        return _EPOCH + datetime.timedelta(microseconds=local)
    except OverflowError as error:
        raise not_supported("A year so far away in a pattern") from error
