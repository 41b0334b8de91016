"""Casts from and to dates, times, timestamps and intervals.

Text that has the usual shape is read by DuckDB, all other by `udfs.times`, which knows every shape that Trino takes.
Follows Trino's pages "Conversion functions" and "Date and time functions and operators", and measured answers.
"""

import datetime
import re

from laketop.athena.sql import types as t
from laketop.athena.sql import zoned
from laketop.athena.sql.casting import Caster, checked, limited, plain
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.text import raising

_DATE_SHAPE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK_SHAPE = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"


def _fitting(sql: str, target: t.Type) -> str:
    """Text of a time that must fit into the varchar."""
    assert isinstance(target, t.Varchar)  # noqa: S101 - the table's key
    if target.length is None:
        return sql

    def fitted(value: str) -> str:
        message = f"'Value [' || {value} || '] does not fit in type {target}'"
        return checked(value, f"length({value}) <= {target.length}", value, "GENERIC_INTERNAL_ERROR", message, target)

    return f"({let(sql, fitted)})"


def _text_from_timestamp(value: Expr, target: t.Type) -> str:
    return _fitting(timestamp_text(value), target)


def timestamp_text(value: Expr) -> str:
    """A timestamp without zone as text, with the digits of its precision."""
    return _cut(let(value.sql, lambda moment: f"tr_timestamp_text({moment})"), zoned.precision(value))


def _cut(sql: str, digits: int) -> str:
    """The text of a time with six digits of a second with fewer of them."""
    return sql if digits == 6 else f"left({sql}, -{6 - digits if digits else 7})"


def zoned_text(value: Expr) -> str:
    """A timestamp with time zone as text: what its clock shows, and the zone."""
    local = let(zoned.local(value), lambda moment: f"tr_timestamp_text({moment})")
    return f"({_cut(local, zoned.precision(value))} || ' ' || {zoned.zone(value)})"


def _text_from_zoned(value: Expr, target: t.Type) -> str:
    return _fitting(zoned_text(value), target)


def time_text(value: Expr) -> str:
    """A time of day as text, with its offset where it has one."""
    whole = _cut(f"strftime(DATE '2000-01-01' + {zoned.clock(value)}, '%H:%M:%S.%f')", zoned.precision(value))
    if isinstance(value.type, t.TimeTz):
        return f"({whole} || tr_offset_text({zoned.minutes(value)}))"
    return whole


def _text_from_time(value: Expr, target: t.Type) -> str:
    return _fitting(time_text(value), target)


def date_text(value: Expr) -> str:
    """A date as text."""
    return let(value.sql, lambda day: f"tr_date_text({day})")


def _text_from_date(value: Expr, target: t.Type) -> str:
    return limited(date_text(value), target)


def _text_from_interval(value: Expr, target: t.Type) -> str:
    name = "tr_day_interval_text" if value.type == t.INTERVAL_DAY else "tr_year_interval_text"
    return _fitting(let(value.sql, lambda amount: f"{name}({amount})"), target)


def _read(value: Expr, shape: str, usual: str, other: str) -> str:
    """Text read by DuckDB where it has the usual shape (and says a time that exists), else by a function of ours."""
    if isinstance(value.literal, str) and _is_usual(value.literal, shape):
        return usual.format(value.sql)

    def read(v: str) -> str:
        test = f"regexp_full_match({v}, '{shape}')"
        return f"CASE WHEN {test} THEN coalesce({usual.format(v)}, {other.format(v)}) ELSE {other.format(v)} END"

    return f"({let(value.sql, read)})"


def _is_usual(spelled: str, shape: str) -> bool:
    """Whether a literal has the shape, and names a day that exists: nothing is left to be found out at run time."""
    day = re.match(_DATE_SHAPE, spelled)
    return re.fullmatch(shape, spelled) is not None and (day is None or _exists(day.group()))


def _exists(day: str) -> bool:
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _date_from_text(value: Expr, _: t.Type) -> str:
    return _read(value, _DATE_SHAPE, "TRY_CAST({0} AS DATE)", "make_date(py_days({0}))")


def _time_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Time)  # noqa: S101 - the table's key
    usual = rounded_time("TRY_CAST({0} AS TIME)", 6, target.precision)
    other = f"(TIME '00:00:00' + to_microseconds(py_time_of_day({{0}}, {target.precision})))"
    return _read(value, _CLOCK_SHAPE, usual, other)


def _zoned_time_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.TimeTz)  # noqa: S101 - the table's key
    return f"py_zoned_time({value.sql}, {target.precision})"


def _timestamp_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.Timestamp)  # noqa: S101 - the table's key
    usual = rounded_timestamp("TRY_CAST({0} AS TIMESTAMP)", 6, target.precision)
    other = f"make_timestamp(py_microseconds({{0}}, {target.precision}))"
    return _read(value, f"{_DATE_SHAPE}( {_CLOCK_SHAPE})?", usual, other)


def _zoned_from_text(value: Expr, target: t.Type) -> str:
    assert isinstance(target, t.TimestampTz)  # noqa: S101 - the table's key
    digits = target.precision

    def read(v: str) -> str:
        moment = rounded_timestamp(f"TRY_CAST(replace({v}, ' UTC', '') AS TIMESTAMP)", 6, digits)
        usual = f"CASE WHEN regexp_full_match({v}, '{_DATE_SHAPE}( {_CLOCK_SHAPE})?( UTC)?') THEN {moment} END"
        return let(usual, lambda found: zoned.in_utc(found, digits, f"py_zoned_timestamp({v}, {digits})"))

    return let(value.sql, read)


