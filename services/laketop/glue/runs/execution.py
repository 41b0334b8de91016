"""One run from its start to its end, in a thread of its own.

The thread is the only one that ends the run: a stop request, a timeout and the driver's own end all meet in its loop,
so that no two of them can disagree.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laketop.glue.jobs import arguments, capacity
from laketop.glue.runs import encryption
from laketop.glue.runs.agent import AgentError, AgentUnreachableError, Order, SparkAgent, Status
from laketop.glue.runs.logs import LogStream
from laketop.glue.runs.model import Run
from laketop.glue.runs.roles import RoleError, Roles
from laketop.glue.runs.states import State
from laketop.glue.runs.store import RunStore

_POLL_SECONDS = 0.2
_LOG_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0  # with an agent that does not answer: it may be starting, or the machine busy

_log = logging.getLogger("laketop.glue.runs")


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and why it did not succeed."""

    state: State
    message: str | None = None


class InterruptedRunError(Exception):
    """The server is going down; the run is not ended by this."""


@dataclass(frozen=True)
class Surroundings:
    """What runs need.

    Attributes:
        store: where their state is.
        agent: runs the scripts.
        roles: gives credentials.
        logs_client: makes a CloudWatch Logs client from a run's credentials.
        monotonic: the clock of timeouts, in seconds.
    """

    store: RunStore
    agent: SparkAgent
    roles: Roles
    logs_client: Callable[[Mapping[str, str]], Any]
    monotonic: Callable[[], float] = time.monotonic


class Execution:
    """A run that is going.

    Args:
        run: in state STARTING.
        around: what it needs.
    """

    def __init__(self, run: Run, around: Surroundings) -> None:
        self.run = run
        self._around = around
        self._wake = threading.Event()
        self._stop_requested = False
        self._going_down = False
        self._unreachable_since: float | None = None

    def stop(self) -> None:
        """Have the run stopped; its state is STOPPING already."""
        self._stop_requested = True
        self._wake.set()

    def abandon(self) -> None:
        """Leave the loop without ending the run."""
        self._going_down = True
        self._wake.set()

    def follow(self) -> Run | None:
        """Start the run, follow it to its end and note that; returns the next attempt where it is to be retried."""
        try:
            outcome = self._outcome()
        except RoleError as error:
            outcome = Outcome(State.FAILED, str(error))
        except InterruptedRunError:
            return None
        except (AgentError, AgentUnreachableError) as error:
            outcome = Outcome(State.FAILED, str(error))
            self._leave_no_driver()
        except Exception as error:  # noqa: BLE001 - whatever happens, the run must end, and say so
            _log.exception("%s failed inside the glue service", self.run.id)
            outcome = Outcome(State.FAILED, f"Laketop failed inside the run; glue's log has the trace: {error!r}")
            self._leave_no_driver()
        return self._around.store.end(self.run.id, outcome.state, outcome.message)

    def _outcome(self) -> Outcome:
        credentials = self._around.roles.credentials(self.run.definition["Role"])
        if self._stop_requested:
            return Outcome(State.STOPPED)
        plan = _plan(self.run)
        self._patiently(lambda: self._around.agent.start(_order(self.run, plan, credentials)))
        logs = RunLogs(self.run, self._around, credentials, plan.notes)
        try:
            return self._loop(logs)
        except (AgentError, AgentUnreachableError):
            logs.ship(last=True)
            raise

    def _loop(self, logs: "RunLogs") -> Outcome:
        clock, agent = self._around.monotonic, self._around.agent
        deadline: float | None = None
        next_shipping = clock()
        while True:
            status = self._patiently(lambda: agent.status(self.run.id))
            if deadline is None and status.state != "STARTING":
                self._around.store.running(self.run.id)
                deadline = clock() + 60 * self.run.definition["Timeout"]
            if status.ended:
                logs.ship(last=True)
                return self._judged(status)
            if deadline is not None and clock() >= deadline and not self._stop_requested:
                self._patiently(lambda: agent.stop(self.run.id))
                logs.ship(last=True)
                return Outcome(State.TIMEOUT, "Job run timed out")
            if self._stop_requested:
                self._patiently(lambda: agent.stop(self.run.id))
            # Until the script begins, the driver's own start is in its logs, and offsets count from there.
            if deadline is not None and clock() >= next_shipping:
                logs.ship()
                next_shipping = clock() + _LOG_SECONDS
            self._pause()

    def _leave_no_driver(self) -> None:
        try:
            self._around.agent.stop(self.run.id)
        except AgentUnreachableError as error:
            _log.warning("%s: whether its driver still runs is not known: %s", self.run.id, error)

    def _judged(self, status: Status) -> Outcome:
        if status.state == "STOPPED":
            if self._stop_requested:
                return Outcome(State.STOPPED)
            return Outcome(State.FAILED, status.error_message or "The driver was stopped from outside the Glue API.")
        message = status.error_message or "The driver ended without an error message; see the run's error log."
        return Outcome(State(status.state), None if status.state == "SUCCEEDED" else message)

    def _patiently[T](self, ask: Callable[[], T]) -> T:
        """The agent's answer, asked for again while the agent is silent but may come back."""
        while True:
            try:
                answer = ask()
            except AgentUnreachableError:
                now = self._around.monotonic()
                self._unreachable_since = self._unreachable_since or now
                if now - self._unreachable_since > _PATIENCE_SECONDS:
                    raise
                self._pause()
            else:
                self._unreachable_since = None
                return answer

    def _pause(self) -> None:
        self._wake.wait(_POLL_SECONDS)
        self._wake.clear()
        if self._going_down:
            raise InterruptedRunError


