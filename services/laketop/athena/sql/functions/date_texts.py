"""Dates and times from text and to it: MySQL's and Joda's patterns, and ISO 8601.

A pattern that is a literal becomes DuckDB SQL; text of the plainest shape is read by DuckDB, all other by `udfs.times`.
Follows Trino's page "Date and time functions and operators", sections "MySQL date functions", "Java date functions".
"""

import re
from collections.abc import Callable

from laketop.athena.sql import casts_temporal, joda, text, zoned
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, costly, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import formats
from laketop.athena.sql.functions.call import Call, Rule, with_args
from laketop.athena.sql.joda import Piece

type _Pieces = Callable[[str], tuple[Piece, ...]]

# what can be read of the plainest texts: (kind, field) -> strptime's name, and the shape
_PLAIN: dict[str, tuple[str, str]] = {
    "year": ("%Y", "[0-9]{4}"),
    "month": ("%m", "[0-9]{2}"),
    "day": ("%d", "[0-9]{2}"),
    "hour": ("%H", "[0-9]{2}"),
    "minute": ("%M", "[0-9]{2}"),
    "second": ("%S", "[0-9]{2}"),
}
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z"


def _is_text(value: Expr) -> bool:
    return isinstance(value.type, t.Varchar) or value.type == t.UNKNOWN


def _texts(call: Call, count: int) -> list[Expr]:
    """The arguments, all text."""
    if len(call.args) != count or not all(_is_text(value) for value in call.args):
        raise call.unexpected()
    return call.args


def _null(call: Call, type_: t.Type) -> Expr | None:
    """The answer where an argument is a bare NULL."""
    if any(value.type == t.UNKNOWN for value in call.args):
        return Expr(f"CAST(NULL AS {t.duckdb_type(type_)})", type_)
    return None


def _formatted(call: Call, pieces: _Pieces, function: str) -> Expr:
    if len(call.args) != 2 or not _is_text(call.args[1]):
        raise call.unexpected()
    value, pattern = call.args
    if isinstance(value.type, t.TimestampTz) and costly(value.sql) and not value.zoned:
        return zoned.opened(value, lambda one: _formatted(with_args(call, [one, pattern]), pieces, function))
    if value.type not in (t.DATE, t.UNKNOWN) and not isinstance(value.type, t.Timestamp | t.TimestampTz):
        raise call.unexpected()
    null = _null(call, t.VARCHAR)
    if null:
        return null
    if isinstance(pattern.literal, str):
        try:
            return Expr(formats.written(pieces(pattern.literal), value), t.VARCHAR)
        except SqlError as error:
            # only for rows that get there: TRY and CASE see it
            message = f"{text.string(error.message)} || left(CAST({value.sql} AS VARCHAR), 0)"
            failed = text.raising(error.name, message, "VARCHAR")
            return Expr(f"(CASE WHEN {value.sql} IS NULL THEN NULL ELSE {failed} END)", t.VARCHAR)
    if isinstance(value.type, t.TimestampTz) and function == "py_format_datetime":
        local = f"epoch_us({zoned.local(value)})"
        return Expr(f"py_format_zoned({local}, {zoned.zone(value)}, {zoned.offset(value)}, {pattern.sql})", t.VARCHAR)
    wall = zoned.local(value) if isinstance(value.type, t.TimestampTz) else f"CAST({value.sql} AS TIMESTAMP)"
    return Expr(f"{function}(epoch_us({wall}), {pattern.sql})", t.VARCHAR)


def _date_format(call: Call) -> Expr:
    return _formatted(call, joda.mysql_pieces, "py_date_format")


def _format_datetime(call: Call) -> Expr:
    return _formatted(call, joda.joda_pieces, "py_format_datetime")


def _plainest(pieces: tuple[Piece, ...]) -> tuple[str, str] | None:
    """strptime's pattern and the shape of text for a pattern of a whole date; None where DuckDB may read otherwise."""
    pattern, shape, fields = "", "", []
    for piece in pieces:
        if piece.kind == "text":
            pattern, shape = pattern + piece.field.replace("%", "%%"), shape + re.escape(piece.field)
            continue
        if piece.kind not in ("number", "year") or piece.field not in _PLAIN or piece.field in fields:
            return None
        if piece.kind == "year" and piece.high < 4:
            return None
        fields.append(piece.field)
        pattern, shape = pattern + _PLAIN[piece.field][0], shape + _PLAIN[piece.field][1]
    return (pattern, shape) if {"year", "month", "day"} <= set(fields) and pattern.isascii() else None


