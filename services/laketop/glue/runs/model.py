"""A job run: the definition that it was started with, and how far it is."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from laketop.glue.runs.states import State


@dataclass(frozen=True)
class Run:
    """One attempt at a job.

    Attributes:
        id: `jr_` and 64 hexadecimal digits; of a retry, the first attempt's with `_attempt_<n>`.
        job_id: the id of the job, which a job made anew under the same name does not share.
        job_name: the job's name.
        attempt: 0 for the first.
        previous_id: the run that this one retries.
        state: how far it is.
        definition: the job's definition when the run was started, with what the caller of StartJobRun set instead;
            `Arguments` are those of the run alone; `Encryption` is what its security configuration said then.
        started: when it was asked for.
        modified: when its state changed.
        running_since: when its script began.
        completed: when it ended.
        error_message: why it did not succeed.
    """

    id: str
    job_id: str
    job_name: str
    definition: Mapping[str, Any]
    started: datetime
    modified: datetime
    attempt: int = 0
    previous_id: str | None = None
    state: State = State.STARTING
    running_since: datetime | None = None
    completed: datetime | None = None
    error_message: str | None = None

    @property
    def execution_seconds(self) -> int:
        """The whole seconds that the script ran."""
        end = self.completed or self.modified
        return int((end - self.running_since).total_seconds()) if self.running_since else 0

    def retried(self, now: datetime) -> "Run | None":
        """The next attempt after a failed one; None where the job allows no more."""
        if self.state is not State.FAILED or self.attempt >= self.definition["MaxRetries"]:
            return None
        first, _, _ = self.id.partition("_attempt_")
        return replace(
            self,
            id=f"{first}_attempt_{self.attempt + 1}",
            attempt=self.attempt + 1,
            previous_id=self.id,
            state=State.STARTING,
            started=now,
            modified=now,
            running_since=None,
            completed=None,
            error_message=None,
        )


def new_id() -> str:
    """The id of a new run."""
    return f"jr_{secrets.token_hex(32)}"