class RunLogs:
    """Both outputs of a run, from the agent to CloudWatch."""

    def __init__(self, run: Run, around: Surroundings, credentials: Mapping[str, str], notes: tuple[str, ...]) -> None:
        self._run_id = run.id
        self._agent = around.agent
        client = around.logs_client(credentials)
        group, key = encryption.log_group(run), encryption.log_key(run)
        self._streams = {name: LogStream(client, f"{group}/{name}", run.id, key) for name in ("output", "error")}
        self._offsets = dict.fromkeys(self._streams, 0)
        self._streams["error"].write("".join(f"Laketop: {note}\n" for note in notes).encode())

    def ship(self, *, last: bool = False) -> None:
        """Send what is new. A failure is no reason to fail the run: it is logged, and what waits is sent next time."""
        for name, stream in self._streams.items():
            try:
                self._collect(name, stream, last=last)
                stream.send()
            except (ClientError, BotoCoreError, AgentUnreachableError) as error:
                level = logging.ERROR if last else logging.WARNING
                _log.log(level, "%s: the %s log is not delivered%s: %s", self._run_id, name, " and lost" * last, error)

    def _collect(self, name: str, stream: LogStream, *, last: bool) -> None:
        while True:
            output, offset = self._agent.output(self._run_id, name, self._offsets[name])
            self._offsets[name] = offset
            stream.write(output)
            if not output or not last:
                break
        if last:
            stream.finish()


def _plan(run: Run) -> arguments.Plan:
    layers = [run.definition.get(name) or {} for name in arguments.LAYERS]
    own = {"--JOB_NAME": run.job_name, "--JOB_ID": run.job_id, "--JOB_RUN_ID": run.id}
    return arguments.plan({"--job-bookmark-option": "job-bookmark-disable"}, *layers, own)


def _order(run: Run, plan: arguments.Plan, credentials: Mapping[str, str]) -> Order:
    return Order(
        run_id=run.id,
        job_name=run.job_name,
        script_location=run.definition["Command"]["ScriptLocation"],
        arguments=plan.arguments,
        extra_py_files=plan.extra_py_files,
        conf={**encryption.conf(run), **plan.conf},
        environment=credentials,
        datalake_formats=plan.datalake_formats,
        workers=capacity.order(run.definition),
    )
