"""The states of a job run and the moves between them.

Source: "AWS Glue job run statuses" of the AWS Glue Developer Guide. WAITING, ERROR and EXPIRED cannot happen here.
"""

from enum import StrEnum


class State(StrEnum):
    """A run's JobRunState."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"


# A run may end by itself while it is being stopped; what it did then counts.
MOVES: dict[State, frozenset[State]] = {
    State.STARTING: frozenset({State.RUNNING, State.STOPPING, State.FAILED}),
    State.RUNNING: frozenset({State.STOPPING, State.SUCCEEDED, State.FAILED, State.TIMEOUT}),
    State.STOPPING: frozenset({State.STOPPED, State.SUCCEEDED, State.FAILED, State.TIMEOUT}),
    State.STOPPED: frozenset(),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.TIMEOUT: frozenset(),
}

ACTIVE = frozenset(state for state, moves in MOVES.items() if moves)

# Final state → (severity, message) of its event; a failed run's message is its error.
EVENTS: dict[State, tuple[str, str]] = {
    State.SUCCEEDED: ("INFO", "Job run succeeded"),
    State.FAILED: ("ERROR", ""),
    State.TIMEOUT: ("WARN", "Job run timed out"),
    State.STOPPED: ("INFO", "Job run stopped"),
}
