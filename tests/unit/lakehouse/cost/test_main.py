"""`python -m lakehouse.cost`: arguments, waiting for late metrics, and what goes wrong."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.cost import Quantity, Span, Work
from lakehouse.cost import __main__ as program

NOW = datetime.now(UTC)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A run that ended this moment and used 3600 DPU-seconds; how long was waited for its metrics."""
    work = Work("run r", ("arn:r",), (Span(NOW - timedelta(minutes=1), datetime.now(UTC)),))
    monkeypatch.setattr(program, "_client", lambda service: service)
    monkeypatch.setattr(program, "last_run", lambda states, prefix: work)
    monkeypatch.setattr(program, "last_days", lambda states, prefix, days, now: work)
    used = [Quantity("glue.dpu_second", Decimal(3600), "1 job run"), Quantity("kms.request", None, "nobody knows")]
    monkeypatch.setattr(program, "measure", lambda connect, prefix, work: used)
    waited: list[float] = []
    monkeypatch.setattr(program.time, "sleep", waited.append)
    return waited


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    program.main(["--prefix", "shop", *arguments])
    return json.loads(capsys.readouterr().out)


def test_the_document(slept: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "--late", "0")
    assert (found["title"], found["executions"], found["total_usd"]) == ("run r", ["arn:r"], "0.44")
    assert [(line["item"], line["quantity"], line["usd"]) for line in found["lines"]] == [
        ("glue.dpu_second", "3600", "0.44"),
        ("kms.request", None, None),
    ]
    assert (found["notes"], slept) == ([], [])


def test_late_metrics_are_waited_for_where_that_takes_moments(
    slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "--late", "12")["notes"] == []
    assert len(slept) == 1
    assert 5 < slept[0] <= 12


@pytest.mark.parametrize("arguments", [(), ("--late", "12", "--days", "2")])
def test_late_metrics_are_told_of_otherwise(
    slept: list[float], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    (note,) = printed(capsys, *arguments)["notes"]
    assert f"of the last {12 if arguments else 900} seconds may still grow" in note
    assert slept == []


def test_where_nothing_has_run(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_client", aws.connect)
    aws.answers("stepfunctions", "list_state_machines", {"stateMachines": []})
    with pytest.raises(SystemExit, match="there is no state machine shop-transform"):
        program.main(["--prefix", "shop"])


def test_where_aws_refuses(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_client", aws.connect)
    aws.refuses("stepfunctions", "list_state_machines", "AccessDeniedException")
    with pytest.raises(SystemExit, match="AccessDeniedException"):
        program.main(["--prefix", "shop", "--days", "1"])


@pytest.mark.parametrize("days", ["0", "15", "many"])
def test_days_are_limited(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["--prefix", "shop", "--days", days])
    assert "--days" in capsys.readouterr().err
