"""The steps of a Step Functions execution, read from its history. Pure functions: no AWS.

Follows "HistoryEvent" of the AWS Step Functions API reference: each event names the one before it, so that what a
state's end belongs to is found by going back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_OF_TASKS = ("Task", "LambdaFunction", "Activity")
_LABELS = ("dataset", "job", "name")


@dataclass(frozen=True)
class Step:
    """One visit to a state.

    Attributes:
        name: the state's name, with the dataset, job or view that a Map gave it: `Check[transactions]`.
        state: SUCCEEDED, FAILED, or RUNNING where the history ends within it.
        started_at, ended_at: UTC; `ended_at` None while it runs.
        error: what failed, or "".
    """

    name: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    error: str


def steps(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """The task steps of an execution, in the order in which they began.

    Args:
        events: what GetExecutionHistory gives, the oldest first.
    """
    ordered = list(events)
    by_id = {event["id"]: event for event in ordered}
    entered = [event for event in ordered if event["type"] == "TaskStateEntered"]
    ends: dict[int, tuple[datetime, str]] = {}
    for event in ordered:
        origin = _origin(event, by_id)
        if origin is None or event["id"] == origin:
            continue
        if event["type"] == "TaskStateExited":
            ends[origin] = (event["timestamp"], _failure(by_id.get(event.get("previousEventId", 0), {})))
        elif failure := _failure(event):
            ends[origin] = (event["timestamp"], failure)
        else:
            ends.pop(origin, None)  # it is tried again
    return [_step(event, ends.get(event["id"])) for event in entered]


def _origin(event: Mapping[str, Any], by_id: Mapping[int, Mapping[str, Any]]) -> int | None:
    """The task state that an event of a task belongs to: the last one entered before it on its own path."""
    place: Mapping[str, Any] | None = event if event["type"].startswith(_OF_TASKS) else None
    while place is not None:
        if place["type"] == "TaskStateEntered":
            return int(place["id"])
        place = by_id.get(place.get("previousEventId", 0))
    return None


def _failure(event: Mapping[str, Any]) -> str:
    for name, details in event.items():
        if name.endswith("EventDetails") and isinstance(details, Mapping) and "error" in details:
            return f"{details['error']}: {details.get('cause', '')}"
    return ""


def _step(event: Mapping[str, Any], end: tuple[datetime, str] | None) -> Step:
    details = event["stateEnteredEventDetails"]
    label = _label(details.get("input"))
    name = f"{details['name']}[{label}]" if label else details["name"]
    if end is None:
        return Step(name, "RUNNING", event["timestamp"], None, "")
    return Step(name, "FAILED" if end[1] else "SUCCEEDED", event["timestamp"], end[0], end[1])


def _label(text: str | None) -> str:
    """What a Map's item is called, by the fields that items have."""
    try:
        item = json.loads(text or "null")
    except ValueError:
        return ""
    if not isinstance(item, dict) or "execution" in item:
        return ""
    return next((str(item[field]) for field in _LABELS if field in item), "")
