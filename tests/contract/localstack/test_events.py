"""EventBridge: the chain from an object to an answer, what targets get, and who may send what."""

import json
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"


def short(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:10]}"


@pytest.fixture
def queue(lake: Any) -> Any:
    """A queue: its ARN, and a way to get the next message's body."""
    client = lake.client("sqs")
    name = short("queue")
    url = client.create_queue(QueueName=name)["QueueUrl"]

    def receive(seconds: int = 10) -> str | None:
        messages = client.receive_message(QueueUrl=url, WaitTimeSeconds=seconds).get("Messages")
        return messages[0]["Body"] if messages else None

    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}", receive


def put_rule(lake: Any, pattern: dict[str, Any], target: dict[str, Any]) -> None:
    name = short("rule")
    lake.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    failed = lake.client("events").put_targets(Rule=name, Targets=[{"Id": "1"} | target])
    assert failed["FailedEntryCount"] == 0


def put_event(lake: Any, source: str, detail: Any, key_id: str = "test") -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "Happened", "Detail": json.dumps(detail)}
    return dict(lake.client("events", key_id).put_events(Entries=[entry]))


def machine(lake: Any, role: str, states: dict[str, Any] | None = None) -> str:
    states = states or {"P": {"Type": "Pass", "End": True}}
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    created = lake.client("stepfunctions").create_state_machine(name=short("m"), definition=definition, roleArn=role)
    return str(created["stateMachineArn"])


def executions(lake: Any, machine_arn: str) -> list[dict[str, Any]]:
    client = lake.client("stepfunctions")
    found = client.list_executions(stateMachineArn=machine_arn)["executions"]
    return [client.describe_execution(executionArn=execution["executionArn"]) for execution in found]


def test_object_to_event_to_machine_to_function_to_topic(
    lake: Any, role: str, functions: Any, queue: Any, awaited: Any
) -> None:
    bucket, topic_name = short("bucket"), short("topic")
    arn, receive = queue
    topic = lake.client("sns").create_topic(Name=topic_name)["TopicArn"]
    lake.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    source = """
import boto3

def handler(event, context):
    body = boto3.client("s3").get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    return {"lines": len(body.splitlines()), "size": event["size"]}
"""
    function = functions.create(source)
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": function,
            "Payload": {
                "bucket.$": "$.detail.bucket.name",
                "key.$": "$.detail.object.key",
                "size.$": "$.detail.object.size",
            },
        },
        "OutputPath": "$.Payload",
        "Next": "Tell",
    }
    tell = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Message.$": "States.JsonToString($)"},
        "End": True,
    }
    machine_arn = machine(lake, role, {"Read": read, "Tell": tell})
    s3 = lake.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "landing/"}]}},
    }
    put_rule(lake, pattern, {"Arn": machine_arn, "RoleArn": role})

    s3.put_object(Bucket=bucket, Key="other/x.csv", Body=b"no")
    s3.put_object(Bucket=bucket, Key="landing/sales/día 1+2.csv", Body=b"a\nb\nc\n")

    assert json.loads(receive() or "{}") == {"lines": 3, "size": 6}
    awaited(lambda: [found["status"] for found in executions(lake, machine_arn)] == ["SUCCEEDED"])
    given = json.loads(executions(lake, machine_arn)[0]["input"])
    assert given["detail"]["object"]["key"] == "landing/sales/día 1+2.csv"


@pytest.mark.parametrize("constant", ['{"k": [1, "é"]}', "{}", "0", '"text"'])
def test_a_constant_input_starts_a_machine(lake: Any, role: str, awaited: Any, constant: str) -> None:
    machine_arn, source = machine(lake, role), short("source")
    put_rule(lake, {"source": [source]}, {"Arn": machine_arn, "RoleArn": role, "Input": constant})

    put_event(lake, source, {"a": 1})

    (execution,) = awaited(lambda: executions(lake, machine_arn))
    assert json.loads(execution["input"]) == json.loads(constant)


