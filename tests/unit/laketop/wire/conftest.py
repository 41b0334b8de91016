"""What the tests of the wire share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest

from .servers import running

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}


@pytest.fixture
def serving() -> Iterator[Callable[[Any], str]]:
    """Serves an application until the test ends; gives its URL."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(running(app))


@pytest.fixture
def client() -> Iterator[Callable[..., Any]]:
    """boto3 clients that are closed when the test ends."""
    with ExitStack() as stack:

        def make(service: str, url: str, **settings: Any) -> Any:
            made = boto3.client(service, endpoint_url=url, **KEYS, **settings)
            stack.callback(made.close)
            return made

        yield make
