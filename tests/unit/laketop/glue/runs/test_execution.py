"""One run from start to end, with an agent that plays a script."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laketop.glue.jobs import service as jobs_service
from laketop.glue.jobs.service import Jobs
from laketop.glue.runs import execution
from laketop.glue.runs import store as runs_store
from laketop.glue.runs.agent import AgentError, AgentUnreachableError, Order, Status
from laketop.glue.runs.execution import Execution, Surroundings
from laketop.glue.runs.model import Run, new_id
from laketop.glue.runs.roles import RoleError
from laketop.glue.runs.service import INTERRUPTED, recover
from laketop.glue.runs.states import State
from laketop.glue.runs.store import RunStore
from laketop.sqlite import Database
from laketop.wire import outbox
from laketop.wire.outbox import Outbox

LEAST = {"Role": "etl", "GlueVersion": "6.0", "Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket/etl.py"}}
SILENT = AgentUnreachableError("the agent does not answer")


class FakeAgent:
    """Answers `status` from a list, the last one again and again; an exception in it is raised."""

    def __init__(self, *states: str | Exception | Status) -> None:
        self.states = list(states)
        self.orders: list[Order] = []
        self.stopped: list[str] = []
        self.outputs = {"output": b"", "error": b""}
        self.at_status: Callable[[], None] = lambda: None

    def start(self, order: Order) -> None:
        self.orders.append(order)

    def status(self, run_id: str) -> Status:
        self.at_status()
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state if isinstance(state, Status) else Status(state, None)

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)
        self.states = ["STOPPED"]

    def output(self, run_id: str, stream: str, offset: int) -> tuple[bytes, int]:
        found = self.outputs[stream][offset : offset + 4]
        return found, offset + len(found)


class FakeLogs:
    def __init__(self) -> None:
        self.lines: dict[tuple[str, str], list[str]] = {}
        self.broken = False

    def create_log_group(self, **_: str) -> None:
        if self.broken:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "CreateLogGroup")

    def create_log_stream(self, **_: str) -> None: ...

    def put_log_events(self, *, logGroupName: str, logStreamName: str, logEvents: list[dict[str, Any]]) -> None:  # noqa: N803
        lines = self.lines.setdefault((logGroupName, logStreamName), [])
        lines += [event["message"] for event in logEvents]


class Roles:
    def __init__(self) -> None:
        self.error: Exception | None = None

    def credentials(self, role: str) -> Mapping[str, str]:
        if self.error:
            raise self.error
        return {"AWS_ACCESS_KEY_ID": f"key of {role}"}


class Lake:
    def __init__(self, database: Database) -> None:
        self.store = RunStore(database, Outbox(database, "http://127.0.0.1:9"))
        self.jobs = Jobs(database)
        self.logs, self.roles, self.seconds = FakeLogs(), Roles(), 0.0

    def tick(self) -> float:
        self.seconds += 0.1
        return self.seconds

    def execution(self, agent: FakeAgent, **members: Any) -> Execution:
        job = self.jobs.create("etl", {**LEAST, **members})
        now = datetime.now(UTC)
        run = Run(new_id(), job.id, job.name, {**job.definition, "Arguments": {"--b": "2"}}, started=now, modified=now)
        self.store.add(run)
        around = Surroundings(self.store, agent, self.roles, lambda _: self.logs, self.tick)  # type: ignore[arg-type]
        return Execution(run, around)

    def follow(self, agent: FakeAgent, **members: Any) -> Run:
        going = self.execution(agent, **members)
        going.follow()
        return self.store.get("etl", going.run.id)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setattr(execution, "_POLL_SECONDS", 0.001)
    schema = (*jobs_service.SCHEMA, *runs_store.SCHEMA, *outbox.SCHEMA)
    with closing(Database(tmp_path / "glue.db", schema)) as database:
        yield Lake(database)


def test_a_run_that_succeeds(lake: Lake) -> None:
    agent = FakeAgent("STARTING", "STARTING", "RUNNING", "SUCCEEDED")
    agent.outputs = {"output": b"rows: 10\nlast", "error": b"WARN x\n"}
    run = lake.follow(
        agent, DefaultArguments={"--a": "1", "--b": "1", "--conf": "spark.x=y", "--enable-spark-ui": "true"}
    )
    assert (run.state, run.error_message) == (State.SUCCEEDED, None)
    (order,) = agent.orders
    assert order.arguments == {
        "--job-bookmark-option": "job-bookmark-disable",
        "--a": "1",
        "--b": "2",
        "--conf": "spark.x=y",
        "--enable-spark-ui": "true",
        "--JOB_NAME": "etl",
        "--JOB_ID": run.job_id,
        "--JOB_RUN_ID": run.id,
    }
    assert (order.run_id, order.script_location, order.conf) == (run.id, "s3://bucket/etl.py", {"spark.x": "y"})
    assert order.environment == {"AWS_ACCESS_KEY_ID": "key of etl"}
    assert order.workers == {"type": "G.1X", "number": 10, "dpus": 1, "memory_dpus": 1}
    assert lake.logs.lines == {
        ("/aws-glue/jobs/output", run.id): ["rows: 10", "last"],
        ("/aws-glue/jobs/error", run.id): ["Laketop: --enable-spark-ui is ignored: there is no Spark UI.", "WARN x"],
    }


def test_what_the_driver_writes_before_the_script_is_not_the_runs(lake: Lake) -> None:
    agent = FakeAgent(*["STARTING"] * 50, "RUNNING", "SUCCEEDED")
    agent.outputs["error"] = b"warming up\n"
    calls = iter(range(1000))

    def begin() -> None:
        if next(calls) == 50:
            agent.outputs["error"] = b"of the script\n"

    agent.at_status = begin
    run = lake.follow(agent)
    assert lake.logs.lines == {("/aws-glue/jobs/error", run.id): ["of the script"]}


def test_a_run_that_fails_says_why(lake: Lake) -> None:
    run = lake.follow(FakeAgent("RUNNING", Status("FAILED", "ValueError: no rows")))
    assert (run.state, run.error_message) == (State.FAILED, "ValueError: no rows")


def test_a_run_that_fails_without_a_word_says_so(lake: Lake) -> None:
    run = lake.follow(FakeAgent("FAILED"))
    assert run.error_message == "The driver ended without an error message; see the run's error log."


def test_a_driver_that_others_stopped_is_a_failure(lake: Lake) -> None:
    run = lake.follow(FakeAgent("RUNNING", "STOPPED"))
    assert (run.state, run.error_message) == (State.FAILED, "The driver was stopped from outside the Glue API.")


def test_a_role_that_cannot_be_assumed_is_the_error(lake: Lake) -> None:
    lake.roles.error = RoleError("Role etl should be given assume role permissions for Glue Service.")
    agent = FakeAgent("RUNNING")
    run = lake.follow(agent)
    assert (run.state, run.error_message, agent.orders) == (State.FAILED, str(lake.roles.error), [])


def test_time_runs_out_only_while_the_script_runs(lake: Lake) -> None:
    agent = FakeAgent(*["STARTING"] * 700, "RUNNING")
    agent.at_status = lambda: (lake.tick(), None)[1]
    run = lake.follow(agent, Timeout=1)
    assert (run.state, run.error_message, agent.stopped) == (State.TIMEOUT, "Job run timed out", [run.id])
    # Each status takes a tick of 0.1 s: the starting alone took longer than the minute.
    assert lake.seconds > 130


def test_a_stop_ends_the_driver(lake: Lake) -> None:
    agent = FakeAgent("RUNNING")
    going = lake.execution(agent, MaxRetries=3)

    def stop() -> None:
        if lake.store.stopping(going.run.id):
            going.stop()

    agent.at_status = stop
    assert going.follow() is None
    run = lake.store.get("etl", going.run.id)
    assert (run.state, agent.stopped) == (State.STOPPED, [run.id])


def test_a_run_stopped_before_it_is_ordered_is_never_ordered(lake: Lake) -> None:
    agent = FakeAgent("RUNNING")
    going = lake.execution(agent)
    lake.store.stopping(going.run.id)
    going.stop()
    going.follow()
    assert (lake.store.get("etl", going.run.id).state, agent.orders) == (State.STOPPED, [])


def test_a_run_that_ends_while_it_is_stopped_tells_what_it_did(lake: Lake) -> None:
    agent = FakeAgent("RUNNING", "SUCCEEDED")
    going = lake.execution(agent)
    agent.at_status = lambda: (lake.store.stopping(going.run.id), None)[1]
    going.follow()
    assert lake.store.get("etl", going.run.id).state is State.SUCCEEDED


def test_a_silent_agent_is_waited_for(lake: Lake) -> None:
    run = lake.follow(FakeAgent(SILENT, "RUNNING", *[SILENT] * 100, "SUCCEEDED"))
    assert run.state is State.SUCCEEDED


def test_an_agent_silent_for_too_long_fails_the_run(lake: Lake) -> None:
    agent = FakeAgent("RUNNING", SILENT)
    run = lake.follow(agent)
    assert (run.state, run.error_message) == (State.FAILED, str(SILENT))
    assert agent.stopped == [run.id]


def test_a_run_that_the_agent_lost_fails(lake: Lake) -> None:
    run = lake.follow(FakeAgent("RUNNING", AgentError("The Spark agent was restarted.")))
    assert (run.state, run.error_message) == (State.FAILED, "The Spark agent was restarted.")


def test_a_defect_of_ours_fails_the_run_and_is_logged(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    agent = FakeAgent("RUNNING", ZeroDivisionError("ours"))
    run = lake.follow(agent)
    assert run.state is State.FAILED
    assert run.error_message is not None
    assert "Laketop failed inside the run" in run.error_message
    assert agent.stopped == [run.id]
    assert "ZeroDivisionError" in caplog.text


def test_a_log_that_cannot_be_delivered_is_no_failure_but_is_said(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    lake.logs.broken = True
    agent = FakeAgent("RUNNING", "SUCCEEDED")
    agent.outputs["output"] = b"x\n"
    with caplog.at_level(logging.WARNING):
        assert lake.follow(agent).state is State.SUCCEEDED
    assert "the output log is not delivered and lost" in caplog.text


def test_a_failed_run_names_its_next_attempt(lake: Lake) -> None:
    going = lake.execution(FakeAgent("FAILED"), MaxRetries=1)
    following = going.follow()
    assert following is not None
    assert (following.attempt, following.previous_id) == (1, going.run.id)


def test_going_down_leaves_the_run_to_the_next_start(lake: Lake) -> None:
    agent = FakeAgent("RUNNING")
    going = lake.execution(agent)
    thread = threading.Thread(target=going.follow)
    thread.start()
    going.abandon()
    thread.join(10)
    assert not thread.is_alive()
    (left,) = lake.store.active()
    assert left.id == going.run.id
    recover(lake.store, agent)  # type: ignore[arg-type]
    run = lake.store.get("etl", left.id)
    assert (run.state, run.error_message, agent.stopped) == (State.FAILED, INTERRUPTED, [left.id])
