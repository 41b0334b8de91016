"""What a caller may ask for: each parameter has a reader that takes its text, or says what is wrong with it."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from lakehouse.figures import Period

from .messages import bad

MOST_DAYS = 366
MOST_ROWS = 100
LAST_PLACE = 10_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LIMIT = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


def day(name: str, text: str) -> date:
    """A day, e.g. 2026-01-31."""
    if not _DAY.fullmatch(text):
        raise bad(name, "a day is written YYYY-MM-DD, e.g. 2026-01-31")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise bad(name, "the calendar has no such day") from None
    if not EARLIEST <= found <= LATEST:
        raise bad(name, f"a day lies between {EARLIEST} and {LATEST}")
    return found


def category(name: str, text: str) -> str:
    """A category as /api/filters lists them, or `all`."""
    if not 1 <= len(text) <= 100 or not text.isprintable() or text != text.strip():
        raise bad(name, "a category is a name of 1 to 100 printable characters, see /api/filters")
    return text


def limit(name: str, text: str) -> int:
    """How many rows."""
    if not _LIMIT.fullmatch(text) or int(text) > MOST_ROWS:
        raise bad(name, f"a whole number from 1 to {MOST_ROWS} is needed")
    return int(text)


def token(name: str, text: str) -> str:
    """The `next` of the page before."""
    if not _TOKEN.fullmatch(text):
        raise bad(name, "this is no `next` of an answer; leave it away to begin at the first page")
    return text


READERS: Mapping[str, Callable[[str, str], Any]] = {
    "from": day,
    "to": day,
    "category": category,
    "limit": limit,
    "next": token,
}


def read(given: Mapping[str, list[str]], known: tuple[str, ...]) -> dict[str, Any]:
    """The values of a request's parameters.

    Args:
        given: name → all values of that name.
        known: the names that the route has.

    Raises:
        ApiError: 400; a parameter is unknown, given twice, or wrong.
    """
    found = {}
    for name, values in sorted(given.items()):
        if name not in known:
            has = ", ".join(known) if known else "no parameters"
            # of a name that somebody made up, no more than is needed to recognise it
            raise bad(ascii(name[:40])[1:-1], f"there is no such parameter here; this route has {has}")
        if len(values) != 1:
            raise bad(name, "it is given more than once")
        found[name] = READERS[name](name, values[0])
    return found


def period(values: Mapping[str, Any]) -> Period:
    """The period that `from` and `to` tell.

    Raises:
        ApiError: 400; one of them is missing, they are the wrong way round, or too far apart.
    """
    for name in ("from", "to"):
        if name not in values:
            raise bad(name, "it is missing: a period has a first day (from) and a last one (to)")
    found = Period(values["from"], values["to"])
    if found.days < 1:
        raise bad("to", "the last day lies before the first")
    if found.days > MOST_DAYS:
        raise bad("from", f"a period has {MOST_DAYS} days at most, this one {found.days}")
    return found


def _mark(query: Any) -> str:
    return hashlib.sha256(json.dumps(query, default=str).encode()).hexdigest()[:12]


def next_token(query: Any, offset: int) -> str:
    """A token for the page that begins at a row; it holds for the same query only."""
    return base64.urlsafe_b64encode(f"{offset}.{_mark(query)}".encode()).decode().rstrip("=")


def offset_of(query: Any, text: str | None) -> int:
    """The row that a page begins at: 0 without a token.

    Raises:
        ApiError: 400; the token is not one of this query.
    """
    if text is None:
        return 0
    try:
        place, _, mark = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode().partition(".")
    except (binascii.Error, UnicodeDecodeError):
        place, mark = "", ""
    if mark != _mark(query) or not re.fullmatch(r"[1-9]\d{0,4}", place, re.ASCII) or int(place) > LAST_PLACE:
        raise bad("next", "it belongs to another question; leave it away to begin at the first page")
    return int(place)


def page[T](rows: list[T], query: Any, offset: int, size: int) -> tuple[list[T], str | None]:
    """A page of a list, and the token of the one after it, or None at the end.

    Args:
        rows: at least the rows up to the end of the page and one more, where there are so many.
        query: what the list is of.
        offset: the row that the page begins at.
        size: rows of a page.
    """
    end = offset + size
    more = len(rows) > end and end <= LAST_PLACE
    return rows[offset:end], next_token(query, end) if more else None
