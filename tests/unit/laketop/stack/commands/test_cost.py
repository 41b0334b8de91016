"""`laketop cost`: how the pipeline's own bill is asked for and shown."""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from laketop.stack import cli, running, terraform
from laketop.stack.commands import cost
from laketop.stack.messages import StackError

LINE = {
    "item": "s3.get", "service": "Amazon S3", "what": "GET and all other requests", "quantity": "1234567.8905",
    "unit": "requests", "price_usd": "0.0004", "price_per": "1000", "usd": "0.4938271562", "note": "to 6 buckets",
    "source": "Amazon S3 pricing",
}  # fmt: skip
UNKNOWN = LINE | {"item": "kms.request", "service": "AWS KMS", "what": "requests", "quantity": None, "usd": None}
BILL = {
    "title": "run r", "lines": [LINE, UNKNOWN], "total_usd": "0.4938271562", "region": "us-east-1",
    "prices_read": "2026-11-30", "notes": ["may still grow"],
}  # fmt: skip


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Puts a program in the place of `python -m lakehouse.cost`, which writes down how it was called."""
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(cost, "require_running", lambda settings: None)
    monkeypatch.setattr(terraform, "environments", lambda: ["dev", "local"])
    called = tmp_path / "called.json"

    def install(answer: str, status: int = 0) -> Path:
        script = tmp_path / "python"
        script.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            f"open({str(called)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))\n"
            f"print({answer!r}, file=sys.stderr if {status} else sys.stdout)\n"
            f"sys.exit({status})\n"
        )
        script.chmod(0o755)
        monkeypatch.setattr(cost.sys, "executable", str(script))
        return called

    return install


def test_the_lake_is_asked_with_its_own_credentials(tool: Any) -> None:
    called = tool(json.dumps(BILL))
    found = CliRunner().invoke(cli.app, ["cost", "--format", "json", "--days", "2"])
    assert found.exit_code == 0, found.output
    arguments, environment, folder = json.loads(called.read_text())
    assert arguments == ["-m", "lakehouse.cost", "--prefix", "laketop-local", "--late", "15", "--days", "2"]
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert (Path(folder) / "lakehouse" / "cost").is_dir()
    lines = json.loads(found.stdout)["lines"]
    assert [line["item"] for line in lines] == ["s3.get", "s3.get", "kms.request"]
    assert lines[1]["usd"] is None
    assert "Athena" in lines[1]["note"]


def test_an_account_is_asked_with_the_persons_credentials(tool: Any) -> None:
    called = tool(json.dumps(BILL))
    found = CliRunner().invoke(cli.app, ["cost", "--env", "dev", "--format", "json"])
    assert found.exit_code == 0, found.output
    arguments, environment, _ = json.loads(called.read_text())
    assert arguments == ["-m", "lakehouse.cost", "--prefix", "laketop-dev"]
    assert environment["AWS_PROFILE"] == "mine"
    assert "AWS_ENDPOINT_URL" not in environment
    assert json.loads(found.stdout) == BILL


def test_the_table(tool: Any) -> None:
    tool(json.dumps(BILL))
    found = CliRunner().invoke(cli.app, ["cost"])
    assert found.exit_code == 0, found.output
    table = [line.split("  ") for line in found.stdout.splitlines()]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in table]
    assert rows[1] == [
        "Amazon S3", "GET and all other requests", "1,234,567.891", "requests", "0.0004", "1,000", "0.493827",
        "to 6 buckets",
    ]  # fmt: skip
    assert rows[3][2] == "unknown"
    assert rows[3][6] == "unknown"
    assert rows[4] == ["total", "of what is known", "0.493827"]
    for said in (
        "run r",
        "without what is unknown: Amazon S3 GET",
        "AWS KMS requests",
        "may still grow",
        "us-east-1",
        "docs/COSTS.md",
    ):
        assert said in found.stderr, said


@pytest.mark.parametrize(("environment", "hint"), [("local", "make demo"), ("dev", "credentials")])
def test_a_refusal_says_why_and_what_next(tool: Any, environment: str, hint: str) -> None:
    tool("Traceback\nno execution has ended", 1)
    with pytest.raises(StackError, match="no execution has ended") as caught:
        cost.bill(environment, None)
    assert hint in caught.value.hint


def test_an_account_is_not_looked_for_in_the_lake(tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(StackError, match="dev is on AWS, not there"):
        cost.bill("dev", None)


def test_an_environment_that_is_not_there(tool: Any) -> None:
    found = CliRunner().invoke(cli.app, ["cost", "--env", "moon"])
    assert isinstance(found.exception, StackError)
    assert found.exception.hint == "infra/envs has: dev, local"


def test_a_lake_that_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKETOP_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(cost, "require_running", running.require_running)
    with pytest.raises(StackError, match="it does not run"):
        cost.bill("local", None)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("7", "7"),
        ("7.0", "7"),
        ("1000", "1,000"),
        ("0.0004", "< 0.001"),
        ("0.0015", "0.002"),
        ("12.5", "12.5"),
    ],
)
def test_amounts(number: str, text: str) -> None:
    assert cost.amount(number) == text


def test_dollars_have_six_decimals() -> None:
    assert [cost.dollars(text) for text in ("0", "0.0000004", "1234.5")] == ["0.000000", "< 0.000001", "1,234.500000"]
    assert cost.without([LINE]) == ""
    assert Decimal(cost.dollars(LINE["usd"] or "")) == Decimal("0.493827")
