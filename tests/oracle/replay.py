"""Compares our answer to a query with a recorded answer of Trino's.

A recorded case is a JSON object: `id`, `family`, `sql`, then `columns` ([{name, type}]) and `rows`, or `error_name` and
`error_message`; `ordered` says whether the order of the rows is fixed, `within` is the relative error that an
approximate function may have. The verdict is `right`, `refused` (we say NOT_SUPPORTED, and so what Athena may have and
we have not), or a text that says what is wrong.
"""

import base64
import datetime
import ipaddress
import json
import math
import re
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from laketop.athena.engine import failures
from laketop.athena.engine.worker import prepare, with_care
from laketop.athena.results.values import double_text, real_text, writer
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Catalog, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate

FIXTURES = Path("tests/fixtures/sql")
UTC = datetime.UTC


class NoTables:
    """A catalog without tables."""

    def table(self, database: str | None, name: str) -> Table:
        raise SqlError("TABLE_NOT_FOUND", f"Table '{database}.{name}' does not exist")


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The recorded cases of a file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _digits(moment: datetime.datetime, precision: int) -> str:
    return f".{moment.strftime('%f')[:precision]}" if precision else ""


def _far(value: str, precision: int = 0) -> str:
    """What DuckDB's client gives as text because Python has no such year: `12024-01-01`, `0002-01-01 (BC) 10:00:00`."""
    year, rest = value.split("-", 1)
    number = 1 - int(year) if "(BC)" in rest else int(year)
    date, _, time = rest.replace(" (BC)", "").partition(" ")
    clock, _, fraction = time.partition(".")
    digits = f".{fraction.ljust(6, '0')[:precision]}" if precision else ""
    sign = "+" if number > 9999 else "-" if number < 0 else ""
    return f"{sign}{abs(number):04d}-{date}" + (f" {clock}{digits}" if time else "")


def _moment(value: datetime.datetime | str, precision: int) -> str:
    if isinstance(value, str):
        return _far(value, precision)
    # not strftime: it does not fill up years
    return value.replace(microsecond=0, tzinfo=None).isoformat(sep=" ") + _digits(value, precision)


def _zoned(value: Any, type_: t.TimestampTz) -> str:
    if isinstance(value, datetime.datetime):
        return _moment(value, type_.precision) + " UTC"
    instant, zone = value.values()
    if zone == "UTC":
        return _moment(instant, type_.precision) + " UTC"
    try:
        return f"{_moment(_local(instant, zone), type_.precision)} {zone}"
    except (OverflowError, AttributeError, TypeError) as error:
        raise SqlError("NOT_SUPPORTED", f"the years before 1 and after 9999 in the zone {zone}") from error


def _local(instant: datetime.datetime, zone: str) -> datetime.datetime:
    offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", zone)
    if offset:
        minutes = (int(offset[2]) * 60 + int(offset[3])) * (1 if offset[1] == "+" else -1)
        return instant + datetime.timedelta(minutes=minutes)
    return instant.replace(tzinfo=UTC).astimezone(zoneinfo.ZoneInfo(zone))


def _time(value: datetime.time, precision: int) -> str:
    moment = datetime.datetime.combine(datetime.date(2000, 1, 1), value)
    return moment.strftime("%H:%M:%S") + _digits(moment, precision)


def _time_tz(value: dict[str, Any], type_: t.TimeTz) -> str:
    time, minutes = value.values()
    sign = "-" if minutes < 0 else "+"
    return f"{_time(time, type_.precision)}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _interval(milliseconds: int) -> str:
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    seconds, fraction = divmod(rest, 1000)
    return f"{sign}{seconds // 86400} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"


def _months(months: int) -> str:
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


def _address(value: bytes) -> str:
    address = ipaddress.IPv6Address(value)
    return str(address.ipv4_mapped or address)


def _key(value: Any, type_: t.Type) -> str:
    return _plain(as_recorded(value, type_))


def _plain(shown: Any) -> str:
    """A value as Java's toString writes it."""
    if isinstance(shown, bool) or shown is None:
        return {True: "true", False: "false", None: "null"}[shown]
    if isinstance(shown, list):
        return f"[{', '.join(_plain(item) for item in shown)}]"
    if isinstance(shown, float):
        return double_text(shown)
    return shown if isinstance(shown, str) else str(shown)


