"""Reads text by the pieces of a pattern, as Joda-Time does: field by field, each as far as it goes.

Follows Trino's page "Date and time functions and operators" and measured answers.
"""

import calendar
import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from laketop.athena.sql import zones
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.joda import INVALID, Piece
from laketop.athena.sql.joda_fields import OutOfRangeError, moment_of

MONTHS = calendar.month_name[1:]
WEEKDAYS = calendar.day_name[:]
_ZONE_NAMES = {
    "UTC": "UTC",
    "GMT": "UTC",
    "UT": "UTC",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}


@dataclass
class Reading:
    """What was read of a text so far.

    Attributes:
        position: where the rest begins.
        fields: (field, value) in the order of the text.
        zone: a zone's name as it was spelled, None where there was none.
    """

    text: str
    pivot: int
    position: int = 0
    fields: list[tuple[str, int]] = field(default_factory=list)
    zone: str | None = None


type _Reader = Callable[[Reading, Piece], bool]


def read(pieces: tuple[Piece, ...], text: str, pivot: int) -> tuple[datetime.datetime, str | None]:
    """The time that a text says, and the zone as it was spelled, if there was one.

    Args:
        pivot: the year around which a year of two digits lies.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT where the text does not fit, NOT_SUPPORTED for years that cannot be carried.
    """
    reading = Reading(text, pivot)
    for piece in pieces:
        if not _READERS[piece.kind](reading, piece):
            raise SqlError(INVALID, _malformed(text, reading.position))
    if reading.position < len(text):
        raise SqlError(INVALID, _malformed(text, reading.position))
    try:
        return moment_of(reading.fields), reading.zone
    except OutOfRangeError as error:
        raise SqlError(INVALID, f'Cannot parse "{text}": {error}') from error


def _malformed(text: str, position: int) -> str:
    problem = f'Invalid format: "{text}"'
    if position >= len(text) and text:
        return f"{problem} is too short"
    return f'{problem} is malformed at "{text[position:]}"' if position else problem


def _text(reading: Reading, piece: Piece) -> bool:
    end = reading.position + len(piece.field)
    if reading.text[reading.position : end].lower() != piece.field.lower():
        return False
    reading.position = end
    return True


def _digits(reading: Reading, most: int) -> str:
    start = reading.position
    end = start
    while end < len(reading.text) and end - start < most and "0" <= reading.text[end] <= "9":
        end += 1
    reading.position = end
    return reading.text[start:end]


def _number(reading: Reading, piece: Piece) -> bool:
    digits = _digits(reading, piece.high)
    if digits:
        reading.fields.append((piece.field, int(digits)))
    return bool(digits)


def _sign(reading: Reading) -> str:
    """A sign that a digit follows."""
    sign, following = (reading.text[reading.position + step : reading.position + step + 1] for step in (0, 1))
    if sign in ("-", "+") and sign and "0" <= following <= "9" and following:
        reading.position += 1
        return sign
    return ""


def _year(reading: Reading, piece: Piece) -> bool:
    sign = _sign(reading) if piece.high > 1 else ""
    digits = _digits(reading, piece.high)
    if digits:
        reading.fields.append((piece.field, -int(digits) if sign == "-" else int(digits)))
    return bool(digits)


def _short_year(reading: Reading, piece: Piece) -> bool:
    sign = _sign(reading) if piece.lenient else ""
    digits = _digits(reading, len(reading.text) if piece.lenient else 2)
    if not digits or (not piece.lenient and len(digits) != 2):
        reading.position -= len(digits)
        return False
    value = int(digits)
    if sign or len(digits) != 2:
        value = -value if sign == "-" else value
    else:
        low = reading.pivot - 50
        value += low - low % 100 + (100 if value < low % 100 else 0)
    reading.fields.append((piece.field, value))
    return True


def _fraction(reading: Reading, piece: Piece) -> bool:
    digits = _digits(reading, piece.high)
    if digits:
        reading.fields.append((piece.field, int(digits.ljust(3, "0")[:3])))
    return bool(digits)


def _longest(reading: Reading, words: dict[str, int]) -> int | None:
    """The longest of some words that the rest begins with, as it is or in capital or small letters."""
    for word in sorted(words, key=len, reverse=True):
        part = reading.text[reading.position : reading.position + len(word)]
        if part in (word, word.lower(), word.upper()):
            reading.position += len(word)
            return words[word]
    return None


def _name(reading: Reading, piece: Piece) -> bool:
    names = MONTHS if piece.field == "month" else WEEKDAYS
    words = {name[:length]: number for number, name in enumerate(names, 1) for length in (3, len(name))}
    return _add(reading, piece.field, _longest(reading, words))


def _halfday(reading: Reading, piece: Piece) -> bool:
    return _add(reading, piece.field, _longest(reading, {"AM": 0, "PM": 1}))


def _add(reading: Reading, name: str, value: int | None) -> bool:
    if value is None:
        return False
    reading.fields.append((name, value))
    return True


def _offset(reading: Reading, _: Piece) -> bool:
    start = reading.position
    if reading.text[start : start + 1].upper() == "Z":
        reading.position, reading.zone = start + 1, "UTC"
        return True
    sign = reading.text[start : start + 1]
    if sign not in ("+", "-") or not sign:
        return False
    reading.position += 1
    hours, minutes = _digits(reading, 2), "00"
    if len(hours) != 2 or int(hours) > 23:
        reading.position = start
        return False
    colon = reading.text[reading.position : reading.position + 1] == ":"
    before = reading.position
    reading.position += colon
    found = _digits(reading, 2)
    if len(found) == 2 and int(found) < 60:
        minutes = found
    else:
        reading.position = before
    reading.zone = f"{sign}{hours}:{minutes}"
    return True


def _zone(reading: Reading, _: Piece) -> bool:
    known = zones.names()
    for end in range(len(reading.text), reading.position, -1):
        if reading.text[reading.position : end] in known:
            reading.zone = reading.text[reading.position : end]
            reading.position = end
            return True
    return False


def _zone_name(reading: Reading, _: Piece) -> bool:
    for name in sorted(_ZONE_NAMES, key=len, reverse=True):
        if reading.text.startswith(name, reading.position):
            reading.zone = _ZONE_NAMES[name]
            reading.position += len(name)
            return True
    return False


def _era(_: Reading, __: Piece) -> bool:
    raise not_supported("Reading an era (G)")


_READERS: dict[str, _Reader] = {
    "text": _text,
    "number": _number,
    "year": _year,
    "short_year": _short_year,
    "fraction": _fraction,
    "name": _name,
    "halfday": _halfday,
    "offset": _offset,
    "zone": _zone,
    "zone_name": _zone_name,
    "era": _era,
}
