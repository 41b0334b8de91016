"""Patterns of date and time texts: Joda's (format_datetime, parse_datetime) and MySQL's (date_format, date_parse).

Both become pieces of one kind; `functions.formats` writes pieces as DuckDB SQL, `joda_text` writes and reads text by
them. Follows Trino's page "Date and time functions and operators", the pattern letters of Joda-Time's DateTimeFormat
and MySQL's DATE_FORMAT as that page lists them, and measured answers.
"""

import re
from dataclasses import dataclass

from laketop.athena.sql.errors import SqlError

INVALID = "INVALID_FUNCTION_ARGUMENT"


@dataclass(frozen=True)
class Piece:
    """One part of a pattern.

    Attributes:
        kind: text, number, year (may have a sign), short_year, fraction, name, halfday, era, offset, zone or zone_name.
        field: what is written or read, by the names of `FIELDS`; the text itself of a text.
        low: digits to write at least; of an offset 2 for one with a colon, of a name 4 for a long one.
        high: digits to read at most.
        lenient: whether a short year may also be read as a year of any length.
    """

    kind: str
    field: str
    low: int = 1
    high: int = 2
    lenient: bool = False


# Joda's letters for numbers: field, digits to read at most (0: as many as there are letters)
_NUMBERS: dict[str, tuple[str, int]] = {
    "C": ("century", 0),
    "w": ("week", 2),
    "e": ("weekday", 1),
    "D": ("yearday", 3),
    "d": ("day", 2),
    "K": ("hour_of_half", 2),
    "h": ("clock_of_half", 2),
    "H": ("hour", 2),
    "k": ("clock_of_day", 2),
    "m": ("minute", 2),
    "s": ("second", 2),
}
_YEARS = {"y": "year", "Y": "year_of_era", "x": "week_year"}
_NUMERIC = "CxyYdhHmsSeDwkK"
_LONG = 4  # letters from which a name is long
_MOST = 9  # digits of a year


def joda_pieces(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a Joda pattern.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a letter that means nothing, or no pattern at all.
    """
    if not pattern:
        raise SqlError(INVALID, "Invalid pattern specification")
    tokens = _tokens(pattern)
    if not tokens:
        raise SqlError(INVALID, "Both printing and parsing not supported")
    pieces = []
    for number, (letters, plain) in enumerate(tokens):
        following = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        pieces.append(Piece("text", plain) if not letters else _joda_piece(letters, numeric=_is_number(following)))
    return tuple(pieces)


def _tokens(pattern: str) -> list[tuple[str, str]]:
    """(letters, text), one of them filled; a quote that is not closed reaches to the end."""
    tokens: list[tuple[str, str]] = []
    plain, position, quoted = "", 0, False
    while position < len(pattern):
        character = pattern[position]
        letters = re.match(r"([A-Za-z])\1*", pattern[position:])
        if character == "'":
            if pattern[position + 1 : position + 2] == "'":
                plain += "'"
                position += 1
            else:
                quoted = not quoted
        elif letters and not quoted:
            tokens += [("", plain)] if plain else []
            tokens.append((letters.group(), ""))
            plain, position = "", position + len(letters.group()) - 1
        else:
            plain += character
        position += 1
    return [*tokens, ("", plain)] if plain else tokens


def _is_number(letters: str) -> bool:
    return letters[:1] != "" and (letters[0] in _NUMERIC or (letters[0] == "M" and len(letters) <= 2))


def _joda_piece(letters: str, *, numeric: bool) -> Piece:
    letter, count = letters[0], len(letters)
    if letter in _NUMBERS:
        field, most = _NUMBERS[letter]
        return Piece("number", field, count, most or count)
    if letter in _YEARS:
        if count == 2:
            return Piece("short_year", _YEARS[letter], lenient=not numeric)
        return Piece("number" if letter == "Y" else "year", _YEARS[letter], count, count if numeric else _MOST)
    if letter == "M" and count <= 2:
        return Piece("number", "month", count, 2)
    if letter in _OTHERS:
        kind, field = _OTHERS[letter]
        return Piece(kind, field, count, count)
    if letter == "Z":
        return Piece("offset" if count <= 2 else "zone", "", count)
    raise SqlError(INVALID, f"Illegal pattern component: {letters}")


_OTHERS = {
    "S": ("fraction", "millisecond"),
    "M": ("name", "month"),
    "E": ("name", "weekday"),
    "a": ("halfday", "halfday"),
    "G": ("era", "era"),
    "z": ("zone_name", ""),
}

_MYSQL: dict[str, tuple[Piece, ...]] = {
    "a": (Piece("name", "weekday", 3),),
    "b": (Piece("name", "month", 3),),
    "c": (Piece("number", "month"),),
    "d": (Piece("number", "day", 2),),
    "e": (Piece("number", "day"),),
    "f": (Piece("fraction", "millisecond", 6, 9),),
    "H": (Piece("number", "hour", 2),),
    "h": (Piece("number", "clock_of_half", 2),),
    "I": (Piece("number", "clock_of_half", 2),),
    "i": (Piece("number", "minute", 2),),
    "j": (Piece("number", "yearday", 3, 3),),
    "k": (Piece("number", "hour"),),
    "l": (Piece("number", "clock_of_half"),),
    "M": (Piece("name", "month", _LONG),),
    "m": (Piece("number", "month", 2),),
    "p": (Piece("halfday", "halfday"),),
    "S": (Piece("number", "second", 2),),
    "s": (Piece("number", "second", 2),),
    "v": (Piece("number", "week", 2),),
    "x": (Piece("year", "week_year", 4, 4),),
    "W": (Piece("name", "weekday", _LONG),),
    "Y": (Piece("year", "year", 4, 4),),
    "y": (Piece("short_year", "year"),),
}
_COLON, _SPACE = Piece("text", ":"), Piece("text", " ")
_MYSQL["T"] = (*_MYSQL["H"], _COLON, *_MYSQL["i"], _COLON, *_MYSQL["s"])
_MYSQL["r"] = (*_MYSQL["h"], _COLON, *_MYSQL["i"], _COLON, *_MYSQL["s"], _SPACE, *_MYSQL["p"])
_MYSQL_REFUSED = "DUuVwX"


def mysql_pieces(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a MySQL pattern; a specifier that means nothing stands for its letter.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for the specifiers that Trino does not have either.
    """
    pieces: list[Piece] = []
    for plain, specifier in re.findall(r"([^%]+)|%(.?)", pattern, re.DOTALL):
        if specifier and specifier in _MYSQL_REFUSED:
            raise SqlError(INVALID, f"%{specifier} not supported in date format string")
        if plain or specifier not in _MYSQL:
            pieces.append(Piece("text", plain or specifier))
        else:
            pieces += _MYSQL[specifier]
    if not any(piece.field or piece.kind != "text" for piece in pieces):
        raise SqlError(INVALID, "Both printing and parsing not supported")
    return tuple(pieces)