def test_an_input_transformer_starts_a_machine(lake: Any, role: str, awaited: Any) -> None:
    machine_arn, source = machine(lake, role), short("source")
    transformer = {
        "InputPathsMap": {
            "key": "$.detail.key",
            "size": "$.detail.size",
            "ok": "$.detail.ok",
            "all": "$.detail",
            "no": "$.no",
        },
        "InputTemplate": '{"key": <key>, "at": "s3://b/<key> (<size>)", "size": <size>, "ok": <ok>, '
        '"all": <all>, "no": <no>}',
    }
    put_rule(lake, {"source": [source]}, {"Arn": machine_arn, "RoleArn": role, "InputTransformer": transformer})
    detail = {"key": 'a "b"\n\\c', "size": 0, "ok": False}

    put_event(lake, source, detail)

    (execution,) = awaited(lambda: executions(lake, machine_arn))
    assert json.loads(execution["input"]) == {
        "key": detail["key"],
        "at": f"s3://b/{detail['key']} (0)",
        "size": 0,
        "ok": False,
        "all": detail,
        "no": "",
    }


def test_two_rules_start_two_executions_named_by_the_event(lake: Any, role: str, awaited: Any) -> None:
    machine_arn, source = machine(lake, role), short("source")
    for _ in range(2):
        put_rule(lake, {"source": [source]}, {"Arn": machine_arn, "RoleArn": role})

    event_id = put_event(lake, source, {"a": 1})["Entries"][0]["EventId"]

    found = awaited(lambda: (all_ := executions(lake, machine_arn)) and len(all_) == 2 and all_)
    assert {execution["name"].split("_")[0] for execution in found} == {event_id}
    assert json.loads(found[0]["input"])["id"] == event_id


def test_users_may_not_send_as_aws(lake: Any, queue: Any) -> None:
    arn, receive = queue
    put_rule(lake, {"source": ["aws.glue", "mine"]}, {"Arn": arn})
    entries = [
        {"Source": source, "DetailType": "t", "Detail": json.dumps({"n": n})}
        for n, source in enumerate(["aws.glue", "mine"])
    ]

    answer = lake.client("events").put_events(Entries=entries)

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {
        "ErrorCode": "NotAuthorizedForSourceException",
        "ErrorMessage": "Not authorized for the source.",
    }
    assert answer["Entries"][1]["EventId"]
    assert json.loads(receive() or "{}")["detail"] == {"n": 1}
    assert receive(1) is None


def test_laketops_services_send_as_aws(lake: Any, queue: Any) -> None:
    arn, receive = queue
    name = short("job")
    put_rule(lake, {"source": ["aws.glue"], "detail": {"jobName": [name]}}, {"Arn": arn})

    answer = put_event(lake, "aws.glue", {"jobName": name}, lake.service_key_id)

    assert answer["FailedEntryCount"] == 0
    assert json.loads(receive() or "{}")["source"] == "aws.glue"


def test_a_state_machine_may_not_send_as_aws(lake: Any, role: str, awaited: Any) -> None:
    entry = {"Source": "aws.glue", "DetailType": "t", "Detail": {"a": 1}}
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [entry]},
        "End": True,
    }
    machine_arn = machine(lake, role, {"Put": put})

    lake.client("stepfunctions").start_execution(stateMachineArn=machine_arn)

    (execution,) = awaited(
        lambda: [found for found in executions(lake, machine_arn) if found["status"] not in ("RUNNING", "PENDING")]
    )
    assert execution["status"] == "FAILED"
    assert "NotAuthorizedForSourceException" in str(execution["cause"])


def test_step_functions_itself_sends_as_aws(lake: Any, role: str, queue: Any) -> None:
    arn, receive = queue
    machine_arn = machine(lake, role)
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine_arn], "status": ["SUCCEEDED"]}}
    put_rule(lake, pattern, {"Arn": arn})

    lake.client("stepfunctions").start_execution(stateMachineArn=machine_arn)

    assert json.loads(receive() or "{}")["detail-type"] == "Step Functions Execution Status Change"


@pytest.mark.parametrize("operation", ["create_schedule", "update_schedule"])
def test_scheduler_is_refused_by_name(lake: Any, role: str, operation: str) -> None:
    client = lake.client("scheduler")

    with pytest.raises(client.exceptions.ValidationException, match="schedules never fire") as caught:
        getattr(client, operation)(
            Name="nightly",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "RoleArn": role},
        )

    assert isinstance(caught.value, ClientError)
    assert "aws_cloudwatch_event_rule" in str(caught.value)
    assert client.list_schedules()["Schedules"] == []
