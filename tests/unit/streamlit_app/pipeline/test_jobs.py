"""Runs of Glue jobs, as people read them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from streamlit_app.figures import jobs

STARTED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def job_run(job: str, state: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    run = {"JobName": f"shop-dev-{job}", "Id": f"jr_{job}", "JobRunState": state, "StartedOn": STARTED}
    workers = {"WorkerType": "G.1X", "NumberOfWorkers": 3, "MaxCapacity": 3.0, "GlueVersion": "6.0"}
    return run | workers | {"ExecutionTime": 90, "CompletedOn": STARTED} | more


def test_a_row_a_run() -> None:
    running = {name: value for name, value in job_run("b", "RUNNING").items() if name != "CompletedOn"}
    failed = job_run("c", "FAILED", ErrorMessage="out of memory", ExecutionTime=20)
    rows = jobs.table([job_run("a"), running, failed], "shop-dev").astype(object).values.tolist()
    assert rows[0] == ["a", "succeeded", "2026-01-31 12:00:00", "1 min 30 s", "3 × G.1X", 270.0, "", "jr_a"]
    assert rows[1][:2] == ["b", "running"]
    assert rows[1][5] != rows[1][5], "what runs is not billed yet"
    assert rows[2][5:7] == [180.0, "out of memory"], "a minute is billed at least"


def test_a_run_without_workers_has_dpus() -> None:
    assert jobs.workers({"MaxCapacity": 0.0625}) == "0.0625 DPU"
    assert jobs.workers({}) == "–"


def test_runs_of_one_job() -> None:
    runs = [job_run("b"), job_run("a"), job_run("b", Id="jr_2")]
    assert jobs.jobs(runs, "shop-dev") == ["a", "b"]
    assert [run["Id"] for run in jobs.of_job(runs, "shop-dev", "b")] == ["jr_b", "jr_2"]
    assert jobs.of_job(runs, "shop-dev", None) == runs


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ({}, "/aws-glue/jobs/error"),
        ({"LogGroupName": "/aws-glue/jobs/"}, "/aws-glue/jobs/error"),
        ({"LogGroupName": "/aws-glue/jobs/secure-role/etl"}, "/aws-glue/jobs/secure-role/etl/error"),
    ],
)
def test_where_a_log_is(group: dict[str, str], name: str) -> None:
    assert jobs.log_group(job_run("a", **group), "error") == name


def test_the_log_that_says_most() -> None:
    assert jobs.first_log(job_run("a")) == "output"
    assert jobs.first_log(job_run("a", "FAILED")) == jobs.first_log(job_run("a", "TIMEOUT")) == "error"
    assert jobs.label(job_run("a"), "shop-dev") == "a, 2026-01-31 12:00:00 UTC, succeeded"
