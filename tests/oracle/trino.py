"""Asks a running Trino, at LAKETOP_TRINO_URL (default http://127.0.0.1:18080)."""

import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
URL = os.environ.get("LAKETOP_TRINO_URL", "http://127.0.0.1:18080")


def ask(sql: str, *, catalog: str = "memory", schema: str = "default") -> dict[str, Any]:
    """Trino's answer to a statement: `columns` and `rows`, or `error_name` and `error_message`."""
    headers = {
        "X-Trino-User": "laketop",
        "X-Trino-Catalog": catalog,
        "X-Trino-Schema": schema,
        "X-Trino-Time-Zone": "UTC",
        # without it every time and timestamp is shown with precision 3
        "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
    }
    reply = _call(urllib.request.Request(f"{URL}/v1/statement", sql.encode(), headers))
    columns: list[dict[str, str]] = []
    rows: list[list[Any]] = []
    while True:
        columns = columns or [{"name": c["name"], "type": c["type"]} for c in reply.get("columns", [])]
        rows += reply.get("data", [])
        if "error" in reply:
            return {"error_name": reply["error"]["errorName"], "error_message": reply["error"]["message"]}
        if "nextUri" not in reply:
            return {"columns": columns, "rows": rows}
        reply = _call(urllib.request.Request(reply["nextUri"], headers=headers))


def _call(request: urllib.request.Request) -> dict[str, Any]:
    for wait in (0.1, 0.5, 2, 5, 0):
        try:
            with _OPENER.open(request, timeout=120) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code not in (502, 503, 504) or not wait:
                raise
        time.sleep(wait)
    raise AssertionError
