"""The dashboard's function with an Athena of ours and an in-process S3."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.api_handler import handler as api
from tests.unit.lakehouse.ours import AthenaOfOurs
from tests.unit.lambdas.api_handler.ours import FILES, NAMES, PAGE, RAW, Get, event


@pytest.fixture
def athena() -> AthenaOfOurs:
    return AthenaOfOurs()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, athena: AthenaOfOurs) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("RAW_BUCKET", RAW)
    monkeypatch.setenv("PAGE_BUCKET", PAGE)
    monkeypatch.setenv("WORK_GROUP", "lake")
    monkeypatch.setenv("NAMED_QUERIES", json.dumps({name: f"id-{name}" for name in NAMES}))
    with mock_aws():
        client: Any = boto3.client("s3")
        for bucket in (RAW, PAGE):
            client.create_bucket(Bucket=bucket)
        for name, text in FILES.items():
            client.put_object(Bucket=PAGE, Key=name, Body=text.encode())
        real = boto3.client
        monkeypatch.setattr(api.boto3, "client", lambda service: athena if service == "athena" else real(service))
        for made in (api._s3, api._lake):
            made.cache_clear()
        yield client
        for made in (api._s3, api._lake):
            made.cache_clear()


@pytest.fixture
def get(s3: Any) -> Get:
    """Ask the function; gives status, headers, and the body (JSON where it says so)."""

    def ask(path: str, method: str = "GET", headers: dict[str, str] | None = None, **query: str | list[str]) -> Any:
        query = {name.rstrip("_"): value for name, value in query.items()}
        context = SimpleNamespace(aws_request_id="req-1")
        answer = api.handler(event(path, method, headers, **query), context)
        kind = answer["headers"].get("Content-Type", "")
        body = json.loads(answer["body"]) if kind.startswith("application/json") else answer["body"]
        return SimpleNamespace(status=answer["statusCode"], headers=answer["headers"], body=body)

    return ask
