"""Patterns of date and time texts: MySQL's for date_format and date_parse, Joda's for format_datetime, to DuckDB's.

A specifier that is in no table is refused. Follows Trino's page "Date and time functions and operators".
"""

import re
from collections.abc import Mapping

from laketop.athena.sql.functions.call import Call

MYSQL: dict[str, str] = {
    "Y": "%Y",
    "y": "%y",
    "m": "%m",
    "c": "%-m",
    "d": "%d",
    "e": "%-d",
    "H": "%H",
    "k": "%-H",
    "h": "%I",
    "I": "%I",
    "l": "%-I",
    "i": "%M",
    "s": "%S",
    "S": "%S",
    "f": "%f",
    "p": "%p",
    "r": "%I:%M:%S %p",
    "T": "%H:%M:%S",
    "a": "%a",
    "W": "%A",
    "b": "%b",
    "M": "%B",
    "j": "%j",
    "%": "%%",
}
# What date_parse reads, and the only shape of text that is taken for it.
MYSQL_READ: dict[str, str] = {name: MYSQL[name] for name in ("Y", "m", "d", "H", "i", "s", "S", "b", "T", "%")}
_SHAPES: dict[str, str] = {
    "Y": r"[0-9]{4}",
    "m": r"[0-9]{1,2}",
    "d": r"[0-9]{1,2}",
    "H": r"[0-9]{1,2}",
    "i": r"[0-9]{1,2}",
    "s": r"[0-9]{1,2}",
    "S": r"[0-9]{1,2}",
    "b": r"[A-Z][a-z]{2}",
    "T": r"[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "%": "%",
}
JODA: dict[str, str] = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "ss": "%S",
    "a": "%p",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
}


def mysql_pattern(pattern: str, table: Mapping[str, str], call: Call) -> str:
    """DuckDB's pattern for one of MySQL's.

    Raises:
        SqlError: NOT_SUPPORTED for a specifier outside of the table.
    """
    written = []
    for literal, specifier in re.findall(r"([^%]+)|%(.?)", pattern, re.DOTALL):
        if literal:
            written.append(literal)
        elif specifier in table:
            written.append(table[specifier])
        else:
            raise call.refuse(f"the specifier %{specifier}")
    return "".join(written)


def mysql_shape(pattern: str, call: Call) -> str:
    """A regular expression for the texts that date_parse takes for the pattern."""
    mysql_pattern(pattern, MYSQL_READ, call)
    pieces = re.findall(r"([^%]+)|%(.?)", pattern, re.DOTALL)
    written = []
    for number, (literal, specifier) in enumerate(pieces):
        # one digit may stand for two only where something else ends the number
        glued = number + 1 < len(pieces) and not pieces[number + 1][0]
        shape = re.escape(literal) if literal else _SHAPES[specifier]
        written.append(shape.replace("{1,2}", "{2}") if glued and not literal else shape)
    return "".join(written)


def joda_pattern(pattern: str, table: Mapping[str, str], call: Call) -> str:
    """DuckDB's pattern for one of Joda's.

    Raises:
        SqlError: NOT_SUPPORTED for letters outside of the table.
    """
    written = []
    for quoted, letters, other in _pieces(pattern):
        if letters:
            if letters not in table:
                raise call.refuse(f"the pattern {letters}")
            written.append(table[letters])
        else:
            written.append((quoted or other).replace("%", "%%"))
    return "".join(written)


def _pieces(pattern: str) -> list[tuple[str, str, str]]:
    """(quoted text, letters, other character), one of them filled; '' is a quote."""
    pieces = []
    for match in re.finditer(r"''|'((?:[^']|'')+)'|(([A-Za-z])\3*)|([^A-Za-z'])", pattern, re.DOTALL):
        quoted, letters, _, other = match.groups()
        if match.group() == "''":
            pieces.append(("'", "", ""))
        else:
            pieces.append(((quoted or "").replace("''", "'"), letters or "", other or ""))
    return pieces
