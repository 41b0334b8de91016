"""A page of a listing: what comes behind a place, in the order of keys' bytes, with what shares a prefix rolled up.

Pure: where keys come from and what a key stands for is handed in. Follows "Listing object keys programmatically" and
"Organizing objects using prefixes" of the Amazon S3 user guide.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from laketop.storage import behind

T = TypeVar("T")
MOST = 1000


@dataclass
class Page[T]:
    """A page.

    Attributes:
        entries: what it lists, in order.
        prefixes: the common prefixes, in order.
        last: the last key or common prefix of it; None where it is empty.
        following: the key that the next page begins with; None where there is none.
    """

    entries: list[T] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str | None = None
    following: str | None = None

    @property
    def count(self) -> int:
        """How many entries and prefixes it has."""
        return len(self.entries) + len(self.prefixes)


def limit(asked: int | None) -> int:
    """How many a page may have: what was asked, 1,000 at most."""
    return MOST if asked is None else min(asked, MOST)


def after(text: str) -> str:
    """The first text behind a text."""
    return text + "\0"


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """What a key is rolled up to: its part up to the first delimiter behind the prefix."""
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]


def page[T](
    keys: Callable[[str], Iterator[str]],
    expand: Callable[[str], Iterable[T]],
    prefix: str,
    delimiter: str,
    start: str,
    most: int,
    marker: str = "",
) -> Page[T]:
    """A page of at most `most` entries and prefixes.

    Args:
        keys: the keys that begin with the prefix, from a text on.
        expand: what a key stands for, in order; nothing where it is gone meanwhile.
        prefix, delimiter: "" for none.
        start: the first key that may be listed.
        marker: a common prefix that this begins with was on an earlier page.
    """
    found: Page[T] = Page()
    coming = keys(max(start, prefix))
    while most and (key := next(coming, None)) is not None:
        common = common_prefix(key, prefix, delimiter)
        if common is None:
            for entry in expand(key):
                if found.count == most:
                    found.following = key
                    return found
                found.entries.append(entry)
                found.last = key
            continue
        if not marker.startswith(common):
            if found.count == most:
                found.following = key
                return found
            found.prefixes.append(common)
            found.last = common
        beyond = behind(common)
        coming = iter(()) if beyond is None else keys(beyond)
    return found
