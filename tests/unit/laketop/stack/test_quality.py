"""Which rules are broken, by the named query; and the issues that say so."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import ANY, Stubber

from laketop.stack import checkout, quality, quality_issues
from laketop.stack.commands import quality as quality_command
from laketop.stack.commands import quality_issues as issues_command
from laketop.stack.messages import StackError
from laketop.stack.quality import Breach
from laketop.stack.tables import Format
from tests.fixtures.fake_github import GitHub, running

SQL = (checkout.ROOT / "sql" / "queries" / "data_quality.sql").read_text()
# The columns that the named query selects, in its order.
HEADER = ["dataset", "rule", "column_name", "severity", "observed", "unit", "operator", "threshold", "rows_checked", "checked_at"]  # fmt: skip  # noqa: E501
NEGATIVE = ["transactions", "amount_is_valid", "amount", "error", "3.0", "rows", "mustBe", "0.0", "99", "2026-01-31 10:00:00.000"]  # fmt: skip  # noqa: E501
OLD = ["reviews", "created_at_is_fresh", "created_at", "warning", "50.5", "hours", "mustBeLessOrEqualTo", "24.0", "9", "2026-01-31 10:00:00.000"]  # fmt: skip  # noqa: E501


def breach(row: list[str]) -> Breach:
    return Breach(**{name: value for name, value in zip(HEADER, row, strict=True) if name != "rows_checked"})


def an_athena(
    rows: list[list[str]], header: list[str] = HEADER, names: tuple[str, ...] = ("other", "data_quality")
) -> Any:
    """A client whose work group has named queries on two pages, and whose query gives some rows."""
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client("athena", endpoint_url="http://127.0.0.1:9")
    stubber = Stubber(client)
    for page, name in enumerate(names):
        more = {"NextToken": f"page {page + 1}"} if page + 1 < len(names) else {}
        asked = {"WorkGroup": "laketop-dev"} | ({"NextToken": f"page {page}"} if page else {})
        stubber.add_response("list_named_queries", {"NamedQueryIds": [f"id {name}"], **more}, asked)
        found = {"Name": name, "Database": "laketop_dev_curated", "QueryString": SQL, "WorkGroup": "laketop-dev"}
        stubber.add_response("batch_get_named_query", {"NamedQueries": [found]}, {"NamedQueryIds": [f"id {name}"]})
    if "data_quality" in names:
        context = {"Database": "laketop_dev_curated"}
        asked = {"QueryString": SQL, "QueryExecutionContext": context, "WorkGroup": "laketop-dev"}
        stubber.add_response("start_query_execution", {"QueryExecutionId": "q"}, asked)
        execution = {"Status": {"State": "SUCCEEDED"}, "StatementType": "DML"}
        stubber.add_response("get_query_execution", {"QueryExecution": execution}, {"QueryExecutionId": "q"})
        data = [{"Data": [{"VarCharValue": cell} for cell in row]} for row in (header, *rows)]
        columns = [{"Name": name, "Type": "varchar"} for name in header]
        result = {"Rows": data, "ResultSetMetadata": {"ColumnInfo": columns}}
        stubber.add_response("get_query_results", {"ResultSet": result}, {"QueryExecutionId": ANY})
    stubber.activate()
    return client


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with running() as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


def monitor(monkeypatch: pytest.MonkeyPatch, *rows: list[str]) -> None:
    monkeypatch.setattr(quality, "athena", lambda settings, env: an_athena(list(rows)))
    issues_command.run("dev")


def test_the_environment_s_named_query_is_asked() -> None:
    assert quality.broken(an_athena([NEGATIVE, OLD]), "dev") == [breach(NEGATIVE), breach(OLD)]


def test_the_named_query_of_the_pipeline_has_the_columns() -> None:
    selected = SQL.partition("SELECT")[2].partition("FROM")[0]
    assert {name.strip() for name in selected.split(",")} >= set(quality.COLUMNS)


def test_an_environment_without_the_named_query() -> None:
    with pytest.raises(StackError, match="named query data_quality: work group laketop-dev has none"):
        quality.broken(an_athena([], names=("other",)), "dev")


def test_a_named_query_of_another_shape() -> None:
    with pytest.raises(StackError, match="named query data_quality: it has no column rule"):
        quality.broken(an_athena([], header=["dataset", "severity"]), "dev")


def test_before_the_first_transform_there_is_no_view_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*arguments: Any) -> None:
        raise StackError("query", "TABLE_NOT_FOUND: line 3:6: Table 'data_quality' does not exist", "query execution q")

    monkeypatch.setattr(quality.query, "run", missing)
    with pytest.raises(StackError, match="named query data_quality: TABLE_NOT_FOUND") as caught:
        quality.broken(an_athena([]), "dev")
    assert caught.value.hint == "query execution q; the view that it asks is made by the first transform"


def test_no_athena_there() -> None:
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    client = session.client("athena", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(StackError, match="work group laketop-dev: Could not connect"):
        quality.broken(client, "dev")


def test_the_local_lake_must_run(monkeypatch: pytest.MonkeyPatch, lake_settings: Any) -> None:
    with pytest.raises(StackError, match="it does not run"):
        quality.athena(lake_settings, "local")


def test_elsewhere_the_person_s_own_credentials_are_used(monkeypatch: pytest.MonkeyPatch, lake_settings: Any) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPERSON")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    client = quality.athena(lake_settings, "dev")
    assert client.meta.region_name == "us-east-1"
    assert client._request_signer._credentials.access_key == "AKIAPERSON"


@pytest.mark.parametrize(("rows", "fails"), [([], False), ([OLD], False), ([OLD, NEGATIVE], True)])
def test_the_command_fails_where_an_error_is_among_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rows: list[list[str]], fails: bool
) -> None:
    monkeypatch.setattr(quality, "athena", lambda settings, env: an_athena(rows))
    if fails:
        with pytest.raises(StackError, match=r"data quality of dev: of severity error: transactions\.amount_is_valid"):
            quality_command.run("dev", Format.TSV)
    else:
        quality_command.run("dev", Format.TSV)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t") == list(quality.COLUMNS)
    assert [line.split("\t")[1] for line in lines[1:]] == [row[1] for row in rows]


def test_an_issue_is_opened_kept_brought_up_to_date_and_closed(hub: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor(monkeypatch, NEGATIVE, OLD)
    assert hub.open_titles() == [
        "Data quality in dev: transactions.amount_is_valid is broken",
        "Data quality in dev: reviews.created_at_is_fresh is broken",
    ]
    assert hub.issues[0]["labels"] == ["data-quality"]
    assert "| observed | 3.0 |" in hub.issues[0]["body"]

    writes = len([request for request in hub.requests if request[0] != "GET"])
    monitor(monkeypatch, NEGATIVE, OLD)
    assert len([request for request in hub.requests if request[0] != "GET"]) == writes, (
        "nothing is new: nothing is said"
    )

    worse = [*NEGATIVE[:4], "7.0", *NEGATIVE[5:]]
    monitor(monkeypatch, worse)
    assert hub.open_titles() == ["Data quality in dev: transactions.amount_is_valid is broken"]
    assert "| observed | 7.0 |" in hub.issues[0]["body"]
    assert hub.issues[1]["state_reason"] == "completed"
    assert [comment["body"] for comment in hub.comments[2]] == ["The rule holds again in `dev`."]

    monitor(monkeypatch, OLD)
    assert len(hub.issues) == 3, "one that breaks again is another issue"


def test_the_issues_of_people_and_of_other_environments_are_left_alone(
    hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = quality_issues.body(breach(NEGATIVE), "dev")
    hub.add_issue("a person's", copied, user={"login": "mallory"})
    hub.add_issue("of an account that is gone", copied, user=None)
    hub.add_issue("a pull request", copied, pull_request={})
    hub.add_issue("prod's", quality_issues.body(breach(NEGATIVE), "prod"))
    hub.add_issue("without a text", None)
    before = [dict(issue) for issue in hub.issues]
    monitor(monkeypatch)
    assert hub.issues == before
    monitor(monkeypatch, NEGATIVE)
    assert hub.open_titles()[-1] == "Data quality in dev: transactions.amount_is_valid is broken"


def test_figures_cannot_break_the_table() -> None:
    text = quality_issues.body(breach([*NEGATIVE[:4], "a|b\nc", *NEGATIVE[5:]]), "dev")
    assert "| observed | a\\|b c |" in text


def test_every_rule_of_the_contracts_has_a_name_that_the_mark_can_hold() -> None:
    for path in (checkout.ROOT / "contracts").glob("*.odcs.yaml"):
        rules = [rule for table in yaml.safe_load(path.read_text())["schema"] for rule in table.get("quality", ())]
        assert all(" " not in rule["name"] for rule in rules), path
