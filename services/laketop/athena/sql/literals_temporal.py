"""Literals of dates, times, timestamps and intervals, read while compiling.

Follows Trino's page "Data types" (date and time, intervals) and measured answers: what is not read exactly is an error.
"""

import datetime
import re
import zoneinfo
from dataclasses import dataclass

from sqlglot import exp

from laketop.athena.sql import text, zoned, zones
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

MAX_PRECISION, MAX_CARRIED = 12, 6
_SECONDS = r"(?::(\d{1,2})(?:\.(\d+))?)?"
TIMESTAMP_SHAPE = re.compile(
    r"([+-]?\d{4,})-(\d{1,2})-(\d{1,2})(?: (?:(\d{1,2}):(\d{1,2})" + _SECONDS + r")?\s*(\S.*)?)?", re.DOTALL
)
TIME_SHAPE = re.compile(r"(\d{1,2}):(\d{1,2})" + _SECONDS + r"\s*(?:([+-])(\d\d):(\d\d))?")
DATE_SHAPE = re.compile(r"\s*([+-]?\d{1,9})-(\d{1,2})-(\d{1,2})\s*")
_FAR = re.compile(r"[+-]\d\d:[0-5]\d|(?:UTC|GMT|UT)[+-]\d+")  # an offset that can be read, but is too large
_YEARS = (-290_000, 290_000)  # what DuckDB carries, roughly
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # the calendar repeats

# (name, separator before it, how much it is) of the fields of an interval, from the largest
_DAY_FIELDS = (("DAY", "", 86_400_000), ("HOUR", " ", 3_600_000), ("MINUTE", ":", 60_000), ("SECOND", ":", 1000))
_YEAR_FIELDS = (("YEAR", "", 12), ("MONTH", "-", 1))
_MAX_INT32 = 2**31 - 1


@dataclass(frozen=True)
class Clock:
    """A time of day that a literal says, and its digits of a second."""

    microseconds: int
    precision: int


def date(spelled: str, node: exp.Expr) -> Expr:
    """DATE '2024-01-31'.

    Raises:
        SqlError: INVALID_LITERAL.
    """
    match = DATE_SHAPE.fullmatch(spelled)
    days = days_of(*map(int, match.groups())) if match else None
    if days is None:
        raise _invalid(spelled, "DATE", node)
    return Expr(date_sql(days), t.DATE)


