"""Patterns over table names, as GetTables takes them.

AWS calls the pattern a regular expression; what clients send are Hive's patterns: `*` (or `.*`) for any text, `.` for
any character, `|` between alternatives, in any case. Those are honoured, in linear time, since patterns come from
strangers; any other sign of a regular expression is refused rather than matched differently.
"""

import re

from laketop.glue.errors import NotSupported

_SUPPORTED = re.compile(r"[\w\-.*| ]*", re.ASCII)


def matches(pattern: str, name: str) -> bool:
    """Whether a table's name matches a pattern as a whole.

    Raises:
        NotSupported: the pattern has a sign other than letters, digits, `_ - . * |`.
    """
    if not _SUPPORTED.fullmatch(pattern):
        raise NotSupported(f"Expression {pattern!r}", "a pattern is made of names, '.', '*' and '|'")
    return any(_glob(one.replace(".*", "*").lower(), name.lower(), "*", ".") for one in pattern.split("|"))


def like(pattern: str, text: str) -> bool:
    """Whether a text matches an SQL LIKE pattern: `%` any text, `_` any character, as a whole."""
    return _glob(pattern, text, "%", "_")


def _glob(pattern: str, text: str, many: str, one: str) -> bool:
    first, *others = pattern.split(many)
    if not _fits(first, text, 0, one):
        return False
    position = len(first)
    if not others:
        return position == len(text)
    *middle, last = others
    for part in middle:
        found = next((at for at in range(position, len(text) - len(part) + 1) if _fits(part, text, at, one)), None)
        if found is None:
            return False
        position = found + len(part)
    tail = len(text) - len(last)
    return tail >= position and _fits(last, text, tail, one)


def _fits(part: str, text: str, at: int, one: str) -> bool:
    """Whether `text` has `part` at a position; `one` in the part stands for any character."""
    return at + len(part) <= len(text) and all(
        sign in (one, found) for sign, found in zip(part, text[at : at + len(part)], strict=True)
    )
