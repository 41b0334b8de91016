"""A lake's names are a test's own, and a query's answer is rows of values or one error."""

import os
import re
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from laketop import settings
from laketop.testing.lake import Lake, QueryFailedError, sql

SETTINGS = settings.load({"LAKETOP_PORT": "21000", "LAKETOP_STATE": "/nowhere"})


@pytest.mark.parametrize(
    ("label", "start"),
    [
        ("test_hits[2026-01-31]", "test-hits-2026-01-31"),
        ("test_" + "a" * 100, "test-" + "a" * 19),
        ("test_____________________________x", "test-x"),
        ("Prüfung", "pr-fung"),
        ("試験", "test"),
    ],
)
def test_names_are_made_of_the_tests_and_never_the_same(label: str, start: str) -> None:
    names = {Lake(SETTINGS, label).name for _ in range(20)}
    assert len(names) == 20
    assert all(re.fullmatch(re.escape(start) + "-[0-9a-f]{8}", name) for name in names)
    assert all(len(name) <= 33 for name in names)


def test_a_subprocess_gets_the_lakes_endpoint_and_nobodys_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    environment = Lake(SETTINGS).environment
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:21000"
    assert "AWS_PROFILE" not in environment
    assert environment["PATH"] == os.environ["PATH"]


@pytest.fixture
def stubbed() -> tuple[Any, Stubber]:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client("athena", endpoint_url="http://127.0.0.1:9")
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def an_answer(stubber: Stubber, columns: dict[str, str] | list[tuple[str, str]], rows: list[list[str | None]]) -> None:
    pairs = list(columns.items()) if isinstance(columns, dict) else columns
    stubber.add_response("start_query_execution", {"QueryExecutionId": "id"})
    execution = {"Status": {"State": "SUCCEEDED"}, "StatementType": "DML"}
    stubber.add_response("get_query_execution", {"QueryExecution": execution})
    header = [name for name, _ in pairs]
    data = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in [header, *rows]]
    information = [{"Name": name, "Type": type_} for name, type_ in pairs]
    result = {"Rows": data, "ResultSetMetadata": {"ColumnInfo": information}}
    stubber.add_response("get_query_results", {"ResultSet": result})


def test_rows_have_values(stubbed: tuple[Any, Stubber]) -> None:
    an_answer(stubbed[1], {"n": "bigint", "price": "decimal", "name": "varchar"}, [["1", "2.50", ""], [None] * 3])
    assert sql(stubbed[0], "select …", "default", "wg") == [
        {"n": 1, "price": Decimal("2.50"), "name": ""},
        {"n": None, "price": None, "name": None},
    ]


def test_two_columns_of_one_name_would_lose_one(stubbed: tuple[Any, Stubber]) -> None:
    an_answer(stubbed[1], [("n", "bigint"), ("n", "bigint")], [["1", "2"]])
    with pytest.raises(ValueError, match="two columns are named 'n'; give one an alias:\n\nselect 1 n, 2 n"):
        sql(stubbed[0], "select 1 n, 2 n", "default", "wg")


def test_an_error_is_athenas_words_and_the_query(stubbed: tuple[Any, Stubber]) -> None:
    stubbed[1].add_response("start_query_execution", {"QueryExecutionId": "id"})
    status = {"State": "FAILED", "StateChangeReason": "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"}
    stubbed[1].add_response("get_query_execution", {"QueryExecution": {"Status": status}})
    with pytest.raises(QueryFailedError) as caught:
        sql(stubbed[0], " select x\n", "default", "wg")
    assert str(caught.value) == f"{status['StateChangeReason']}\n\nselect x"
    assert caught.value.reason == status["StateChangeReason"]
