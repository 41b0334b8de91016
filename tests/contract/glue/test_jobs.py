"""Jobs and their runs over the wire."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROLE, Agent, client, glue_server, wait
from .test_catalog import code

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://bucket/jobs/etl.py", "PythonVersion": "3"}
JOB = {"Role": ROLE, "GlueVersion": "6.0", "Command": COMMAND, "WorkerType": "G.1X", "NumberOfWorkers": 2}
FINAL = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")


@pytest.fixture
def job(glue: Any) -> Iterator[str]:
    name = f"etl-{uuid.uuid4().hex[:8]}"
    glue.create_job(Name=name, **JOB, DefaultArguments={"--a": "1"}, Tags={"team": "data"})
    yield name
    glue.delete_job(JobName=name)


def run(glue: Any, job: str, **arguments: str) -> str:
    named = {f"--{name}": value for name, value in arguments.items()}
    return str(glue.start_job_run(JobName=job, Arguments=named)["JobRunId"])


def ended(glue: Any, job: str, run_id: str) -> dict[str, Any]:
    def final() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return found if found["JobRunState"] in FINAL else None

    found: dict[str, Any] = wait(final)
    return found


def running(glue: Any, job: str, run_id: str) -> None:
    wait(lambda: glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING")


def test_a_job_is_read_back_with_what_aws_derives(glue: Any, job: str) -> None:
    found = glue.get_job(JobName=job)["Job"]
    for name in ("CreatedOn", "LastModifiedOn"):
        assert abs((datetime.now(UTC) - found.pop(name)).total_seconds()) < 60
    assert found == {
        "Name": job,
        **JOB,
        "JobMode": "SCRIPT",
        "DefaultArguments": {"--a": "1"},
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "MaxRetries": 0,
        "Timeout": 480,
        "MaxCapacity": 2.0,
        "AllocatedCapacity": 2,
    }
    assert glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:000000000000:job/{job}")["Tags"] == {"team": "data"}
    assert job in glue.list_jobs(Tags={"team": "data"})["JobNames"]
    assert glue.list_jobs(Tags={"team": "other"})["JobNames"] == []
    assert job in [one["Name"] for one in glue.get_jobs()["Jobs"]]
    batch = glue.batch_get_jobs(JobNames=[job, "no"])
    assert ([one["Name"] for one in batch["Jobs"]], batch["JobsNotFound"]) == ([job], ["no"])


def test_an_update_replaces_the_definition(glue: Any, job: str) -> None:
    glue.update_job(JobName=job, JobUpdate={**JOB, "Timeout": 7})
    found = glue.get_job(JobName=job)["Job"]
    assert (found["Timeout"], found["DefaultArguments"]) == (7, {})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"GlueVersion": "5.0"}, "InvalidInputException: GlueVersion 5.0 is not supported by Laketop yet: only 6.0"),
        ({"Command": {**COMMAND, "Name": "pythonshell"}}, "InvalidInputException: Command.Name 'pythonshell'"),
        ({"Connections": {"Connections": ["vpc"]}}, "InvalidInputException: Connections is not supported"),
        ({"Timeout": 5}, "IdempotentParameterMismatchException"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(glue: Any, job: str, change: dict[str, Any], expected: str) -> None:
    assert code(glue.create_job, Name=job, **{**JOB, **change}).startswith(expected)


def test_a_run_succeeds_with_the_credentials_of_its_role(glue: Any, job: str, agent: Agent, endpoint: str) -> None:
    run_id = run(glue, job, b="2")
    found = ended(glue, job, run_id)
    assert (found["JobRunState"], found["Arguments"], found["Attempt"]) == ("SUCCEEDED", {"--b": "2"}, 0)
    assert (found["LogGroupName"], found["GlueVersion"], found["Timeout"]) == ("/aws-glue/jobs", "6.0", 480)
    assert found["StartedOn"] <= found["CompletedOn"] == found["LastModifiedOn"]
    assert "ErrorMessage" not in found

    order = agent.orders[run_id]
    assert order["script_location"] == "s3://bucket/jobs/etl.py"
    assert {"--a": "1", "--b": "2", "--JOB_NAME": job, "--JOB_RUN_ID": run_id}.items() <= order["arguments"].items()
    environment = order["environment"]
    assert environment.pop("AWS_ENDPOINT_URL") == endpoint
    session = client("sts", endpoint, environment["AWS_ACCESS_KEY_ID"])
    assert session.get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/etl/GlueJobRunnerSession"
    assert environment["AWS_SESSION_TOKEN"]

    logs = client("logs", endpoint)
    for group, line in (("output", "rows: 10"), ("error", "WARN careful")):
        events = logs.get_log_events(logGroupName=f"/aws-glue/jobs/{group}", logStreamName=run_id)["events"]
        assert [event["message"] for event in events] == [line]


def test_a_run_fails_with_the_scripts_error(glue: Any, job: str) -> None:
    found = ended(glue, job, run(glue, job, play="fail"))
    assert (found["JobRunState"], found["ErrorMessage"]) == ("FAILED", "ValueError: no rows")


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("arn:aws:iam::000000000000:role/others", "others should be given assume role permissions for Glue Service."),
        ("arn:aws:iam::000000000000:role/nobody", "does not exist"),
        ("arn:aws:iam::000000000000:role/etl", f"does not exist; there is {ROLE}."),
        ("nobody", "Role nobody does not exist"),
    ],
)
def test_a_role_that_glue_cannot_have_fails_the_run(glue: Any, job: str, role: str, message: str) -> None:
    glue.update_job(JobName=job, JobUpdate={**JOB, "Role": role})
    found = ended(glue, job, run(glue, job))
    assert found["JobRunState"] == "FAILED"
    assert message in found["ErrorMessage"]


def test_a_role_may_be_a_name(glue: Any, job: str) -> None:
    glue.update_job(JobName=job, JobUpdate={**JOB, "Role": "etl"})
    assert ended(glue, job, run(glue, job))["JobRunState"] == "SUCCEEDED"


def test_a_run_is_stopped_and_there_is_one_at_a_time(glue: Any, job: str, agent: Agent) -> None:
    run_id = run(glue, job, play="hang")
    running(glue, job, run_id)
    assert (
        code(glue.start_job_run, JobName=job) == f"ConcurrentRunsExceededException: Concurrent runs exceeded for {job}"
    )
    answer = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_no"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": job, "JobRunId": run_id}]
    assert [(one["JobRunId"], one["ErrorDetail"]["ErrorCode"]) for one in answer["Errors"]] == [
        ("jr_no", "EntityNotFoundException")
    ]
    assert ended(glue, job, run_id)["JobRunState"] == "STOPPED"
    assert run_id in agent.stopped
    assert glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])["Errors"]
    assert ended(glue, job, run(glue, job))["JobRunState"] == "SUCCEEDED"


def test_a_failed_run_is_tried_again(glue: Any, job: str) -> None:
    glue.update_job(JobName=job, JobUpdate={**JOB, "MaxRetries": 1})
    first = run(glue, job, play="fail-once")
    assert ended(glue, job, first)["JobRunState"] == "FAILED"
    again = ended(glue, job, f"{first}_attempt_1")
    assert (again["JobRunState"], again["Attempt"], again["PreviousRunId"]) == ("SUCCEEDED", 1, first)
    runs = glue.get_job_runs(JobName=job)["JobRuns"]
    assert [one["Id"] for one in runs] == [f"{first}_attempt_1", first]


def test_a_flexible_run_counts_its_dpu_seconds(glue: Any, job: str) -> None:
    glue.update_job(JobName=job, JobUpdate={**JOB, "ExecutionClass": "FLEX"})
    found = ended(glue, job, run(glue, job))
    assert found["DPUSeconds"] == found["ExecutionTime"] * 2.0


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            {"Arguments": {"--enable-glue-datacatalog": "true"}},
            "InvalidInputException: The job argument --enable-glue-datacatalog",
        ),
        (
            {"Arguments": {"--job-bookmark-option": "job-bookmark-enable"}},
            "InvalidInputException: The job argument --job-bookmark",
        ),
        ({"JobRunId": "jr_1"}, "InvalidInputException: JobRunId is not supported by Laketop yet"),
        ({"MaxCapacity": 2.0}, "InvalidInputException: Max Capacity"),
        ({"Timeout": 99999}, "InvalidInputException: Timeout"),
    ],
)
def test_a_run_that_would_be_something_else_is_refused(glue: Any, job: str, members: Any, expected: str) -> None:
    assert code(glue.start_job_run, JobName=job, **members).startswith(expected)
    assert glue.get_job_runs(JobName=job)["JobRuns"] == []


def test_what_is_missing_is_told_as_on_aws(glue: Any, job: str) -> None:
    missing = "EntityNotFoundException: Failed to start job run due to missing metadata."
    assert code(glue.start_job_run, JobName="no") == missing
    assert code(glue.get_job, JobName="no") == "EntityNotFoundException: Job no not found."
    assert code(glue.get_job_run, JobName=job, RunId="jr_no").startswith("EntityNotFoundException")
    assert code(glue.get_job_runs, JobName="no").startswith("EntityNotFoundException")
    assert glue.delete_job(JobName="no")["JobName"] == "no"


def test_each_end_is_an_event(glue: Any, job: str, endpoint: str) -> None:
    events, logs = client("events", endpoint), client("logs", endpoint)
    logs.create_log_group(logGroupName=f"/events/{job}")
    pattern = {"source": ["aws.glue"], "detail": {"jobName": [job]}}
    events.put_rule(Name=job, EventPattern=json.dumps(pattern))
    target = f"arn:aws:logs:us-east-1:000000000000:log-group:/events/{job}"
    events.put_targets(Rule=job, Targets=[{"Id": "1", "Arn": target}])
    good = run(glue, job)
    ended(glue, job, good)
    bad = run(glue, job, play="fail")
    ended(glue, job, bad)

    def both() -> list[dict[str, Any]]:
        found = logs.filter_log_events(logGroupName=f"/events/{job}")["events"]
        return [json.loads(event["message"]) for event in found] if len(found) == 2 else []

    sent = wait(both)
    assert {event["detail-type"] for event in sent} == {"Glue Job State Change"}
    assert [(one["detail"]["jobRunId"], one["detail"]["state"], one["detail"]["severity"]) for one in sent] == [
        (good, "SUCCEEDED", "INFO"),
        (bad, "FAILED", "ERROR"),
    ]


@pytest.mark.parametrize("signal", ["kill", "terminate"])
def test_a_restart_keeps_what_was_and_ends_what_was_going(
    signal: str, tmp_path: Path, endpoint: str, agent: Agent
) -> None:
    with glue_server(tmp_path / "lake", endpoint, agent.url) as (server, running_process):
        server.glue.create_database(DatabaseInput={"Name": "kept"})
        server.glue.create_job(Name="etl", **JOB)
        run_id = run(server.glue, "etl", play="hang")
        running(server.glue, "etl", run_id)
        getattr(running_process, signal)()
        assert running_process.wait(15) == (0 if signal == "terminate" else -9)
    with glue_server(tmp_path / "lake", endpoint, agent.url) as (server, _):
        assert server.glue.get_database(Name="kept")["Database"]["Name"] == "kept"
        found = server.glue.get_job_run(JobName="etl", RunId=run_id)["JobRun"]
        assert (found["JobRunState"], run_id in agent.stopped) == ("FAILED", True)
        assert "The Glue service stopped while the run was going" in found["ErrorMessage"]
        assert ended(server.glue, "etl", run(server.glue, "etl"))["JobRunState"] == "SUCCEEDED"


def test_a_security_configuration_encrypts_what_a_run_writes(glue: Any, agent: Agent, endpoint: str, job: str) -> None:
    key = client("kms", endpoint).create_key()["KeyMetadata"]["Arn"]
    encryption = {
        "S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": key}],
        "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": key},
        "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS", "KmsKeyArn": key},
    }
    name = f"{job}-kms"
    made = glue.create_security_configuration(Name=name, EncryptionConfiguration=encryption)
    found = glue.get_security_configuration(Name=name)["SecurityConfiguration"]
    assert (made["Name"], found["Name"], found["EncryptionConfiguration"]) == (name, name, encryption)
    assert name in [entry["Name"] for entry in glue.get_security_configurations()["SecurityConfigurations"]]
    glue.update_job(JobName=job, JobUpdate={**JOB, "SecurityConfiguration": name})
    run_id = run(glue, job)
    finished = ended(glue, job, run_id)
    group = f"/aws-glue/jobs/{name}-role/etl"
    assert (finished["SecurityConfiguration"], finished["LogGroupName"]) == (name, group)
    assert agent.orders[run_id]["conf"]["spark.hadoop.fs.s3a.encryption.algorithm"] == "SSE-KMS"
    assert agent.orders[run_id]["conf"]["spark.hadoop.fs.s3a.encryption.key"] == key
    logs = client("logs", endpoint)
    (output,) = logs.describe_log_groups(logGroupNamePrefix=f"{group}/output")["logGroups"]
    assert output["kmsKeyId"] == key
    events = logs.get_log_events(logGroupName=output["logGroupName"], logStreamName=run_id)["events"]
    assert [event["message"] for event in events] == ["rows: 10"]
    glue.delete_security_configuration(Name=name)
    assert "EntityNotFoundException" in code(glue.get_security_configuration, Name=name)
    assert "EntityNotFoundException" in code(glue.start_job_run, JobName=job)


def test_a_key_is_asked_for_where_one_is_used(glue: Any) -> None:
    encryption = {"CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"}}
    wrong = {"Name": "keyless", "EncryptionConfiguration": encryption}
    assert "InvalidInputException" in code(glue.create_security_configuration, **wrong)
