"""Totals, funnel and runs, worked out by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakehouse import figures
from lakehouse.figures import Period


def day(number: int, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(figures.SUMS, 0) | {"revenue": Decimal(0), "refunded_amount": Decimal(0)}
    return empty | {"day": date(2026, 1, number)} | more


def test_totals_of_days() -> None:
    rows = [
        day(1, orders=2, revenue=Decimal("10.01"), sessions=3, sessions_with_purchase=1),
        day(
            2, orders=1, revenue=Decimal("10.00"), sessions=1, sessions_with_purchase=1, refunded_amount=Decimal("1.50")
        ),
    ]
    found = figures.totals(rows)
    assert (found["orders"], found["revenue"], found["refunded_amount"]) == (3, Decimal("20.01"), Decimal("1.50"))
    assert found["average_order_value"] == Decimal("6.67")
    assert found["conversion_rate"] == 0.5


def test_totals_of_nothing_have_no_averages() -> None:
    found = figures.totals([])
    assert (found["orders"], found["revenue"]) == (0, Decimal("0.00"))
    assert (found["average_order_value"], found["conversion_rate"]) == (None, None)


@given(st.lists(st.decimals("0", "1000000", places=2), max_size=50))
def test_no_cent_is_lost(amounts: list[Decimal]) -> None:
    rows = [day(1, orders=1, revenue=amount) for amount in amounts]
    assert figures.totals(rows)["revenue"] == sum(int(amount * 100) for amount in amounts) / Decimal(100)


def test_both_ends_of_a_period_belong_to_it() -> None:
    rows = [day(number) for number in range(1, 6)]
    assert [row["day"].day for row in figures.within(rows, Period(date(2026, 1, 2), date(2026, 1, 4)))] == [2, 3, 4]


def visits(device: str | None, source: str, *counts: int) -> dict[str, Any]:
    return {"device": device, "source": source, **dict(zip(figures.STEPS, counts, strict=True))}


def test_the_funnel_and_its_groups() -> None:
    rows = [
        visits("mobile", "ads", 6, 4, 2, 1, 1),
        visits("desktop", "ads", 3, 3, 3, 2, 2),
        visits(None, "mail", 1, 0, 0, 0, 0),
    ]
    found = figures.funnel(rows)
    assert [step["sessions"] for step in found["steps"]] == [10, 7, 5, 3, 3]
    assert [step["share"] for step in found["steps"]] == [1.0, 0.7, 0.5, 0.3, 0.3]
    assert [(row["name"], row["sessions"], row["purchases"]) for row in found["by_device"]] == [
        ("mobile", 6, 1), ("desktop", 3, 2), (None, 1, 0),
    ]  # fmt: skip
    assert found["by_source"][0] == {"name": "ads", "sessions": 9, "purchases": 3, "conversion_rate": 3 / 9}


def test_a_funnel_without_sessions() -> None:
    found = figures.funnel([])
    assert [step["share"] for step in found["steps"]] == [None] * 5
    assert (found["by_device"], found["by_source"]) == ([], [])


def test_runs_are_the_latest_first_with_their_steps_in_order() -> None:
    def row(run: str, position: int, step: str, hour: int) -> dict[str, Any]:
        times = {"started_at": datetime(2026, 1, 1, hour), "ended_at": datetime(2026, 1, 1, hour, 1), "seconds": 60.0}
        return {"run_id": run, "position": position, "step": step, "state": "SUCCEEDED", "error": "", **times}

    rows = [
        row("b", 2, "Close", 9),
        row("b", 0, "(run)", 9),
        row("a", 0, "(run)", 10),
        row("b", 1, "Open", 9),
        row("a", 1, "Open", 10),
    ]
    found = figures.runs(rows)
    assert [run["run_id"] for run in found] == ["a", "b"]
    assert [step["step"] for step in found[1]["steps"]] == ["Open", "Close"]
    assert "steps" not in found[1]["steps"][0]
