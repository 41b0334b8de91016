"""Definitions as text: how a database, table, partition or job is kept in SQLite.

A definition is the caller's input as boto3 has it: JSON values, and times at the top level. The times are kept beside
the rest, so that no text of a caller can be mistaken for one.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def encode(definition: Mapping[str, Any]) -> str:
    """A definition (JSON values; `datetime`s only at the top level) as one line of ASCII."""
    times = {name: value.timestamp() for name, value in definition.items() if isinstance(value, datetime)}
    rest = {name: value for name, value in definition.items() if name not in times}
    return json.dumps([rest, times], separators=(",", ":"))


def decode(text: str) -> dict[str, Any]:
    """The definition that `encode` wrote; times are in UTC."""
    rest, times = json.loads(text)
    return {**rest, **{name: moment(value) for name, value in times.items()}}


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
