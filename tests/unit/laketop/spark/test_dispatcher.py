from datetime import UTC, datetime

import pytest

from laketop.spark import dispatcher as module
from laketop.spark.dispatcher import Dispatcher, RunExists, UnknownRun
from laketop.spark.launch import Shape
from laketop.spark.pool import Pool
from laketop.spark.requests import RunRequest
from laketop.spark.runs import State


def request(run_id="r1", **more):
    return RunRequest(run_id=run_id, job_name="job", script_location="s3://b/s.py", **more)


@pytest.fixture
def pool(launcher, clock):
    return Pool(1, launcher, clock, print)


@pytest.fixture
def dispatcher(pool, launcher):
    return Dispatcher(pool, launcher, lambda: datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def warm(pool, launcher):
    pool.tend(busy=False)
    launcher.launched[0].say("ready")
    return launcher.launched[0]


def test_a_run_gets_the_warm_driver_and_its_job(dispatcher, warm):
    assert dispatcher.start(request(arguments={"--k": "v"}, conf={"spark.sql.x": "1"})).driver == "warm"
    (job,) = warm.jobs
    assert job["arguments"] == {"--JOB_NAME": "job", "--JOB_RUN_ID": "r1", "--k": "v"}
    assert (job["conf"], job["code"]) == ({"spark.sql.x": "1"}, f"{warm.folder}/code")


@pytest.mark.parametrize(("formats", "jars"), [([], []), (["iceberg"], ["/jars/iceberg/1.jar", "/jars/iceberg/2.jar"])])
def test_a_driver_is_told_the_jars_of_the_formats_that_the_run_asks_for(pool, launcher, warm, formats, jars):
    dispatcher = Dispatcher(pool, launcher, jars=lambda name: [f"/jars/{name}/{number}.jar" for number in (1, 2)])
    dispatcher.start(request(datalake_formats=formats))
    assert warm.jobs[0]["jars"] == jars


@pytest.mark.parametrize(("conf", "order"), [({}, {"x": 1}), ({"spark.master": "local[1]"}, None)])
def test_a_driver_is_told_of_the_cluster_that_its_run_goes_to(pool, launcher, conf, order):
    dispatcher = Dispatcher(pool, launcher, cluster=lambda request: None if request.conf else {"x": 1})
    dispatcher.start(request(conf=conf))
    assert launcher.launched[0].jobs[0]["cluster"] == order


def test_a_run_without_one_is_cold(dispatcher, launcher):
    assert dispatcher.start(request()).driver == "cold"
    assert (launcher.launched[0].warm, launcher.launched[0].shape) == (False, Shape())


@pytest.mark.parametrize(
    ("more", "shape"),
    [
        ({"driver_memory_mb": 2048}, Shape(2048, {})),
        ({"conf": {"spark.driver.memory": "3g"}}, Shape(1024, {"spark.driver.memory": "3g"})),
        ({"conf": {"spark.jars.packages": "a:b:1"}}, Shape(1024, {"spark.jars.packages": "a:b:1"})),
        ({"conf": {"spark.master": "spark://h:1"}}, Shape(1024, {"spark.master": "spark://h:1"})),
    ],
)
def test_a_run_that_wants_another_jvm_is_cold_beside_a_warm_driver(dispatcher, warm, launcher, more, shape):
    assert dispatcher.start(request(**more)).driver == "cold"
    assert launcher.launched[-1].shape == shape
    assert warm.jobs == []


def test_it_follows_a_run_to_its_end(dispatcher, warm):
    dispatcher.start(request())
    assert dispatcher.get("r1").state is State.STARTING
    warm.say("running", output=0, error=0)
    assert (dispatcher.get("r1").state, dispatcher.running) == (State.RUNNING, 1)
    warm.say("ended", error=None, exit_code=0)
    warm.say("exit", code=0)
    assert (dispatcher.get("r1").state, dispatcher.running) == (State.SUCCEEDED, 0)


def test_a_warm_driver_that_dies_before_it_began_costs_no_run(dispatcher, warm, launcher):
    dispatcher.start(request())
    warm.say("exit", code=-9)
    run = dispatcher.get("r1")
    assert (run.state, run.driver) == (State.STARTING, "cold")
    assert launcher.launched[1].jobs[0]["code"] == f"{launcher.launched[1].folder}/code"
    launcher.launched[1].say("exit", code=-9)
    assert dispatcher.get("r1").state is State.FAILED
    assert len(launcher.launched) == 2


def test_one_that_says_why_the_run_cannot_begin_fails_it(dispatcher, warm, launcher):
    dispatcher.start(request())
    (warm.folder / "error.log").write_bytes(b"warming no worker")
    warm.say("waiting", output=0, error=8)
    assert dispatcher.get("r1").state is State.STARTING
    warm.say("ended", error="the cluster has no worker", exit_code=1)
    warm.say("exit", code=1)
    assert dispatcher.read_log("r1", "error", 0) == (b"no worker", 9)
    run = dispatcher.get("r1")
    assert (run.state, run.error_message, len(launcher.launched)) == (State.FAILED, "the cluster has no worker", 1)


def test_one_that_dies_after_it_began_fails_its_run(dispatcher, warm, launcher):
    dispatcher.start(request())
    warm.say("running", output=0, error=0)
    warm.say("exit", code=-9)
    assert dispatcher.get("r1").state is State.FAILED
    assert len(launcher.launched) == 1


def test_stopping_kills_and_is_idempotent(dispatcher, warm):
    dispatcher.start(request())
    assert dispatcher.stop("r1").state is State.STOPPED
    assert warm.killed
    assert dispatcher.stop("r1").state is State.STOPPED


def test_what_is_over_stays_as_it_is(dispatcher, warm):
    dispatcher.start(request())
    warm.say("running", output=0, error=0)
    warm.say("ended", error="E: x", exit_code=1)
    warm.say("exit", code=1)
    assert dispatcher.stop("r1").state is State.FAILED


def test_a_driver_that_cannot_be_started_fails_the_run(dispatcher, launcher):
    launcher.broken = True
    run = dispatcher.start(request())
    assert (run.state, run.error_message) == (State.FAILED, "No Spark driver could be started: no memory")
    assert dispatcher.read_log("r1", "error", 0) == (b"", 0)


def test_an_id_is_used_once(dispatcher):
    dispatcher.start(request())
    with pytest.raises(RunExists, match="r1"):
        dispatcher.start(request())


def test_unknown_runs_are_named(dispatcher):
    for call in (dispatcher.get, dispatcher.stop, lambda run_id: dispatcher.read_log(run_id, "output", 0)):
        with pytest.raises(UnknownRun, match="no run 'x'"):
            call("x")


def test_logs_begin_where_the_run_begins_and_can_be_read_on(dispatcher, warm):
    (warm.folder / "output.log").write_bytes(b"warming hello")
    dispatcher.start(request())
    warm.say("running", output=8, error=0)
    assert dispatcher.read_log("r1", "output", 0) == (b"hello", 5)
    assert dispatcher.read_log("r1", "output", 2, limit=2) == (b"ll", 4)
    assert dispatcher.read_log("r1", "output", 9) == (b"", 9)


def test_of_an_ended_run_the_logs_stay_and_the_rest_goes(dispatcher, warm):
    (warm.folder / "tmp").mkdir()
    (warm.folder / "tmp" / "block").touch()
    (warm.folder / "spark.properties").touch()
    dispatcher.start(request())
    warm.say("exit", code=0) if dispatcher.stop("r1") else None
    assert [entry.name for entry in warm.folder.iterdir()] == ["output.log"]


def test_the_oldest_ended_runs_are_forgotten(dispatcher, launcher, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    for number in range(4):
        dispatcher.start(request(f"r{number}"))
        dispatcher.stop(f"r{number}")
    dispatcher.start(request("last"))
    with pytest.raises(UnknownRun):
        dispatcher.get("r0")
    assert not launcher.launched[0].folder.exists()
    assert dispatcher.get("r3").state is State.STOPPED


def test_closing_stops_what_is_going(dispatcher, launcher):
    dispatcher.start(request())
    dispatcher.close()
    assert launcher.launched[0].killed
    assert dispatcher.running == 0
