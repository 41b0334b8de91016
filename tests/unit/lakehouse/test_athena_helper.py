"""The conversation with Athena, scripted by botocore's Stubber, which checks requests and answers by Athena's model."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from lakehouse import athena_helper, athena_types
from lakehouse.athena_helper import QueryFailedError, QueryResult, QueryTimeoutError
from tests.contract.lakehouse.athena_cases import *  # noqa: F403

ASKED = {
    "QueryString": "SELECT 1",
    "QueryExecutionContext": {"Database": "shop"},
    "WorkGroup": "analysts",
    "ClientRequestToken": ANY,
}
ID = {"QueryExecutionId": "q1"}


@pytest.fixture
def athena() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("athena", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def state(name: str, **more: Any) -> dict[str, Any]:
    return {"QueryExecution": {"QueryExecutionId": "q1", "Status": {"State": name, **more}}}


def scripted_run(client: Any, **more: Any) -> QueryResult:
    return athena_helper.run(client, "SELECT 1", database="shop", work_group="analysts", **more)


def test_waits_longer_and_longer_until_the_query_has_ended(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    time = Time()
    stubber.add_response("start_query_execution", ID, ASKED)
    for name in ("QUEUED", *["RUNNING"] * 20, "SUCCEEDED"):
        stubber.add_response("get_query_execution", state(name), ID)
    states: list[str] = []
    assert scripted_run(client, sleep=time.sleep, clock=time, on_state=states.append).id == "q1"
    assert states == ["QUEUED", "RUNNING", "SUCCEEDED"]
    # 0.1 s times 1.5 each time up to 5 s, each cut by at most half
    assert len(time.slept) == 21
    assert all(min(0.1 * 1.5**n, 5) / 2 <= pause <= min(0.1 * 1.5**n, 5) for n, pause in enumerate(time.slept))


def test_what_is_asked_for_besides(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    more = {"ExecutionParameters": ["'it''s'", "1"], "ResultConfiguration": {"OutputLocation": "s3://b/r/"}}
    stubber.add_response("start_query_execution", ID, ASKED | more)
    figures = {"DataScannedInBytes": 10, "EngineExecutionTimeInMillis": 20, "TotalExecutionTimeInMillis": 30}
    answer = state("SUCCEEDED")
    answer["QueryExecution"] |= {
        "Statistics": figures,
        "StatementType": "DML",
        "ResultConfiguration": {"OutputLocation": "s3://b/r/q1.csv"},
    }
    stubber.add_response("get_query_execution", answer, ID)
    result = scripted_run(client, parameters=["it's", 1], output="s3://b/r/")
    assert (result.scanned_bytes, result.engine_ms, result.total_ms) == (10, 20, 30)
    assert (result.kind, result.output) == ("DML", "s3://b/r/q1.csv")


@pytest.mark.parametrize(
    ("answer", "says", "number"),
    [
        (state("FAILED", StateChangeReason="TABLE_NOT_FOUND"), "query q1 FAILED: TABLE_NOT_FOUND", (None, None, False)),
        (state("CANCELLED"), "query q1 CANCELLED: no reason given", (None, None, False)),
        (
            state(
                "FAILED",
                AthenaError={"ErrorCategory": 1, "ErrorType": 233, "Retryable": True, "ErrorMessage": "too many nodes"},
            ),
            r"query q1 FAILED: too many nodes \(category 1, type 233\)",
            (1, 233, True),
        ),
    ],
)
def test_a_query_that_did_not_succeed(
    athena: tuple[Any, Stubber], answer: dict[str, Any], says: str, number: tuple[Any, ...]
) -> None:
    client, stubber = athena
    stubber.add_response("start_query_execution", ID, ASKED)
    stubber.add_response("get_query_execution", answer, ID)
    with pytest.raises(QueryFailedError, match=says) as caught:
        scripted_run(client)
    error = caught.value
    assert (error.id, error.state) == ("q1", answer["QueryExecution"]["Status"]["State"])
    assert (error.category, error.type, error.retryable) == number


def test_a_query_that_takes_too_long_is_stopped(athena: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    client, stubber = athena
    time = Time()
    monkeypatch.setattr("random.uniform", lambda _, high: high)
    stubber.add_response("start_query_execution", ID, ASKED)
    # Looks at 0, 0.1, 0.25, 0.475, 0.8125 and 1.31875 s, and the last one when the two seconds are over.
    for _ in range(7):
        stubber.add_response("get_query_execution", state("RUNNING"), ID)
    stubber.add_response("stop_query_execution", {}, ID)
    with pytest.raises(QueryTimeoutError, match="query q1 RUNNING: query q1 is still RUNNING after 2 s") as caught:
        scripted_run(client, timeout=2, sleep=time.sleep, clock=time)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.id == "q1"
    assert time.now == pytest.approx(2)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the callback's")])
def test_what_ends_the_waiting_stops_the_query(athena: tuple[Any, Stubber], error: BaseException) -> None:
    client, stubber = athena
    stubber.add_response("start_query_execution", ID, ASKED)
    stubber.add_response("get_query_execution", state("RUNNING"), ID)
    stubber.add_response("stop_query_execution", {}, ID)

    def interrupt(_: float) -> None:
        raise error

    with pytest.raises(type(error)):
        scripted_run(client, sleep=interrupt)


def test_that_a_query_cannot_be_stopped_hides_no_error(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    stubber.add_response("start_query_execution", ID, ASKED)
    stubber.add_response("get_query_execution", state("QUEUED"), ID)
    stubber.add_client_error("stop_query_execution", "AccessDeniedException")
    with pytest.raises(QueryTimeoutError) as caught:
        scripted_run(client, timeout=0)
    assert caught.value.state == "QUEUED"


def test_throttled_requests_are_repeated_with_one_token(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    tokens = []
    client.meta.events.register(
        "provide-client-params.athena.StartQueryExecution",
        lambda params, **_: tokens.append(params["ClientRequestToken"]),
    )
    stubber.add_client_error("start_query_execution", "TooManyRequestsException")
    stubber.add_response("start_query_execution", ID, ASKED)
    stubber.add_client_error("get_query_execution", "ThrottlingException")
    stubber.add_response("get_query_execution", state("SUCCEEDED"), ID)
    assert scripted_run(client, sleep=lambda _: None).id == "q1"
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) >= 32  # Athena wants 32 to 128 characters


def test_a_refused_request_is_told_at_once(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    stubber.add_client_error("start_query_execution", "InvalidRequestException", "WorkGroup analysts is not found.")
    with pytest.raises(client.exceptions.InvalidRequestException, match="is not found"):
        scripted_run(client)


def result_page(columns: list[tuple[str, str]], *rows: list[str | None], **more: str) -> dict[str, Any]:
    cells = [[{} if cell is None else {"VarCharValue": cell} for cell in row] for row in rows]
    infos = [{"Name": name, "Type": type_} for name, type_ in columns]
    return {"ResultSet": {"Rows": [{"Data": row} for row in cells], "ResultSetMetadata": {"ColumnInfo": infos}}, **more}


def result(client: Any, output: str) -> QueryResult:
    answer = state("SUCCEEDED")["QueryExecution"] | {"ResultConfiguration": {"OutputLocation": output}}
    return QueryResult.of(client, answer)


def test_rows_of_all_pages_with_nulls(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    columns = [("day", "date"), ("n", "bigint")]
    first = result_page(columns, ["day", "n"], ["2026-01-01", "1"], NextToken="t")
    stubber.add_response("get_query_results", first, ID | {"MaxResults": 1})
    stubber.add_response("get_query_results", first, ID)
    stubber.add_response("get_query_results", result_page(columns, ["2026-01-02", None]), ID | {"NextToken": "t"})
    assert result(client, "s3://b/q1.csv").rows() == [
        {"day": date(2026, 1, 1), "n": 1},
        {"day": date(2026, 1, 2), "n": None},
    ]


def test_a_text_result_has_no_header(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    page = result_page([("tab_name", "string")], ["tab_name"], ["sales"])
    stubber.add_response("get_query_results", page, ID | {"MaxResults": 1})
    stubber.add_response("get_query_results", page, ID)
    assert result(client, "s3://b/q1.txt").rows() == [{"tab_name": "tab_name"}, {"tab_name": "sales"}]


def test_the_one_cell_of_a_describe_is_a_row(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    columns = [("col_name", "varchar"), ("data_type", "varchar"), ("comment", "varchar")]
    lines = ["day       \tdate      \tThe day,\tUTC.  ", "# Partition Information", "\t \t "]
    page = result_page(columns, *([line] for line in lines))
    stubber.add_response("get_query_results", page, ID | {"MaxResults": 1})
    stubber.add_response("get_query_results", page, ID)
    assert result(client, "s3://b/q1.txt").to_arrow().to_pylist() == [
        {"col_name": "day", "data_type": "date", "comment": "The day,\tUTC."},
        {"col_name": "# Partition Information", "data_type": None, "comment": None},
        {"col_name": "", "data_type": "", "comment": ""},
    ]


@pytest.mark.parametrize(("limit", "expected"), [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (9, [1, 2, 3])])
def test_no_more_rows_than_wanted_and_no_page_behind_them(
    athena: tuple[Any, Stubber], limit: int, expected: list[int]
) -> None:
    client, stubber = athena
    columns = [("n", "bigint")]
    first = result_page(columns, ["n"], ["1"], ["2"], NextToken="t")
    stubber.add_response("get_query_results", first, ID | {"MaxResults": 1})
    stubber.add_response("get_query_results", first, ID)
    if limit > 2:
        stubber.add_response("get_query_results", result_page(columns, ["3"]), ID | {"NextToken": "t"})
    assert result(client, "s3://b/q1.csv").to_arrow(limit)["n"].to_pylist() == expected
    stubber.assert_no_pending_responses()


def test_columns_of_one_name(athena: tuple[Any, Stubber]) -> None:
    client, stubber = athena
    page = result_page([("a", "integer"), ("a", "integer")], ["a", "a"], ["1", "2"])
    stubber.add_response("get_query_results", page, ID | {"MaxResults": 1})
    stubber.add_response("get_query_results", page, ID)
    found = result(client, "s3://b/q1.csv")
    with pytest.raises(ValueError, match="query q1: two columns are named 'a'; give one an alias"):
        found.rows()
    assert [column.to_pylist() for column in found.to_arrow().columns] == [[1], [2]]


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_a_package_that_is_not_installed_is_named(
    athena: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{package} is not installed here.*use rows\(\)") as caught:
        result(athena[0], "s3://b/q1.csv").to_pandas()
    assert caught.value.name == package


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("float", "NaN", "NaN"),
        ("double", "-Infinity", float("-inf")),
        ("double", "1.0E-5", 0.00001),
        ("decimal", "99999999999999999999999999999999999.999", Decimal("99999999999999999999999999999999999.999")),
        ("timestamp", "2026-01-31 00:00:00", datetime(2026, 1, 31)),
        ("timestamp", "2026-01-31 18:04:21.123456", datetime(2026, 1, 31, 18, 4, 21, 123456)),
        ("timestamp", "2026-01-31 18:04:21.123456789", "2026-01-31 18:04:21.123456789"),
        ("timestamp", "2026-01-31 18:04:21.123456000", datetime(2026, 1, 31, 18, 4, 21, 123456)),
        ("timestamp", "+12026-01-31 18:04:21.000", "+12026-01-31 18:04:21.000"),
        ("date", "-0044-03-15", "-0044-03-15"),
        (
            "timestamp with time zone",
            "2026-07-31 18:04:21.000 Europe/Berlin",
            datetime(2026, 7, 31, 18, 4, 21, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
        (
            "timestamp with time zone",
            "2026-07-31 18:04:21.000 -03:30",
            datetime(2026, 7, 31, 18, 4, 21, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
        ),
        ("timestamp with time zone", "2026-07-31 18:04:21.000 Mars/Base", "2026-07-31 18:04:21.000 Mars/Base"),
        ("timestamp with time zone", "2026-07-31 18:04:21.000", "2026-07-31 18:04:21.000"),
        ("boolean", "false", False),
        ("boolean", "maybe", "maybe"),
        ("time", "18:04:21.000", "18:04:21.000"),
        ("varbinary", "de ad", "de ad"),
        ("bigint", None, None),
        ("varchar", "", ""),
    ],
)
def test_values(type_: str, text: str | None, value: Any) -> None:
    found = athena_types.read(type_, text)
    if value == "NaN":
        assert found != found  # as only NaN is
    else:
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (False, "FALSE"),
        (-7, "-7"),
        (0.5, "DOUBLE '0.5'"),
        (float("-inf"), "DOUBLE '-Infinity'"),
        (float("nan"), "DOUBLE 'NaN'"),
        (Decimal("1E+3"), "DECIMAL '1000'"),
        (Decimal("12.30"), "DECIMAL '12.30'"),
        (date(2026, 1, 31), "DATE '2026-01-31'"),
        (datetime(2026, 1, 31, 18, 4), "TIMESTAMP '2026-01-31 18:04:00.000000'"),
        (datetime(26, 1, 31, 18, 4, 0, 5), "TIMESTAMP '0026-01-31 18:04:00.000005'"),
        (datetime(2026, 1, 31, 18, 4, tzinfo=UTC), "TIMESTAMP '2026-01-31 18:04:00.000000 +00:00'"),
        ("it's", "'it''s'"),
        ("", "''"),
    ],
)
def test_literals(value: Any, text: str) -> None:
    assert athena_helper.literal(value) == text


def test_what_has_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a parameter is one of bool, int, .* or None, not list; write it as"):
        athena_helper.literal([1])


@given(st.text())
def test_no_text_leaves_its_literal(value: str) -> None:
    inside = athena_helper.literal(value)[1:-1]
    assert "'" not in inside.replace("''", "")
    assert inside.replace("''", "'") == value