def _plain_read(pieces: _Pieces, spelled: Expr) -> Callable[[str], str] | None:
    """A TIMESTAMP from the plainest texts for a pattern, NULL from all others; None where there are none such."""
    if not isinstance(spelled.literal, str):
        return None
    try:
        found = _plainest(pieces(spelled.literal))
    except SqlError:
        return None
    if found is None:
        return None
    pattern, shape = (text.string(part) for part in found)
    return lambda v: f"CASE WHEN regexp_full_match({v}, {shape}) THEN try_strptime({v}, {pattern}) END"


def _date_parse(call: Call) -> Expr:
    value, pattern = _texts(call, 2)
    null = _null(call, t.Timestamp(3))
    if null:
        return null
    plain = _plain_read(joda.mysql_pieces, pattern)

    def read(v: str) -> str:
        other = f"make_timestamp(py_date_parse({v}, {pattern.sql}))"
        return f"coalesce({plain(v)}, {other})" if plain else other

    return Expr(let(value.sql, read), t.Timestamp(3))


def _parse_datetime(call: Call) -> Expr:
    value, pattern = _texts(call, 2)
    null = _null(call, t.TimestampTz(3))
    if null:
        return null
    plain = _plain_read(joda.joda_pieces, pattern)

    def read(v: str) -> str:
        other = f"py_parse_datetime({v}, {pattern.sql})"
        if plain is None:
            return other
        return let(plain(v), lambda moment: zoned.in_utc(moment, 3, other))

    return Expr(let(value.sql, read), t.TimestampTz(3))


def _from_iso8601_timestamp(call: Call) -> Expr:
    value, *_ = _texts(call, 1)
    null = _null(call, t.TimestampTz(3))
    if null:
        return null

    def read(v: str) -> str:
        usual = f"TRY_CAST(left(replace(replace({v}, 'T', ' '), 'Z', ''), 23) AS TIMESTAMP)"
        usual = f"CASE WHEN regexp_full_match({v}, '{_ISO}') THEN {usual} END"
        return let(usual, lambda moment: zoned.in_utc(moment, 3, f"py_iso_timestamp({v})"))

    return Expr(let(value.sql, read), t.TimestampTz(3))


def _from_iso8601_date(call: Call) -> Expr:
    value, *_ = _texts(call, 1)
    null = _null(call, t.DATE)
    if null:
        return null

    def read(v: str) -> str:
        usual = f"CASE WHEN regexp_full_match({v}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST({v} AS DATE) END"
        return f"coalesce({usual}, make_date(py_iso_days({v})))"

    return Expr(let(value.sql, read), t.DATE)


def _to_iso8601(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    value = call.args[0]
    match value.type:
        case t.Simple("date"):
            return Expr(casts_temporal.date_text(value), t.Varchar(16))
        case t.Simple("unknown"):
            return Expr("CAST(NULL AS VARCHAR)", t.Varchar(16))
        case t.Timestamp(digits):
            whole = casts_temporal.timestamp_text(value)
            return Expr(f"replace({whole}, ' ', 'T')", t.Varchar(_width(22, digits)))
        case t.TimestampTz():
            return zoned.opened(value, _iso_zoned)
    raise call.unexpected()


def _iso_zoned(value: Expr) -> Expr:
    digits = zoned.precision(value)
    local = casts_temporal.timestamp_text(Expr(zoned.local(value), t.Timestamp(digits)))
    return Expr(f"(replace({local}, ' ', 'T') || {_iso_offset(value)})", t.Varchar(_width(28, digits)))


def _width(whole: int, digits: int) -> int:
    return whole + (digits + 1 if digits else 0)


def _iso_offset(value: Expr) -> str:
    """Z in UTC, else the offset; an error where it is no whole minutes."""

    def shown(shift: str) -> str:
        problem = "'Timezone with non-zero seconds offset cannot be rendered as ISO8601'"
        message = f"{problem} || left(CAST({shift} AS VARCHAR), 0)"
        failed = text.raising("INVALID_ARGUMENTS", message, "VARCHAR")
        offset = f"tr_offset_text({shift} // 60000000)"
        return f"CASE WHEN {shift} % 60000000 <> 0 THEN {failed} WHEN {shift} = 0 THEN 'Z' ELSE {offset} END"

    shift = f"(epoch_us({zoned.local(value)}) - epoch_us({zoned.instant(value)}))"
    if zoned.known(zoned.zone(value)) == "UTC":
        return "'Z'"
    return f"({let(shift, shown)})"


LOWERED: dict[str, Rule] = {
    "date_format": _date_format,
    "date_parse": _date_parse,
    "format_datetime": _format_datetime,
    "parse_datetime": _parse_datetime,
    "from_iso8601_date": _from_iso8601_date,
    "from_iso8601_timestamp": _from_iso8601_timestamp,
    "to_iso8601": _to_iso8601,
}
