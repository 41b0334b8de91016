"""Scripted conversations with AWS: botocore's Stubber checks requests and answers by AWS's own models."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber


class Conversation:
    """Clients whose answers are given beforehand, in order; `connect` gives a service's client."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._stubbers: dict[str, Stubber] = {}

    def connect(self, service: str) -> Any:
        return self.stubber(service).client

    def stubber(self, service: str) -> Stubber:
        if service not in self._stubbers:
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
            session: Any = boto3.Session(**keys)
            self._stubbers[service] = self._stack.enter_context(Stubber(session.client(service)))
        return self._stubbers[service]

    def answers(self, service: str, operation: str, answer: dict[str, Any], **asked: Any) -> None:
        """The next request must be this one, if its parameters are given."""
        self.stubber(service).add_response(operation, answer, asked or None)

    def refuses(self, service: str, operation: str, code: str) -> None:
        self.stubber(service).add_client_error(operation, code, "no")

    def over(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()


@pytest.fixture
def aws() -> Iterator[Conversation]:
    with ExitStack() as stack:
        conversation = Conversation(stack)
        yield conversation
        conversation.over()


@pytest.fixture
def arn() -> Callable[[str, str], str]:
    def make(kind: str, name: str) -> str:
        return f"arn:aws:states:us-east-1:000000000000:{kind}:{name}"

    return make
