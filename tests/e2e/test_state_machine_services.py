"""One state machine that uses a function, a Glue job, an Athena query and a topic, each for real."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.local  # no role of the pipeline may do what it does

ROLE = "arn:aws:iam::000000000000:role/laketop-local-{}"
ARTIFACTS = "laketop-local-artifacts-000000000000"
HANDLER = "def handler(event, context):\n    return {'doubled': event['number'] * 2}\n"
SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext

number = int(getResolvedOptions(sys.argv, ["number"])["number"])
rows = GlueContext(SparkContext.getOrCreate()).spark_session.range(number).count()
assert rows == number
"""


@pytest.fixture
def name(stack: Any) -> Iterator[str]:
    """The name of a function and a job that live as long as the test."""
    name = f"e2e-{uuid.uuid4().hex[:8]}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("handler.py", HANDLER)
    functions, glue, s3 = stack.client("lambda"), stack.client("glue"), stack.client("s3")
    functions.create_function(
        FunctionName=name,
        Role=ROLE.format("file-router"),
        Runtime="python3.13",
        Handler="handler.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{name}.py", Body=SCRIPT)
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{ARTIFACTS}/jobs/{name}.py", "PythonVersion": "3"}
    size = {"GlueVersion": "6.0", "WorkerType": "G.1X", "NumberOfWorkers": 2}
    glue.create_job(Name=name, Role=ROLE.format("transaction-etl"), Command=command, **size)
    yield name
    glue.delete_job(JobName=name)
    functions.delete_function(FunctionName=name)
    s3.delete_object(Bucket=ARTIFACTS, Key=f"jobs/{name}.py")


def _definition(name: str, topic: str) -> dict[str, Any]:
    return {
        "StartAt": "Double",
        "States": {
            "Double": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": name, "Payload.$": "$"},
                "ResultSelector": {"doubled.$": "$.Payload.doubled"},
                "Next": "Count",
            },
            "Count": {
                "Type": "Task",
                "Resource": "arn:aws:states:::glue:startJobRun.sync",
                "Parameters": {
                    "JobName": name,
                    "Arguments": {"--number.$": "States.Format('{}', $.doubled)"},
                },
                "ResultSelector": {"state.$": "$.JobRunState"},
                "ResultPath": "$.run",
                "Next": "Ask",
            },
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
                "Parameters": {"QueryString": "SELECT 7 AS seven", "WorkGroup": "laketop-local"},
                "ResultSelector": {"id.$": "$.QueryExecution.QueryExecutionId"},
                "ResultPath": "$.query",
                "Next": "Tell",
            },
            "Tell": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {"TopicArn": topic, "Message.$": "States.JsonToString($)"},
                "ResultPath": None,
                "End": True,
            },
        },
    }


def test_a_function_a_job_a_query_and_a_topic_in_one_state_machine(stack: Any, name: str) -> None:
    machines, topics, queues = stack.client("stepfunctions"), stack.client("sns"), stack.client("sqs")
    topic = topics.create_topic(Name=name)["TopicArn"]
    queue = queues.create_queue(QueueName=name)["QueueUrl"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}")
    definition = json.dumps(_definition(name, topic))
    machine = machines.create_state_machine(name=name, definition=definition, roleArn=ROLE.format("transform"))
    started = machines.start_execution(stateMachineArn=machine["stateMachineArn"], input='{"number": 21}')
    began = time.monotonic()
    while (found := machines.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        assert time.monotonic() - began < 120
        time.sleep(0.3)
    assert found["status"] == "SUCCEEDED", found.get("cause")
    output = json.loads(found["output"])
    assert (output["doubled"], output["run"]["state"]) == (42, "SUCCEEDED")
    result = stack.client("athena").get_query_results(QueryExecutionId=output["query"]["id"])
    assert [row["Data"] for row in result["ResultSet"]["Rows"]] == [
        [{"VarCharValue": "seven"}],
        [{"VarCharValue": "7"}],
    ]
    (message,) = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == output
    machines.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
    topics.delete_topic(TopicArn=topic)
    queues.delete_queue(QueueUrl=queue)
