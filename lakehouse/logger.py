"""One log line is one JSON object, so that CloudWatch Logs Insights can filter by its fields.

`log` writes a line. What every line of a request shall have (its id, the execution it belongs to) is said once, by
`scope`; a `Logger` carries fields of its own. Values of keys that look like credentials are never written.
"""

import dataclasses
import json
import math
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

MASK = "***"
_SECRET = re.compile(
    "password|passwd|passphrase|secret|token|authori[sz]ation|credential|cookie|apikey|accesskey|privatekey|signature"
)
_SECRET_NAMES = frozenset({"auth", "pwd", "pass"})
_DEEPEST = 20  # levels; what lies below becomes text, so that a structure that holds itself ends

_scope: ContextVar[Mapping[str, Any]] = ContextVar("scope", default={})  # noqa: B039 - never changed, only replaced


def log(event: str, *, level: str = "INFO", stream: TextIO | None = None, **fields: Any) -> None:
    """Write one line: `logged_at`, `level`, `event`, then the fields of the scope and the given ones.

    Values that JSON does not know become text; an exception becomes its `type`, `message` and `stack` (list of lines);
    the value of a key that looks like a credential becomes `***`, also inside of dictionaries and lists.

    Args:
        event: what happened, in a few fixed words; what varies goes into the fields.
        level: INFO, WARNING or ERROR.
        stream: where to write; standard output by default, which Lambda and Glue ship to CloudWatch Logs.
        fields: anything else, by name.
    """
    line = {
        "logged_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": event,
        **plain({**_scope.get(), **fields}),
    }
    print(json.dumps(line, default=str), file=stream or sys.stdout, flush=True)


@contextmanager
def scope(**fields: Any) -> Iterator[None]:
    """Give every line that is written inside these fields too, in this thread or task; scopes nest."""
    before = _scope.set({**_scope.get(), **fields})
    try:
        yield
    finally:
        _scope.reset(before)


@contextmanager
def lambda_scope(context: Any, event: Mapping[str, Any] | None = None) -> Iterator[None]:
    """The scope of one Lambda invocation: `request_id`, and `execution` where the event names it.

    Args:
        context: Lambda's context object, or None outside of Lambda.
        event: the event; its `execution` is the Step Functions execution's ARN, as the state machines pass it.
    """
    fields = {
        "request_id": getattr(context, "aws_request_id", None),
        "execution": event.get("execution") if isinstance(event, Mapping) else None,
    }
    with scope(**{name: value for name, value in fields.items() if value is not None}):
        yield


@dataclass(frozen=True)
class Logger:
    """Writes lines that have its own fields too.

    Attributes:
        fields: what each line has.
        stream: where to write; None for standard output.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    stream: TextIO | None = None

    def bind(self, **fields: Any) -> "Logger":
        """A logger with these fields besides; this one stays as it is."""
        return Logger({**self.fields, **fields}, self.stream)

    def info(self, event: str, **fields: Any) -> None:
        """Write a line of level INFO."""
        self._write(event, "INFO", fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write a line of level WARNING."""
        self._write(event, "WARNING", fields)

    def error(self, event: str, error: BaseException | None = None, **fields: Any) -> None:
        """Write a line of level ERROR; an exception goes into the field `error`."""
        self._write(event, "ERROR", fields if error is None else {**fields, "error": error})

    def _write(self, event: str, level: str, fields: Mapping[str, Any]) -> None:
        log(event, level=level, stream=self.stream, **{**self.fields, **fields})


def bind(**fields: Any) -> Logger:
    """A logger whose lines have these fields, e.g. `bind(request_id=context.aws_request_id)`."""
    return Logger(fields)


def is_secret(key: str) -> bool:
    """Whether a key's value is to be hidden: `api_key`, `apiKey`, `X-Amz-Security-Token`, `db.password`, …"""
    letters = re.sub(r"[^a-z]", "", key.lower())
    return letters in _SECRET_NAMES or _SECRET.search(letters) is not None


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON can hold it, secrets masked: dictionaries, lists, text, numbers, true, false and null only."""
    if depth > _DEEPEST:
        return f"… ({type(value).__name__})"
    if isinstance(value, BaseException):
        return _exception(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _member(str(key), item, depth) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no word for it
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _member(key: str, value: Any, depth: int) -> Any:
    return MASK if value is not None and is_secret(key) else plain(value, depth + 1)


def _exception(error: BaseException) -> dict[str, Any]:
    stack = [
        line for part in traceback.format_exception(error) for line in part.rstrip("\n").split("\n") if line.strip()
    ]
    return {"type": type(error).__name__, "message": str(error), "stack": stack}
