"""The helpers of lakehouse/ on the whole stack: a job by real Spark that fails, and its log."""

import uuid
from typing import Any

import pytest

from lakehouse import glue_helper, s3_helper
from tests.e2e.pipeline import WAIT

SOURCE = """
import sys
from awsglue.utils import getResolvedOptions
print("for", getResolvedOptions(sys.argv, ["day"])["day"])
raise ValueError("no rows")
"""


@pytest.fixture
def job(stack: Any) -> Any:
    """The name of a job that says its argument `day` and fails."""
    glue, s3, artifacts = stack.client("glue"), stack.client("s3"), stack.bucket("artifacts")
    role = stack.arn("iam", f"role/{stack.name}-transaction-etl")
    name = f"e2e-{uuid.uuid4().hex[:8]}"
    script = f"s3://{artifacts}/jobs/{name}.py"  # below jobs/, where the role may read
    s3_helper.write_bytes(s3, script, SOURCE.encode())
    command = {"Name": "glueetl", "ScriptLocation": script, "PythonVersion": "3"}
    glue.create_job(Name=name, Role=role, Command=command, GlueVersion="6.0", WorkerType="G.1X", NumberOfWorkers=2)
    yield name
    glue.delete_job(JobName=name)
    s3.delete_object(Bucket=artifacts, Key=f"jobs/{name}.py")


def test_a_job_that_fails_says_why_and_where(stack: Any, job: str) -> None:
    glue, logs = stack.client("glue"), stack.client("logs")
    states: list[str] = []
    with pytest.raises(glue_helper.JobRunFailedError, match="FAILED: ValueError: no rows") as caught:
        glue_helper.run_job(glue, job, {"day": "2026-01-31"}, timeout=WAIT, on_state=states.append, logs=logs)
    assert caught.value.run.error == "ValueError: no rows"
    assert "ValueError: no rows" in caught.value.log[-1]
    assert states[-1] == "FAILED"
    assert glue_helper.last_error(glue, job) == "ValueError: no rows"
    answer = logs.get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=caught.value.run.id)
    assert "for 2026-01-31" in "".join(event["message"] for event in answer["events"])
