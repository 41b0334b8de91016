"""Writes a time by the pieces of a pattern, where the pattern is not known while compiling.

Follows Trino's page "Date and time functions and operators" and measured answers; `functions.formats` does the same in
DuckDB SQL for patterns that are literals.
"""

import datetime
from collections.abc import Callable

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.joda import INVALID, Piece
from laketop.athena.sql.joda_text import MONTHS, WEEKDAYS
from laketop.athena.sql.zone_names import NAMES

_LONG = 4  # letters from which a name is long
_NAMES_SINCE = 1990  # before, the same offset may have had another name

_VALUES: dict[str, Callable[[datetime.datetime], int]] = {
    "century": lambda moment: moment.year // 100,
    "year": lambda moment: moment.year,
    "year_of_era": lambda moment: moment.year,
    "week_year": lambda moment: moment.isocalendar().year,
    "month": lambda moment: moment.month,
    "week": lambda moment: moment.isocalendar().week,
    "yearday": lambda moment: moment.timetuple().tm_yday,
    "day": lambda moment: moment.day,
    "weekday": lambda moment: moment.isoweekday(),
    "hour": lambda moment: moment.hour,
    "clock_of_day": lambda moment: moment.hour or 24,
    "hour_of_half": lambda moment: moment.hour % 12,
    "clock_of_half": lambda moment: moment.hour % 12 or 12,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
}
NO_ZONE = (
    "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information"
)


def write(pieces: tuple[Piece, ...], moment: datetime.datetime, zone: str | None = None, ahead: int = 0) -> str:
    """A time as text.

    Args:
        moment: what the clock shows.
        zone: the zone's name, None for a time without.
        ahead: minutes that it is ahead of UTC then.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a zone that the time has not.
    """
    return "".join(_written(piece, moment, zone, ahead) for piece in pieces)


def _written(piece: Piece, moment: datetime.datetime, zone: str | None, ahead: int) -> str:
    match piece.kind:
        case "text":
            return piece.field
        case "number" | "year":
            return str(_VALUES[piece.field](moment)).zfill(piece.low)
        case "short_year":
            return f"{_VALUES[piece.field](moment) % 100:02d}"
        case "fraction":
            return f"{moment.microsecond // 1000:03d}".ljust(piece.low, "0")[: piece.low]
        case "name":
            names = MONTHS if piece.field == "month" else WEEKDAYS
            name = names[_VALUES[piece.field](moment) - 1]
            return name if piece.low >= _LONG else name[:3]
        case "halfday":
            return "AM" if moment.hour < 12 else "PM"
        case "era":
            return "AD"
    return _zone(piece, zone, ahead, moment.year)


def _zone(piece: Piece, zone: str | None, ahead: int, year: int) -> str:
    if zone is None:
        raise SqlError(INVALID, NO_ZONE)
    if piece.kind == "zone":
        return zone
    if piece.kind == "offset":
        colon = ":" if piece.low == 2 else ""
        return f"{'-' if ahead < 0 else '+'}{abs(ahead) // 60:02d}{colon}{abs(ahead) % 60:02d}"
    return zone_name(zone, piece.low, ahead, year)


def zone_name(zone: str, letters: int, ahead: int, year: int) -> str:
    """A zone's name for people.

    Raises:
        SqlError: NOT_SUPPORTED for zones and years whose names are not here.
    """
    if zone[0] in "+-":
        return zone
    if zone == "UTC":
        return "Coordinated Universal Time" if letters >= _LONG else zone
    found = NAMES.get((zone, ahead)) if year >= _NAMES_SINCE else None
    if found is None:
        raise not_supported(f"The name of the time zone {zone} in {year} (z)")
    return found[letters >= _LONG]
