"""The gateway: how long a connection without a request stays open.

Hypercorn, LocalStack's HTTP server, closes it after 5 seconds. Where a request arrives in that very moment it is
carried out, and its answer finds the connection closed: the client tries again what is done already, and a bucket, a
function or an alias "already exists". Clients give up idle connections by themselves within 90 seconds (the AWS SDKs
for Go and Java), so ours wait longer than they do.
"""

from hypercorn.config import Config

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched(
        "hypercorn.asyncio.tcp_server",
        "TCPServer._idle_timeout",
        "e25905bb57263ae2a57c02bc718bd54598be8ff988eeef308d85d679145fbe3b",
    ),
)
SECONDS = 600


def apply() -> None:
    """For every server that is made from now on."""
    Config.keep_alive_timeout = SECONDS
