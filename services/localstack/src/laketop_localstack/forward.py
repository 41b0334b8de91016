"""Hand one HTTP request on to another server and bring its answer back, both byte for byte.

`http.client` and not an HTTP library: libraries add, join or reorder headers, and the Authorization header must
arrive as it was signed.
"""

import http.client
import select
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
# Shorter than any server's keep-alive (uvicorn: 5 s), so that a request never meets a connection that is just being
# closed.
IDLE_SECONDS = 2.0
# A little more than the 60 s after which AWS's clients give up by themselves.
ANSWER_SECONDS = 75.0

type Headers = list[tuple[str, str]]


class UnreachableError(Exception):
    """The server behind does not answer; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, the headers in their order (without hop-by-hop ones), the body as sent."""

    status: int
    headers: Headers
    body: bytes


def end_to_end(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers that are meant for the other end (RFC 9110, 7.6.1): all but the hop-by-hop ones and those that
    Connection names.
    """
    kept = list(headers)
    named = {name.strip().lower() for key, value in kept if key.lower() == "connection" for name in value.split(",")}
    return [(key, value) for key, value in kept if key.lower() not in HOP_BY_HOP | named]


class Forwarder:
    """Sends requests to one server over kept connections; many threads may use it at once.

    Args:
        url: base URL of the server, `http://host:port`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"{url!r}: http://host:port is needed")
        self.url = url
        self._host = parts.hostname
        self._port = parts.port or 80
        self._idle: list[tuple[http.client.HTTPConnection, float]] = []
        self._lock = threading.Lock()

    def send(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Send one request and read its answer.

        Args:
            method: the HTTP method.
            target: path and query string, as they came.
            headers: all headers as they came; hop-by-hop ones are dropped, the length is that of the body.
            body: the request's body as it came, still encoded if it was.

        Raises:
            UnreachableError: no connection, no answer in time, or the connection broke. The request is not sent a
                second time: it may have been carried out.
        """
        connection = self._take()
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in end_to_end(headers):
                if name.lower() != "content-length":
                    connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            answer = Answer(response.status, end_to_end(response.getheaders()), response.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise UnreachableError(f"{type(error).__name__}: {error}") from error
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append((connection, time.monotonic()))
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            with suppress(OSError):
                connection.close()

    def _take(self) -> http.client.HTTPConnection:
        stale: list[http.client.HTTPConnection] = []
        fresh: http.client.HTTPConnection | None = None
        with self._lock:
            while self._idle and fresh is None:
                connection, since = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS and _alive(connection):
                    fresh = connection
                else:
                    stale.append(connection)
        for connection in stale:
            connection.close()
        return fresh or http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_SECONDS)


def _alive(connection: http.client.HTTPConnection) -> bool:
    """Whether an idle connection is quiet: something to read is the server's end of it, or an answer to nothing."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN | select.POLLHUP)
    return not poll.poll(0)
