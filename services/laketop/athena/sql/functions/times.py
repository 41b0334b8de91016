"""Trino's page "Date and time functions and operators", for dates, timestamps and instants shown in UTC."""

import re
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.arithmetic import add_months
from laketop.athena.sql.casts import cast
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Context, Expr, parts, rule
from laketop.athena.sql.functions.call import TIME, Call, Form, Rule
from laketop.athena.sql.functions.formats import JODA, MYSQL, MYSQL_READ, joda_pattern, mysql_pattern, mysql_shape

_FIELDS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "year_of_week": "isoyear",
    "yow": "isoyear",
}
_CLOCK_FIELDS = {"hour": "hour", "minute": "minute", "second": "second", "millisecond": "millisecond"}

_MILLISECONDS = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 604_800_000,
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DATE_UNITS = ("day", "week", "month", "quarter", "year")


def _field(function: str) -> tuple[Form, ...]:
    return (
        Form((t.DATE,), t.BIGINT, f"CAST({function}({{0}}) AS BIGINT)"),
        Form((TIME,), t.BIGINT, f"CAST({function}({{0}}) AS BIGINT)"),
    )


FORMS: dict[str, tuple[Form, ...]] = {name: _field(function) for name, function in _FIELDS.items()}
FORMS |= {name: _field(function)[1:] for name, function in _CLOCK_FIELDS.items() if name != "millisecond"}
FORMS |= {
    "millisecond": (Form((TIME,), t.BIGINT, "CAST(millisecond({0}) % 1000 AS BIGINT)"),),
    "last_day_of_month": (Form((t.DATE,), t.DATE, "last_day({0})"), Form((TIME,), t.DATE, "last_day({0})")),
    "to_unixtime": (Form((TIME,), t.DOUBLE, "(epoch_us({0}) / 1e6)"),),
    "to_milliseconds": (Form((t.INTERVAL_DAY,), t.BIGINT, "{0}"),),
    "from_unixtime": (
        Form((t.DOUBLE,), t.TimestampTz(3), "make_timestamp(CAST(floor({0} * 1000 + 0.5) AS BIGINT) * 1000)"),
    ),
}


def _temporal(value: Expr) -> bool:
    return value.type == t.DATE or isinstance(value.type, t.Timestamp | t.TimestampTz)


def _unit(call: Call, value: Expr, what: str) -> str:
    unit = call.text_literal(0, "the unit").lower()
    allowed = _DATE_UNITS if value.type == t.DATE else (*_MILLISECONDS, *_MONTHS)
    if unit not in allowed:
        raise call.invalid(f"'{unit}' is not a valid {'DATE' if value.type == t.DATE else 'TIMESTAMP'} {what}")
    return unit


def _date(call: Call) -> Expr:
    if len(call.args) != 1 or not (_temporal(call.args[0]) or isinstance(call.args[0].type, t.Varchar)):
        raise call.unexpected()
    return cast(call.args[0], t.DATE, call.node)


def _date_trunc(call: Call) -> Expr:
    if len(call.args) != 2 or not _temporal(call.args[1]):
        raise call.unexpected()
    value = call.args[1]
    unit = _unit(call, value, "field")
    return Expr(f"CAST(date_trunc('{unit}', {value.sql}) AS {t.duckdb_type(value.type)})", value.type)


def _date_add(call: Call) -> Expr:
    if len(call.args) != 3 or not _temporal(call.args[2]) or not t.is_integer(call.args[1].type):
        raise call.unexpected()
    amount, value = coerce(call.args[1], t.BIGINT).sql, call.args[2]
    unit = _unit(call, value, "field")
    if unit in _MONTHS:
        return add_months(value, f"{amount} * {_MONTHS[unit]}")
    if value.type == t.DATE:
        return Expr(
            f"CAST({value.sql} + CAST({amount} * {_MILLISECONDS[unit] // 86_400_000} AS INTEGER) AS DATE)", t.DATE
        )
    if unit == "millisecond" and isinstance(value.type, t.Timestamp) and value.type.precision < 3:
        raise call.refuse(f"milliseconds on {value.type}")
    return Expr(f"make_timestamp(epoch_us({value.sql}) + {amount} * {_MILLISECONDS[unit] * 1000})", value.type)