def _pairs(value: dict[Any, Any], type_: t.Map) -> Iterator[tuple[Any, Any]]:
    """A map's entries; DuckDB gives one with keys that Python cannot hash as two lists."""
    nested = isinstance(type_.key, t.Array | t.Map | t.Row | t.TimestampTz | t.TimeTz)
    return zip(value["key"], value["value"], strict=True) if nested else iter(value.items())


SHOWN: dict[type, Callable[[Any, Any], Any]] = {
    t.Decimal: lambda value, _: f"{value:f}",
    t.Char: lambda value, type_: value.ljust(type_.length),
    t.Time: lambda value, type_: _time(value, type_.precision),
    t.TimeTz: _time_tz,
    t.Timestamp: lambda value, type_: _moment(value, type_.precision),
    t.TimestampTz: _zoned,
    t.Array: lambda value, type_: [as_recorded(item, type_.element) for item in value],
    t.Map: lambda value, type_: {
        _key(key, type_.key): as_recorded(item, type_.value) for key, item in _pairs(value, type_)
    },
    t.Row: lambda value, type_: [
        as_recorded(item, kind) for item, (_, kind) in zip(value.values(), type_.fields, strict=True)
    ],
}
SHOWN_SIMPLE: dict[t.Type, Callable[[Any], Any]] = {
    t.DATE: lambda value: _far(value) if isinstance(value, str) else str(value),
    t.UUID: str,
    t.IPADDRESS: _address,
    t.INTERVAL_DAY: _interval,
    t.INTERVAL_YEAR: _months,
    t.VARBINARY: lambda value: base64.b64encode(value).decode(),
}


def as_recorded(value: Any, type_: t.Type) -> Any:
    """A value of DuckDB as Trino's REST interface gives it."""
    if value is None:
        return None
    if type(type_) in SHOWN:
        return SHOWN[type(type_)](value, type_)
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, bytes) and type_ not in SHOWN_SIMPLE:
        return base64.b64encode(value).decode()
    return SHOWN_SIMPLE[type_](value) if type_ in SHOWN_SIMPLE else value


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two values as recorded are the same; numbers that are not whole by a relative tolerance."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], tolerance) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=tolerance)
    return type(a) is type(b) and bool(a == b)


def answer(
    sql: str, catalog: Catalog | None = None, connection: duckdb.DuckDBPyConnection | None = None
) -> tuple[list[tuple[str, t.Type]], list[list[Any]]]:
    """Our answer: the columns, and the rows as Trino's REST interface would give them.

    Raises:
        SqlError: the query is wrong, or not supported.
    """
    columns, rows = run(sql, catalog, connection)
    shown = [[as_recorded(value, type_) for value, (_, type_) in zip(row, columns, strict=True)] for row in rows]
    return columns, shown


_CONFIG = {"python_enable_replacements": "false"}


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config=_CONFIG)


@contextmanager
def _own() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config=_CONFIG) as connection:
        yield connection


