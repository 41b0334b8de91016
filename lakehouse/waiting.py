"""Waiting for what AWS does in its own time: pauses that grow, are capped, and are never the same for two who wait."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

# How a service says "later"; "Error retries and exponential backoff in AWS".
THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ATTEMPTS = 8

type Sleep = Callable[[float], None]
type Clock = Callable[[], float]


class WaitTimeoutError(TimeoutError):
    """What was waited for has not ended in time; the message names it and its state. It may still be running."""


def pauses(first: float = 0.1, factor: float = 1.5, longest: float = 5.0) -> Iterator[float]:
    """Seconds to sleep between two looks, without end: growing by the factor up to the longest, each cut by up to half.

    The cut is by chance, so that many who started together don't ask together ("Exponential Backoff And Jitter").
    """
    step = first
    while True:
        yield step * random.uniform(0.5, 1)  # noqa: S311 - not for secrets
        step = min(step * factor, longest)


def code_of(error: Exception) -> str:
    """The error code of a service's answer, e.g. `NoSuchKey`; the class's name where the error is none of a service."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def patiently[T](call: Callable[[], T], *, sleep: Sleep = time.sleep, codes: frozenset[str] = THROTTLED) -> T:
    """What a call gives, repeated while the service says that it is asked too often (eight times at most).

    Raises:
        ClientError: the service's answer, where it is another one or does not change.
    """
    for attempt, pause in enumerate(pauses(first=0.2), 1):
        try:
            return call()
        except ClientError as error:
            if code_of(error) not in codes or attempt == _ATTEMPTS:
                raise
        sleep(pause)
    raise AssertionError("pauses have no end")


def until[T](
    look: Callable[[], T],
    state_of: Callable[[T], str],
    running: frozenset[str],
    *,
    what: str,
    timeout: float,
    on_state: Callable[[str], Any] | None = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> T:
    """Look again and again until the state is none of those that pass by, and return what was seen last.

    Args:
        look: asks the service; throttled answers are repeated.
        state_of: the state in what `look` gives.
        running: the states that are not the end.
        what: the thing's name for the message, e.g. `query 1234`.
        timeout: seconds; the last look is made when they are over.
        on_state: told each state once it is another one than before.
        sleep: how to pause.
        clock: seconds from any start.

    Raises:
        WaitTimeoutError: the time is over.
    """
    deadline = clock() + timeout
    before = None
    for pause in pauses():
        seen = patiently(look, sleep=sleep)
        state = state_of(seen)
        if state != before and on_state:
            on_state(state)
        before = state
        if state not in running:
            return seen
        left = deadline - clock()
        if left <= 0:
            raise WaitTimeoutError(f"{what} is still {state} after {timeout:g} s; wait longer or look at why it hangs")
        sleep(min(pause, left))
    raise AssertionError("pauses have no end")
