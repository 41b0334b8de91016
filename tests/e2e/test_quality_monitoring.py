"""`laketop quality` and its issues say what the ledger of quality answers says, in an environment that runs."""

import csv
import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Deployed
from tests.e2e.pipeline import Pipeline, generate
from tests.fixtures.fake_github import GitHub, running

MADE_UP = f"made_up_{uuid.uuid4().hex[:8]}"  # a dataset that only these tests know
LEDGER = "data_quality_results"


@pytest.fixture
def checked(pipeline: Pipeline, tmp_path: Path) -> None:
    """The pipeline has run once: its view of the answers is there."""
    tables = pipeline.glue.get_tables(DatabaseName=pipeline.curated_db)["TableList"]
    if "data_quality" not in {table["Name"] for table in tables}:
        pipeline.ingest({"landing/products/quality.csv": generate(tmp_path, "products", "csv", 50)})
        pipeline.transformed()


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with running() as server:
        yield server


def broken(pipeline: Pipeline) -> dict[str, str]:
    """Rule → what was observed, of the rules whose last answer is no: from the ledger itself, row by row."""
    last: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(pipeline.query(f"SELECT * FROM {LEDGER}"), key=lambda row: (row["checked_at"], row["run_id"])):
        last[row["dataset"], row["rule"]] = row
    return {f"{row['dataset']}.{row['rule']}": row["observed"] for row in last.values() if row["passed"] == "false"}


def told(stack: Deployed, *codes: int) -> dict[str, str]:
    answer = stack.laketop("quality", "--env", stack.env, "--format", "csv", check=False)
    assert answer.returncode in codes, answer.stderr
    return {f"{row['dataset']}.{row['rule']}": row["observed"] for row in csv.DictReader(io.StringIO(answer.stdout))}


def note(stack: Deployed, day: int, observed: float) -> None:
    """Write an answer of a rule into the ledger, as the quality check does."""
    passed = "true" if observed == 0 else "false"
    statement = (
        f"INSERT INTO {LEDGER} SELECT 'e2e-{day}', TIMESTAMP '2026-01-{day:02} 00:00:00', '{MADE_UP}', 'is_whole', '', "
        f"'completeness', 'error', {observed:E}, 'rows', 'mustBe', 0E0, {passed}, BIGINT '7', '2026-01'"
    )
    stack.laketop("sql", statement, "--database", stack.database("curated"), "--work-group", stack.name)


def test_the_command_says_what_the_ledger_says(stack: Deployed, pipeline: Pipeline, checked: None) -> None:
    expected = broken(pipeline)
    rows = pipeline.query(f"SELECT * FROM {LEDGER}")
    severe = {f"{row['dataset']}.{row['rule']}" for row in rows if row["severity"] == "error"} & set(expected)
    assert told(stack, 1 if severe else 0) == expected


@pytest.mark.local
def test_a_rule_that_breaks_is_an_issue_until_it_holds(
    stack: Deployed, pipeline: Pipeline, checked: None, hub: GitHub
) -> None:
    title = f"Data quality in {stack.env}: {MADE_UP}.is_whole is broken"

    def monitor() -> bool:
        stack.laketop("quality-issues", "--env", stack.env, **hub.variables)
        return title in hub.open_titles()

    assert not monitor()
    others = hub.open_titles()
    note(stack, day=1, observed=3)
    assert told(stack, 1)[f"{MADE_UP}.is_whole"] == "3.0"
    assert monitor()
    note(stack, day=2, observed=5)
    assert monitor()
    (issue,) = [issue for issue in hub.issues if issue["title"] == title]
    assert "| observed | 5.0 |" in issue["body"]
    note(stack, day=3, observed=0)
    assert f"{MADE_UP}.is_whole" not in told(stack, 0, 1)
    assert not monitor()
    assert hub.open_titles() == others
