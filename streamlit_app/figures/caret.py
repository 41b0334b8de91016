"""Where in a statement an error is: Athena says `line 3:14:`."""

import re
import unicodedata

# Hive's messages of DDL have no colon behind the column, and count columns from 0
_PLACE = re.compile(r"\bline (\d{1,9}):(\d{1,9}):")


def place(message: str) -> tuple[int, int] | None:
    """Line and column that a message names, both from 1; None where it names none."""
    found = _PLACE.search(message)
    return (int(found[1]), int(found[2])) if found else None


def pointed(text: str, message: str) -> str | None:
    """The line of a statement that a message is about, and below it a caret under the column.

    Args:
        text: the statement as it was sent.
        message: Athena's words.

    Returns:
        two lines, the first with its number; None where the message names no place. What lies behind the end of the
        text (an end that comes too soon, say) is pointed at behind its last character.
    """
    found = place(message)
    if found is None:
        return None
    lines = re.split(r"\r\n|\r|\n", text)
    number = min(max(found[0], 1), len(lines))
    line = lines[number - 1]
    column = len(line) if found[0] > len(lines) else min(max(found[1] - 1, 0), len(line))
    head = f"{number} | "
    return f"{head}{line}\n{' ' * len(head)}{_blank(line[:column])}^"


def _blank(text: str) -> str:
    """As much space as a text takes where all characters are equally wide: tabs stay, East Asian ones take two."""
    return "".join(character if character == "\t" else " " * _cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