def rounded_timestamp(sql: str, precision: int, target: int) -> str:
    """A DuckDB TIMESTAMP rounded half up to fewer digits of a second."""
    if target >= precision:
        return sql
    return let(sql, lambda moment: f"tr_round_timestamp({moment}, {10 ** (6 - target)})")


def rounded_time(sql: str, precision: int, target: int) -> str:
    """A DuckDB TIME rounded half up to fewer digits of a second; midnight comes after the last."""
    if target >= precision:
        return sql
    return let(sql, lambda moment: f"tr_round_time({moment}, {10 ** (6 - target)})")


def _rounded(sql: str, value: Expr, target: t.Type) -> str:
    """A DuckDB TIMESTAMP that is as precise as a value, as precise as a type."""
    assert isinstance(target, t.Timestamp | t.TimestampTz)  # noqa: S101 - the table's key
    return rounded_timestamp(sql, zoned.precision(value), target.precision)


def _timestamp_from_timestamp(value: Expr, target: t.Type) -> str:
    return _rounded(value.sql, value, target)


def _timestamp_from_zoned(value: Expr, target: t.Type) -> str:
    return _rounded(zoned.local(value), value, target)


def _zoned_from_timestamp(value: Expr, target: t.Type) -> str:
    return zoned.pack(_rounded(value.sql, value, target), zoned.UTC, zoned.precision(value)).sql


def _zoned_from_date(value: Expr, target: t.Type) -> str:
    return zoned.coerce(value, target).sql


def _zoned_from_zoned(value: Expr, target: t.Type) -> str:
    moment = _rounded(zoned.instant(value), value, target)
    return value.sql if moment == zoned.instant(value) else zoned.pack(moment, zoned.zone(value), 0).sql


def _date_from_zoned(value: Expr, _: t.Type) -> str:
    return f"CAST({zoned.local(value)} AS DATE)"


def _clock_as(value: Expr, sql: str, target: t.Type) -> str:
    """A DuckDB TIME that is as precise as a value, as precise as a type."""
    assert isinstance(target, t.Time | t.TimeTz)  # noqa: S101 - the table's key
    return rounded_time(sql, zoned.precision(value), target.precision)


def _time_from_time(value: Expr, target: t.Type) -> str:
    return _clock_as(value, zoned.clock(value), target)


def _zoned_time_from_time(value: Expr, target: t.Type) -> str:
    ahead = zoned.minutes(value) if isinstance(value.type, t.TimeTz) else "0"
    return zoned.pack_time(_clock_as(value, zoned.clock(value), target), ahead, 0).sql


def _time_from_timestamp(value: Expr, target: t.Type) -> str:
    return let(value.sql, lambda moment: _clock_as(value, _time_of_day(moment), target))


def _time_of_day(moment: str) -> str:
    """The TIME of a DuckDB TIMESTAMP; before 1970, Trino 435 takes a second from a time with parts of seconds."""
    problem = f"'A cast to time of a timestamp before 1970 with parts of seconds: ' || CAST({moment} AS VARCHAR)"
    odd = f"epoch_us({moment}) < 0 AND epoch_us({moment}) % 1000000 <> 0"
    return f"CASE WHEN {odd} THEN {raising('NOT_SUPPORTED', problem, 'TIME')} ELSE CAST({moment} AS TIME) END"


def _time_from_zoned(value: Expr, target: t.Type) -> str:
    return _clock_as(value, f"CAST({zoned.local(value)} AS TIME)", target)


def _zoned_time_from_timestamp(value: Expr, target: t.Type) -> str:
    return zoned.pack_time(_time_from_timestamp(value, target), "0", 0).sql


def _zoned_time_from_zoned(value: Expr, target: t.Type) -> str:
    return zoned.pack_time(_time_from_zoned(value, target), zoned.offset(value), 0).sql


def _today(value: Expr, target: t.Type) -> str:
    raise not_supported(f"A cast from {value.type} to {target}, which takes today's date,")


# (family of the source, family of the target) -> how
CASTS: dict[tuple[str, str], Caster] = {
    ("date", "varchar"): _text_from_date,
    ("time", "varchar"): _text_from_time,
    ("timetz", "varchar"): _text_from_time,
    ("timestamp", "varchar"): _text_from_timestamp,
    ("timestamptz", "varchar"): _text_from_zoned,
    ("interval day to second", "varchar"): _text_from_interval,
    ("interval year to month", "varchar"): _text_from_interval,
    ("varchar", "date"): _date_from_text,
    ("timestamp", "date"): plain,
    ("timestamptz", "date"): _date_from_zoned,
    ("varchar", "time"): _time_from_text,
    ("time", "time"): _time_from_time,
    ("timetz", "time"): _time_from_time,
    ("timestamp", "time"): _time_from_timestamp,
    ("timestamptz", "time"): _time_from_zoned,
    ("varchar", "timetz"): _zoned_time_from_text,
    ("time", "timetz"): _zoned_time_from_time,
    ("timetz", "timetz"): _zoned_time_from_time,
    ("timestamp", "timetz"): _zoned_time_from_timestamp,
    ("timestamptz", "timetz"): _zoned_time_from_zoned,
    ("varchar", "timestamp"): _timestamp_from_text,
    ("date", "timestamp"): plain,
    ("time", "timestamp"): _today,
    ("timetz", "timestamp"): _today,
    ("timestamp", "timestamp"): _timestamp_from_timestamp,
    ("timestamptz", "timestamp"): _timestamp_from_zoned,
    ("varchar", "timestamptz"): _zoned_from_text,
    ("date", "timestamptz"): _zoned_from_date,
    ("time", "timestamptz"): _today,
    ("timetz", "timestamptz"): _today,
    ("timestamp", "timestamptz"): _zoned_from_timestamp,
    ("timestamptz", "timestamptz"): _zoned_from_zoned,
}
