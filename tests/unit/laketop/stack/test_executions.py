"""Waiting for an execution that an event started."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from laketop.stack import executions
from laketop.stack.messages import StackError

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:laketop-local-ingest"


def arn(name: str) -> str:
    return f"arn:aws:states:us-east-1:000000000000:execution:laketop-local-ingest:{name}"


@pytest.fixture
def stubbed() -> tuple[Any, Stubber]:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client("stepfunctions")
    return client, Stubber(client)


def listed(stubber: Stubber, *names: str) -> None:
    items = [
        {"executionArn": arn(name), "stateMachineArn": MACHINE, "name": name, "status": "RUNNING", "startDate": 0}
        for name in names
    ]
    stubber.add_response("list_executions", {"executions": items}, {"stateMachineArn": MACHINE})


def described(stubber: Stubber, status: str, **more: str) -> None:
    answer = {"executionArn": arn("new"), "stateMachineArn": MACHINE, "status": status, "startDate": 0, **more}
    stubber.add_response("describe_execution", answer, {"executionArn": arn("new")})


def test_it_waits_for_the_new_one_and_its_end(stubbed: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "PAUSE", 0)
    client, stubber = stubbed
    listed(stubber, "old")
    listed(stubber, "old")
    listed(stubber, "old", "new")
    described(stubber, "RUNNING")
    described(stubber, "SUCCEEDED")
    with stubber:
        watch = executions.Watch(client)
        assert watch.wait_for_new(MACHINE, watch.known(MACHINE)) == [arn("new")]
    stubber.assert_no_pending_responses()


def test_a_failed_one_gives_its_error_and_cause(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    listed(stubber, "new")
    described(stubber, "FAILED", error="TransformFailed", cause="Glue run\n jr_1: ValueError: boom")
    with stubber, pytest.raises(StackError, match="FAILED: TransformFailed Glue run jr_1: ValueError: boom"):
        executions.Watch(client).wait_for_new(MACHINE, set())


def test_none_that_starts_is_an_error(stubbed: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "START_TIMEOUT", 0)
    client, stubber = stubbed
    listed(stubber, "old")
    with stubber, pytest.raises(StackError, match="laketop-local-ingest: 0 of 1 executions started"):
        executions.Watch(client).wait_for_new(MACHINE, {arn("old")})


def test_it_waits_for_as_many_as_are_expected(stubbed: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "PAUSE", 0)
    client, stubber = stubbed
    listed(stubber, "new")
    listed(stubber, "new", "newer")
    described(stubber, "SUCCEEDED")
    answer = {"executionArn": arn("newer"), "stateMachineArn": MACHINE, "status": "SUCCEEDED", "startDate": 0}
    stubber.add_response("describe_execution", answer, {"executionArn": arn("newer")})
    with stubber:
        assert executions.Watch(client).wait_for_new(MACHINE, set(), 2) == [arn("new"), arn("newer")]
    stubber.assert_no_pending_responses()
