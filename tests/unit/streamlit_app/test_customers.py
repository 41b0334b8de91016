"""Cohorts, segments and worth of customers, worked out by hand."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from streamlit_app.charts import customers as charts
from streamlit_app.figures import customers


def cohort(month: str, since: int, count: int, revenue: str = "10.00") -> dict[str, Any]:
    return {"cohort": month, "months_since": since, "customers": count, "revenue": Decimal(revenue)}


def cell(recency: int, frequency: int, count: int, revenue: str, predicted: str) -> dict[str, Any]:
    return {
        "r_score": recency,
        "f_score": frequency,
        "customers": count,
        "revenue": Decimal(revenue),
        "predicted_ltv_12_months": Decimal(predicted),
    }


def step(at_least: float, below: float | None, count: int, predicted: str = "1.00") -> dict[str, Any]:
    return {"at_least": at_least, "below": below, "customers": count, "predicted_ltv_12_months": Decimal(predicted)}


CELLS = [cell(5, 5, 2, "100.00", "1200.00"), cell(5, 4, 1, "20.00", "300.00"), cell(1, 1, 5, "40.00", "10.00")]
# two months without December, which nobody of November's ordered in; January is the latest
COHORTS = [cohort("2025-11", 0, 10), cohort("2025-11", 2, 4, "30.00"), cohort("2025-12", 0, 5), cohort("2025-12", 1, 1)]


# Cohorts


def test_a_month_in_which_nobody_came_back_is_zero_and_one_to_come_is_not_there() -> None:
    frame = customers.cohorts(COHORTS)
    found = frame[["cohort", "months_since", "customers", "share"]].to_records(index=False).tolist()
    assert found == [
        ("2025-11", 0, 10, 1.0),
        ("2025-11", 1, 0, 0.0),
        ("2025-11", 2, 4, 0.4),
        ("2025-12", 0, 5, 1.0),
        ("2025-12", 1, 1, 0.2),
    ]
    assert frame["revenue"].tolist() == [10.0, 0.0, 30.0, 10.0, 10.0]


def test_without_an_order_there_is_no_cohort() -> None:
    assert customers.cohorts([]).empty


def _layers(drawn: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    squares, words = drawn.to_dict()["layer"]
    return squares["encoding"], words["encoding"]


def test_one_cohort_of_one_month_is_one_cell_of_six() -> None:
    drawn = charts.cohorts(customers.cohorts([cohort("2026-01", 0, 1435)]), "USD")
    squares, words = _layers(drawn)
    assert squares["x"]["scale"]["domain"] == [0, 1, 2, 3, 4, 5]
    assert squares["opacity"]["scale"]["domain"] == [0, 1.0]
    told = drawn.to_dict()
    (rows,) = told["datasets"].values()
    assert [(row["label"], row[words["text"]["field"]]) for row in rows] == [("2026-01 · 1,435", "100")]


def test_colours_tell_who_came_back_not_that_all_were_there_at_first() -> None:
    squares, _ = _layers(charts.cohorts(customers.cohorts(COHORTS), "USD"))
    assert squares["opacity"]["scale"] | {"range": None} == {"domain": [0, 0.4], "range": None, "clamp": True}


def test_of_many_cohorts_the_latest_are_drawn_for_a_year() -> None:
    months = [f"{2020 + number // 12}-{number % 12 + 1:02}" for number in range(40)]
    rows = [cohort(month, 0, 10) for month in months]
    drawn = charts.cohorts(customers.cohorts(rows), "USD")
    frame = drawn.layer[1].data
    assert sorted(frame["cohort"].unique()) == months[-24:]
    assert frame["months_since"].max() == 12
    assert drawn.to_dict()["height"] > 24 * 30


# Recency and frequency


def test_every_pair_of_scores_is_in_one_segment() -> None:
    pairs = [pair for item in customers.SEGMENTS for pair in product(item.recency, item.frequency)]
    assert sorted(pairs) == sorted(product(range(1, 6), repeat=2))


@pytest.mark.parametrize(
    ("recency", "frequency", "segment"),
    [
        (5, 5, "champions"),
        (5, 3, "potential loyal"),
        (5, 1, "new"),
        (4, 1, "promising"),
        (4, 5, "loyal"),
        (3, 3, "need attention"),
        (3, 1, "about to sleep"),
        (2, 5, "cannot lose"),
        (1, 3, "at risk"),
        (1, 1, "hibernating"),
    ],
)
def test_segments_have_their_usual_names(recency: int, frequency: int, segment: str) -> None:
    assert customers.segment_of(recency, frequency) == segment


def test_pairs_that_nobody_has_are_cells_of_zero() -> None:
    grid = customers.grid(CELLS)
    assert len(grid) == 25
    found = grid[grid["customers"] > 0][["r_score", "f_score", "segment", "customers", "revenue", "predicted"]]
    assert found.to_records(index=False).tolist() == [
        (5, 5, "champions", 2, 100.0, 1200.0),
        (5, 4, "champions", 1, 20.0, 300.0),
        (1, 1, "hibernating", 5, 40.0, 10.0),
    ]
    assert grid["revenue"].sum() == 160.0


def test_segments_are_sums_of_their_cells() -> None:
    frame = customers.segments(customers.grid(CELLS)).set_index("segment")
    assert frame.index.tolist() == [item.name for item in customers.SEGMENTS]
    assert frame.loc["champions", ["customers", "share", "revenue", "predicted"]].tolist() == [3, 0.375, 120.0, 1500.0]
    assert frame.loc["loyal", ["customers", "share"]].tolist() == [0, 0.0]
    assert frame["share"].sum() == 1.0


def test_totals() -> None:
    assert customers.totals(CELLS) == {
        "customers": 8,
        "mean_revenue": Decimal("20.00"),
        "predicted": Decimal("1510.00"),
    }
    assert customers.totals([])["mean_revenue"] is None


@pytest.mark.parametrize(("measure", "written"), [("customers", ["2", "1", "0"]), ("revenue", ["12k", "9,999", "0"])])
def test_cells_say_what_is_chosen(measure: str, written: list[str]) -> None:
    grid = customers.grid([cell(5, 5, 2, "12000.00", "1.00"), cell(5, 4, 1, "9999.00", "1.00")])
    drawn = charts.recency_and_frequency(grid, measure, "USD")
    assert drawn.layer[1].data["written"].tolist()[:3] == written
    squares, _ = _layers(drawn)
    assert squares["opacity"]["field"] == measure
    assert squares["y"]["sort"] == "descending"


def test_bars_of_segments_say_the_currency() -> None:
    frame = customers.segments(customers.grid(CELLS))
    titles = [
        charts.segments(frame, name, "EUR").to_dict()["encoding"]["x"]["title"] for name in ("customers", "revenue")
    ]
    assert titles == ["Customers", "Revenue (EUR)"]


# Worth


def test_steps_have_no_gaps_and_say_their_bounds() -> None:
    frame = customers.steps([step(0.0, 10.0, 1), step(20.0, 50.0, 1), step(1000.0, 2000.0, 2)], "USD")
    assert frame["step"].tolist() == [
        "under $10",
        "$10 to $20",
        "$20 to $50",
        "$50 to $100",
        "$100 to $200",
        "$200 to $500",
        "$500 to $1,000",
        "$1,000 to $2,000",
    ]
    assert frame["customers"].tolist() == [1, 0, 1, 0, 0, 0, 0, 2]
    assert frame["share"].tolist() == [0.25, 0, 0.25, 0, 0, 0, 0, 0.5]


def test_the_last_step_has_no_end() -> None:
    frame = customers.steps([step(20000.0, 50000.0, 1), step(50000.0, None, 3, "200000.00")], "USD")
    assert frame["step"].tolist() == ["$20,000 to $50,000", "$50,000 or more"]
    assert frame["predicted"].tolist() == [1.0, 200000.0]
    assert charts.worth(frame, "USD").to_dict()["encoding"]["y"]["sort"] is None


def test_best_customers_have_their_segment() -> None:
    row = {"customer_id": "C-1", "cohort": "2026-01", "segment": "new", "orders": 3, "revenue": Decimal("9.50")}
    scores = {"r_score": 2, "f_score": 5, "m_score": 4, "recency_days": 12, "predicted_ltv_12_months": Decimal("7.25")}
    assert customers.best([row | scores]).to_dict("records") == [
        {
            "customer_id": "C-1",
            "segment": "cannot lose",
            "cohort": "2026-01",
            "orders": 3,
            "revenue": 9.5,
            "predicted": 7.25,
            "recency_days": 12,
            "scores": "2-5-4",
        }
    ]
