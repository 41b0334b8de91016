"""User code runs in environments as poor as AWS's: what the stand-ins are made of cannot be imported there."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.local  # it is about the stand-ins

ROLE = "arn:aws:iam::000000000000:role/laketop-local-{}"
ARTIFACTS = "laketop-local-artifacts-000000000000"
FOREIGN = ("duckdb", "sqlglot", "laketop", "localstack", "moto")


@pytest.fixture
def function(stack: Any) -> Iterator[Any]:
    """Makes a Lambda function of a source text, and invokes it with an event."""
    client = stack.client("lambda")
    made = []

    def invoke(source: str, event: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        name = f"e2e-{uuid.uuid4().hex[:8]}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("handler.py", source)
        client.create_function(
            FunctionName=name,
            Role=ROLE.format("file-router"),
            Runtime="python3.13",
            Handler="handler.handler",
            Code={"ZipFile": archive.getvalue()},
        )
        made.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name)
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    yield invoke
    for name in made:
        client.delete_function(FunctionName=name)


def test_a_lambda_cannot_import_the_stand_ins(function: Any) -> None:
    source = "import importlib\n\ndef handler(event, context):\n    importlib.import_module(event['name'])\n"
    for name in FOREIGN:
        error, payload = function(source, {"name": name})
        assert error == "Unhandled"
        assert payload["errorType"] == "ModuleNotFoundError"
        assert payload["errorMessage"] == f"No module named '{name}'"


def test_a_lambda_that_imports_at_its_start_says_so_as_on_aws(function: Any) -> None:
    error, payload = function("import duckdb\n\ndef handler(event, context):\n    return 1\n", {})
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ImportModuleError"
    assert payload["errorMessage"] == "Unable to import module 'handler': No module named 'duckdb'"


def test_a_job_cannot_import_the_stand_ins(stack: Any) -> None:
    glue, s3 = stack.client("glue"), stack.client("s3")
    name = f"e2e-{uuid.uuid4().hex[:8]}"
    source = (
        "import importlib\n"
        f"for name in {FOREIGN!r}:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(error)\n"
        "    else:\n"
        "        raise SystemExit(name + ' was imported')\n"
        "import duckdb\n"
    )
    # Below jobs/, where the role of the pipeline's job may read.
    s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{name}.py", Body=source)
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{ARTIFACTS}/jobs/{name}.py", "PythonVersion": "3"}
    size = {"GlueVersion": "6.0", "WorkerType": "G.1X", "NumberOfWorkers": 2}
    glue.create_job(Name=name, Role=ROLE.format("transaction-etl"), Command=command, **size)
    try:
        run = glue.start_job_run(JobName=name)["JobRunId"]
        began = time.monotonic()
        while (found := glue.get_job_run(JobName=name, RunId=run)["JobRun"])["JobRunState"] in ("STARTING", "RUNNING"):
            assert time.monotonic() - began < 120
            time.sleep(0.3)
    finally:
        glue.delete_job(JobName=name)
        s3.delete_object(Bucket=ARTIFACTS, Key=f"jobs/{name}.py")
    assert found["JobRunState"] == "FAILED"
    assert found["ErrorMessage"] == "ModuleNotFoundError: No module named 'duckdb'"
    logs = stack.client("logs")

    def written(stream: str) -> str:
        answer = logs.get_log_events(logGroupName=f"/aws-glue/jobs/{stream}", logStreamName=run, startFromHead=True)
        return "\n".join(event["message"] for event in answer["events"])

    assert [f"No module named '{name}'" in written("output") for name in FOREIGN] == [True] * len(FOREIGN)
    assert "Traceback (most recent call last)" in written("error")
    assert "ModuleNotFoundError: No module named 'duckdb'" in written("error")
