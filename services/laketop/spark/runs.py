"""The states of a run, and what may follow what.

A run ends once: whatever is learned about its driver afterwards changes nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from laketop.spark.process import describe_exit


class State(StrEnum):
    """A run's state, named as in Glue's job runs."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


MOVES = {
    State.STARTING: frozenset({State.RUNNING, State.FAILED, State.STOPPED}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.STOPPED}),
    State.SUCCEEDED: frozenset[State](),
    State.FAILED: frozenset[State](),
    State.STOPPED: frozenset[State](),
}


@dataclass(frozen=True)
class Run:
    """One run of a job.

    Attributes:
        run_id: given by who started it.
        state: where it is.
        driver: `warm` or `cold`: what its driver was.
        error_message: why it failed.
        exit_code: of the script where it ended by itself, else of the driver's process.
        started_on: when it was taken on.
        completed_on: when it ended.
        folder: the driver's folder, where the logs lie.
        log_start: the byte in each log where the run's own output begins.
        stopping: it was told to stop.
        ended: what the driver said of the script's end, before its process ended.
    """

    run_id: str
    driver: str
    started_on: datetime
    folder: Path
    state: State = State.STARTING
    error_message: str | None = None
    exit_code: int | None = None
    completed_on: datetime | None = None
    log_start: tuple[int, int] = (0, 0)
    stopping: bool = False
    ended: tuple[str | None, int] | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return not MOVES[self.state]


def waiting(run: Run, output: int, error: int) -> Run:
    """The driver has it, and waits for its cluster; what the run says begins at these bytes of the logs."""
    return run if run.over else replace(run, log_start=(output, error))


def running(run: Run, output: int, error: int) -> Run:
    """The driver has taken it up; its own output begins at these bytes of the logs."""
    return replace(_move(run, State.RUNNING), log_start=(output, error))


def script_ended(run: Run, error: str | None, exit_code: int) -> Run:
    """The script has ended; the run ends with its process."""
    return run if run.over else replace(run, ended=(error, exit_code))


def stopping(run: Run) -> Run:
    """Somebody wants it stopped."""
    return run if run.over else replace(run, stopping=True)


def process_ended(run: Run, code: int, now: datetime) -> Run:
    """The driver's process has ended with this code (negative: by that signal)."""
    if run.over:
        return run
    if run.stopping:
        return replace(_move(run, State.STOPPED), completed_on=now)
    if run.ended is None:
        message = f"The Spark driver ended before the script did: {describe_exit(code)}"
        return replace(_move(run, State.FAILED), error_message=message, exit_code=code, completed_on=now)
    error, exit_code = run.ended
    state = State.SUCCEEDED if error is None else State.FAILED
    return replace(_move(run, state), error_message=error, exit_code=exit_code, completed_on=now)


def not_started(run: Run, reason: str, now: datetime) -> Run:
    """No driver could be started for it."""
    return replace(_move(run, State.FAILED), error_message=reason, completed_on=now)


def _move(run: Run, state: State) -> Run:
    if state not in MOVES[run.state]:
        raise ValueError(f"run {run.run_id}: {state} cannot follow {run.state}")
    return replace(run, state=state)
