"""The fields of a date, time or interval: year(), hour(), … and EXTRACT.

Follows Trino's page "Date and time functions and operators", section "Extraction function".
"""

import re

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql import zoned
from laketop.athena.sql.core import Context, Expr, fail, parts, rule
from laketop.athena.sql.functions.call import Call, Rule

_DATES: dict[str, str] = {
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
_CLOCKS: dict[str, str] = {
    "hour": "hour({0})",
    "minute": "minute({0})",
    "second": "second({0})",
    "millisecond": "millisecond({0}) % 1000",
}
# of an interval day to second in milliseconds, and of an interval year to month in months
_DAY_INTERVALS: dict[str, str] = {
    "day": "{0} // 86400000",
    "day_of_month": "{0} // 86400000",
    "hour": "{0} // 3600000 % 24",
    "minute": "{0} // 60000 % 60",
    "second": "{0} // 1000 % 60",
    "millisecond": "{0} % 1000",
}
_YEAR_INTERVALS: dict[str, str] = {"year": "{0} // 12", "month": "{0} % 12"}
_ZONES: dict[str, str] = {"timezone_hour": "{0} // 60", "timezone_minute": "{0} % 60"}
_NOT_EXTRACTED = ("millisecond", "week_of_year")


def _template(name: str, value: Expr) -> tuple[str, str] | None:
    """A field of a value in DuckDB SQL, and what to put into it; None where values of the type do not have it."""
    if value.type == t.INTERVAL_DAY:
        return (_DAY_INTERVALS[name], value.sql) if name in _DAY_INTERVALS else None
    if value.type == t.INTERVAL_YEAR:
        return (_YEAR_INTERVALS[name], value.sql) if name in _YEAR_INTERVALS else None
    if isinstance(value.type, t.Time | t.TimeTz):
        if name in _ZONES:
            ahead = value if isinstance(value.type, t.TimeTz) else zoned.coerce(value, t.TimeTz(6))
            return _ZONES[name], zoned.offset(ahead)
        return (_CLOCKS[name], zoned.clock(value)) if name in _CLOCKS else None
    return _of_day(name, value)


def _of_day(name: str, value: Expr) -> tuple[str, str] | None:
    if value.type != t.DATE and not isinstance(value.type, t.Timestamp | t.TimestampTz):
        return None
    zone = isinstance(value.type, t.TimestampTz)
    if name in _ZONES:
        # a time without zone is one in UTC
        return _ZONES[name], zoned.offset(value if zone else zoned.coerce(value, t.TimestampTz(6)))
    local = zoned.local(value) if zone else value.sql
    if name in _DATES:
        return _DATES[name] + "({0})", local
    return _CLOCKS[name], f"CAST({local} AS TIMESTAMP)" if value.type == t.DATE else local


def _filled(template: str, sql: str) -> Expr:
    return Expr(f"CAST({template.format(sql)} AS BIGINT)", t.BIGINT)


def _field(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    if call.args[0].type == t.UNKNOWN:
        return Expr("CAST(NULL AS BIGINT)", t.BIGINT)
    found = _template(call.name, call.args[0])
    if found is None:
        raise call.unexpected()
    if call.name in _ZONES:
        return zoned.opened(call.args[0], lambda one: _filled(*(_template(call.name, one) or found)))
    return _filled(*found)


LOWERED: dict[str, Rule] = dict.fromkeys((*_DATES, *_CLOCKS, *_ZONES), _field)


@rule(exp.Extract)
def _extract(node: exp.Extract, context: Context) -> Expr:
    field, operand = parts(node, "this", "expression")
    name = re.sub(r"\W", "", field.sql()).lower()
    if name not in LOWERED or name in _NOT_EXTRACTED:
        raise fail("SYNTAX_ERROR", f"Invalid EXTRACT field: {name}", node)
    value = Call(name, node, context, (operand,)).args[0]
    if value.type == t.UNKNOWN:
        return Expr("CAST(NULL AS BIGINT)", t.BIGINT)
    # more narrow than the functions: a date has no hours here, a time without zone no zone
    clockless = value.type == t.DATE and name in _CLOCKS
    zoneless = name in _ZONES and not isinstance(value.type, t.TimestampTz | t.TimeTz)
    found = None if clockless or zoneless else _template(name, value)
    if found is None:
        raise fail("TYPE_MISMATCH", f"Cannot extract {name.upper()} from {value.type}", operand)
    return _filled(*found)
