"""The steps of a Step Functions execution, read from its history. Pure functions: no AWS.

Follows "HistoryEvent" of the AWS Step Functions API reference: each event names the one before it, so that what a
state's end belongs to is found by going back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_ENTERED, _EXITED = "StateEntered", "StateExited"
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
    parents = {event["id"]: event.get("previousEventId", 0) for event in ordered}
    entered = {event["id"]: event for event in ordered if event["type"] == "Task" + _ENTERED}
    ended: dict[int, tuple[datetime, str]] = {}
    for event in ordered:
        origin = _origin(event["id"], parents, entered)
        if origin is None or origin in ended:
            continue
        if event["type"] == "Task" + _EXITED:
            ended[origin] = (event["timestamp"], "")
        elif event["type"].endswith(_ENTERED) and event["id"] != origin:
            # another state follows without this one having been left: its error was caught
            ended[origin] = (event["timestamp"], _error(event["id"], parents, ordered))
    return [_step(event, ended.get(number), ordered) for number, event in entered.items()]


def _origin(number: int, parents: Mapping[int, int], entered: Mapping[int, Any]) -> int | None:
    """The task state that an event belongs to: the last one entered before it on its own path."""
    while number:
        if number in entered:
            return number
        number = parents.get(number, 0)
    return None


def _error(number: int, parents: Mapping[int, int], events: Iterable[Mapping[str, Any]]) -> str:
    by_id = {event["id"]: event for event in events}
    while number := parents.get(number, 0):
        if text := _failure(by_id.get(number, {})):
            return text
        if str(by_id.get(number, {}).get("type", "")).endswith(_ENTERED):
            return "unknown error"
    return "unknown error"


def _failure(event: Mapping[str, Any]) -> str:
    for name, details in event.items():
        if name.endswith("EventDetails") and isinstance(details, Mapping) and "error" in details:
            return f"{details['error']}: {details.get('cause', '')}"
    return ""


def _step(event: Mapping[str, Any], end: tuple[datetime, str] | None, events: list[Mapping[str, Any]]) -> Step:
    details = event["stateEnteredEventDetails"]
    label = _label(details.get("input"))
    name = f"{details['name']}[{label}]" if label else details["name"]
    if end is not None:
        return Step(name, "FAILED" if end[1] else "SUCCEEDED", event["timestamp"], end[0], end[1])
    failed = next((found for found in map(_failure, reversed(events)) if found), "") if _is_over(events) else ""
    return Step(name, "FAILED" if failed else "RUNNING", event["timestamp"], None, failed)


def _is_over(events: list[Mapping[str, Any]]) -> bool:
    return bool(events) and str(events[-1]["type"]).startswith("Execution") and len(events) > 1


def _label(text: str | None) -> str:
    """What a Map's item is called, by the fields that items have."""
    try:
        item = json.loads(text or "null")
    except ValueError:
        return ""
    if not isinstance(item, dict) or "execution" in item:
        return ""
    return next((str(item[field]) for field in _LABELS if field in item), "")
