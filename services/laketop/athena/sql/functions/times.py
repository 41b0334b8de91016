"""Trino's page "Date and time functions and operators"; the larger families of it are in modules beside this one."""

import datetime

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql import zoned
from laketop.athena.sql.casts import cast
from laketop.athena.sql.core import Context, Expr, fail, parts, rule
from laketop.athena.sql.functions import date_fields, date_texts, date_units, timezones
from laketop.athena.sql.functions.call import Call, Form, Rule
from laketop.athena.sql.literals_temporal import MAX_CARRIED, MAX_PRECISION

FORMS: dict[str, tuple[Form, ...]] = {
    "to_milliseconds": (Form((t.INTERVAL_DAY,), t.BIGINT, "{0}"),),
}


def _day(call: Call) -> Expr:
    """The one argument of a function that takes a date or timestamp."""
    if len(call.args) != 1:
        raise call.unexpected()
    value = call.args[0]
    if value.type not in (t.DATE, t.UNKNOWN) and not isinstance(value.type, t.Timestamp | t.TimestampTz):
        raise call.unexpected()
    return value


def _date(call: Call) -> Expr:
    if len(call.args) == 1 and isinstance(call.args[0].type, t.Varchar):
        return cast(call.args[0], t.DATE, call.node)
    return cast(_day(call), t.DATE, call.node)


def _last_day_of_month(call: Call) -> Expr:
    value = _day(call)
    if value.type == t.UNKNOWN:
        return cast(value, t.DATE, call.node)
    local = zoned.local(value) if isinstance(value.type, t.TimestampTz) else value.sql
    return Expr(f"last_day({local})", t.DATE)


def _to_unixtime(call: Call) -> Expr:
    value = _day(call)
    if value.type == t.UNKNOWN:
        return cast(value, t.DOUBLE, call.node)
    instant = zoned.instant(value) if isinstance(value.type, t.TimestampTz) else value.sql
    if value.type == t.DATE:
        instant = f"CAST({instant} AS TIMESTAMP)"
    return Expr(f"(epoch_us({instant}) / 1e6)", t.DOUBLE)


def _now(call: Call) -> Expr:
    if call.args:
        raise call.unexpected()
    return _statement_time(call.context, 3)


def _current_timezone(call: Call) -> Expr:
    if call.args:
        raise call.unexpected()
    return Expr(zoned.UTC, t.VARCHAR, "UTC")


def _local_now(context: Context, digits: int) -> str:
    """The statement's time, rounded to so many digits of a second."""
    moment = datetime.datetime.fromisoformat(context.session.now)
    if digits < 3:
        step = 10 ** (6 - digits)
        moment += datetime.timedelta(microseconds=step // 2)
        moment = moment.replace(microsecond=moment.microsecond // step * step)
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"


def _statement_time(context: Context, digits: int) -> Expr:
    return zoned.pack(_local_now(context, digits), zoned.UTC, digits, sure=True)


def _moments(name: str, context: Context, digits: int) -> Expr:
    """current_timestamp and its like, all of one moment."""
    match name:
        case "current_timestamp":
            return _statement_time(context, digits)
        case "localtimestamp":
            return Expr(_local_now(context, digits), t.Timestamp(digits))
    time = f"CAST({_local_now(context, digits)} AS TIME)"
    if name == "localtime":
        return Expr(time, t.Time(digits))
    return zoned.pack_time(time, "0", digits, sure=True)


def _with_precision(call: Call) -> Expr:
    if len(call.args) != 1 or not isinstance(call.args[0].literal, int):
        raise fail("SYNTAX_ERROR", f"mismatched input in {call.name}. Expecting: <integer>", call.node)
    digits = call.args[0].literal
    if not 0 <= digits <= MAX_PRECISION:
        problem = f"{call.name.upper()} precision must be in range [0, {MAX_PRECISION}]: {digits}"
        raise fail("NUMERIC_VALUE_OUT_OF_RANGE", problem, call.node)
    if digits > MAX_CARRIED:
        raise call.refuse(f"more than {MAX_CARRIED} digits of a second")
    return _moments(call.name, call.context, digits)


LOWERED: dict[str, Rule] = {
    **date_fields.LOWERED,
    **date_units.LOWERED,
    **date_texts.LOWERED,
    **timezones.LOWERED,
    "current_timezone": _current_timezone,
    "date": _date,
    "last_day_of_month": _last_day_of_month,
    "now": _now,
    "to_unixtime": _to_unixtime,
    **dict.fromkeys(("current_timestamp", "localtimestamp", "current_time", "localtime"), _with_precision),
}

_MOMENTS: dict[type[exp.Expr], str] = {
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
    exp.CurrentTime: "current_time",
    exp.Localtime: "localtime",
}


@rule(*_MOMENTS)
def _without_precision(node: exp.Expr, context: Context) -> Expr:
    parts(node)
    return _moments(_MOMENTS[type(node)], context, 3)


@rule(exp.CurrentDate)
def _current_date(node: exp.CurrentDate, context: Context) -> Expr:
    parts(node)
    return Expr(f"DATE '{context.session.now[:10]}'", t.DATE)


PAGE = "Date and time functions and operators"

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {
    "from_iso8601_timestamp_nanos": "more than 6 digits of a second",
    "from_unixtime_nanos": "more than 6 digits of a second",
}
