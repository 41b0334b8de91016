"""How the pieces of a date and time pattern are written in DuckDB SQL.

Follows Trino's page "Date and time functions and operators" and measured answers.
"""

from laketop.athena.sql import text, zoned
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.joda import INVALID, Piece
from laketop.athena.sql.joda_write import NO_ZONE

# (field, digits at least) -> what strftime calls it
_STRFTIME: dict[tuple[str, int], str] = {
    ("year", 4): "%Y",
    ("year_of_era", 4): "%Y",
    ("week_year", 4): "%G",
    ("month", 1): "%-m",
    ("month", 2): "%m",
    ("week", 2): "%V",
    ("yearday", 1): "%-j",
    ("yearday", 3): "%j",
    ("day", 1): "%-d",
    ("day", 2): "%d",
    ("weekday", 1): "%u",
    ("hour", 1): "%-H",
    ("hour", 2): "%H",
    ("clock_of_half", 1): "%-I",
    ("clock_of_half", 2): "%I",
    ("minute", 1): "%-M",
    ("minute", 2): "%M",
    ("second", 1): "%-S",
    ("second", 2): "%S",
}
_NAMES = {("month", False): "%b", ("month", True): "%B", ("weekday", False): "%a", ("weekday", True): "%A"}
_VALUES: dict[str, str] = {
    "century": "year({0}) // 100",
    "year": "year({0})",
    "year_of_era": "year({0})",
    "week_year": "isoyear({0})",
    "month": "month({0})",
    "week": "week({0})",
    "yearday": "dayofyear({0})",
    "day": "day({0})",
    "weekday": "isodow({0})",
    "hour": "hour({0})",
    "clock_of_day": "(hour({0}) + 23) % 24 + 1",
    "hour_of_half": "hour({0}) % 12",
    "clock_of_half": "(hour({0}) + 11) % 12 + 1",
    "minute": "minute({0})",
    "second": "second({0})",
}
_YEARS = ("century", "year", "year_of_era", "week_year", "era")
_LONG = 4


def written(pieces: tuple[Piece, ...], value: Expr) -> str:
    """A date or timestamp as text, in DuckDB SQL.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a zone that the time has not.
    """
    wall = zoned.local(value) if isinstance(value.type, t.TimestampTz) else value.sql
    if value.type == t.DATE:
        wall = f"CAST({wall} AS TIMESTAMP)"
    return f"({let(wall, lambda moment: _guarded(pieces, moment, value))})"


def _guarded(pieces: tuple[Piece, ...], moment: str, value: Expr) -> str:
    sql = _joined(pieces, moment, value)
    if not any(piece.field in _YEARS and piece.kind != "text" for piece in pieces):
        return sql
    message = f"'The year of ' || CAST({moment} AS VARCHAR) || ' in a pattern is not supported by Laketop'"
    far = text.raising("NOT_SUPPORTED", message, "VARCHAR")
    return f"CASE WHEN {moment} < TIMESTAMP '0001-01-01' THEN {far} ELSE {sql} END"


def _joined(pieces: tuple[Piece, ...], moment: str, value: Expr) -> str:
    """The pieces put together; neighbours that strftime can write become one pattern."""
    parts: list[str] = []
    pattern = ""
    for piece in pieces:
        found = _pattern(piece)
        if found is not None:
            pattern += found
            continue
        parts += [_strftime(moment, pattern)] if pattern else []
        pattern = ""
        parts.append(_expression(piece, moment, value))
    parts += [_strftime(moment, pattern)] if pattern or not parts else []
    return " || ".join(parts)


def _strftime(moment: str, pattern: str) -> str:
    return f"strftime({moment}, {text.string(pattern)})"


def _pattern(piece: Piece) -> str | None:
    """What strftime calls a piece; None where it does not know it."""
    match piece.kind:
        case "text":
            return piece.field.replace("%", "%%")
        case "number" | "year":
            return _STRFTIME.get((piece.field, piece.low))
        case "short_year":
            return "%y" if piece.field != "week_year" else None
        case "fraction":
            return "%g" + "0" * (piece.low - 3) if piece.low >= 3 else None
        case "name":
            return _NAMES[piece.field, piece.low >= _LONG]
        case "halfday":
            return "%p"
        case "era":
            return "AD"
    return None


def _expression(piece: Piece, moment: str, value: Expr) -> str:
    if piece.kind == "fraction":
        return f"left(strftime({moment}, '%g'), {piece.low})"
    if piece.kind == "short_year":
        return f"printf('%02d', isoyear({moment}) % 100)"
    if piece.kind in ("number", "year"):
        return f"printf('%0{piece.low}d', {_VALUES[piece.field].format(moment)})"
    if not isinstance(value.type, t.TimestampTz):
        raise SqlError(INVALID, NO_ZONE)
    if piece.kind == "zone":
        return zoned.zone(value)
    if piece.kind == "offset":
        offset = let(zoned.offset(value), lambda minutes: f"tr_offset_text({minutes})")
        return offset if piece.low == 2 else f"replace({offset}, ':', '')"
    return f"py_zone_name({zoned.zone(value)}, {piece.low}, {zoned.offset(value)}, year({moment}))"