def _date_diff(call: Call) -> Expr:
    if len(call.args) != 3 or not _temporal(call.args[1]) or not _temporal(call.args[2]):
        raise call.unexpected()
    target = common(call.args[1].type, call.args[2].type)
    if target is None:
        raise call.unexpected()
    start, end = (coerce(value, target) for value in call.args[1:])
    unit = _unit(call, start, "field")
    if unit in _MONTHS:
        return Expr(f"CAST(tr_months_between({start.sql}, {end.sql}) // {_MONTHS[unit]} AS BIGINT)", t.BIGINT)
    if target == t.DATE:
        days = f"CAST({end.sql} - {start.sql} AS BIGINT)"
        return Expr(f"({days} // {_MILLISECONDS[unit] // 86_400_000})", t.BIGINT)
    # in whole milliseconds first, as Trino counts
    elapsed = f"(epoch_us({end.sql}) // 1000 - epoch_us({start.sql}) // 1000)"
    return Expr(f"({elapsed} // {_MILLISECONDS[unit]})", t.BIGINT)


def _date_format(call: Call) -> Expr:
    if len(call.args) != 2 or not _temporal(call.args[0]):
        raise call.unexpected()
    pattern = mysql_pattern(call.text_literal(1, "the format"), MYSQL, call)
    return Expr(f"strftime({coerce_time(call.args[0])}, {text.string(pattern)})", t.VARCHAR)


def _format_datetime(call: Call) -> Expr:
    if len(call.args) != 2 or not _temporal(call.args[0]):
        raise call.unexpected()
    pattern = joda_pattern(call.text_literal(1, "the format"), JODA, call)
    return Expr(f"strftime({coerce_time(call.args[0])}, {text.string(pattern)})", t.VARCHAR)


def coerce_time(value: Expr) -> str:
    """A date or timestamp as DuckDB TIMESTAMP."""
    return f"CAST({value.sql} AS TIMESTAMP)" if value.type == t.DATE else value.sql


def _date_parse(call: Call) -> Expr:
    if len(call.args) != 2 or not isinstance(call.args[0].type, t.Varchar):
        raise call.unexpected()
    spelled = call.text_literal(1, "the format")
    pattern, shape = mysql_pattern(spelled, MYSQL_READ, call), mysql_shape(spelled, call)
    value = call.args[0].sql
    readable = f"try_strptime({value}, {text.string(pattern)}) IS NOT NULL"
    test = f"regexp_full_match({value}, {text.string(shape)}) AND {readable}"
    error = text.raising("INVALID_FUNCTION_ARGUMENT", f"'Invalid format: \"' || {value} || '\"'", "TIMESTAMP")
    parsed = f"strptime({value}, {text.string(pattern)})"
    return Expr(f"CASE WHEN {value} IS NULL THEN NULL WHEN {test} THEN {parsed} ELSE {error} END", t.Timestamp(3))


def _to_iso8601(call: Call) -> Expr:
    if len(call.args) == 1 and call.args[0].type == t.DATE:
        return Expr(f"strftime({coerce_time(call.args[0])}, '%Y-%m-%d')", t.Varchar(16))
    raise call.refuse("anything but a date")


def _now(call: Call) -> Expr:
    if call.args:
        raise call.unexpected()
    return _statement_time(call.context, t.TimestampTz(3))


def _statement_time(context: Context, type_: t.Type) -> Expr:
    return Expr(f"TIMESTAMP '{context.session.now}'", type_)


LOWERED: dict[str, Rule] = {
    "date": _date,
    "date_trunc": _date_trunc,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "date_format": _date_format,
    "format_datetime": _format_datetime,
    "date_parse": _date_parse,
    "to_iso8601": _to_iso8601,
    "now": _now,
}


@rule(exp.CurrentTimestamp)
def _current_timestamp(node: exp.CurrentTimestamp, context: Context) -> Expr:
    parts(node)
    return _statement_time(context, t.TimestampTz(3))


@rule(exp.Localtimestamp)
def _localtimestamp(node: exp.Localtimestamp, context: Context) -> Expr:
    parts(node)
    return _statement_time(context, t.Timestamp(3))


@rule(exp.CurrentDate)
def _current_date(node: exp.CurrentDate, context: Context) -> Expr:
    parts(node)
    return Expr(f"DATE '{context.session.now[:10]}'", t.DATE)


@rule(exp.Extract)
def _extract(node: exp.Extract, context: Context) -> Expr:
    from laketop.athena.sql.functions.registry import compile_call

    field, value = parts(node, "this", "expression")
    name = re.sub(r"\W", "", field.sql()).lower()
    call = Call(name, node, context, (value,))
    if name not in _FIELDS and name not in ("hour", "minute", "second"):
        raise call.refuse("as a field of extract")
    return replace(compile_call(call), literal=None)
