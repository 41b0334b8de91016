"""Runs of the pipeline with their steps, and executions of the state machines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from streamlit_app import formats
from streamlit_app.figures import words
from streamlit_app.figures.tile import Tile

RUNNING = "RUNNING"
LANDING = "landing/"

type Run = Mapping[str, Any]
type Execution = Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """A step that failed, or the run itself.

    Attributes:
        what: in words.
        after: how long it took, in words.
        error: what it says.
    """

    what: str
    after: str
    error: str


def label(run: Run) -> str:
    """A run in one line, for a list to choose from."""
    took = f", {formats.seconds(run['seconds'])}" if run["seconds"] is not None else ""
    return f"{words.moment(run['started_at'])} UTC, {words.state(run['state'])}{took}"


def tiles(run: Run, now: datetime) -> list[Tile]:
    """A run's key figures."""
    steps = run["steps"]
    failed = sum(1 for step in steps if step["state"] == "FAILED")
    longest = max((step["seconds"] for step in steps if step["seconds"] is not None), default=None)
    return [
        Tile("State", words.state(run["state"]).capitalize(), help="The run's own state, when it was written down."),
        Tile(
            "Took", formats.seconds(run["seconds"]), help="From the execution's start to its last step but the notes."
        ),
        Tile("Started", formats.ago(run["started_at"], now), help=f"{words.moment(run['started_at'])} UTC"),
        Tile("Steps", formats.number(len(steps)), help="Tasks of the state machine, one a dataset, job or view."),
        Tile("Failed steps", formats.number(failed), help="Of these; their errors are below."),
        Tile("Longest step", formats.seconds(longest), help="Where time is to be won."),
    ]


def table(runs: Iterable[Run]) -> pd.DataFrame:
    """Runs as people read them, a row each."""
    columns = ["Started (UTC)", "State", "Took", "Steps", "Failed steps", "Run"]
    found = [
        (
            words.moment(run["started_at"]),
            words.state(run["state"]),
            formats.seconds(run["seconds"]),
            len(run["steps"]),
            sum(1 for step in run["steps"] if step["state"] == "FAILED"),
            run["run_id"],
        )
        for run in runs
    ]
    return pd.DataFrame(found, columns=columns)


def steps(run: Run, prefix: str) -> pd.DataFrame:
    """When each step of a run was at work.

    Returns:
        a row a step in the order of their beginnings: step (in words), state, started_at, ended_at, from and to
        (seconds since the run began; a step without an end goes on to the run's), seconds, took (in words).
    """
    begun = run["started_at"]
    ends = [row["ended_at"] or row["started_at"] for row in [run, *run["steps"]]]
    last = max(ends, default=begun)
    found = [
        {
            "step": words.step(step["step"], prefix),
            "state": words.state(step["state"]),
            "started_at": step["started_at"],
            "ended_at": step["ended_at"],
            "from": (step["started_at"] - begun).total_seconds(),
            "to": ((step["ended_at"] or last) - begun).total_seconds(),
            "seconds": step["seconds"],
            "took": formats.seconds(step["seconds"]),
        }
        for step in run["steps"]
    ]
    columns = ["step", "state", "started_at", "ended_at", "from", "to", "seconds", "took"]
    return pd.DataFrame(found, columns=columns)


def failures(run: Run, prefix: str) -> list[Failure]:
    """What failed in a run: its steps, and at last the run itself where it says more than they do."""
    found = [
        Failure(words.step(step["step"], prefix), formats.seconds(step["seconds"]), step["error"] or "")
        for step in run["steps"]
        if step["state"] == "FAILED"
    ]
    error = run["error"] or ""
    if error and error not in {failure.error for failure in found}:
        found.append(Failure("The run", formats.seconds(run["seconds"]), error))
    return found


def lasting(runs: Iterable[Run]) -> pd.DataFrame:
    """How long runs took, the earliest first: started, state, seconds, took."""
    found = [
        {
            "started": words.moment(run["started_at"]),
            "state": words.state(run["state"]),
            "seconds": run["seconds"],
            "took": formats.seconds(run["seconds"]),
        }
        for run in runs
        if run["seconds"] is not None
    ]
    return pd.DataFrame(found[::-1], columns=["started", "state", "seconds", "took"])


def running(executions: Iterable[Execution]) -> list[Execution]:
    """Those that run."""
    return [execution for execution in executions if execution["state"] == RUNNING]


def executions(found: Iterable[Execution], now: datetime) -> pd.DataFrame:
    """Executions as people read them, those that started last first."""
    ordered = sorted(found, key=lambda item: item["started_at"], reverse=True)
    columns = ["Machine", "State", "Started", "Took", "Of what", "What came of it", "Execution"]
    rows = [
        (
            item["machine"],
            words.state(item["state"]),
            formats.ago(item["started_at"], now),
            formats.seconds(((item["ended_at"] or now) - item["started_at"]).total_seconds()),
            str(item["input"].get("key", "")).removeprefix(LANDING) or "the batch",
            item["error"] or _outcome(item),
            item["name"],
        )
        for item in ordered
    ]
    return pd.DataFrame(rows, columns=columns)


def _outcome(execution: Execution) -> str:
    """What an execution says that it did: a file's way, with the reason where it was refused; else nothing."""
    output = execution["output"]
    reason = output.get("reason")
    code = f", {reason['code']}" if isinstance(reason, Mapping) and "code" in reason else ""
    return f"{output.get('outcome', '')}{code}"
