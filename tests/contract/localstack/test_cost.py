"""The pipeline's meters (`lakehouse.cost`) read LocalStack's answers as they would read AWS's."""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from lakehouse.cost import Span, Work, last_run, meters

FUNCTION = """
import time

def handler(event, context):
    print("a line of its own")
    time.sleep(0.3)
    if event == "fail":
        raise ValueError("no")
    return {}
"""


def now() -> datetime:
    return datetime.now(UTC)


def used(found: Any) -> dict[str, Decimal | None]:
    return {one.item: one.amount for one in found}


def test_functions_are_metered_by_their_logs(lake: Any, functions: Any) -> None:
    name = functions.create(FUNCTION, MemorySize=256)
    functions.invoke(name)  # before
    time.sleep(1)
    began = now()
    for event in (None, None, "fail"):
        functions.invoke(name, event)
    span = Span(began, now())
    deadline = time.monotonic() + 20
    found: dict[str, Any] = {}
    while found.get("lambda.request") != 3 and time.monotonic() < deadline:
        found = used(meters.functions(lake.client, "function", Work("", (), (span,))))
        time.sleep(0.2)
    assert found["lambda.request"] == 3
    seconds = Decimal(str((span.end - span.start).total_seconds()))
    assert Decimal("0.9") * Decimal("0.25") <= found["lambda.gb_second"] <= seconds * Decimal("0.25")
    # START, the line, END and REPORT each, and the trace of the one that failed
    assert found["logs.megabyte"] * 10**6 > 3 * (200 + 4 * 26)


def test_a_runs_transitions_and_messages(lake: Any, functions: Any, role: str) -> None:
    """A machine whose function fails twice more than it is forgiven, and one that feeds it."""
    prefix = f"p-{uuid4().hex[:8]}"
    name = functions.create(FUNCTION)
    topic = lake.client("sns").create_topic(Name=prefix)["TopicArn"]
    states = lake.client("stepfunctions")
    retry = [{"ErrorEquals": ["ValueError"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1}]
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": retry}
    item = {"StartAt": "Tell", "States": {"Tell": {
        "Type": "Task", "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Message": "hello"}, "End": True,
    }}}  # fmt: skip
    definitions = {
        "ingest": {"Take": {"Type": "Pass", "Next": "Done"}, "Done": {"Type": "Succeed"}},
        "transform": {
            "Fail": call | {
                "Parameters": {"FunctionName": name, "Payload": "fail"},
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Each"}],
                "End": True,
            },
            "Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": item, "ResultPath": None, "Next": "Over"},
            "Over": {"Type": "Choice", "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "End"}],
                     "Default": "End"},
            "End": {"Type": "Succeed"},
        },
    }  # fmt: skip
    definitions["transform"]["Fail"]["Catch"][0]["ResultPath"] = "$.error"
    machines = {
        kind: states.create_state_machine(
            name=f"{prefix}-{kind}",
            roleArn=role,
            definition=json.dumps({"StartAt": next(iter(definition)), "States": definition}),
        )["stateMachineArn"]
        for kind, definition in definitions.items()
    }
    ran = []
    for kind in ("ingest", "ingest", "transform", "ingest"):
        given = json.dumps({"items": [1, 2, 3]})
        ran.append(states.start_execution(stateMachineArn=machines[kind], input=given)["executionArn"])
        deadline = time.monotonic() + 30
        while (found := states.describe_execution(executionArn=ran[-1]))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert found["status"] == "SUCCEEDED", found.get("cause")
    work = last_run(states, prefix)
    assert work.executions[0] == ran[2]
    assert set(work.executions[1:]) == set(ran[:2])
    assert used(meters.stepfunctions(lake.client, prefix, work)) == {
        # Fail and its two retries, Each and three times Tell, Over, End; twice Take and Done
        "states.transition": 3 + 1 + 3 + 1 + 1 + 2 * 2,
        "sns.publish": 3,
    }


def test_s3_is_metered_where_it_is_counted(lake: Any) -> None:
    s3, prefix = lake.client("s3"), f"shop-{uuid4().hex[:8]}"
    counted, silent = f"{prefix}-raw", f"{prefix}-curated"
    for bucket in (counted, silent):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_metrics_configuration(Bucket=counted, Id="all", MetricsConfiguration={"Id": "all"})
    began = now()
    for number in range(7):
        s3.put_object(Bucket=counted, Key=str(number), Body=b"x")
        s3.get_object(Bucket=counted, Key=str(number))["Body"].read()
        s3.delete_object(Bucket=counted, Key=str(number))
    s3.list_objects_v2(Bucket=counted)
    work = Work("", (), (Span(began, now()),))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [(one.item, one.amount, one.note) for one in meters.s3(lake.client, prefix, work)]
        if found[0][1] == 8:
            break
        time.sleep(0.5)
    assert [one[:2] for one in found if one[0] == "s3.put"] == [("s3.put", 8), ("s3.put", None)]
    (gets,) = (one[1] for one in found if one[0] == "s3.get" and one[1] is not None)
    # besides: the configuration itself, and the meter's own look at it each time
    assert gets is not None
    assert gets >= 7 + 1
    assert all(silent in note for _, amount, note in found if amount is None)
