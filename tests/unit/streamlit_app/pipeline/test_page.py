"""The page Pipeline on a mocked AWS: where nothing is there, where something failed, and a file's way back."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.lake import executions, jobs
from streamlit_app.show.pipeline import quality, runs
from tests.unit.streamlit_app.pipeline.conftest import ACCOUNT, PREFIX, REGION

PAGE = Path(__file__).resolve().parents[4] / "streamlit_app" / "views" / "pipeline.py"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
QUARANTINE, RAW = (f"{PREFIX}-{zone}-{ACCOUNT}" for zone in ("quarantine", "raw"))
KEY = "files/reviews/ingest_date=2026-01-31/120000-1a2b3c4d-a.csv"


def opened(section: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["section"] = section
    return ran(page)


def ran(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, [item.value for item in page.exception]
    return page


def clicked(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return ran(page)


def told(page: AppTest) -> str:
    return "\n".join(item.value for item in [*page.info, *page.error, *page.success, *page.code, *page.text])


@pytest.fixture
def machines(aws: None) -> dict[str, str]:
    """ARNs of the state machines by name; as for moto, an execution of them runs until somebody stops it."""
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    return {
        name: client.create_state_machine(name=f"{PREFIX}-{name}", definition=definition, roleArn=ROLE)[
            "stateMachineArn"
        ]
        for name in ("ingest", "transform")
    }


@pytest.fixture
def buckets(aws: None) -> Any:
    s3 = boto3.client("s3")
    for name in (QUARANTINE, RAW):
        s3.create_bucket(Bucket=name)
    return s3


def test_nothing_has_run(machines: dict[str, str], buckets: Any) -> None:
    page = opened("Runs")
    assert "Nothing has run yet" in told(page)
    assert "Runs: a query is missing" in told(page), "the section below says its own"


def test_executions_that_run_and_that_ran(machines: dict[str, str]) -> None:
    client = boto3.client("stepfunctions")
    for number, machine in enumerate(("ingest", "transform", "ingest")):
        given = json.dumps({"key": f"landing/reviews/{number}.csv"}) if machine == "ingest" else "{}"
        client.start_execution(stateMachineArn=machines[machine], name=f"e{number}", input=given)
    client.stop_execution(executionArn=f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{PREFIX}-ingest:e2")
    page = opened("Runs")
    now, last = page.dataframe[0].value, page.dataframe[1].value
    assert sorted(now["Execution"]) == ["e0", "e1"]
    assert dict(zip(last["Execution"], last["State"], strict=True)) == {
        "e0": "running",
        "e1": "running",
        "e2": "aborted",
    }
    assert dict(zip(last["Execution"], last["Of what"], strict=True))["e2"] == "reviews/2.csv"
    for name, machine in (("e0", "ingest"), ("e1", "transform")):
        client.stop_execution(executionArn=f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{PREFIX}-{machine}:{name}")
    executions.latest.clear()
    assert "Nothing runs now." in [item.value for item in ran(page).caption]


def answered(monkeypatch: pytest.MonkeyPatch, section: Any, **rows: list[dict[str, Any]]) -> None:
    """Athena's answers to a section's named queries; without a row where none is said."""
    monkeypatch.setattr(section, "rows", lambda *questions: [rows.get(question.name, []) for question in questions])


def run_rows(run: str, day: int, error: str | None = None) -> list[dict[str, Any]]:
    """The rows of a run and of its one step."""
    begun = datetime(2026, 1, day, 12)
    base = {"run_id": run, "state": "FAILED" if error else "SUCCEEDED", "started_at": begun, "error": error}
    base |= {"ended_at": begun + timedelta(seconds=9), "seconds": 9.0}
    return [base | {"position": 0, "step": "(run)"}, base | {"position": 1, "step": "Check[reviews]"}]


def test_no_run_yet(machines: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, runs)
    assert "No run yet" in told(opened("Runs"))


def test_a_failed_run_shows_its_error_as_it_is(machines: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, runs, pipeline_runs=[*run_rows("new", 9), *run_rows("old", 8, "E: [x](http://evil) *b*")])
    page = opened("Runs")
    assert "run" not in page.query_params
    assert not page.error, "the latest run is good"
    page.selectbox(key="run").set_value("old")
    ran(page)
    assert page.query_params["run"] == "old"
    assert [item.value for item in page.code] == ["E: [x](http://evil) *b*"]
    assert "reviews: check, after 9.0 s" in told(page)
    again = AppTest.from_file(PAGE, default_timeout=30)
    again.query_params["run"] = "old"
    assert ran(again).selectbox(key="run").value == "old"
    page.selectbox(key="run").set_value("new")
    assert "run" not in ran(page).query_params, "the latest needs no place in the address"


def test_no_rule_was_checked_yet(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, quality)
    page = opened("Quality")
    assert "No rule was checked yet" in told(page)
    assert not page.selectbox


def test_zones_that_disagree(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"dataset": "reviews", "rules": 4, "passed": 4, "errors": 0, "warnings": 0}
    difference = {"control": "revenue", "processed": Decimal("10.50"), "curated": Decimal("10.00")}
    answered(monkeypatch, quality, quality_by_dataset=[now], reconciliation=[difference])
    page = opened("Quality")
    assert "All rules hold." in told(page)
    assert "The zones disagree." in told(page)
    rows = next(item.value for item in page.dataframe if "Curated zone" in item.value)
    assert rows.values.tolist() == [["revenue", Decimal("10.50"), Decimal("10.00"), Decimal("-0.50")]]


def test_no_job_has_run(aws: None) -> None:
    assert "No job has run yet" in told(opened("Glue jobs"))


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch, aws: None) -> dict[str, Any]:
    """A job run that failed; moto's runs do not."""
    glue = boto3.client("glue")
    for name in (f"{PREFIX}-etl", "shop-devil-etl"):
        glue.create_job(Name=name, Role=ROLE, Command={"Name": "glueetl"}, MaxCapacity=2.0)
        run = glue.get_job_run(JobName=name, RunId=glue.start_job_run(JobName=name)["JobRunId"])["JobRun"]
    told = run | {"JobName": f"{PREFIX}-etl", "JobRunState": "FAILED", "ErrorMessage": "*no* memory"}
    client = jobs.client("glue")
    monkeypatch.setattr(client, "get_job_runs", lambda JobName, MaxResults: {"JobRuns": [told | {"JobName": JobName}]})  # noqa: N803 - boto3's words
    return told


