"""A mocked AWS for the cases that also run on a lake (tests/contract/lakehouse)."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.athena.models import QueryResults, athena_backends

from tests.contract.lakehouse.clients import Clients

pytest.register_assert_rewrite(*(f"tests.contract.lakehouse.{name}_cases" for name in ("s3", "athena", "glue")))

REGION = "us-east-1"


def tell(columns: list[tuple[str, dict[str, Any]]], rows: list[list[str | None]]) -> None:
    """Queue what the next query answers, in the form of GetQueryResults."""
    cells = [{"Data": [{} if text is None else {"VarCharValue": text} for text in row]} for row in rows]
    infos = [{"Name": name, **info} for name, info in columns]
    athena_backends["123456789012"][REGION].query_results_queue.append(QueryResults(cells, infos))


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3, athena, glue, logs = (boto3.client(name, region_name=REGION) for name in ("s3", "athena", "glue", "logs"))
        s3.create_bucket(Bucket="lake")
        glue.create_job(Name="etl", Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://lake/etl.py"})
        yield Clients(s3, athena, glue, logs, "lake", tell, "etl")
