"""Killed in the middle and run again: the curated zone is what it would have been; two runs never work at once."""

import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e import truth
from tests.e2e.pipeline import WAIT, Pipeline, generate
from tests.e2e.test_pipeline import _kpis, expected_kpis


def entered(pipeline: Pipeline, arn: str) -> list[str]:
    """The task states that an execution has entered so far."""
    pages = pipeline.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    return [event["stateEnteredEventDetails"]["name"] for event in events if event["type"] == "TaskStateEntered"]


def begun(pipeline: Pipeline, state: str) -> str:
    """Start a transform and wait until it is at a state."""
    known = pipeline.executions("transform")
    pipeline.ready()
    began = time.monotonic()
    while time.monotonic() - began < WAIT:
        for arn in pipeline.executions("transform") - known:
            if state in entered(pipeline, arn):
                return arn
        time.sleep(0.2)
    raise AssertionError(f"no transform came to {state}")


def ended(pipeline: Pipeline, arn: str) -> dict[str, Any]:
    began = time.monotonic()
    while (found := pipeline.stepfunctions.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() - began < WAIT, arn
        time.sleep(0.3)
    return found


def new_sales(pipeline: Pipeline, folder: Path, seed: int) -> None:
    content = generate(folder, "transactions", "csv", 300, "--seed", pipeline.seed(seed))
    pipeline.ingest({f"landing/transactions/{seed}.csv": content})


def runs(pipeline: Pipeline, arn: str) -> list[dict[str, str]]:
    run_id = arn.rpartition(":")[2]
    return [row for row in pipeline.named_query("pipeline_runs", "1000") if row["run_id"] == run_id]


def assert_as_pandas(pipeline: Pipeline) -> None:
    assert _kpis(pipeline.named_query("daily_kpis", "'1990-01-01'", "'2030-01-01'")) == expected_kpis(pipeline)
    assert pipeline.named_query("reconciliation") == []


@pytest.mark.local
def test_spark_killed_in_the_middle(pipeline: Pipeline, tmp_path: Path) -> None:
    new_sales(pipeline, tmp_path, 1)
    arn = begun(pipeline, "RawToProcessed")
    deadline = time.monotonic() + 60
    while not (drivers := running_drivers(pipeline)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert drivers
    for driver in drivers:
        driver.kill()
    failed = ended(pipeline, arn)
    assert failed["status"] == "FAILED"
    assert (runs(pipeline, arn)[0]["state"], failed["error"]) == ("FAILED", "TransformFailed")
    assert len(truth.kept("transactions", pipeline.raw_files("transactions"))) > 0
    output = pipeline.transformed()
    assert "transactions" in output["batch"]["taken_up"]
    assert_as_pandas(pipeline)


def running_drivers(pipeline: Pipeline) -> list[psutil.Process]:
    """Spark's driver processes, while a run goes on."""
    runs = pipeline.glue.get_job_runs(JobName=f"{pipeline.name}-transaction-etl")["JobRuns"]
    if not any(run["JobRunState"] == "RUNNING" for run in runs):
        return []
    found = []
    for process in pipeline.lake.processes():
        try:
            if any(part.endswith("driver/main.py") for part in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_an_execution_that_never_ended_is_written_down_by_the_next(pipeline: Pipeline, tmp_path: Path) -> None:
    new_sales(pipeline, tmp_path, 2)
    arn = begun(pipeline, "RawToProcessed")
    pipeline.stepfunctions.stop_execution(executionArn=arn)
    # AWS says ABORTED; the emulator says FAILED where the execution was within a Map
    assert ended(pipeline, arn)["status"] in ("ABORTED", "FAILED")
    control = json.loads(pipeline.object(f"s3://{pipeline.raw}/control/transform.json"))
    assert (control["state"], control["owner"]) == ("RUNNING", arn)
    output = pipeline.transformed()
    assert "transactions" in output["batch"]["taken_up"]
    rows = runs(pipeline, arn)
    assert (rows[0]["step"], rows[0]["state"]) == ("(run)", "FAILED")
    assert "interrupted" in rows[0]["error"]
    assert_as_pandas(pipeline)


def test_of_two_at_once_the_second_waits(pipeline: Pipeline, tmp_path: Path) -> None:
    new_sales(pipeline, tmp_path, 3)
    first = begun(pipeline, "RawToProcessed")
    known = pipeline.executions("transform")
    pipeline.ready()
    (second,) = pipeline.ended("transform", known, 1)
    assert second["status"] == "SUCCEEDED"
    assert ended(pipeline, first)["status"] == "SUCCEEDED"
    assert second["stopDate"] > ended(pipeline, first)["stopDate"]
    assert entered(pipeline, second["executionArn"]) == ["Open", "CloseIdle"]
    assert_as_pandas(pipeline)


@pytest.mark.long
def test_the_clock_starts_the_transform(pipeline: Pipeline) -> None:
    """A rule like the one that Terraform makes for `transform_schedule`, at the shortest rate that there is."""
    rule = "e2e-every-minute"
    role = pipeline.lake.client("iam").get_role(RoleName=f"{pipeline.name}-batch-ready")["Role"]["Arn"]
    known = pipeline.executions("transform")
    pipeline.events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")
    try:
        target = {"Id": "transform", "Arn": pipeline.machines["transform"], "RoleArn": role, "Input": "{}"}
        pipeline.events.put_targets(Rule=rule, Targets=[target])
        deadline = time.monotonic() + 150
        while not (new := pipeline.executions("transform") - known) and time.monotonic() < deadline:
            time.sleep(1)
    finally:
        pipeline.events.remove_targets(Rule=rule, Ids=["transform"])
        pipeline.events.delete_rule(Name=rule)
    assert new
    assert {ended(pipeline, arn)["status"] for arn in new} == {"SUCCEEDED"}
