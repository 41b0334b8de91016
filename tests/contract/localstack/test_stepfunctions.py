"""Step Functions reaches Glue and Athena (ours), Lambda and SNS (LocalStack's), and means what it means on AWS."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

STARTED = 1_700_000_000.25
QUERY_ID = "11111111-2222-3333-4444-555555555555"


def scripted(states: list[str]) -> Callable[[], str]:
    """Gives one state after another, the last one for ever."""
    left = iter(states)
    last = [states[-1]]

    def next_state() -> str:
        last[0] = next(left, states[-1])
        return last[0]

    return next_state


def script_glue(lake: Any, states: list[str]) -> None:
    state = scripted(states)
    lake.glue.scripts["StartJobRun"] = lambda _: (200, {"JobRunId": "jr_1"})
    lake.glue.scripts["BatchStopJobRun"] = lambda _: (200, {"SuccessfulSubmissions": [], "Errors": []})
    lake.glue.scripts["GetJobRun"] = lambda request: (
        200,
        {
            "JobRun": {
                "Id": request["RunId"],
                "JobRunState": state(),
                "StartedOn": STARTED,
                "JobName": request["JobName"],
            }
        },
    )


def script_athena(lake: Any, states: list[str]) -> None:
    state = scripted(states)
    lake.athena.scripts["StartQueryExecution"] = lambda _: (200, {"QueryExecutionId": QUERY_ID})
    lake.athena.scripts["StopQueryExecution"] = lambda _: (200, {})
    lake.athena.scripts["GetQueryExecution"] = lambda request: (
        200,
        {
            "QueryExecution": {
                "QueryExecutionId": request["QueryExecutionId"],
                "Status": {"State": state(), "SubmissionDateTime": STARTED},
            }
        },
    )
    lake.athena.scripts["GetQueryResults"] = lambda _: (
        200,
        {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "n"}]}, {"Data": [{"VarCharValue": "7"}]}]}},
    )


class Machines:
    """Creates state machines and runs them."""

    def __init__(self, lake: Any, role: str) -> None:
        self.client, self.role = lake.client("stepfunctions"), role

    def start(self, states: dict[str, Any], given: Any = None, **definition: Any) -> str:
        text = json.dumps({"StartAt": next(iter(states)), "States": states} | definition)
        name = f"machine-{uuid4().hex[:10]}"
        machine = self.client.create_state_machine(name=name, definition=text, roleArn=self.role)["stateMachineArn"]
        execution: str = self.client.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))[
            "executionArn"
        ]
        return execution

    def ended(self, execution: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while (found := self.client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return dict(found)

    def output(self, states: dict[str, Any], given: Any = None, **definition: Any) -> Any:
        ended = self.ended(self.start(states, given, **definition))
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
        return json.loads(ended["output"])


@pytest.fixture
def machines(lake: Any, role: str) -> Machines:
    return Machines(lake, role)


def task(resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters} | more
    return state if "Next" in more else state | {"End": True}


def operations(part: Any) -> list[str]:
    return [seen.operation for seen in part.seen]


def test_one_machine_reaches_all_four(lake: Any, role: str, machines: Machines, functions: Any, awaited: Any) -> None:
    script_glue(lake, ["STARTING", "RUNNING", "SUCCEEDED"])
    script_athena(lake, ["QUEUED", "SUCCEEDED"])
    function = functions.create("def handler(event, context):\n    return {'twice': event['n'] * 2}\n")
    topic = lake.client("sns").create_topic(Name=f"topic-{uuid4().hex[:8]}")["TopicArn"]
    queue = lake.client("sqs").create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{queue.rpartition('/')[2]}"
    lake.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"}
    )

    output = machines.output(
        {
            "Run": task(
                "glue:startJobRun.sync",
                {"JobName": "etl", "Arguments": {"--day.$": "$.day"}},
                ResultPath="$.run",
                Next="Query",
            ),
            "Query": task(
                "athena:startQueryExecution.sync",
                {"QueryString": "SELECT count(*) AS n FROM t", "WorkGroup": "primary"},
                ResultPath="$.query",
                Next="Results",
            ),
            "Results": task(
                "athena:getQueryResults",
                {"QueryExecutionId.$": "$.query.QueryExecution.QueryExecutionId"},
                ResultSelector={"n.$": "States.StringToJson($.ResultSet.Rows[1].Data[0].VarCharValue)"},
                ResultPath="$.results",
                Next="Double",
            ),
            "Double": task(
                "lambda:invoke",
                {"FunctionName": function, "Payload": {"n.$": "$.results.n"}},
                ResultSelector={"twice.$": "$.Payload.twice"},
                ResultPath="$.lambda",
                Next="Tell",
            ),
            "Tell": task(
                "sns:publish",
                {"TopicArn": topic, "Message.$": "States.Format('twice is {}', $.lambda.twice)"},
                ResultPath="$.told",
            ),
        },
        {"day": "2026-01-02"},
    )

    assert output["run"] == {
        "Id": "jr_1",
        "JobName": "etl",
        "JobRunState": "SUCCEEDED",
        "StartedOn": 1_700_000_000_250,
    }
    assert output["query"]["QueryExecution"]["Status"] == {
        "State": "SUCCEEDED",
        "SubmissionDateTime": 1_700_000_000_250,
    }
    assert output["lambda"] == {"twice": 14}
    assert json.loads(lake.glue.seen[0].body) == {"JobName": "etl", "Arguments": {"--day": "2026-01-02"}}
    assert operations(lake.glue) == ["StartJobRun", "GetJobRun", "GetJobRun", "GetJobRun"]
    assert operations(lake.athena) == [
        "StartQueryExecution",
        "GetQueryExecution",
        "GetQueryExecution",
        "GetQueryResults",
    ]
    received = awaited(lambda: lake.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"))
    assert [message["Body"] for message in received] == ["twice is 14"]


def test_calls_carry_the_role_of_the_machine(lake: Any, role: str, machines: Machines) -> None:
    script_athena(lake, ["SUCCEEDED"])

    machines.output({"Q": task("athena:startQueryExecution.sync", {"QueryString": "SELECT 1"})})

    for seen in lake.athena.seen:
        key_id = dict(seen.headers)["Authorization"].split("Credential=")[1].split("/")[0]
        assert key_id.startswith("LSIA")


@pytest.mark.parametrize("state", ["FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"])
def test_a_run_that_does_not_succeed_fails_the_task(lake: Any, machines: Machines, state: str) -> None:
    script_glue(lake, ["RUNNING", state])

    ended = machines.ended(machines.start({"Run": task("glue:startJobRun.sync", {"JobName": "etl"})}))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(ended["cause"])
    assert (cause["JobName"], cause["JobRunState"], cause["StartedOn"]) == ("etl", state, 1_700_000_000_250)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_does_not_succeed_can_be_caught(lake: Any, machines: Machines, state: str) -> None:
    script_athena(lake, [state])
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "After"}]

    output = machines.output(
        {
            "Q": task("athena:startQueryExecution.sync", {"QueryString": "SELECT x"}, Next="After", Catch=catch),
            "After": {"Type": "Pass", "End": True},
        }
    )

    assert output["error"]["Error"] == "States.TaskFailed"
    assert json.loads(output["error"]["Cause"])["QueryExecution"]["Status"]["State"] == state


@pytest.mark.parametrize(
    ("resource", "parameters", "part", "operation", "error", "name"),
    [
        ("glue:startJobRun.sync", {"JobName": "no"}, "glue", "StartJobRun", "EntityNotFoundException", "Glue."),
        (
            "athena:startQueryExecution",
            {"QueryString": "x"},
            "athena",
            "StartQueryExecution",
            "InvalidRequestException",
            "Athena.",
        ),
        (
            "aws-sdk:glue:getTable",
            {"DatabaseName": "a", "Name": "b"},
            "glue",
            "GetTable",
            "EntityNotFoundException",
            "Glue.",
        ),
        (
            "aws-sdk:athena:getWorkGroup",
            {"WorkGroup": "w"},
            "athena",
            "GetWorkGroup",
            "InvalidRequestException",
            "Athena.",
        ),
    ],
)
def test_errors_have_awss_names(
    lake: Any, machines: Machines, resource: str, parameters: Any, part: str, operation: str, error: str, name: str
) -> None:
    getattr(lake, part).scripts[operation] = lambda _: (400, {"__type": error, "Message": "not here"})

    ended = machines.ended(machines.start({"T": task(resource, parameters)}))

    assert (ended["status"], ended["error"]) == ("FAILED", name + error)
    assert ended["cause"].startswith("not here")


def test_sdk_integrations_reach_both(lake: Any, machines: Machines) -> None:
    lake.glue.scripts["GetDatabases"] = lambda _: (200, {"DatabaseList": [{"Name": "d"}]})
    lake.athena.scripts["ListWorkGroups"] = lambda _: (200, {"WorkGroups": [{"Name": "w"}]})

    output = machines.output(
        {
            "G": task("aws-sdk:glue:getDatabases", {}, ResultPath="$.g", Next="A"),
            "A": task("aws-sdk:athena:listWorkGroups", {}, ResultPath="$.a"),
        }
    )

    assert output == {"g": {"DatabaseList": [{"Name": "d"}]}, "a": {"WorkGroups": [{"Name": "w"}]}}


@pytest.mark.parametrize("resource", ["glue:startJobRun.sync", "athena:startQueryExecution.sync"])
def test_a_field_that_the_integration_does_not_know_is_not_dropped(
    lake: Any, machines: Machines, resource: str
) -> None:
    ended = machines.ended(machines.start({"T": task(resource, {"JobName": "etl", "QueryString": "x", "Priority": 1})}))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "is not supported by Step Functions" in ended["cause"]
    assert lake.glue.seen == lake.athena.seen == []


@pytest.mark.parametrize("resource", ["athena:deleteWorkGroup", "athena:startQueryExecution.sync:2", "glue:getTable"])
def test_an_integration_that_aws_lacks_is_refused(machines: Machines, resource: str) -> None:
    try:
        ended = machines.ended(machines.start({"T": task(resource, {"WorkGroup": "x", "QueryString": "x"})}))
    except machines.client.exceptions.InvalidDefinition:
        return
    assert ended["status"] == "FAILED"


def test_a_stopped_execution_stops_its_run(lake: Any, machines: Machines, awaited: Any) -> None:
    script_glue(lake, ["RUNNING"])
    execution = machines.start({"Run": task("glue:startJobRun.sync", {"JobName": "etl"})})
    awaited(lambda: "GetJobRun" in operations(lake.glue))

    machines.client.stop_execution(executionArn=execution)

    stop = awaited(lambda: [seen for seen in lake.glue.seen if seen.operation == "BatchStopJobRun"])
    assert json.loads(stop[0].body) == {"JobName": "etl", "JobRunIds": ["jr_1"]}


def test_a_state_that_times_out_stops_its_query(lake: Any, machines: Machines, awaited: Any) -> None:
    script_athena(lake, ["RUNNING"])
    states = {"Q": task("athena:startQueryExecution.sync", {"QueryString": "SELECT 1"}, TimeoutSeconds=1)}

    ended = machines.ended(machines.start(states))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    stop = awaited(lambda: [seen for seen in lake.athena.seen if seen.operation == "StopQueryExecution"])
    assert json.loads(stop[0].body) == {"QueryExecutionId": QUERY_ID}


def test_jsonata(lake: Any, machines: Machines) -> None:
    script_athena(lake, ["SUCCEEDED"])
    states = {
        "Q": {
            "Type": "Task",
            "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
            "Arguments": {"QueryString": "{% 'SELECT ' & $states.input.n %}"},
            "Assign": {"text": "{% $states.input.text %}", "n": "{% $states.input.n / 2 %}"},
            "Output": "{% $states.result.QueryExecution.Status.State %}",
            "Next": "P",
        },
        "P": {
            "Type": "Pass",
            "Output": {
                "text": "{% $text %}",
                "half": "{% $n %}",
                "sum": "{% $sum([1..4].($ * $n)) %}",
                "state": "{% $lowercase($states.input) %}",
            },
            "End": True,
        },
    }
    text = 'say "hello"\n\\ and $n; (1)'

    output = machines.output(states, {"n": 6, "text": text}, QueryLanguage="JSONata")

    assert output == {"text": text, "half": 3, "sum": 30, "state": "succeeded"}
    assert json.loads(lake.athena.seen[0].body)["QueryString"] == "SELECT 6"


def test_jsonata_that_cannot_be_evaluated_fails(machines: Machines) -> None:
    states = {"P": {"Type": "Pass", "Output": "{% $number('x') %}", "End": True}}

    ended = machines.ended(machines.start(states, QueryLanguage="JSONata"))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")
