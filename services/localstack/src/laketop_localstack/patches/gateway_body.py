"""The gateway: how the body of a request comes from the event loop to the thread that serves it.

rolo, LocalStack's HTTP layer, crosses from the thread to the loop and back for each 64 KiB of a body: half the time of
a large upload. Here one crossing brings all that has arrived.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from io import BufferedReader, RawIOBase
from typing import Any

import rolo.asgi

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched("rolo.asgi", "create_wsgi_input", "fcc636310a32f18394e20fabea2f9d1b03bd3153c017f49cbc99e83c86972459"),
)
# what one crossing brings at most, unless a single event has more
BATCH = 1 << 20
BUFFER = 1 << 16
LOOK_SECONDS = 1.0


class Body(RawIOBase):
    """The body of a request as a stream for a thread.

    Args:
        receive: gives the next event of the request (ASGI).
        loop: the event loop in which it is called.
    """

    def __init__(self, receive: Callable[[], Awaitable[Mapping[str, Any]]], loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._loop = receive, loop
        self._coming: asyncio.Future[Mapping[str, Any]] | None = None
        self._have = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; 0 at the end.

        Raises:
            ConnectionAbortedError: the client has gone, or the server stops: what came is not the whole body.
        """
        if not self._have and not self._ended:
            self._have = memoryview(self._waited(asyncio.run_coroutine_threadsafe(self._arrived(), self._loop)))
        count = min(len(buffer), len(self._have))
        buffer[:count], self._have = self._have[:count], self._have[count:]
        return count

    def _waited(self, coming: Future[bytes]) -> bytes:
        """What comes; ends with the event loop, which would never bring it."""
        while True:
            try:
                return coming.result(LOOK_SECONDS)
            except TimeoutError:
                if not self._loop.is_running():
                    raise ConnectionAbortedError("the server stops while a body is on its way") from None

    async def _arrived(self) -> bytes:
        """What has arrived by now; waits where nothing has."""
        parts: list[bytes] = []
        size = 0
        while not self._ended and size < BATCH:
            coming, self._coming = self._coming or asyncio.ensure_future(self._receive()), None
            if parts:
                await asyncio.sleep(0)
                if not coming.done():
                    self._coming = coming
                    break
            event = await coming
            if event.get("type") == "http.disconnect":
                raise ConnectionAbortedError("the client has gone while its body was on its way")
            self._ended = not event.get("more_body", False)
            if body := event.get("body", b""):
                parts.append(body)
                size += len(body)
        return b"".join(parts)


def create(receive: Any, event_loop: asyncio.AbstractEventLoop | None = None) -> BufferedReader:
    """A stream of a request's body, in rolo's place."""
    return BufferedReader(Body(receive, event_loop or asyncio.get_event_loop()), BUFFER)


def apply() -> None:
    """Have the gateway use it."""
    rolo.asgi.create_wsgi_input = create
