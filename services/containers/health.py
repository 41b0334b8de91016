"""Whether a part of the lake is ready, for a container's health check: `python3 health.py <URL>` ends with 0 then.

Standard library only: it runs in every image.
"""

import sys
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 3


def ready(url: str) -> bool:
    """Whether the URL answers with status 200 in time."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - a URL of ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if ready(sys.argv[1]) else 1)
