"""Values with a time zone: how they are put together, taken apart and moved between zones.

A timestamp with time zone is an instant in UTC and a zone's name, `STRUCT(t TIMESTAMP, z VARCHAR)`; a time with time
zone is the time on the wall and the minutes ahead of UTC, `STRUCT(t TIME, o INTEGER)`. Where the zone is known while
compiling, the text that DuckDB gets is as plain as for a timestamp without zone. Follows Trino's pages "Data types" and
"Date and time functions and operators".
"""

import re
from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import text, zones
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, costly, let

_KNOWN = re.compile(r"'([A-Za-z0-9_+:/-]+)'")
_NUMBER = re.compile(r"-?\d+")
UTC = text.string(zones.UTC)
DAY_MICROSECONDS = 86_400_000_000


def known(zone_sql: str) -> str | None:
    """The zone's name where it is known while compiling."""
    match = _KNOWN.fullmatch(zone_sql)
    return match[1] if match else None


def pack(instant: str, zone: str, precision: int, *, sure: bool = False) -> Expr:
    """A timestamp with time zone.

    Args:
        instant: DuckDB TIMESTAMP in UTC.
        zone: DuckDB VARCHAR, a zone's name in Trino's spelling.
        sure: whether neither can be NULL.
    """
    kept = known(zone) is not None or not (costly(instant) or costly(zone))
    zoned = (instant, zone) if kept else None
    if sure:
        return Expr(f"{{'t': {instant}, 'z': {zone}}}", t.TimestampTz(precision), zoned=zoned)

    def struct(i: str, z: str) -> str:
        missing = f"{i} IS NULL" if known(z) else f"{i} IS NULL OR {z} IS NULL"
        return f"(CASE WHEN {missing} THEN NULL ELSE {{'t': {i}, 'z': {z}}} END)"

    sql = let(instant, lambda i: let(zone, lambda z: struct(i, z)))
    return Expr(sql, t.TimestampTz(precision), zoned=zoned)


def opened(value: Expr, build: Callable[[Expr], Expr]) -> Expr:
    """What is built of a value whose parts are used more than once, computing them once where that is dear."""
    if not isinstance(value.type, t.TimestampTz) or not costly(value.zoned[0] if value.zoned else value.sql):
        return build(value)
    built: list[Expr] = []

    def body(name: str) -> str:
        whole = pack(name, value.zoned[1], value.type.precision) if value.zoned else replace(value, sql=name)  # type: ignore[union-attr]
        built.append(build(whole))
        return built[0].sql

    sql = let(value.zoned[0] if value.zoned else value.sql, body)
    return Expr(sql, built[0].type)


def instant(value: Expr) -> str:
    """The instant of a timestamp with time zone, as a DuckDB TIMESTAMP in UTC."""
    # the cast is for a bare NULL, whose parts have no type
    return value.zoned[0] if value.zoned else f"CAST(struct_extract({value.sql}, 't') AS TIMESTAMP)"


def zone(value: Expr) -> str:
    """The zone's name of a timestamp with time zone, as a DuckDB VARCHAR."""
    return value.zoned[1] if value.zoned else f"struct_extract({value.sql}, 'z')"


def local(value: Expr) -> str:
    """What clocks in its zone show at a timestamp with time zone, as a DuckDB TIMESTAMP."""
    if value.zoned:
        return wall(value.zoned[0], value.zoned[1])
    return let(value.sql, lambda v: wall(f"CAST(struct_extract({v}, 't') AS TIMESTAMP)", f"struct_extract({v}, 'z')"))


def wall(instant_sql: str, zone_sql: str) -> str:
    """What clocks in a zone show at an instant."""
    name = known(zone_sql)
    minutes = zones.offset_minutes(name) if name else None
    if minutes == 0:
        return instant_sql
    if minutes is not None:
        return f"({instant_sql} + to_minutes({minutes}))"
    if name:
        return f"timezone({zone_sql}, make_timestamptz(epoch_us({instant_sql})))"
    return let(instant_sql, lambda i: let(zone_sql, lambda z: f"tr_wall({i}, {z})"))


def at(local_sql: str, zone_sql: str, rule: str) -> str:
    """The instant at which clocks in a zone show a time; a time that is left out in spring is moved forward.

    Args:
        rule: "tr_instant" takes, of a time that comes twice, what Trino's functions take; "tr_instant_first" the first.
    """
    name = known(zone_sql)
    minutes = zones.offset_minutes(name) if name else None
    if minutes == 0:
        return local_sql
    if minutes is not None:
        return f"({local_sql} - to_minutes({minutes}))"
    return let(local_sql, lambda w: let(zone_sql, lambda z: f"{rule}({w}, {z})"))


