"""A query by the Athena API: answers as AWS documents them, fed through botocore's own stubber."""

from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from laketop.stack import query
from laketop.stack.messages import StackError


@pytest.fixture
def stubbed() -> tuple[Any, Stubber]:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client("athena", endpoint_url="http://127.0.0.1:9")
    return client, Stubber(client)


def a_run(stubber: Stubber, states: list[str], kind: str = "DML", reason: str | None = None) -> None:
    stubber.add_response("start_query_execution", {"QueryExecutionId": "id"}, {
        "QueryString": ANY, "QueryExecutionContext": {"Database": "default"}, "WorkGroup": "wg",
    })  # fmt: skip
    for state in states:
        status = {"State": state} | ({"StateChangeReason": reason} if reason else {})
        execution = {"Status": status, "StatementType": kind, "Statistics": {"DataScannedInBytes": 7}}
        stubber.add_response("get_query_execution", {"QueryExecution": execution}, {"QueryExecutionId": "id"})


def a_page(stubber: Stubber, rows: list[list[str | None]], token: str | None = None, sent: str | None = None) -> None:
    data = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows]
    columns = [{"Name": "day", "Type": "date"}, {"Name": "n", "Type": "bigint"}]
    answer = {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": columns}}}
    stubber.add_response(
        "get_query_results",
        answer | ({"NextToken": token} if token else {}),
        {"QueryExecutionId": "id"} | ({"NextToken": sent} if sent else {}),
    )


def test_all_pages_without_the_header_row(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    a_run(stubber, ["QUEUED", "RUNNING", "SUCCEEDED"])
    a_page(stubber, [["day", "n"], ["2026-01-01", "5"]], token="t")
    a_page(stubber, [["2026-01-02", None]], sent="t")
    with stubber:
        result = query.run(client, "select 1", "default", "wg")
    assert result.header == ["day", "n"]
    assert result.types == ["date", "bigint"]
    assert result.rows == [["2026-01-01", "5"], ["2026-01-02", None]]
    assert result.scanned == 7
    stubber.assert_no_pending_responses()


def test_a_utility_statement_has_no_header_row(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    a_run(stubber, ["SUCCEEDED"], kind="UTILITY")
    a_page(stubber, [["day", "n"]])
    with stubber:
        assert query.run(client, "show tables", "default", "wg").rows == [["day", "n"]]


def test_a_failed_query_gives_athena_s_reason_in_one_line(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    a_run(stubber, ["FAILED"], reason="COLUMN_NOT_FOUND: line 1:8:\n  Column 'x' cannot be resolved")
    with stubber, pytest.raises(StackError, match="query: COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"):
        query.run(client, "select x", "default", "wg")


def test_a_refused_query_gives_the_aws_code(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_client_error("start_query_execution", "InvalidRequestException", "WorkGroup wg is not found.")
    with stubber, pytest.raises(StackError, match=r"athena: InvalidRequestException: WorkGroup wg is not found\."):
        query.run(client, "select 1", "default", "wg")


def test_nobody_there(stubbed: tuple[Any, Stubber]) -> None:
    client, _ = stubbed
    with pytest.raises(StackError, match="Could not connect") as caught:
        query.run(client, "select 1", "default", "wg")
    assert "make status" in caught.value.hint


def test_the_columns_of_describe_come_as_one_text(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    a_run(stubber, ["SUCCEEDED"], kind="UTILITY")
    a_page(stubber, [["id      \tbigint  "], ["# Partition Information"]])
    with stubber:
        rows = query.run(client, "describe t", "default", "wg").rows
    assert rows == [["id", "bigint"], ["# Partition Information", ""]]


def test_parameters_go_with_the_statement(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_client_error("start_query_execution", "InvalidRequestException", "seen", expected_params={
        "QueryString": "select ?", "QueryExecutionContext": {"Database": "default"}, "WorkGroup": "wg",
        "ExecutionParameters": ["'a'"],
    })  # fmt: skip
    with stubber, pytest.raises(StackError, match="seen"):
        query.run(client, "select ?", "default", "wg", ["'a'"])
