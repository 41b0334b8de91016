"""One log line is one JSON object, so that CloudWatch Logs Insights can filter by its fields."""

import json
import sys
from datetime import UTC, datetime
from typing import Any, TextIO


def log(event: str, *, level: str = "INFO", stream: TextIO | None = None, **fields: Any) -> None:
    """Write one line: `logged_at`, `level`, `event`, then the fields; values that JSON does not know become text.

    Args:
        event: what happened, in a few fixed words; what varies goes into the fields.
        level: INFO, WARNING or ERROR.
        stream: where to write; standard output by default, which Lambda and Glue ship to CloudWatch Logs.
        fields: anything else, by name.
    """
    line = {"logged_at": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": event, **fields}
    print(json.dumps(line, default=str), file=stream or sys.stdout, flush=True)