def back(local_sql: str, value: Expr) -> Expr:
    """A time on the clock of a value's zone as a timestamp there, at the value's own offset where that is possible."""
    name = known(zone(value))
    if name and zones.offset_minutes(name) is not None:
        return pack(at(local_sql, zone(value), "tr_instant"), zone(value), precision(value))
    sql = let(local_sql, lambda wall_sql: f"tr_instant_near({wall_sql}, {zone(value)}, {instant(value)})")
    return pack(sql, zone(value), precision(value))


def precision(value: Expr) -> int:
    """The digits of a second that a value has."""
    assert isinstance(value.type, t.Time | t.TimeTz | t.Timestamp | t.TimestampTz)  # noqa: S101 - the caller's promise
    return value.type.precision


def offset(value: Expr) -> str:
    """Minutes that a value with a time zone is ahead of UTC, as a DuckDB BIGINT; whole minutes towards zero."""
    if isinstance(value.type, t.TimeTz):
        if not value.zoned:
            return f"CAST({minutes(value)} AS BIGINT)"
        return f"(CASE WHEN {clock(value)} IS NULL THEN NULL ELSE CAST({minutes(value)} AS BIGINT) END)"
    name = known(zone(value))
    ahead = zones.offset_minutes(name) if name else None
    if ahead is not None:
        # hangs on the value: NULL has no offset
        return f"(CASE WHEN {instant(value)} IS NULL THEN NULL ELSE CAST({ahead} AS BIGINT) END)"
    return f"(CAST((epoch_us({local(value)}) - epoch_us({instant(value)})) AS BIGINT) // 60000000)"


def in_utc(instant: str, precision: int, other: str) -> str:
    """A moment in UTC, or something else where it is NULL; DuckDB crashes on coalesce of a STRUCT inside of TRY."""
    return f"(CASE WHEN {instant} IS NOT NULL THEN {pack(instant, UTC, precision, sure=True).sql} ELSE {other} END)"


def pack_time(time: str, ahead: str, digits: int, *, sure: bool = False) -> Expr:
    """A time with time zone.

    Args:
        time: DuckDB TIME, what the clock shows.
        ahead: DuckDB INTEGER, minutes ahead of UTC, never NULL where the time is not.
        sure: whether neither can be NULL.
    """
    struct = f"{{'t': {time}, 'o': CAST({ahead} AS INTEGER)}}"
    if not sure:
        struct = let(
            time, lambda v: f"(CASE WHEN {v} IS NULL THEN NULL ELSE {{'t': {v}, 'o': CAST({ahead} AS INTEGER)}} END)"
        )
    return Expr(struct, t.TimeTz(digits), zoned=(time, ahead))


def clock(value: Expr) -> str:
    """What the clock shows at a time with or without time zone, as a DuckDB TIME."""
    if isinstance(value.type, t.Time):
        return value.sql
    return value.zoned[0] if value.zoned else f"CAST(struct_extract({value.sql}, 't') AS TIME)"


def minutes(value: Expr) -> str:
    """Minutes ahead of UTC of a time with time zone, as a DuckDB INTEGER."""
    return value.zoned[1] if value.zoned else f"struct_extract({value.sql}, 'o')"


def time_key(value: Expr) -> str:
    """Microseconds since midnight in UTC of a time with time zone: times are equal, and sort, by them."""

    def key(struct: Callable[[], tuple[str, str]]) -> str:
        time, ahead = struct()
        return f"((epoch_us({time}) - CAST({ahead} AS BIGINT) * 60000000 + {DAY_MICROSECONDS}) % {DAY_MICROSECONDS})"

    if value.zoned:
        return key(lambda: (clock(value), minutes(value)))
    return let(value.sql, lambda v: key(lambda: (f"struct_extract({v}, 't')", f"struct_extract({v}, 'o')")))


def coerce(value: Expr, target: t.Type) -> Expr:
    """A date, time or timestamp in a type with time zone that it converts to without a CAST; UTC where it has none.

    The digits of the target are never fewer.
    """
    match value.type, target:
        case t.TimestampTz() | t.TimeTz(), _:
            return Expr(value.sql, target, zoned=value.zoned)
        case t.Simple("date"), t.TimestampTz(digits):
            return pack(f"CAST({value.sql} AS TIMESTAMP)", UTC, digits)
        case t.Timestamp(), t.TimestampTz(digits):
            return pack(value.sql, UTC, digits)
        case t.Time(), t.TimeTz(digits):
            return pack_time(value.sql, "0", digits)
    raise AssertionError((value.type, target))
