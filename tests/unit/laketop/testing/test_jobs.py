"""A job run is waited for; what goes wrong is told, and the run does not go on."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from laketop.testing import jobs
from laketop.testing.jobs import JobFailedError, JobRun

RUN = {"Id": "jr_1", "JobName": "etl", "LogGroupName": "/aws-glue/jobs", "ExecutionTime": 7}


def stubbed(service: str) -> tuple[Any, Stubber]:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client(service, endpoint_url="http://127.0.0.1:9")
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Stubber]:
    monkeypatch.setattr(jobs, "_PAUSE", 0)
    client, stubber = stubbed("glue")
    stubber.add_response("start_job_run", {"JobRunId": "jr_1"}, {"JobName": "etl", "Arguments": {"--a": "1"}})
    return client, stubber


def seen(stubber: Stubber, state: str, **more: Any) -> None:
    run = {**RUN, "JobRunState": state, **more}
    stubber.add_response("get_job_run", {"JobRun": run}, {"JobName": "etl", "RunId": "jr_1"})


def page(stubber: Stubber, group: str, messages: list[str], token: str, sent: str | None = None) -> None:
    asked = {"logGroupName": f"/aws-glue/jobs/{group}", "logStreamName": "jr_1", "startFromHead": True}
    events = [{"timestamp": 0, "message": message} for message in messages]
    stubber.add_response(
        "get_log_events",
        {"events": events, "nextForwardToken": token},
        asked | ({"nextToken": sent} if sent else {}),
    )


def test_a_run_that_succeeds_has_all_that_it_printed(glue: tuple[Any, Stubber]) -> None:
    for state in ("STARTING", "RUNNING", "SUCCEEDED"):
        seen(glue[1], state)
    logs, stubber = stubbed("logs")
    page(stubber, "output", ["one", "two"], "t1")
    page(stubber, "output", ["three"], "t2", sent="t1")
    page(stubber, "output", [], "t2", sent="t2")
    stubber.add_client_error("get_log_events", "ResourceNotFoundException")
    run = jobs.run(glue[0], logs, "etl", {"--a": "1"}, 60)
    assert run == JobRun("etl", "jr_1", "SUCCEEDED", 7, None, "one\ntwo\nthree", "")
    glue[1].assert_no_pending_responses()
    stubber.assert_no_pending_responses()


def test_a_run_that_fails_tells_glues_message_and_the_end_of_its_log(glue: tuple[Any, Stubber]) -> None:
    seen(glue[1], "FAILED", ErrorMessage="ValueError: no rows")
    logs, stubber = stubbed("logs")
    page(stubber, "output", [], "t1")
    page(stubber, "output", [], "t1", sent="t1")
    page(stubber, "error", [f"line {number}" for number in range(25)], "t1")
    page(stubber, "error", [], "t1", sent="t1")
    with pytest.raises(JobFailedError) as caught:
        jobs.run(glue[0], logs, "etl", {"--a": "1"}, 60)
    lines = str(caught.value).splitlines()
    assert lines[0] == "job etl, run jr_1 FAILED: ValueError: no rows"
    assert lines[1:] == [f"  line {number}" for number in range(5, 25)]
    assert caught.value.run.error == "ValueError: no rows"


def test_a_run_that_takes_too_long_is_stopped(glue: tuple[Any, Stubber]) -> None:
    seen(glue[1], "RUNNING")
    glue[1].add_response("batch_stop_job_run", {}, {"JobName": "etl", "JobRunIds": ["jr_1"]})
    with pytest.raises(TimeoutError, match="job etl, run jr_1 was still RUNNING after -1 s and is stopped"):
        jobs.run(glue[0], None, "etl", {"--a": "1"}, -1)
    glue[1].assert_no_pending_responses()


def test_files_that_glue_could_not_take_are_refused_before_anything_is_uploaded(tmp_path: Path) -> None:
    script, data = tmp_path / "job.py", tmp_path / "rows.csv"
    script.touch()
    data.touch()
    with pytest.raises(FileNotFoundError, match=r"nothing\.py: there is no such file"):
        jobs.checked(tmp_path / "nothing.py", [])
    with pytest.raises(ValueError, match=r"rows\.csv: --extra-py-files takes \.py, \.zip and \.whl"):
        jobs.checked(script, [data])
    jobs.checked(script, [script])
