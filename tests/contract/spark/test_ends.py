"""How runs end, and what becomes of drivers. Most scripts here are started cold, since they need no warm driver."""

import signal

import pytest

from tests.contract.spark.conftest import Agent, wait_for

COLD = {"driver_memory_mb": 600}


@pytest.mark.parametrize(
    ("script", "state", "message", "exit_code"),
    [
        ("raise ValueError('boom')", "FAILED", "ValueError: boom", 1),
        ("import duckdb", "FAILED", "ModuleNotFoundError: No module named 'duckdb'", 1),
        ("import sys; sys.exit(3)", "FAILED", "SystemExit: 3", 3),
        ("import sys; sys.exit('no input')", "FAILED", "SystemExit: no input", 1),
        ("import sys; sys.exit(0)", "SUCCEEDED", None, 0),
    ],
)
def test_scripts_end_as_on_glue(own_agent_shared, script, state, message, exit_code):
    run = own_agent_shared.run(script, **COLD)
    assert (run["state"], run["error_message"], run["exit_code"]) == (state, message, exit_code)
    assert run["driver"] == "cold"


@pytest.fixture(scope="module")
def own_agent_shared(tools, s3, tmp_path_factory):
    agent = Agent(tmp_path_factory.mktemp("cold"), 0, s3)
    yield agent
    agent.end()
    assert agent.processes() == []


def test_the_trace_begins_in_the_script(own_agent_shared):
    run_id = own_agent_shared.start("def f():\n    raise KeyError('k')\nf()\n", **COLD)
    assert own_agent_shared.wait(run_id)["error_message"] == "KeyError: 'k'"
    trace = own_agent_shared.log(run_id, "error").strip().splitlines()
    assert trace[0] == "Traceback (most recent call last):"
    assert f"{run_id}.py" in trace[1]
    assert trace[-1] == "KeyError: 'k'"


def test_sparks_errors_are_told_by_their_first_line(own_agent_shared):
    script = (
        "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().read.parquet('s3://lake/nothing')"
    )
    run = own_agent_shared.run(script, **COLD)
    assert run["error_message"].startswith(
        "AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://lake/nothing."
    )
    assert "\n" not in run["error_message"]


@pytest.mark.parametrize("location", ["s3://lake/scripts/absent.py", "s3://no-such-bucket/x.py"])
def test_a_script_that_is_not_there_is_a_launch_error(own_agent_shared, location):
    run = own_agent_shared.run("", script_location=location, **COLD)
    bucket, _, key = location.removeprefix("s3://").partition("/")
    assert run["state"] == "FAILED"
    assert f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: {key}" in run["error_message"]
    assert "404" in run["error_message"]


def test_a_driver_that_is_killed_is_a_failed_run(own_agent_shared):
    run_id = own_agent_shared.start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", **COLD)
    run = own_agent_shared.wait(run_id)
    assert (run["state"], run["exit_code"]) == ("FAILED", -9)
    assert "killed by SIGKILL (signal 9)" in run["error_message"]
    assert own_agent_shared.processes() == []


def test_a_run_cannot_have_anothers_memory_or_class_path(own_agent_shared):
    script = """
from pyspark.sql import SparkSession
s = SparkSession.builder.getOrCreate()
runtime = s._jvm.java.lang.Runtime.getRuntime()
print(runtime.maxMemory() // (1 << 20), s.conf.get("spark.driver.extraClassPath").split(":")[-1], s.conf.get("spark.x"))
print(s.sparkContext.getConf().get("spark.odd"))
"""
    conf = {"spark.driver.extraClassPath": "/nowhere", "spark.x": "1", "spark.odd": "a\\b = # é: c"}
    run_id = own_agent_shared.start(script, driver_memory_mb=700, conf=conf)
    assert own_agent_shared.wait(run_id)["state"] == "SUCCEEDED"
    first, odd = own_agent_shared.log(run_id).splitlines()
    memory, *rest = first.split()
    assert 600 < int(memory) <= 700
    assert rest == ["/nowhere", "1"]
    assert odd == "a\\b = # é: c"


def test_stopping_ends_everything(own_agent_shared):
    script = """
import time, threading
from pyspark.sql import SparkSession, functions as F
s = SparkSession.builder.getOrCreate()
@F.udf("int")
def forever(n):
    while True: time.sleep(0.1)
print("begun", flush=True)
s.range(1).select(forever("id")).collect()
"""
    run_id = own_agent_shared.start(script, **COLD)
    wait_for(lambda: "pyspark.daemon" in own_agent_shared.commands(), 40, "a Python worker")
    assert own_agent_shared.get(run_id)["state"] == "RUNNING"
    answer = own_agent_shared.http.delete(f"/runs/{run_id}")
    assert (answer.status_code, answer.json()["state"]) == (200, "STOPPED")
    assert own_agent_shared.processes() == []
    assert own_agent_shared.http.delete(f"/runs/{run_id}").json()["state"] == "STOPPED"


def test_the_agent_refuses_what_is_not_a_run(own_agent_shared):
    http = own_agent_shared.http
    assert http.get("/runs/none").status_code == 404
    assert http.delete("/runs/none").status_code == 404
    assert http.get("/runs/none/logs/output").status_code == 404
    refused = http.post("/runs", json={"run_id": "../x", "environment": {"PATH": "secret value"}, "conf": {"k": "v"}})
    assert refused.status_code == 400
    assert {"run_id", "job_name", "script_location"} <= set(refused.text.replace('"', " ").replace(":", " ").split())
    assert "secret value" not in refused.text
    run_id = own_agent_shared.start("pass", **COLD)
    again = {"run_id": run_id, "job_name": "j", "script_location": "s3://b/k.py"}
    assert http.post("/runs", json=again).status_code == 409
    assert own_agent_shared.wait(run_id)["state"] == "SUCCEEDED"


def test_a_driver_that_dies_in_the_pool_is_replaced(agent):
    wait_for(lambda: agent.health()["warm"] == 1, 60, "a warm driver")
    before = {each.pid for each in agent.processes()}
    for process in agent.processes():
        if "--warm" in process.cmdline():
            process.kill()
            break
    wait_for(lambda: agent.health()["warm"] == 0, 10, "the loss to be noticed")
    wait_for(lambda: agent.health()["warm"] == 1, 60, "its replacement")
    assert not before & {each.pid for each in agent.processes()}


def test_a_warm_driver_is_used_once_and_replaced(agent):
    script = "import builtins\nprint(hasattr(builtins, 'mark'))\nbuiltins.mark = 1\n"
    script += "from pyspark.sql import SparkSession\nprint(SparkSession.builder.getOrCreate().range(5).count())"
    runs = []
    for number in range(2):
        wait_for(lambda: agent.health()["warm"] == 1, 60, "a warm driver")
        runs.append(agent.run(script, run_id=f"jr_once_{number}"))
    assert [(run["state"], run["driver"]) for run in runs] == [("SUCCEEDED", "warm")] * 2
    assert [agent.log(run["run_id"]) for run in runs] == ["False\n5\n"] * 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_agent(own_agent, number):
    agent = own_agent(pool=1)
    wait_for(lambda: "SparkSubmit" in agent.commands(), 30, "a JVM")
    agent.end(number)
    if number == signal.SIGTERM:
        assert agent.process.returncode == 0
    wait_for(lambda: agent.processes() == [], 10, "the end of the drivers")
