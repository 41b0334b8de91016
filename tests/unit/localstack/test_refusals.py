from typing import Any

import botocore.session
import pytest
from laketop_localstack.refusals import CHECKS, RefusedError, function, metrics, payload_limit, schedule


@pytest.mark.parametrize(("service", "operation"), CHECKS)
def test_every_operation_exists(service: str, operation: str) -> None:
    assert operation in botocore.session.get_session().get_service_model(service).operation_names


@pytest.mark.parametrize(
    "request_",
    [
        {"FunctionName": "f", "Runtime": "python3.13", "Environment": {"Variables": {"A": "b"}}},
        {
            "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f",
            "LoggingConfig": {"LogGroup": "/aws/lambda/f"},
        },
        {"FunctionName": "f", "PackageType": "Zip", "LoggingConfig": {"LogFormat": "JSON"}, "FileSystemConfigs": []},
    ],
)
def test_what_can_be_run_passes(request_: dict[str, Any]) -> None:
    function(request_)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"PackageType": "Image"}, "container images"),
        ({"Runtime": "python3.14"}, "asks for python3.14"),
        ({"FileSystemConfigs": [{"Arn": "a", "LocalMountPath": "/mnt/x"}]}, "no Amazon EFS"),
        ({"LoggingConfig": {"LogGroup": "/aws/lambda/other"}}, "/aws/lambda/f only"),
        (
            {"Environment": {"Variables": {"_HANDLER": "", "AWS_SESSION_TOKEN": ""}}},
            "request: AWS_SESSION_TOKEN, _HANDLER",
        ),
    ],
)
def test_what_cannot_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said) as caught:
        function({"FunctionName": "f"} | more)
    assert (caught.value.code, caught.value.status) == ("InvalidParameterValueException", 400)


def test_schedules_are_refused() -> None:
    with pytest.raises(RefusedError, match="never fire"):
        schedule({"Name": "x"})


@pytest.mark.parametrize(("kind", "limit"), [("", 6_291_456), ("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_the_size_of_a_payload(kind: str, limit: int) -> None:
    payload_limit(kind, limit)
    with pytest.raises(RefusedError, match=f"smaller than {limit} bytes") as caught:
        payload_limit(kind, limit + 1)
    assert (caught.value.code, caught.value.status) == ("RequestTooLargeException", 413)


@pytest.mark.parametrize("filter_", [None, {}, {"Prefix": "logs/"}])
def test_metrics_of_all_requests_or_of_a_prefix_pass(filter_: dict[str, Any] | None) -> None:
    metrics({"Bucket": "b", "MetricsConfiguration": {"Id": "a"} | ({} if filter_ is None else {"Filter": filter_})})


@pytest.mark.parametrize("name", ["Tag", "And", "AccessPointArn"])
def test_metrics_by_anything_else_are_refused(name: str) -> None:
    with pytest.raises(RefusedError, match=f"Filter {name} is not supported") as caught:
        metrics({"Bucket": "b", "MetricsConfiguration": {"Id": "a", "Filter": {name: "x"}}})
    assert (caught.value.code, caught.value.status) == ("NotImplemented", 501)
