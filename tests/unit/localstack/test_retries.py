"""What a repeated call is answered."""

from types import SimpleNamespace
from typing import Any

import pytest
from laketop_localstack.retries import MOST_ANSWERS, MOST_BYTES, SECONDS, Retries, changes
from rolo import Request, Response


def call(invocation: str, attempt: int = 1, target: str = "AWSEvents.PutRule", **more: Any) -> Any:
    headers = {
        "amz-sdk-invocation-id": invocation,
        "amz-sdk-request": f"attempt={attempt}; max=3",
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
    }
    return SimpleNamespace(request=Request("POST", "/", body=b"{}", headers=headers | more))


class Chain:
    terminated = False

    def terminate(self) -> None:
        self.terminated = True


def answered(retries: Retries, context: Any) -> Response | None:
    chain, response = Chain(), Response()
    retries.again(chain, context, response)
    return response if chain.terminated else None


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def retries(clock: list[float]) -> Retries:
    return Retries(now=lambda: clock[0])


def carried_out(retries: Retries, context: Any, status: int = 200, body: bytes = b'{"arn": 1}') -> None:
    retries.keep(None, context, Response(body, status=status, headers={"x-amzn-RequestId": "1"}))


def test_a_repeated_call_gets_the_answer_of_the_first(retries: Retries) -> None:
    carried_out(retries, call("a"))
    again = answered(retries, call("a", attempt=2))
    assert again is not None
    assert (again.status_code, again.get_data(), again.headers["x-amzn-RequestId"]) == (200, b'{"arn": 1}', "1")


def test_a_first_try_is_always_carried_out(retries: Retries) -> None:
    carried_out(retries, call("a"))
    assert answered(retries, call("a")) is None


def test_what_was_never_carried_out_is_carried_out(retries: Retries) -> None:
    carried_out(retries, call("a"))
    assert answered(retries, call("b", attempt=2)) is None


@pytest.mark.parametrize("status", [400, 409, 500, 503])
def test_what_failed_is_tried_again(retries: Retries, status: int) -> None:
    carried_out(retries, call("a"), status=status)
    assert answered(retries, call("a", attempt=2)) is None


def test_answers_are_forgotten(retries: Retries, clock: list[float]) -> None:
    carried_out(retries, call("a"))
    clock[0] += SECONDS + 1
    assert answered(retries, call("a", attempt=2)) is None


def test_memory_is_bounded(retries: Retries) -> None:
    carried_out(retries, call("large"), body=b"x" * (MOST_BYTES + 1))
    assert answered(retries, call("large", attempt=2)) is None
    for number in range(MOST_ANSWERS + 1):
        carried_out(retries, call(str(number)))
    assert answered(retries, call("0", attempt=2)) is None
    assert answered(retries, call(str(MOST_ANSWERS), attempt=2)) is not None


@pytest.mark.parametrize(
    ("method", "headers", "body", "changing"),
    [
        ("POST", {"X-Amz-Target": "AWSGlue.CreateTable"}, b"{}", True),
        ("POST", {"X-Amz-Target": "AWSGlue.GetTable"}, b"{}", False),
        ("POST", {"X-Amz-Target": "TrentService.ListAliases"}, b"{}", False),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=CreateRole&RoleName=x", True),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=ListRoles&Version=1", False),
        ("PUT", {"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request"}, b"x", False),
        ("PUT", {"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/lambda/aws4_request"}, b"x", True),
        ("GET", {}, b"", False),
        ("DELETE", {}, b"", True),
    ],
)
def test_what_changes_something(method: str, headers: dict[str, str], body: bytes, changing: bool) -> None:
    assert changes(Request(method, "/", body=body, headers=headers)) is changing


def test_a_client_that_is_no_sdk_is_left_alone(retries: Retries) -> None:
    context = SimpleNamespace(request=Request("POST", "/", body=b"{}"))
    carried_out(retries, context)
    assert answered(retries, context) is None
