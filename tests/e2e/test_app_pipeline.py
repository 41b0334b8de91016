"""The page Pipeline where it is deployed: runs, Glue jobs, quality, refused files and their way back, and the cost.

What it tells is compared with AWS's own answers, and with pandas over the rows of the rules' answers.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.e2e import app
from tests.e2e.pipeline import Pipeline, generate

type Open = Callable[..., AppTest]


def table(page: AppTest, column: str) -> pd.DataFrame:
    """The first table of a page with a column."""
    return next(item.value for item in page.dataframe if column in item.value)


def told(page: AppTest) -> str:
    return "\n".join(item.value for item in [*page.info, *page.error, *page.success, *page.code, *page.text])


def titles(page: AppTest) -> list[str]:
    return [item.value for item in page.header]


def seconds(words: str) -> float:
    """A length of time that was written for people."""
    units = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+) (ms|s|min|h)\b", words))


# Runs


@pytest.fixture(scope="module")
def history(pipeline: Pipeline, shown: str) -> list[dict[str, Any]]:
    """The events of the run's execution, as Step Functions has them."""
    arn = pipeline.lake.arn("states", f"execution:{pipeline.name}-transform:{shown}")
    pages = pipeline.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def test_a_run_is_told_step_by_step(open_page: Open, history: list[dict[str, Any]], shown: str) -> None:
    page = open_page("pipeline", run=shown)
    assert page.selectbox(key="run").value == shown
    steps = table(page, "Step")
    entered = [event for event in history if event["type"] == "TaskStateEntered"]
    names = [event["stateEnteredEventDetails"]["name"] for event in entered]
    expected = Counter(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower() for name in names[: names.index("Close")])
    assert Counter(name.rpartition(": ")[2].lower() for name in steps["Step"]) == expected
    assert set(steps["State"]) == {"succeeded"}
    figures = app.figures(page)
    assert (figures["State"], figures["Steps"], figures["Failed steps"]) == ("Succeeded", str(len(steps)), "0")
    assert max(map(seconds, steps["Took"])) == pytest.approx(seconds(figures["Longest step"]), abs=0.11)


def test_a_step_took_as_long_as_its_state(open_page: Open, history: list[dict[str, Any]], shown: str) -> None:
    moments = {
        event["type"]: event["timestamp"]
        for event in history
        for part in ("stateEnteredEventDetails", "stateExitedEventDetails")
        if event.get(part, {}).get("name") == "MergeMasterData"
    }
    expected = (moments["TaskStateExited"] - moments["TaskStateEntered"]).total_seconds()
    steps = table(open_page("pipeline", run=shown), "Step").set_index("Step")
    assert seconds(steps.loc["Merge master data", "Took"]) == pytest.approx(expected, abs=1)


def test_the_run_is_in_the_list_and_among_the_executions(open_page: Open, pipeline: Pipeline, shown: str) -> None:
    page = open_page("pipeline")
    runs = table(page, "Failed steps").set_index("Run")
    assert (runs.loc[shown, "State"], runs.loc[shown, "Failed steps"]) == ("succeeded", 0)
    last = pipeline.stepfunctions.list_executions(stateMachineArn=pipeline.machines["transform"], maxResults=1)
    (newest,) = last["executions"]
    found = {row["Execution"]: row for item in page.dataframe if "Execution" in item.value
             for row in item.value.to_dict("records")}  # fmt: skip
    row = found[newest["name"]]
    assert (row["Machine"], row["State"]) == ("transform", newest["status"].lower())


# Glue jobs


