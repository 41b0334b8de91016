"""Time zones: AT TIME ZONE, at_timezone, with_timezone and from_unixtime.

Follows Trino's page "Date and time functions and operators", sections "Time zone conversion", "Date and time
functions".
"""

import datetime
import zoneinfo

from sqlglot import exp

from laketop.athena.sql import text, zoned, zones
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Context, Expr, fail, let, parts, rule
from laketop.athena.sql.functions.call import Call, Rule

_INVALID = "INVALID_FUNCTION_ARGUMENT"


def _zone(call: Call, value: Expr, hook: str, error: str = _INVALID) -> str:
    """A zone's name in Trino's spelling, in DuckDB SQL.

    Args:
        hook: DuckDB SQL on which the error of an unknown zone hangs.
        error: the name of that error.
    """
    if value.type == t.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if not isinstance(value.type, t.Varchar):
        raise call.unexpected()
    if isinstance(value.literal, str):
        found = zones.zone_id(value.literal)
        if found:
            return text.string(found)
        if not value.literal:
            error = "GENERIC_INTERNAL_ERROR"
        # through a value of the row, so that TRY and CASE see it
        return f"py_zone_id({value.sql} || left(CAST({hook} AS VARCHAR), 0), '{error}')"
    return f"py_zone_id({value.sql}, '{error}')"


def _interval_zone(milliseconds: int, node: exp.Expr) -> str:
    """The zone so far ahead of UTC.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for anything but minutes, at most 14 hours.
    """
    if milliseconds % 60_000:
        raise fail(_INVALID, "Invalid time zone offset interval: interval contains seconds", node)
    return _offset_zone(milliseconds // 60_000, node)


def _offset_zone(minutes: int, node: exp.Expr) -> str:
    if abs(minutes) > zones.MAX_OFFSET:
        raise fail(_INVALID, f"Invalid offset minutes {minutes}", node)
    return text.string(zones.offset_id(minutes))


@rule(exp.AtTimeZone)
def _at_time_zone(node: exp.AtTimeZone, context: Context) -> Expr:
    value_node, zone_node = parts(node, "this", "zone")
    if not isinstance(zone_node, exp.Interval) and not (isinstance(zone_node, exp.Literal) and zone_node.is_string):
        raise fail("SYNTAX_ERROR", f"mismatched input '{zone_node.sql()}'. Expecting: 'INTERVAL', <string>", node)
    call = Call("at_timezone", node, context, (value_node, zone_node))
    value = call.args[0]
    if isinstance(value.type, t.Time | t.TimeTz):
        return _time_at(call)
    if not isinstance(value.type, t.Timestamp | t.TimestampTz):
        problem = f"Type of value must be a time or timestamp with or without time zone (actual {value.type})"
        raise fail("TYPE_MISMATCH", problem, node)
    return _at_timezone(call)


def _time_at(call: Call) -> Expr:
    """A time in another zone, by the offset that the zone has today."""
    value, zone = call.args
    digits = zoned.precision(value)
    if isinstance(value.type, t.Time):
        value = zoned.coerce(value, t.TimeTz(digits))
    if isinstance(zone.literal, int) and zone.type == t.INTERVAL_DAY:
        name = zoned.known(_interval_zone(zone.literal, call.node))
    else:
        name = zones.zone_id(zone.literal) if isinstance(zone.literal, str) else None
    if name is None:
        raise fail(_INVALID, f"'{zone.literal}' is not a valid time zone", call.node)
    ahead = zones.offset_minutes(name)
    if ahead is None:
        now = datetime.datetime.fromisoformat(call.context.session.now).replace(tzinfo=datetime.UTC)
        shift = now.astimezone(zoneinfo.ZoneInfo(name)).utcoffset()
        assert shift is not None  # noqa: S101 - it has a zone
        ahead = shift // datetime.timedelta(minutes=1)
    time = f"({zoned.clock(value)} + to_minutes({ahead} - {zoned.minutes(value)}))"
    return zoned.pack_time(time, str(ahead), digits)


def _moment(call: Call, value: Expr) -> Expr:
    """A date or timestamp with a zone, UTC where it has none."""
    if value.type == t.UNKNOWN:
        return Expr("CAST(NULL AS TIMESTAMP)", t.TimestampTz(3), zoned=("CAST(NULL AS TIMESTAMP)", zoned.UTC))
    if isinstance(value.type, t.TimestampTz):
        return value
    if not converts(value.type, t.TimestampTz(6)):
        raise call.unexpected()
    digits = value.type.precision if isinstance(value.type, t.Timestamp) else 0
    return zoned.coerce(value, t.TimestampTz(digits))


def _at_timezone(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    value, zone = _moment(call, call.args[0]), call.args[1]
    if zone.type == t.INTERVAL_DAY:
        if not isinstance(zone.literal, int):
            raise call.refuse("an interval that is no literal")
        name = _interval_zone(zone.literal, call.node)
    else:
        name = _zone(call, zone, zoned.instant(value))
    return zoned.pack(zoned.instant(value), name, zoned.precision(value))


def _with_timezone(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    value = call.args[0]
    if value.type not in (t.DATE, t.UNKNOWN) and not isinstance(value.type, t.Timestamp):
        raise call.unexpected()
    local = _moment(call, value)
    zone = _zone(call, call.args[1], zoned.instant(local))
    if zoned.known(zone):
        return zoned.pack(zoned.at(zoned.instant(local), zone, "tr_instant"), zone, zoned.precision(local))
    digits = zoned.precision(local)
    sql = let(zone, lambda name: zoned.pack(zoned.at(zoned.instant(local), name, "tr_instant"), name, digits).sql)
    return Expr(sql, t.TimestampTz(digits))


def _from_unixtime(call: Call) -> Expr:
    if not 1 <= len(call.args) <= 3 or not converts(call.args[0].type, t.DOUBLE):
        raise call.unexpected()
    seconds = coerce(call.args[0], t.DOUBLE).sql
    zone = zoned.UTC
    if len(call.args) == 2:
        zone = _zone(call, call.args[1], seconds, "NOT_SUPPORTED")
    elif len(call.args) == 3:
        zone = _offset(call)
    instant = let(seconds, lambda value: f"tr_from_unixtime({value})")
    return zoned.pack(f"({instant})", zone, 3)


def _offset(call: Call) -> str:
    """The zone of hours and minutes ahead of UTC."""
    hours, minutes = call.args[1:]
    if not all(converts(value.type, t.BIGINT) for value in (hours, minutes)):
        raise call.unexpected()
    if isinstance(hours.literal, int) and isinstance(minutes.literal, int):
        return _offset_zone(hours.literal * 60 + minutes.literal, call.node)
    total = f"({coerce(hours, t.BIGINT).sql} * 60 + {coerce(minutes, t.BIGINT).sql})"
    return let(total, lambda ahead: f"tr_offset_id({ahead})")


LOWERED: dict[str, Rule] = {
    "at_timezone": _at_timezone,
    "with_timezone": _with_timezone,
    "from_unixtime": _from_unixtime,
}
