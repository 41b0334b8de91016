"""+ - * / of dates, times, timestamps and intervals.

An interval day to second is a number of milliseconds, an interval year to month a number of months; with a zone, days
and less are elapsed time, months go by the calendar of the zone.
Follows Trino's page "Date and time functions and operators" and measured answers.
"""

from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import text, zoned
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, fail, let

DAY = 86_400_000  # milliseconds
_INTERVALS = (t.INTERVAL_DAY, t.INTERVAL_YEAR)

type Moment = t.Timestamp | t.TimestampTz
type TimeOfDay = t.Time | t.TimeTz


def is_temporal(type_: t.Type) -> bool:
    """Whether a type is one that this module computes with."""
    return type_ == t.DATE or type_ in _INTERVALS or isinstance(type_, Moment.__value__ | TimeOfDay.__value__)


def binary(symbol: str, left: Expr, right: Expr, node: exp.Expr) -> Expr | None:
    """One operation; None where Trino has no such operation.

    Raises:
        SqlError: AMBIGUOUS_FUNCTION_CALL with a bare NULL that could be one of several types.
    """
    if t.UNKNOWN in (left.type, right.type):
        return _with_null(symbol, left, right, node)
    if right.type in _INTERVALS and symbol in "+-" and left.type not in _INTERVALS:
        return _moved(symbol, left, right)
    if left.type in _INTERVALS and symbol == "+" and right.type not in _INTERVALS:
        return _moved(symbol, right, left)
    if left.type in _INTERVALS or right.type in _INTERVALS:
        return _interval(symbol, left, right)
    return _difference(left, right) if symbol == "-" else None


def _with_null(symbol: str, left: Expr, right: Expr, node: exp.Expr) -> Expr | None:
    known = right if left.type == t.UNKNOWN else left
    if not is_temporal(known.type):
        return None
    plain = (known.type == t.DATE and symbol in "+-") or (known.type in _INTERVALS and symbol in "*/")
    if plain and (known is left or symbol in "+*"):
        return Expr(f"CAST(NULL AS {t.duckdb_type(known.type)})", known.type)
    problem = "Could not choose a best candidate operator. Explicit type casts must be added."
    raise fail("AMBIGUOUS_FUNCTION_CALL", problem, node)


def _moved(symbol: str, value: Expr, interval: Expr) -> Expr | None:
    if interval.type == t.INTERVAL_YEAR:
        if isinstance(value.type, TimeOfDay.__value__) or not is_temporal(value.type):
            return None
        return add_months(value, f"({'-' if symbol == '-' else ''}{interval.sql})")
    if value.type == t.DATE:
        return _moved_date(symbol, value, interval)
    microseconds = f"({symbol}{interval.sql} * 1000)"
    match value.type:
        case t.Timestamp(digits):
            return Expr(add_microseconds(value.sql, microseconds), t.Timestamp(max(digits, 3)))
        case t.TimestampTz(digits):
            return zoned.opened(value, lambda one: _moved_zoned(one, microseconds, max(digits, 3)))
        case t.Time(digits) | t.TimeTz(digits):
            return moved_time(value, microseconds, max(digits, 3))
    return None


def _moved_zoned(value: Expr, microseconds: str, digits: int) -> Expr:
    return zoned.pack(add_microseconds(zoned.instant(value), microseconds), zoned.zone(value), digits)


def add_microseconds(timestamp: str, microseconds: str) -> str:
    """A DuckDB TIMESTAMP moved by a DuckDB BIGINT of microseconds."""
    return f"make_timestamp(epoch_us({timestamp}) + {microseconds})"


def moved_time(value: Expr, microseconds: str, digits: int) -> Expr:
    """A time moved by microseconds, past midnight to the other side of the day."""
    sql = f"({zoned.clock(value)} + to_microseconds({microseconds}))"
    if isinstance(value.type, t.TimeTz):
        return zoned.pack_time(sql, zoned.minutes(value), digits)
    return Expr(sql, t.Time(digits))