def days_of(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01, in the calendar of today before its invention too; None where there is no such day."""
    cycles = (year - 2000) // _CYCLE_YEARS
    try:
        moment = datetime.date(year - cycles * _CYCLE_YEARS, month, day)
    except ValueError:
        return None
    return moment.toordinal() - _EPOCH + cycles * _CYCLE_DAYS


def date_sql(days: int) -> str:
    """A DuckDB DATE from days since 1970-01-01."""
    ordinal = days + _EPOCH
    if datetime.date.min.toordinal() <= ordinal <= datetime.date.max.toordinal():
        return f"DATE '{datetime.date.fromordinal(ordinal).isoformat()}'"
    return f"make_date(CAST({days} AS INTEGER))"


def timestamp_sql(days: int, microseconds: int) -> str:
    """A DuckDB TIMESTAMP from days since 1970-01-01 and microseconds of the day."""
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=days, microseconds=microseconds)
    except OverflowError:
        pass
    else:
        return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
    return f"make_timestamp(CAST({days * zoned.DAY_MICROSECONDS + microseconds} AS BIGINT))"


def _clock(fields: tuple[str | None, ...], spelled: str, name: str, node: exp.Expr) -> Clock:
    hour, minute, second = (int(part or 0) for part in fields[:3])
    fraction = fields[3] or ""
    if hour > 23 or minute > 59 or second > 59:
        raise _invalid(spelled, name, node)
    if len(fraction) > MAX_PRECISION:
        problem = f"{name} precision must be in range [0, {MAX_PRECISION}]: {len(fraction)}"
        raise fail("NUMERIC_VALUE_OUT_OF_RANGE", problem, node)
    if len(fraction) > MAX_CARRIED:
        raise not_supported(f"{name} '{spelled}': more than {MAX_CARRIED} digits of a second", *place(node))
    seconds = (hour * 60 + minute) * 60 + second
    return Clock(seconds * 1_000_000 + int(fraction.ljust(6, "0")), len(fraction))


def timestamp(spelled: str, node: exp.Expr) -> Expr:
    """TIMESTAMP '2024-01-31 10:00:00.000', with a zone behind it or not.

    Raises:
        SqlError: INVALID_LITERAL, also for a time that the zone leaves out in spring.
    """
    match = TIMESTAMP_SHAPE.fullmatch(spelled)
    days = days_of(*map(int, match.groups()[:3])) if match else None
    if match is None or days is None:
        raise _invalid(spelled, "TIMESTAMP", node)
    year, zone = int(match[1]), match[8]
    name = "TIMESTAMP WITH TIME ZONE" if zone else "TIMESTAMP"
    clock = _clock(match.groups()[3:7], spelled, name if len(match[7] or "") > MAX_PRECISION else "TIMESTAMP", node)
    if not _YEARS[0] < year < _YEARS[1]:
        raise not_supported(f"TIMESTAMP '{spelled}': a year so far away", *place(node))
    if not zone:
        return Expr(timestamp_sql(days, clock.microseconds), t.Timestamp(clock.precision))
    found = zones.zone_id(zone)
    if found is None:
        if _FAR.fullmatch(zone):
            raise fail("NOT_SUPPORTED", f"Time zone not supported: {zone}", node)
        raise _invalid(spelled, "TIMESTAMP", node)
    instant = days * zoned.DAY_MICROSECONDS + clock.microseconds - _shift(days, clock, found, spelled, node)
    return zoned.pack(timestamp_sql(0, instant), text.string(found), clock.precision, sure=True)


def _shift(days: int, clock: Clock, zone: str, spelled: str, node: exp.Expr) -> int:
    """Microseconds that a zone is ahead of UTC when its clocks show a time, of a time that comes twice the first."""
    minutes = zones.offset_minutes(zone)
    if minutes is not None:
        return minutes * 60_000_000
    try:
        midnight = datetime.datetime.combine(datetime.date.fromordinal(days + _EPOCH), datetime.time())
        local = (midnight + datetime.timedelta(microseconds=clock.microseconds)).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        again = local.astimezone(datetime.UTC).astimezone(local.tzinfo)
    except (OverflowError, ValueError) as error:
        raise not_supported(f"TIMESTAMP '{spelled}': a year so far away", *place(node)) from error
    if again.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise _invalid(spelled, "TIMESTAMP", node)
    shift = local.utcoffset()
    assert shift is not None  # noqa: S101 - it has a zone
    return shift // datetime.timedelta(microseconds=1)


def time(spelled: str, node: exp.Expr) -> Expr:
    """TIME '10:00:00.000', with an offset behind it or not.

    Raises:
        SqlError: INVALID_LITERAL.
    """
    match = TIME_SHAPE.fullmatch(spelled)
    if not match:
        raise _invalid(spelled, "TIME", node)
    clock = _clock(match.groups()[:4], spelled, "TIME", node)
    seconds, fraction = divmod(clock.microseconds, 1_000_000)
    sql = f"TIME '{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:06d}'"
    if not match[5]:
        return Expr(sql, t.Time(clock.precision))
    ahead = int(match[6]) * 60 + int(match[7])
    if ahead > zones.MAX_OFFSET or int(match[7]) > 59:
        raise _invalid(spelled, "TIME", node)
    return zoned.pack_time(sql, str(-ahead if match[5] == "-" else ahead), clock.precision, sure=True)


def _invalid(spelled: str, name: str, node: exp.Expr) -> Exception:
    return fail("INVALID_LITERAL", f"'{spelled}' is not a valid {name} literal", node)


@rule(exp.Interval)
def _interval(node: exp.Interval, context: Context) -> Expr:
    amount, unit = parts(node, "this", "unit")
    if unit is None:
        # sqlglot takes whatever follows an interval and a sign for another interval
        return compile_expression(amount, context)
    sign = 1
    if isinstance(amount, exp.Neg):
        sign, amount = -1, amount.this
    if not isinstance(amount, exp.Literal):
        raise not_supported(f"The interval {node.sql(dialect='trino')}", *place(node))
    first, last = (unit.this, unit.expression) if isinstance(unit, exp.IntervalSpan) else (unit, unit)
    names = (str(first.this).upper(), str(last.this).upper())
    for fields in (_DAY_FIELDS, _YEAR_FIELDS):
        known = [name for name, _, _ in fields]
        if names[0] in known:
            if names[1] not in known or known.index(names[1]) < known.index(names[0]):
                raise _invalid(amount.this, "INTERVAL", node)
            chosen = fields[known.index(names[0]) : known.index(names[1]) + 1]
            value = sign * _amount(amount.this, chosen, node)
            return day_interval(value) if fields is _DAY_FIELDS else _year_interval(value, amount.this, node)
    raise fail("TYPE_NOT_FOUND", "Unknown resolvedType: INTERVAL", node)


def _amount(spelled: str, fields: tuple[tuple[str, str, int], ...], node: exp.Expr) -> int:
    """The value of an interval's text: fields from the left, of which the last may be missing."""
    pattern = ""
    for name, separator, _ in reversed(fields):
        digits = r"(\d*(?:\.\d{0,9})?)" if name == "SECOND" else r"(\d*)"
        pattern = re.escape(separator if name != fields[0][0] else "") + digits + (f"(?:{pattern})?" if pattern else "")
    match = re.fullmatch("([+-]?)" + pattern, spelled)
    if not match:
        raise _invalid(spelled, "INTERVAL", node)
    total = 0
    for (name, _, unit), digits in zip(fields, match.groups()[1:], strict=True):
        whole, _, fraction = (digits or "").partition(".")
        if int(whole or 0) > _MAX_INT32:
            raise _invalid(spelled, "INTERVAL", node)
        total += int(whole or 0) * unit + (int(fraction.ljust(3, "0")[:3]) if name == "SECOND" else 0)
    return -total if match[1] == "-" else total


def day_interval(milliseconds: int) -> Expr:
    """An interval day to second of so many milliseconds."""
    return Expr(f"CAST({milliseconds} AS BIGINT)", t.INTERVAL_DAY, milliseconds)


def _year_interval(months: int, spelled: str, node: exp.Expr) -> Expr:
    if abs(months) > _MAX_INT32:
        raise _invalid(spelled, "INTERVAL", node)
    return Expr(f"CAST({months} AS INTEGER)", t.INTERVAL_YEAR, months)
