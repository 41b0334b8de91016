"""The conversation with Athena, scripted by botocore's Stubber, which checks requests and answers by Athena's model."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse import athena_helper

ASKED = {
    "QueryString": "SELECT 1",
    "QueryExecutionContext": {"Database": "shop"},
    "WorkGroup": "analysts",
}


@pytest.fixture
def athena() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("athena", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        stubber.add_response("start_query_execution", {"QueryExecutionId": "q1"}, ASKED)
        yield client, stubber
        stubber.assert_no_pending_responses()


def state(name: str, **more: str) -> dict[str, Any]:
    return {"QueryExecution": {"QueryExecutionId": "q1", "Status": {"State": name, **more}}}


def run(client: Any, slept: list[float]) -> str:
    return athena_helper.run_query(
        client, "SELECT 1", database="shop", work_group="analysts", poll_seconds=0.5, sleep=slept.append
    )


def test_waits_until_the_query_has_ended(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    for name in ("QUEUED", "RUNNING", "SUCCEEDED"):
        stubber.add_response("get_query_execution", state(name), {"QueryExecutionId": "q1"})
    slept: list[float] = []
    assert run(client, slept) == "q1"
    assert slept == [0.5, 0.5]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (state("FAILED", StateChangeReason="TABLE_NOT_FOUND"), "query q1 FAILED: TABLE_NOT_FOUND"),
        (state("CANCELLED"), "query q1 CANCELLED: no reason given"),
    ],
)
def test_a_query_that_did_not_succeed(athena: tuple[Any, Stubber], answer: dict[str, Any], says: str) -> None:
    client, stubber = athena
    stubber.add_response("get_query_execution", answer, {"QueryExecutionId": "q1"})
    with pytest.raises(athena_helper.QueryFailedError, match=says):
        run(client, [])


def test_rows_of_all_pages_with_nulls() -> None:
    client = boto3.client("athena", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")

    def page(*rows: list[str | None], **more: str) -> dict[str, Any]:
        cells = [[{} if cell is None else {"VarCharValue": cell} for cell in row] for row in rows]
        return {"ResultSet": {"Rows": [{"Data": row} for row in cells]}, **more}

    with Stubber(client) as stubber:
        first = page(["day", "n"], ["2026-01-01", "1"], NextToken="t")
        stubber.add_response("get_query_results", first, {"QueryExecutionId": "q1"})
        rest = {"QueryExecutionId": "q1", "NextToken": "t"}
        stubber.add_response("get_query_results", page(["2026-01-02", None]), rest)
        assert athena_helper.read_rows(client, "q1") == [
            {"day": "2026-01-01", "n": "1"},
            {"day": "2026-01-02", "n": None},
        ]
