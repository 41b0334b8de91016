"""A call that a client repeats because its answer got lost, though it was carried out: it gets that answer again.

A connection may end between the server's work and the client's reading, all the more often on a busy machine, where
every call goes to one port. AWS's SDKs then repeat the call, under the same `amz-sdk-invocation-id` and with the next
`attempt` in `amz-sdk-request`. Carried out twice it would be "already exists", which is true and of no use.

Only what changes something and went well is kept, without S3's objects, for as long as SDKs repeat.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECONDS = 120.0
MOST_ANSWERS, MOST_BYTES = 500, 64 * 1024  # kept at once, and of one answer
_ATTEMPT = re.compile(r"attempt=(\d+)")
# The operations of the query and JSON protocols that only look.
_LOOKS = re.compile(r"(?:\.|Action=)(?:Get|List|Describe|Batch(?:Get|Detect)|Head|Search|Query|Scan|Receive)")


@dataclass(frozen=True)
class Kept:
    """An answer, and when it was given (seconds of a clock that only goes forward)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float


class Retries:
    """Two handlers of LocalStack's chain with a memory between them: `again` before the work, `keep` after it.

    Args:
        now: the clock, seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._guard = threading.Lock()

    def again(self, chain: Any, context: Any, response: Any) -> None:
        """Answer a repeated call that was carried out; leave any other to the next handler."""
        call = invocation(context.request)
        if call is None or attempt(context.request) < 2:
            return
        with self._guard:
            found = self._kept.get(call)
        if found is None or self._now() - found.at > SECONDS:
            return
        response.status_code = found.status
        response.headers.clear()
        for name, value in found.headers:
            response.headers.add(name, value)
        response.data = found.body
        chain.terminate()

    def keep(self, _chain: Any, context: Any, response: Any) -> None:
        """Keep the answer of a call that changed something."""
        request = context.request
        call = invocation(request)
        if call is None or not 200 <= response.status_code < 300 or not changes(request) or not response.is_sequence:
            return
        body = response.get_data()
        if len(body) > MOST_BYTES:
            return
        kept = Kept(response.status_code, tuple(response.headers.items()), body, self._now())
        with self._guard:
            self._kept[call] = kept
            while len(self._kept) > MOST_ANSWERS or kept.at - next(iter(self._kept.values())).at > SECONDS:
                self._kept.popitem(last=False)


def invocation(request: Any) -> str | None:
    """What names a call and all its repetitions; None where the client is no SDK of AWS's."""
    found: str | None = request.headers.get("amz-sdk-invocation-id")
    return found


def attempt(request: Any) -> int:
    """Which try a request is, the first being 1."""
    found = _ATTEMPT.search(request.headers.get("amz-sdk-request", ""))
    return int(found[1]) if found else 1


def changes(request: Any) -> bool:
    """Whether a call may change something that a second call would find changed; S3's objects are written again."""
    if request.method in ("GET", "HEAD") or "/s3/aws4_request" in request.headers.get("Authorization", ""):
        return False
    target = request.headers.get("X-Amz-Target")
    if target is not None:
        return not _LOOKS.search(target)
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return not _LOOKS.search(request.get_data(cache=True, as_text=True, parse_form_data=False))
    return True
