"""What the operations share: page tokens and times."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from laketop.athena.errors import InvalidRequestError
from laketop.wire.service import Caller

type Request = dict[str, Any]
type Answer = dict[str, Any]
type Operations = dict[str, Callable[[Request, Caller], Answer | None]]


def moment(seconds: float | None) -> datetime | None:
    """Seconds since the epoch as a time in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def token(number: int | None) -> str | None:
    """A page token for a number."""
    return None if number is None else base64.urlsafe_b64encode(f"page:{number}".encode()).decode()


def number(given: str | None) -> int | None:
    """The number of a page token.

    Raises:
        InvalidRequestError: the token is none of ours.
    """
    if given is None:
        return None
    try:
        mark, _, digits = base64.urlsafe_b64decode(given.encode()).decode().partition(":")
    except ValueError as error:
        raise InvalidRequestError("The NextToken is not valid") from error
    if mark != "page" or not digits.isdigit():
        raise InvalidRequestError("The NextToken is not valid")
    return int(digits)


def sliced[T](items: Sequence[T], request: Request, most: int) -> tuple[Sequence[T], str | None]:
    """One page of a list, by the request's NextToken and MaxResults."""
    start = number(request.get("NextToken")) or 0
    end = start + (request.get("MaxResults") or most)
    return items[start:end], token(end) if end < len(items) else None


def present(**members: Any) -> Answer:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}