def _moved_date(symbol: str, value: Expr, interval: Expr) -> Expr:
    if isinstance(interval.literal, int) and interval.literal % DAY == 0:
        return Expr(f"CAST({value.sql} {symbol} {interval.literal // DAY} AS DATE)", t.DATE)
    verb, word = ("add", "to") if symbol == "+" else ("subtract", "from")
    problem = f"'Cannot {verb} hour, minutes or seconds {word} a date'"

    def moved(amount: str) -> str:
        message = f"{problem} || left(CAST({value.sql} AS VARCHAR) || CAST({amount} AS VARCHAR), 0)"
        failed = text.raising("INVALID_FUNCTION_ARGUMENT", message, "DATE")
        days = f"CAST({value.sql} {symbol} CAST({amount} // {DAY} AS INTEGER) AS DATE)"
        return f"(CASE WHEN {value.sql} IS NOT NULL AND {amount} % {DAY} <> 0 THEN {failed} ELSE {days} END)"

    return Expr(let(interval.sql, moved), t.DATE)


def add_months(value: Expr, months: str) -> Expr:
    """A date or timestamp moved by months, to the month's last day where the day does not exist."""
    moved = f"to_months(CAST({months} AS INTEGER))"
    if isinstance(value.type, t.TimestampTz):
        return zoned.opened(value, lambda one: zoned.back(f"({zoned.local(one)} + {moved})", one))
    return Expr(f"CAST({value.sql} + {moved} AS {t.duckdb_type(value.type)})", value.type)


def _interval(symbol: str, left: Expr, right: Expr) -> Expr | None:
    if left.type == right.type:
        if symbol not in "+-":
            return None
        return _whole(symbol, left, right)
    if right.type in _INTERVALS and symbol == "*":
        left, right = right, left
    if left.type not in _INTERVALS or not t.is_numeric(right.type) or symbol not in "*/":
        return None
    sink = t.duckdb_type(left.type)
    if symbol == "*" and t.is_integer(right.type):
        return _whole(symbol, left, coerce(right, t.BIGINT))
    return Expr(let(coerce(right, t.DOUBLE).sql, lambda by: _scaled(symbol, left.sql, by, sink)), left.type)


def _whole(symbol: str, left: Expr, right: Expr) -> Expr:
    """An operation in more bits than the result has, so that what is too large is seen."""
    macro = "tr_day_interval" if left.type == t.INTERVAL_DAY else "tr_year_interval"
    value = f"(CAST({left.sql} AS HUGEINT) {symbol} {right.sql})"
    return Expr(f"({let(value, lambda amount: f'{macro}({amount})')})", left.type)


def _scaled(symbol: str, interval: str, by: str, sink: str) -> str:
    verb, wrong = ("multiply", f"isnan({by})") if symbol == "*" else ("divide", f"({by} = 0 OR isnan({by}))")
    shown = f"CASE WHEN isnan({by}) THEN 'NaN' ELSE '0.0' END"
    message = f"'Cannot {verb} by double ' || {shown} || left(CAST({interval} AS VARCHAR), 0)"
    failed = text.raising("INVALID_FUNCTION_ARGUMENT", message, sink)
    scaled = f"CAST(trunc(CAST({interval} AS DOUBLE) {symbol} {by}) AS {sink})"
    return f"(CASE WHEN {interval} IS NOT NULL AND {wrong} THEN {failed} ELSE {scaled} END)"


def _difference(left: Expr, right: Expr) -> Expr | None:
    target = common(left.type, right.type)
    if target == t.DATE:
        return Expr(f"(CAST({left.sql} - {right.sql} AS BIGINT) * {DAY})", t.INTERVAL_DAY)
    if target is None or not is_temporal(target) or target in _INTERVALS:
        return None
    a, b = (microseconds(coerce(side, target)) for side in (left, right))
    return Expr(let(f"({a} - {b})", lambda elapsed: f"tr_milliseconds({elapsed})"), t.INTERVAL_DAY)


def microseconds(value: Expr) -> str:
    """Microseconds of a time since midnight in UTC, of a timestamp since 1970, as a DuckDB BIGINT."""
    ways: dict[type, Callable[[Expr], str]] = {
        t.Time: lambda value: f"epoch_us({value.sql})",
        t.TimeTz: zoned.time_key,
        t.Timestamp: lambda value: f"epoch_us({value.sql})",
        t.TimestampTz: lambda value: f"epoch_us({zoned.instant(value)})",
    }
    return ways[type(value.type)](value)