@pytest.fixture(scope="module")
def job_runs(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    """Id → the latest runs of each of the environment's jobs."""
    jobs = [job["Name"] for page in pipeline.glue.get_paginator("get_jobs").paginate() for job in page["Jobs"]]
    mine = [name for name in jobs if name.startswith(f"{pipeline.name}-")]
    return {run["Id"]: run for name in mine for run in pipeline.glue.get_job_runs(JobName=name)["JobRuns"]}


def test_job_runs_are_those_of_glue(
    open_page: Open, pipeline: Pipeline, job_runs: dict[str, dict[str, Any]], shown: str
) -> None:
    rows = table(open_page("pipeline", section="Glue jobs"), "Workers").set_index("Run")
    of_the_run = [id_ for id_, run in job_runs.items() if run["Arguments"].get("--run_id") == shown]
    assert len(of_the_run) >= 4
    for id_ in of_the_run:
        run, row = job_runs[id_], rows.loc[id_]
        assert f"{pipeline.name}-{row['Job']}" == run["JobName"]
        assert (row["State"], seconds(row["Execution time"])) == ("succeeded", run["ExecutionTime"])
        assert row["Workers"] == f"{run['NumberOfWorkers']} × {run['WorkerType']}"
        assert row["DPU-seconds billed"] == max(60, run["ExecutionTime"]) * run["MaxCapacity"]


def test_runs_of_one_job(open_page: Open, job_runs: dict[str, dict[str, Any]], pipeline: Pipeline) -> None:
    page = open_page("pipeline", section="Glue jobs", job="transaction-etl")
    runs = table(page, "Workers")
    assert set(runs["Job"]) == {"transaction-etl"}
    assert {job_runs[id_]["JobName"] for id_ in runs["Run"]} == {f"{pipeline.name}-transaction-etl"}
    page.selectbox(key="job").set_value(None)
    assert len(set(table(app.ran(page), "Workers")["Job"])) >= 4


def test_the_log_of_a_run_is_what_it_wrote(
    open_page: Open, job_runs: dict[str, dict[str, Any]], pipeline: Pipeline, shown: str
) -> None:
    of_the_run = (run for run in job_runs.values() if run["Arguments"].get("--run_id") == shown)
    run = next(run for run in of_the_run if run["JobName"].endswith("-transaction-etl"))
    page = open_page("pipeline", section="Glue jobs", job_run=run["Id"])
    lines = page.code[-1].value.splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    assert {entry["run_id"] for entry in entries if "run_id" in entry} == {shown}
    done = [entry for entry in entries if entry["event"] == "batch done"]
    (of_sales,) = [entry for entry in done if entry["dataset"] == "transactions"]
    assert of_sales["rows_in"] == of_sales["rows_out"] + of_sales["rejected"]
    logs = pipeline.lake.client("logs")
    events = logs.get_log_events(logGroupName=f"{run['LogGroupName']}/output", logStreamName=run["Id"],
                                 startFromHead=False, limit=1)["events"]  # fmt: skip
    assert lines[-1] == events[-1]["message"].splitlines()[-1]


# Quality


@pytest.fixture(scope="module")
def answers(pipeline: Pipeline) -> pd.DataFrame:
    """All answers to the quality rules."""
    frame = pd.DataFrame(pipeline.query("SELECT * FROM data_quality_results"))
    return frame.assign(passed=frame.passed == "true", checked_at=frame.checked_at.str[:19])


def test_rules_that_hold_by_run_and_dataset(open_page: Open, answers: pd.DataFrame, shown: str) -> None:
    found = table(open_page("pipeline", section="Quality", runs="50"), "That hold")
    mine = answers[answers.run_id == shown]
    begun = mine.checked_at.min()
    rows = {
        row["Dataset"]: (row["Rules"], row["That hold"])
        for row in found.to_dict("records")
        if row["Run (UTC)"] == begun
    }
    expected = {name: (len(group), int(group.passed.sum())) for name, group in mine.groupby("dataset")}
    assert rows == expected
    assert set(rows) >= {"clickstream", "products", "reviews", "transactions"}


def test_the_rules_of_the_dataset_that_is_chosen(open_page: Open, answers: pd.DataFrame, shown: str) -> None:
    page = open_page("pipeline", section="Quality", runs="50", dataset="reviews")
    for dataset in ("reviews", "transactions"):
        page.selectbox(key="dataset").set_value(dataset)
        app.ran(page)
        rows = next(item.value for item in page.dataframe if {"It", "Rule"} <= set(item.value))
        mine = answers[(answers.run_id == shown) & (answers.dataset == dataset)]
        begun = answers[answers.run_id == shown].checked_at.min()
        said = {row["Rule"]: row["It"] == "holds" for row in rows.to_dict("records") if row["Run (UTC)"] == begun}
        assert said == dict(zip(mine.rule, mine.passed, strict=True))


def test_what_is_broken_now(open_page: Open, answers: pd.DataFrame) -> None:
    page = open_page("pipeline", section="Quality")
    latest = answers.sort_values(["checked_at", "run_id"]).groupby(["dataset", "rule"]).tail(1)
    broken = latest[~latest.passed]
    figures = app.figures(page)
    assert figures["Broken rules"] == str(len(broken))
    assert figures["Rules that hold"] == f"{100 * latest.passed.mean():.1f} %"
    if len(broken):
        rows = table(page, "Severity")
        found = dict(zip(zip(rows["Dataset"], rows["Rule"], strict=True), rows["Severity"], strict=True))
        assert found == dict(zip(zip(broken.dataset, broken.rule, strict=True), broken.severity, strict=True))
    assert figures["Zones that disagree"] == "0"
    assert "The zones agree" in told(page)


# Quarantine


@pytest.fixture
def cleaned(pipeline: Pipeline) -> Iterator[list[tuple[str, str]]]:
    """(bucket, key) of what a test has brought, which is deleted after it."""
    brought: list[tuple[str, str]] = []
    yield brought
    for bucket, key in brought:
        pipeline.s3.delete_object(Bucket=bucket, Key=key)


def quarantined(pipeline: Pipeline, address: str, cleaned: list[tuple[str, str]]) -> str:
    """The key of a refused file, which is deleted after the test with its reason."""
    key = address.removeprefix(f"s3://{pipeline.quarantine}/")
    cleaned += [(pipeline.quarantine, key), (pipeline.quarantine, f"{key}.reason.json")]
    return key


def sent_back(pipeline: Pipeline, page: AppTest, key: str) -> dict[str, Any]:
    """Send a file back by the page's button; returns the output of its execution."""
    page.selectbox(key="refused_file").set_value(key)
    app.ran(page)
    known = pipeline.executions("ingest")
    page.button(key="redrive").click()
    app.ran(page)
    assert "Sent back." in told(page)
    (execution,) = pipeline.ended("ingest", known, 1)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return json.loads(execution["output"])


def test_a_refused_file_is_refused_again_while_the_cause_is_there(
    open_page: Open, pipeline: Pipeline, cleaned: list[tuple[str, str]]
) -> None:
    name = f"page *{time.time_ns()}*.csv"
    landing = f"landing/reviews/{name}"
    outcome = pipeline.ingest({landing: b"review_id,stars\nREV-1,5\n"})[landing]
    key = quarantined(pipeline, outcome["quarantine"], cleaned)
    page = open_page("pipeline", section="Quarantine", of="reviews")
    row = table(page, "File").set_index("File").loc[name]
    assert (row["Dataset"], row["Reason"], row["Size"]) == ("reviews", "WRONG_HEADER", "24 B")
    assert "stars" in row["Why, and what to do"]
    again = sent_back(pipeline, page, key)
    assert (again["outcome"], again["reason"]["code"], again["key"]) == ("quarantined", "WRONG_HEADER", landing)
    new = quarantined(pipeline, again["quarantine"], cleaned)
    left = pipeline.keys(pipeline.quarantine, "files/reviews/")
    assert [one for one in left if one.startswith((key, new))] == [new, f"{new}.reason.json"]
    app.forget()
    assert name in set(table(app.ran(page), "File")["File"])


def test_a_file_whose_cause_is_gone_is_accepted(
    open_page: Open, pipeline: Pipeline, cleaned: list[tuple[str, str]], tmp_path: Any
) -> None:
    """The file lies there as the router would have put it, in the days of a stricter contract."""
    stamp = str(time.time_ns())
    content = generate(tmp_path, "reviews", "csv", 20, "--seed", stamp[-5:])
    name, landing = f"good-{stamp}.csv", f"s3://{pipeline.raw}/landing/reviews/good-{stamp}.csv"
    key = f"files/reviews/ingest_date={datetime.now(UTC):%Y-%m-%d}/120000-{stamp[-8:]}-{name}"
    reason = {"code": "TOO_LARGE", "message": "more bytes than the contract allows", "landing": landing}
    for part, body in ((key, content), (f"{key}.reason.json", json.dumps(reason).encode())):
        pipeline.s3.put_object(Bucket=pipeline.quarantine, Key=part, Body=body)
        cleaned.append((pipeline.quarantine, part))
    app.forget()
    answer = sent_back(pipeline, open_page("pipeline", section="Quarantine"), key)
    raw = answer["raw"].removeprefix(f"s3://{pipeline.raw}/")
    note = next(one for one in pipeline.keys(pipeline.raw, "batches/reviews/open/") if name in one)
    # no other test is to find these rows
    cleaned += [(pipeline.raw, raw), (pipeline.raw, note), (pipeline.raw, f"claims/reviews/{answer['sha256']}.json")]
    assert (answer["outcome"], answer["rows"]) == ("accepted", 20)
    assert pipeline.object(answer["raw"]) == content
    assert [one for one in pipeline.keys(pipeline.quarantine, "files/reviews/") if one.startswith(key)] == []


def test_a_file_that_is_gone_meanwhile(open_page: Open, pipeline: Pipeline, cleaned: list[tuple[str, str]]) -> None:
    name = f"gone-{time.time_ns()}.csv"
    key = f"files/reviews/ingest_date=2026-01-01/120000-0a1b2c3d-{name}"
    cleaned.append((pipeline.quarantine, key))
    pipeline.s3.put_object(Bucket=pipeline.quarantine, Key=key, Body=b"x")
    app.forget()
    page = open_page("pipeline", section="Quarantine")
    page.selectbox(key="refused_file").set_value(key)
    assert "The router has written no reason" in told(app.ran(page))
    pipeline.s3.delete_object(Bucket=pipeline.quarantine, Key=key)
    page.button(key="redrive").click()
    assert "It could not be sent back." in told(app.ran(page))
    assert f"landing/reviews/{name}" not in pipeline.keys(pipeline.raw, "landing/reviews/")


# Cost


def test_the_cost_of_the_last_day(open_page: Open, pipeline: Pipeline, job_runs: dict[str, dict[str, Any]]) -> None:
    page = open_page("pipeline", section="Cost")
    assert not page.metric, "nothing is asked before somebody wants to know"
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    page.button(key="cost").click()
    app.ran(page)
    lines = table(page, "Note")
    spark = lines[(lines["What"] == "Spark jobs") & (lines["Quantity"] != "unknown")]
    runs = [run for run in job_runs.values() if run["StartedOn"] >= since and "CompletedOn" in run]
    expected = sum(max(60, run["ExecutionTime"]) * run["MaxCapacity"] for run in runs)
    assert float(spark["Quantity"].iloc[0].replace(",", "")) == expected > 0
    assert float(spark["USD"].iloc[0].strip("$")) == pytest.approx(expected * 0.44 / 3600, abs=0.00005)
    known = lines["USD"][lines["USD"].str.startswith("$")].str.strip("$").str.replace(",", "").astype(float)
    figures = app.figures(page)
    total = float(figures["Total, USD"].strip("$").replace(",", ""))
    assert total == pytest.approx(known.sum(), abs=0.0001 * len(lines))
    assert figures["Unknown lines"] == str((lines["USD"] == "unknown").sum())
    assert table(page, "Service")["Service"].iloc[0] in set(lines["Service"])


# Where there is nothing, or AWS refuses


@pytest.mark.parametrize("section", ["Runs", "Quality", "Quarantine", "Cost"])
def test_an_environment_that_is_not_there(open_page: Open, monkeypatch: pytest.MonkeyPatch, section: str) -> None:
    monkeypatch.setenv("LAKEHOUSE_PREFIX", "nobody-here")
    app.forget()
    try:
        page = open_page("pipeline", section=section)
        if section == "Cost":
            page.button(key="cost").click()
            app.ran(page)
        assert page.error
        assert "nobody-here" in told(page)
        assert not titles(page) or titles(page) == ["Executions"]
    finally:
        app.forget()
