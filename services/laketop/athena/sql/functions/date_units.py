"""date_trunc, date_add and date_diff: by units from millisecond to year, of dates, times and timestamps.

With a zone, units of a day and more go by the calendar of the zone, smaller ones by elapsed time.
Follows Trino's page "Date and time functions and operators", sections "Truncation function", "Interval functions".
"""

from collections.abc import Callable

from laketop.athena.sql import casts_temporal, temporal, text, zoned
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, fail, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call, Rule

# microseconds of the units of time, and of those that are days; months of the units of the calendar
_TIMES = {"millisecond": 1000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAY = 86_400_000_000


def _units(type_: t.Type) -> tuple[tuple[str, ...], str]:
    """The units that a type knows, and what messages call the type."""
    if type_ == t.DATE:
        return (*_DAYS, *_MONTHS), "DATE"
    if isinstance(type_, t.Time | t.TimeTz):
        return tuple(_TIMES), "TIME"
    return (*_TIMES, *_DAYS, *_MONTHS), "TIMESTAMP"


def _by_unit(call: Call, type_: t.Type, given: t.Type, build: Callable[[str], str]) -> Expr:
    """What a function does with its unit; a unit that is no literal is chosen row by row.

    Args:
        type_: the result's type.
        given: the type that decides which units there are.
        build: DuckDB SQL for one unit.
    """
    unit, sink = call.args[0], t.duckdb_type(type_)
    units, name = _units(given)
    if unit.type == t.UNKNOWN:
        return Expr(f"CAST(NULL AS {sink})", type_)
    if not isinstance(unit.type, t.Varchar):
        raise call.unexpected()
    if isinstance(unit.literal, str) and unit.literal.lower() in units:
        return Expr(build(unit.literal.lower()), type_)

    def chosen(spelled: str) -> str:
        message = f"'''' || lower({spelled}) || ''' is not a valid {name} field'"
        failed = text.raising("INVALID_FUNCTION_ARGUMENT", message, sink)
        branches = " ".join(f"WHEN {text.string(one)} THEN {build(one)}" for one in units)
        return f"(CASE lower({spelled}) {branches} ELSE {failed} END)"

    if isinstance(unit.literal, str):
        # hangs on the row's value, so that TRY and CASE see it
        message = f"'''{unit.literal.lower().replace("'", "''''")}'' is not a valid {name} field'"
        hung = f"{message} || left(CAST({call.args[-1].sql} AS VARCHAR), 0)"
        failed = text.raising("INVALID_FUNCTION_ARGUMENT", hung, sink)
        return Expr(f"(CASE {_missing(call)} ELSE {failed} END)", type_)
    return Expr(f"(CASE WHEN {unit.sql} IS NULL THEN NULL {_missing(call)} ELSE {let(unit.sql, chosen)} END)", type_)


def _missing(call: Call) -> str:
    """The branches of CASE for a NULL among what stands behind the unit."""
    return " ".join(f"WHEN {value.sql} IS NULL THEN NULL" for value in call.args[1:])


def _value(call: Call, position: int) -> Expr:
    value = call.args[position]
    if not temporal.is_temporal(value.type) or value.type in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        raise call.unexpected()
    return value


def _ambiguous(call: Call) -> SqlError:
    problem = "Could not choose a best candidate operator. Explicit type casts must be added."
    return fail("AMBIGUOUS_FUNCTION_CALL", problem, call.node)


def _date_trunc(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    if call.args[1].type == t.UNKNOWN:
        raise _ambiguous(call)
    value = _value(call, 1)
    return _by_unit(
        call, value.type, value.type, lambda unit: zoned.opened(value, lambda one: _truncated(unit, one)).sql
    )


def _truncated(unit: str, value: Expr) -> Expr:
    return Expr(_truncated_sql(unit, value), value.type)


def _truncated_sql(unit: str, value: Expr) -> str:
    if isinstance(value.type, t.Time | t.TimeTz):
        step = _TIMES[unit]
        floor = let(f"epoch_us({zoned.clock(value)})", lambda us: f"({us} - {us} % {step})")
        time = f"(TIME '00:00:00' + to_microseconds({floor}))"
        if isinstance(value.type, t.Time):
            return time
        return zoned.pack_time(time, zoned.minutes(value), value.type.precision).sql
    if not isinstance(value.type, t.TimestampTz):
        return f"CAST(date_trunc('{unit}', {value.sql}) AS {t.duckdb_type(value.type)})"
    if unit not in _TIMES:
        return zoned.back(f"CAST(date_trunc('{unit}', {zoned.local(value)}) AS TIMESTAMP)", value).sql
    over = let(zoned.local(value), lambda w: f"(epoch_us({w}) - epoch_us(date_trunc('{unit}', {w})))")
    instant = f"make_timestamp(epoch_us({zoned.instant(value)}) - {over})"
    return zoned.pack(instant, zoned.zone(value), value.type.precision).sql


def _date_add(call: Call) -> Expr:
    if len(call.args) != 3 or not (t.is_integer(call.args[1].type) or call.args[1].type == t.UNKNOWN):
        raise call.unexpected()
    if call.args[2].type == t.UNKNOWN:
        raise _ambiguous(call)
    value, amount = _value(call, 2), coerce(call.args[1], t.BIGINT).sql

    def built(unit: str) -> str:
        return zoned.opened(value, lambda one: Expr(let(amount, lambda n: _added(unit, n, one)), value.type)).sql

    return _by_unit(call, value.type, value.type, built)


def _added(unit: str, amount: str, value: Expr) -> str:
    if unit in _MONTHS:
        return temporal.add_months(value, f"({amount} * {_MONTHS[unit]})").sql
    if value.type == t.DATE:
        return f"CAST({value.sql} + CAST({amount} * {_DAYS[unit]} AS INTEGER) AS DATE)"
    if isinstance(value.type, t.TimestampTz) and unit in _DAYS:
        return zoned.back(f"({zoned.local(value)} + to_days(CAST({amount} * {_DAYS[unit]} AS INTEGER)))", value).sql
    digits = zoned.precision(value)
    moved = f"{amount} * {_TIMES.get(unit) or _DAYS[unit] * _DAY}"
    match value.type:
        case t.Time() | t.TimeTz():
            clock = f"({zoned.clock(value)} + to_microseconds({moved}))"
            time = casts_temporal.rounded_time(clock, 3, digits) if unit == "millisecond" else clock
            return time if isinstance(value.type, t.Time) else zoned.pack_time(time, zoned.minutes(value), digits).sql
        case t.TimestampTz():
            instant = _rounded(unit, temporal.add_microseconds(zoned.instant(value), moved), digits)
            return zoned.pack(instant, zoned.zone(value), digits).sql
    return _rounded(unit, temporal.add_microseconds(value.sql, moved), digits)


def _rounded(unit: str, timestamp: str, digits: int) -> str:
    """Milliseconds on a timestamp that has none are rounded."""
    return casts_temporal.rounded_timestamp(timestamp, 3, digits) if unit == "millisecond" else timestamp


def _date_diff(call: Call) -> Expr:
    if len(call.args) != 3:
        raise call.unexpected()
    target = common(call.args[1].type, call.args[2].type)
    if target == t.UNKNOWN:
        return Expr("CAST(NULL AS BIGINT)", t.BIGINT)
    if target is None or not temporal.is_temporal(target) or target in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        raise call.unexpected()
    start, end = (coerce(value, target) for value in call.args[1:])

    def built(unit: str) -> str:
        return zoned.opened(start, lambda one: Expr(_elapsed(unit, one, end), t.BIGINT)).sql

    return _by_unit(call, t.BIGINT, target, built)


def _elapsed(unit: str, start: Expr, end: Expr) -> str:
    if isinstance(start.type, t.Time | t.TimeTz):
        return f"(({temporal.microseconds(end)} - {temporal.microseconds(start)}) // {_TIMES[unit]})"
    if isinstance(start.type, t.TimestampTz) and unit not in _TIMES:
        # by the calendar of the first one's zone
        a, b = zoned.local(start), zoned.wall(zoned.instant(end), zoned.zone(start))
    elif isinstance(start.type, t.TimestampTz):
        a, b = zoned.instant(start), zoned.instant(end)
    else:
        a, b = start.sql, end.sql
    if unit in _MONTHS:
        if start.type != t.DATE and zoned.precision(start) > 3:
            a, b = (f"date_trunc('millisecond', {side})" for side in (a, b))
        months = let(a, lambda one: let(b, lambda other: f"tr_months_between({one}, {other})"))
        return f"CAST({months} // {_MONTHS[unit]} AS BIGINT)"
    if start.type == t.DATE:
        return f"(CAST({b} - {a} AS BIGINT) // {_DAYS[unit]})"
    # in whole milliseconds first, as Trino counts
    size = (_TIMES.get(unit) or _DAYS[unit] * _DAY) // 1000
    floors = [let(f"epoch_us({side})", lambda us: f"tr_floor_milliseconds({us})") for side in (b, a)]
    return f"(({floors[0]} - {floors[1]}) // {size})"


LOWERED: dict[str, Rule] = {"date_trunc": _date_trunc, "date_add": _date_add, "date_diff": _date_diff}
