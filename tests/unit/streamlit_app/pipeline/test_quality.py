"""Answers to the quality rules, run by run."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from streamlit_app.charts import quality as charts
from streamlit_app.figures import quality

AT = datetime(2026, 1, 31, 12, 0, 5)


def row(run: str, dataset: str, rule: str, passed: bool = True, severity: str = "error", **more: Any) -> dict[str, Any]:
    at = AT + timedelta(hours=int(run[1:]), seconds=len(dataset))
    base = {"run_id": run, "checked_at": at, "dataset": dataset, "rule": rule, "column_name": "c", "passed": passed}
    figures = {"observed": 0.0, "unit": "rows", "operator": "mustBe", "threshold": 0.0, "rows_checked": 10}
    return base | {"severity": severity} | figures | more


HISTORY = [
    row("r2", "sales", "key_is_unique"),
    row("r2", "sales", "total_is_right", passed=False, observed=3.0),
    row("r1", "sales", "key_is_unique"),
    row("r1", "sales", "total_is_right"),
    row("r1", "web", "is_fresh", passed=False, severity="warning", unit="hours", observed=72.5, threshold=48.0,
        operator="mustBeLessOrEqualTo"),
]  # fmt: skip
FIRST, SECOND = "2026-01-31 13:00:08", "2026-01-31 14:00:10"


def test_shares_by_run_and_dataset_the_earliest_run_first() -> None:
    assert quality.by_run(HISTORY).values.tolist() == [
        [FIRST, "sales", 2, 2, 1.0],
        [FIRST, "web", 1, 0, 0.0],
        [SECOND, "sales", 2, 1, 0.5],
    ]


def test_rules_of_a_dataset_run_by_run() -> None:
    assert quality.by_rule(HISTORY, "sales").values.tolist() == [
        [FIRST, "key_is_unique", "holds", "0 rows", "= 0 rows"],
        [FIRST, "total_is_right", "holds", "0 rows", "= 0 rows"],
        [SECOND, "key_is_unique", "holds", "0 rows", "= 0 rows"],
        [SECOND, "total_is_right", "broken: error", "3 rows", "= 0 rows"],
    ]
    assert quality.by_rule(HISTORY, "web")["answer"].tolist() == ["broken: warning"]
    assert quality.datasets(HISTORY) == ["sales", "web"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7264.71, "hours", "7,264.7 hours"),
        (20.0, "percent", "20 percent"),
        (None, "rows", "–"),
        (0.0, "rows", "0 rows"),
    ],
)
def test_figures_with_their_unit(value: float | None, unit: str, text: str) -> None:
    assert quality.figure(value, unit) == text


def test_broken_rules_say_what_is_and_what_should_be() -> None:
    assert quality.broken([HISTORY[-1]]).values.tolist() == [
        ["web", "is_fresh", "c", "warning", "72.5 hours", "≤ 48 hours", 10, FIRST]
    ]


def test_where_the_zones_disagree() -> None:
    frame = quality.differences([{"control": "revenue", "processed": Decimal("10.50"), "curated": Decimal("10.00")}])
    assert frame.values.tolist() == [["revenue", Decimal("10.50"), Decimal("10.00"), Decimal("-0.50")]]
    assert quality.differences([]).empty


def test_the_state_now() -> None:
    now = [
        {"dataset": "sales", "rules": 6, "passed": 5, "errors": 1, "warnings": 0},
        {"dataset": "web", "rules": 2, "passed": 1, "errors": 0, "warnings": 1},
    ]
    tiles = quality.tiles(now, [{}, {}])
    assert {tile.label: tile.value for tile in tiles} == {
        "Rules that hold": "75.0 %",
        "Broken rules": "2",
        "Zones that disagree": "2",
    }


def test_heat_maps_have_runs_in_their_order_and_legends_of_what_is_there() -> None:
    drawn = charts.by_rule(quality.by_rule(HISTORY, "sales")).to_dict()["encoding"]
    assert drawn["x"]["sort"] == [FIRST, SECOND]
    assert drawn["color"]["legend"]["values"] == ["holds", "broken: error"]
    assert charts.by_run(quality.by_run(HISTORY)).to_dict()["encoding"]["color"]["scale"]["domain"] == [0.0, 1]
    good = quality.by_run(HISTORY[2:4])
    assert charts.by_run(good).to_dict()["encoding"]["color"]["scale"]["domain"] == [0.9, 1]


def test_heat_maps_are_drawn_of_nothing() -> None:
    assert charts.by_run(quality.by_run([])).to_dict()["config"]
    assert charts.by_rule(quality.by_rule([], "sales")).to_dict()["config"]
