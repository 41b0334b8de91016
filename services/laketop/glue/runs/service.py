"""Job runs as the API has them: start, stop, look; and what becomes of runs when the server starts or goes down."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from laketop.glue.errors import EntityNotFound, GlueError, InvalidInput, NotSupported
from laketop.glue.jobs import arguments
from laketop.glue.jobs.capacity import capacity
from laketop.glue.jobs.definitions import timeout
from laketop.glue.jobs.service import Job, Jobs
from laketop.glue.paging import Page
from laketop.glue.runs.agent import AgentUnreachableError, SparkAgent
from laketop.glue.runs.execution import Execution, Surroundings
from laketop.glue.runs.model import Run, new_id
from laketop.glue.runs.states import State
from laketop.glue.runs.store import RunStore
from laketop.glue.security.service import SecurityConfigurations

UNSUPPORTED = (
    "ExecutionRoleSessionPolicy",
    "JobRunId",
    "JobRunQueuingEnabled",
    "NotificationProperty",
)
_OVERRIDES = ("ExecutionClass", "Arguments", "SecurityConfiguration")
_GRACE_SECONDS = 3.0

INTERRUPTED = "The Glue service stopped while the run was going, and the run with it; start the job again."


def _now() -> datetime:
    return datetime.now(UTC)


class Launcher:
    """The runs that are going, each followed by a thread."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._going: dict[str, tuple[Execution, threading.Thread]] = {}
        self._guard = threading.Lock()

    def launch(self, run: Run) -> None:
        """Start a run and follow it, and its retries, in the background."""
        execution = Execution(run, self._around)
        thread = threading.Thread(target=self._follow, args=(execution,), name=run.id[:12], daemon=True)
        with self._guard:
            self._going[run.id] = execution, thread
        thread.start()

    def stop(self, run_id: str) -> None:
        """Have a run stopped whose state is STOPPING."""
        with self._guard:
            entry = self._going.get(run_id)
        if entry:
            entry[0].stop()

    def close(self) -> None:
        """Let go of all runs; the next start ends them as FAILED."""
        with self._guard:
            entries = list(self._going.values())
        for execution, _ in entries:
            execution.abandon()
        for _, thread in entries:
            thread.join(_GRACE_SECONDS)

    def _follow(self, execution: Execution) -> None:
        try:
            following = execution.follow()
        finally:
            with self._guard:
                del self._going[execution.run.id]
        if following:
            self.launch(following)


class Runs:
    """The runs of the account's jobs.

    Args:
        jobs: the definitions.
        security: the security configurations that they name.
        store: the runs' states.
        launcher: makes them real.
        now: the clock.

    Follows "Job runs" of the AWS Glue Developer Guide.
    """

    def __init__(
        self,
        jobs: Jobs,
        security: SecurityConfigurations,
        store: RunStore,
        launcher: Launcher,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._jobs = jobs
        self._security = security
        self._store = store
        self._launcher = launcher
        self._now = now

    def start(self, job_name: str, request: Mapping[str, Any]) -> Run:
        """Start a job.

        Args:
            job_name: which.
            request: the members of StartJobRun; they come before the job's own.

        Raises:
            ConcurrentRunsExceeded: it has as many runs as it may.
            EntityNotFound: there is no such job, or no security configuration of the name that it, or the run, has.
            InvalidInput: a member, or an argument of the job or the run, cannot be used.
        """
        for name in UNSUPPORTED:
            if request.get(name):
                raise NotSupported(name)
        try:
            job = self._jobs.get(job_name)
        except EntityNotFound as error:
            raise EntityNotFound("Failed to start job run due to missing metadata.") from error
        definition = _definition(job, request)
        if security := definition.get("SecurityConfiguration"):
            definition["Encryption"] = self._security.get(security).encryption
        arguments.plan(*(definition.get(name) or {} for name in arguments.LAYERS))
        now = self._now()
        run = Run(new_id(), job.id, job.name, definition, started=now, modified=now)
        self._store.add(run)
        self._launcher.launch(run)
        return run

    def get(self, job_name: str, run_id: str) -> Run:
        """A run by id."""
        return self._store.get(job_name, run_id)

    def list(self, job_name: str, token: str | None, limit: int) -> Page[Run]:
        """A page of a job's runs, the newest first."""
        return self._store.list(job_name, token, limit)

    def stop(self, job_name: str, run_ids: Sequence[str]) -> dict[str, GlueError | None]:
        """Have runs stopped; run id → None, or why it cannot be."""
        return {run_id: self._stop(job_name, run_id) for run_id in run_ids}

    def _stop(self, job_name: str, run_id: str) -> GlueError | None:
        try:
            self._store.get(job_name, run_id)
        except EntityNotFound as error:
            return error
        if self._store.stopping(run_id) is None:
            return InvalidInput(f"Job run {run_id} is not running.")
        self._launcher.stop(run_id)
        return None


def recover(store: RunStore, agent: SparkAgent) -> None:
    """End the runs that an earlier server left going: nobody followed them, so what they did is not known."""
    for run in store.active():
        # An agent that does not answer is starting beside us, and has no driver of an earlier stack.
        with suppress(AgentUnreachableError):
            agent.stop(run.id)
        store.end(run.id, State.FAILED, INTERRUPTED, retry=False)


def _definition(job: Job, request: Mapping[str, Any]) -> dict[str, Any]:
    definition = {**job.definition, "Arguments": {}}
    definition |= {name: request[name] for name in _OVERRIDES if name in request}
    definition["Timeout"] = timeout(request.get("Timeout", definition["Timeout"]))
    if any(name in request for name in ("WorkerType", "NumberOfWorkers", "MaxCapacity", "AllocatedCapacity")):
        own = {name: definition[name] for name in ("WorkerType", "NumberOfWorkers")}
        definition |= capacity({**own, **request})
    return definition
