"""Pages: tokens that hold the position of the last entry given out, so that inserts never shift a page.

A token is opaque to callers and good for the operation that made it.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from laketop.glue.errors import InvalidInput


@dataclass(frozen=True)
class Page[T]:
    """Some entries in order, and the token of the next page (None: there is none)."""

    entries: list[T]
    next_token: str | None

    def answer(self, member: str, shape: Callable[[T], Any]) -> dict[str, Any]:
        """The page as an operation's answer: the list under `member`, and NextToken where there is more."""
        answer: dict[str, Any] = {member: [shape(entry) for entry in self.entries]}
        if self.next_token is not None:
            answer["NextToken"] = self.next_token
        return answer


def position(operation: str, token: str | None) -> str | None:
    """The position that a token of this operation holds; None without a token.

    Raises:
        InvalidInput: the token is not one that this operation gave out.
    """
    if not token:
        return None
    try:
        made_by, at = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidInput("NextToken is not one that this operation returned.") from error
    if made_by != operation or not isinstance(at, str):
        raise InvalidInput("NextToken is not one that this operation returned.")
    return at


def page[T](operation: str, entries: Iterable[T], *, limit: int, most: int, key: Callable[[T], str]) -> Page[T]:
    """The first `limit` of `entries`, which begin behind the position of the request's token.

    Args:
        operation: the operation's name; its tokens serve it alone.
        entries: in the order of `key`; no more of them is read than the page needs.
        limit: the request's MaxResults, 1 to `most`.
        most: AWS's limit.
        key: an entry's position.

    Raises:
        InvalidInput: the limit is out of range.
    """
    if not 1 <= limit <= most:
        raise InvalidInput(f"MaxResults is a whole number from 1 to {most}, not {limit}.")
    found = list(islice(entries, limit + 1))
    if len(found) <= limit:
        return Page(found, None)
    token = json.dumps([operation, key(found[limit - 1])])
    return Page(found[:limit], base64.urlsafe_b64encode(token.encode()).decode())