@contextmanager
def _undone() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which everything is undone at its end, definitions too, so that no query sees another's.

    To open an instance, as the engine does for each query, takes 10 ms of a processor: minutes for all recorded ones.
    """
    connection = _instance().cursor()
    connection.begin()
    try:
        yield connection
    except (duckdb.FatalException, duckdb.InternalException):
        _instance.cache_clear()  # after these an instance is of no use any more
        raise
    finally:
        connection.close()  # and so rolled back


def run(
    sql: str, catalog: Catalog | None = None, connection: duckdb.DuckDBPyConnection | None = None
) -> tuple[list[tuple[str, t.Type]], list[tuple[Any, ...]]]:
    """Our answer as DuckDB gives it: the columns and the rows.

    Raises:
        SqlError: the query is wrong, or not supported.
    """
    found = translate(sql, catalog or NoTables())
    # an error ends a transaction, and what has a careful form is asked again after one; and functions of Python are not
    # left to a shared instance, which ends them whenever it likes, in a thread that does not hold Python's lock
    empty = _own if found.careful or found.udfs else _undone
    with nullcontext(connection) if connection else empty() as asked:
        try:
            prepare(asked, found.udfs, found.macros)
            rows = with_care(found.sql, found.careful, lambda sql: asked.execute(sql).fetchall())
        except duckdb.Error as error:
            raise failures.translate(error) from error
    return [(column.name, column.type) for column in found.columns], rows


_BYTES = (t.VARBINARY, t.HYPERLOGLOG, t.P4_HYPERLOGLOG, t.TDIGEST, t.SET_DIGEST)


def in_athena(shown: Any, type_: t.Type) -> str:
    """A recorded value as Athena writes it into a result file (shared knowledge: athena-result-format)."""
    if shown is None:
        return "null"
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, float):
        return real_text(shown) if type_ == t.REAL else double_text(shown)
    if type_ in _BYTES or isinstance(type_, t.QDigest):
        return base64.b64decode(shown).hex(" ")
    match type_:
        case t.Array(element):
            return f"[{', '.join(in_athena(item, element) for item in shown)}]"
        case t.Map(_, value):
            return f"{{{', '.join(f'{key}={in_athena(item, value)}' for key, item in shown.items())}}}"
        case t.Row(fields):
            parts = zip(shown, fields, strict=True)
            named = (f"{name or f'field{at}'}={in_athena(part, kind)}" for at, (part, (name, kind)) in enumerate(parts))
            return f"{{{', '.join(named)}}}"
    return str(shown)


def miswritten(rows: list[tuple[Any, ...]], types: list[t.Type]) -> str:
    """What the result file would have otherwise than Athena, empty if nothing."""
    for at, type_ in enumerate(types):
        if _has_odd_keys(type_):
            continue
        try:
            write = writer(type_)
        except SqlError:
            continue  # refused by name
        for row in rows:
            if row[at] is not None and write(row[at]) != in_athena(as_recorded(row[at], type_), type_):
                return f"written {write(row[at])}, Athena has {in_athena(as_recorded(row[at], type_), type_)}"
    return ""


def _has_odd_keys(type_: t.Type) -> bool:
    """Whether a map's keys have another text in what was recorded."""
    match type_:
        case t.Map(key, value):
            return (
                t.contains_float(key)
                or isinstance(key, t.Array | t.Map | t.Row)
                or key == t.VARBINARY
                or _has_odd_keys(value)
            )
        case t.Array(element):
            return _has_odd_keys(element)
        case t.Row(fields):
            return any(_has_odd_keys(field) for _, field in fields)
    return False


def verdict(case: dict[str, Any]) -> str:
    """`right`, `refused`, or what is wrong."""
    try:
        columns, found = run(case["sql"])
        types = [type_ for _, type_ in columns]
        rows = [[as_recorded(value, type_) for value, type_ in zip(row, types, strict=True)] for row in found]
    except SqlError as error:
        if error.name == case.get("error_name"):
            return "right"
        if error.name == "NOT_SUPPORTED":
            return "refused"
        trino = f"{case['error_name']}: {case['error_message']}" if "error_name" in case else case["rows"][:3]
        return f"we say {error}, Trino {trino}"
    if "error_name" in case:
        return f"Trino says {case['error_name']}: {case['error_message']}, we answer {rows[:3]}"
    expected = [(column["name"], _spelled(column["type"])) for column in case["columns"]]
    if [(name, _spelled(str(type_))) for name, type_ in columns] != expected:
        return f"columns {[(name, str(type_)) for name, type_ in columns]}, Trino has {expected}"
    wanted = case["rows"]
    if not case["ordered"]:
        rows, wanted = sorted(rows, key=repr), sorted(wanted, key=repr)
    if "within" in case:
        # the function says itself that it is not exact
        [[ours]], [[value]] = rows, wanted
        return "right" if math.isclose(ours, value, rel_tol=case["within"]) else f"{ours}, Trino has {value}"
    tolerances = [1e-6 if type_ == t.REAL else 1e-9 for _, type_ in columns]
    equal = len(rows) == len(wanted) and all(
        same(a, b, tolerance)
        for row, other in zip(rows, wanted, strict=True)
        for a, b, tolerance in zip(row, other, tolerances, strict=True)
    )
    if not equal:
        return f"rows {rows[:5]}, Trino has {wanted[:5]}"
    return miswritten(found, types) or "right"


def _spelled(type_: str) -> str:
    return type_.lower().replace(", ", ",").replace('"', "")
