"""String functions that DuckDB has not, or only for ASCII. Follows Trino's page "String functions and operators"."""

import unicodedata

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

_LAST, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)
_SOUNDEX = "01230120022455012623010202"


def _invalid(message: str) -> SqlError:
    return SqlError("INVALID_FUNCTION_ARGUMENT", message)


@udf("py_normalize", ("VARCHAR", "VARCHAR"), "VARCHAR")
def normalize(value: str, form: str) -> str:
    """The text in one of the four Unicode normal forms."""
    return unicodedata.normalize(form, value)  # type: ignore[arg-type]


@udf("py_levenshtein", ("VARCHAR", "VARCHAR"), "BIGINT")
def levenshtein(left: str, right: str) -> int:
    """How many characters must be put in, taken away or changed to make one text of the other."""
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for column, b in enumerate(right, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b)))
        previous = current
    return previous[-1]


@udf("py_soundex", ("VARCHAR",), "VARCHAR")
def soundex(value: str) -> str:
    """The Soundex code of the American census.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a letter that is none of A to Z.
    """
    # letters beyond the BMP are two halves to Trino, and no letters
    letters = "".join(c for c in value if unicodedata.category(c)[0] == "L" and ord(c) <= 0xFFFF).upper()
    if not letters:
        return ""
    code, last = letters[0], _sound(letters[0])
    for letter in letters[1:]:
        if len(code) == 4:
            break
        if letter in "HW":
            continue
        sound = _sound(letter)
        if sound not in ("0", last):
            code += sound
        last = sound
    return code.ljust(4, "0")


def _sound(letter: str) -> str:
    index = ord(letter) - ord("A")
    if not 0 <= index < len(_SOUNDEX):
        raise _invalid(f"The character is not mapped: {letter} (index={index})")
    return _SOUNDEX[index]


@udf("py_from_utf8", ("BLOB", "VARCHAR"), "VARCHAR")
def from_utf8(value: bytes, replacement: str) -> str:
    """Text from UTF-8, every sequence that is none replaced.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a replacement of more than one character.
    """
    if len(replacement) > 1:
        raise _invalid("Replacement character string must empty or a single character")
    return _decoded(value, replacement)


@udf("py_from_utf8_code", ("BLOB", "BIGINT"), "VARCHAR")
def from_utf8_code(value: bytes, code: int) -> str:
    """The same with the replacement's code point; a negative one is found wrong only where it is needed.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for what is no code point.
    """
    if code > _LAST or code in _SURROGATES:
        raise _invalid("Invalid replacement character")
    point = (code + 2**31) % 2**32 - 2**31
    if 0 <= point <= _LAST and point not in _SURROGATES:
        return _decoded(value, chr(point))
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise SqlError("GENERIC_INTERNAL_ERROR", f"Invalid code point 0x{code % 2**32:X}") from error


def _decoded(value: bytes, replacement: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        pass
    written, at = [], 0
    while at < len(value):
        size = _sequence(value, at)
        try:
            written.append(value[at : at + size].decode())
        except UnicodeDecodeError:
            written.append(replacement)
        at += size
    return "".join(written)


def _sequence(value: bytes, at: int) -> int:
    """How many bytes belong together: the first says how many there should be, as UTF-8 was defined at first."""
    first = value[at]
    if first < 0xC0 or first >= 0xFE:
        return 1
    wanted = next(size for size, end in enumerate((0xE0, 0xF0, 0xF8, 0xFC, 0xFE), 2) if first < end)
    size = 1
    while size < wanted and at + size < len(value) and value[at + size] & 0xC0 == 0x80:
        size += 1
    return size