def test_a_job_that_failed_says_why_and_shows_its_log(failed: dict[str, Any]) -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/aws-glue/jobs/error")
    logs.create_log_stream(logGroupName="/aws-glue/jobs/error", logStreamName=failed["Id"])
    now = int(failed["StartedOn"].timestamp() * 1000)
    events = [{"timestamp": now + number, "message": f"line {number}\nand more"} for number in range(400)]
    logs.put_log_events(logGroupName="/aws-glue/jobs/error", logStreamName=failed["Id"], logEvents=events)
    failed["LogGroupName"] = "/aws-glue/jobs"
    page = opened("Glue jobs")
    assert page.dataframe[0].value["Job"].tolist() == ["etl"], "another environment's jobs are its own"
    error, log = (item.value for item in page.code)
    assert error == "*no* memory"
    assert log.splitlines()[-2:] == ["line 399", "and more"]
    assert len(log.splitlines()) == jobs.LINES
    page.segmented_control[0].set_value("output")
    assert "This log is empty" in told(ran(page))


def test_quarantine_is_empty(buckets: Any) -> None:
    assert "No file is in quarantine" in told(opened("Quarantine"))


@pytest.mark.parametrize("section", ["Runs", "Quality", "Quarantine", "Cost"])
def test_an_account_without_the_environment(aws: None, section: str) -> None:
    page = opened(section)
    if section == "Cost":
        clicked(page, "cost")
    assert "Deploy the environment" in told(page) or "Is the environment deployed?" in told(page)


def test_a_file_goes_back_and_what_comes_next_is_told(buckets: Any) -> None:
    reason = {"code": "EMPTY_FILE", "message": "no rows", "landing": f"s3://{RAW}/landing/reviews/a.csv"}
    buckets.put_object(Bucket=QUARANTINE, Key=KEY, Body=b"abc")
    buckets.put_object(Bucket=QUARANTINE, Key=f"{KEY}.reason.json", Body=json.dumps(reason))
    page = opened("Quarantine")
    assert page.dataframe[1].value["File"].tolist() == ["a.csv"]
    assert buckets.list_objects_v2(Bucket=RAW)["KeyCount"] == 0, "nothing goes before it is confirmed"
    clicked(page, "redrive")
    assert "Sent back." in told(page)
    assert "No file is in quarantine" in told(page)
    assert [item["Key"] for item in buckets.list_objects_v2(Bucket=RAW)["Contents"]] == ["landing/reviews/a.csv"]
    assert "Sent back." not in told(ran(page)), "it is told once"


def test_a_file_that_somebody_else_sent_back_is_told(buckets: Any) -> None:
    buckets.put_object(Bucket=QUARANTINE, Key=KEY, Body=b"abc")
    page = opened("Quarantine")
    buckets.delete_object(Bucket=QUARANTINE, Key=KEY)
    clicked(page, "redrive")
    assert "It could not be sent back." in told(page)
    assert buckets.list_objects_v2(Bucket=RAW)["KeyCount"] == 0
    assert "No file is in quarantine" in told(ran(page))
