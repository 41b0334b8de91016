"""What was given when a thing was made is there when it is described: Terraform plans by it."""

from typing import Any
from uuid import uuid4

import pytest

KEY, OTHER = (f"arn:aws:kms:us-east-1:000000000000:key/{uuid4()}" for _ in range(2))
DEFINITION = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
CODE = "def handler(event, context):\n    return 1\n"


def test_a_function_tells_its_key(functions: Any, lake: Any) -> None:
    client, name = lake.client("lambda"), functions.create(CODE, KMSKeyArn=KEY)
    assert client.get_function_configuration(FunctionName=name)["KMSKeyArn"] == KEY
    assert client.get_function(FunctionName=name)["Configuration"]["KMSKeyArn"] == KEY
    client.update_function_configuration(FunctionName=name, Description="as it was")
    assert client.get_function_configuration(FunctionName=name)["KMSKeyArn"] == KEY
    changed = client.update_function_configuration(FunctionName=name, KMSKeyArn=OTHER)
    assert changed["KMSKeyArn"] == OTHER
    client.update_function_configuration(FunctionName=name, KMSKeyArn="")
    assert "KMSKeyArn" not in client.get_function_configuration(FunctionName=name)


def test_a_function_made_anew_has_no_key_of_the_old_one(functions: Any, lake: Any) -> None:
    client, name = lake.client("lambda"), functions.create(CODE, KMSKeyArn=KEY)
    client.delete_function(FunctionName=name)
    functions.create(CODE, FunctionName=name)
    assert "KMSKeyArn" not in client.get_function_configuration(FunctionName=name)


@pytest.fixture
def machine(lake: Any) -> Any:
    client = lake.client("stepfunctions")
    arn = client.create_state_machine(name=uuid4().hex[:12], definition=DEFINITION, roleArn=lake.role())
    yield arn["stateMachineArn"]
    client.delete_state_machine(stateMachineArn=arn["stateMachineArn"])


def test_a_state_machine_tells_whether_it_is_traced(lake: Any, machine: str) -> None:
    client = lake.client("stepfunctions")

    def traced() -> Any:
        return client.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"]

    assert traced() == {"enabled": False}
    client.update_state_machine(stateMachineArn=machine, tracingConfiguration={"enabled": True})
    assert traced() == {"enabled": True}
    client.update_state_machine(stateMachineArn=machine, definition=DEFINITION.replace("End", "Stop"))
    assert traced() == {"enabled": True}
    assert "Stop" in client.describe_state_machine(stateMachineArn=machine)["definition"]


def test_an_update_of_nothing_is_refused_and_of_no_machine_too(lake: Any, machine: str) -> None:
    client = lake.client("stepfunctions")
    with pytest.raises(client.exceptions.MissingRequiredParameter):
        client.update_state_machine(stateMachineArn=machine)
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.update_state_machine(stateMachineArn=f"{machine}-not", tracingConfiguration={"enabled": True})


def test_an_alarm_keeps_the_tags_that_it_was_made_with(lake: Any) -> None:
    client, name = lake.client("cloudwatch"), f"alarm-{uuid4().hex[:8]}"
    alarm = {
        "AlarmName": name, "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    client.put_metric_alarm(**alarm, Tags=[{"Key": "team", "Value": "data"}])
    arn = client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]

    def tags() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceARN=arn)["Tags"]}

    assert tags() == {"team": "data"}
    client.put_metric_alarm(**alarm, Tags=[{"Key": "team", "Value": "others"}])
    assert tags() == {"team": "data"}
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    assert tags() == {"team": "data", "stage": "dev"}
    client.delete_alarms(AlarmNames=[name])
    client.put_metric_alarm(**alarm)
    assert tags() == {}


def test_a_dashboard_that_is_not_there_is_not_found(lake: Any) -> None:
    client, name = lake.client("cloudwatch"), f"dashboard-{uuid4().hex[:8]}"
    for operation, asked in (
        ("get_dashboard", {"DashboardName": name}),
        ("delete_dashboards", {"DashboardNames": [name]}),
    ):
        with pytest.raises(client.exceptions.ClientError) as caught:
            getattr(client, operation)(**asked)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    client.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    assert client.get_dashboard(DashboardName=name)["DashboardBody"] == '{"widgets": []}'
    client.delete_dashboards(DashboardNames=[name])
    assert name not in [entry["DashboardName"] for entry in client.list_dashboards()["DashboardEntries"]]
