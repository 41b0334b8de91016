"""Run a service's application until it is told to stop.

One way for all parts: loopback only unless a container says otherwise, a log that goes to stderr, an end that finishes
the requests under way.
"""

import logging
import os
import signal
import sys
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

_GRACE_SECONDS = 5
# Longer than the clients keep an idle connection, or a request meets one that the server is closing.
_KEEP_ALIVE_SECONDS = 75


def serve(app: ASGIApp, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and exit with status 0.

    Args:
        app: the application.
        port: TCP port, on the address of `LAKETOP_BIND` (default 127.0.0.1).

    Raises:
        SystemExit: always, in the end; status 0 after a signal, 3 where the application did not start or the port is
            taken (the log says by which address).
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # uvicorn raises the signal again when it is done; by default that would end us without cleaning up.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    uvicorn.run(
        app,
        host=os.environ.get("LAKETOP_BIND") or "127.0.0.1",
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
