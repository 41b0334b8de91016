"""Who buys, who comes back, and what customers are worth. All figures are of all time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from lakehouse.figures import Row
from streamlit_app import formats
from streamlit_app.figures.measure import Measure, Totals, cents, count

SCORES = (5, 4, 3, 2, 1)  # quintiles, the best first
MEASURES = (
    Measure("customers", "Customers", count, "Everybody with a completed order, of all time."),
    Measure("mean_revenue", "Revenue by customer", cents, "Revenue of all time by customer."),
    Measure(
        "predicted",
        "Predicted for 12 months",
        formats.money,
        "What today's customers may bring in the next twelve months: average order value × orders a month × 12, halved "
        "for every half year since the last order.",
    ),
)


@dataclass(frozen=True)
class Segment:
    """Customers of one kind, told by two scores.

    Attributes:
        name: what it is called.
        recency: the recency scores that belong to it; 5: the last order is the most recent.
        frequency: the frequency scores; 5: the most orders.
        told: who they are.
    """

    name: str
    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    told: str


# every pair of scores is in one of them, and in one only
SEGMENTS = (
    Segment("champions", (5,), (4, 5), "bought just now, and often"),
    Segment("loyal", (3, 4), (4, 5), "buy often"),
    Segment("potential loyal", (4, 5), (2, 3), "bought lately, and more than once"),
    Segment("new", (5,), (1,), "bought just now, for the first time or nearly"),
    Segment("promising", (4,), (1,), "bought lately, and little"),
    Segment("need attention", (3,), (3,), "in the middle of both"),
    Segment("about to sleep", (3,), (1, 2), "have not been here for a while, and bought little"),
    Segment("cannot lose", (1, 2), (5,), "bought most often, and stay away"),
    Segment("at risk", (1, 2), (3, 4), "bought often, and stay away"),
    Segment("hibernating", (1, 2), (1, 2), "bought little, long ago"),
)
_OF_SCORES = {(r, f): segment.name for segment in SEGMENTS for r in segment.recency for f in segment.frequency}
_COHORTS = ["cohort", "months_since", "customers", "size", "share", "revenue"]


def segment_of(recency: int, frequency: int) -> str:
    """The segment of two scores, 1 to 5."""
    return _OF_SCORES[recency, frequency]


def totals(cells: Sequence[Row]) -> Totals:
    """All customers together.

    Args:
        cells: the rows of `customer_segments`.
    """
    customers = sum(row["customers"] for row in cells)
    revenue = sum((row["revenue"] for row in cells), Decimal(0))
    predicted = sum((row["predicted_ltv_12_months"] for row in cells), Decimal(0))
    mean = revenue / customers if customers else None
    return {"customers": customers, "mean_revenue": mean, "predicted": predicted}


def cohorts(rows: Sequence[Row]) -> pd.DataFrame:
    """Who ordered again: cohort, months_since, customers, size (of the cohort), share, revenue.

    Args:
        rows: those of `customer_cohorts`; a month in which nobody of a cohort ordered is not among them.

    Returns:
        a row for each month from a cohort's first one to the latest of all, also where nobody ordered.
    """
    known = {(row["cohort"], row["months_since"]): row for row in rows}
    latest = max((_month(cohort) + months for cohort, months in known), default=0)
    found = []
    for cohort in sorted({row["cohort"] for row in rows}):
        size = known[cohort, 0]["customers"]
        for months in range(latest - _month(cohort) + 1):
            row = known.get((cohort, months), {"customers": 0, "revenue": 0})
            customers = row["customers"]
            told = {"customers": customers, "size": size, "share": customers / size, "revenue": float(row["revenue"])}
            found.append({"cohort": cohort, "months_since": months, **told})
    return pd.DataFrame(found, columns=_COHORTS)


def grid(rows: Sequence[Row]) -> pd.DataFrame:
    """The 25 pairs of scores: r_score, f_score, segment, customers, revenue, predicted.

    Args:
        rows: those of `customer_segments`; pairs that nobody has are not among them.
    """
    known = {(row["r_score"], row["f_score"]): row for row in rows}
    found = []
    for recency in SCORES:
        for frequency in SCORES:
            row = known.get((recency, frequency), {})
            scores = {"r_score": recency, "f_score": frequency, "segment": segment_of(recency, frequency)}
            money = {"revenue": row.get("revenue", 0), "predicted": row.get("predicted_ltv_12_months", 0)}
            amounts = {name: float(value) for name, value in money.items()}
            found.append({**scores, "customers": row.get("customers", 0), **amounts})
    return pd.DataFrame(found)


def segments(cells: pd.DataFrame) -> pd.DataFrame:
    """The segments, from the best to the worst: segment, told, customers, share, revenue, predicted.

    Args:
        cells: what `grid` gives.
    """
    sums = cells.groupby("segment")[["customers", "revenue", "predicted"]].sum()
    sums = sums.reindex([segment.name for segment in SEGMENTS]).reset_index()
    everybody = sums["customers"].sum()
    shares = sums["customers"] / everybody if everybody else 0.0
    sums.insert(1, "told", [segment.told for segment in SEGMENTS])
    sums.insert(3, "share", shares)
    return sums


def steps(rows: Sequence[Row], currency: str) -> pd.DataFrame:
    """How many customers may bring how much: step, customers, share, predicted; the lowest step first.

    Args:
        rows: those of `ltv_distribution`; steps without a customer are not among them.
        currency: of the amounts.

    Returns:
        a row for each step from the first to the last that anybody is in.
    """
    everybody = sum(row["customers"] for row in rows)
    found: list[dict[str, Any]] = []
    for row in _without_gaps(rows):
        customers = row["customers"]
        label = _between(row["at_least"], row["below"], currency)
        predicted = float(row["predicted_ltv_12_months"])
        found.append({"step": label, "customers": customers, "share": customers / everybody, "predicted": predicted})
    return pd.DataFrame(found, columns=["step", "customers", "share", "predicted"])


def best(rows: Iterable[Row]) -> pd.DataFrame:
    """The best customers, as they stand in the table."""
    found = [
        {
            "customer_id": row["customer_id"],
            "segment": segment_of(row["r_score"], row["f_score"]),
            "cohort": row["cohort"],
            "orders": row["orders"],
            "revenue": float(row["revenue"]),
            "predicted": float(row["predicted_ltv_12_months"]),
            "recency_days": row["recency_days"],
            "scores": f"{row['r_score']}-{row['f_score']}-{row['m_score']}",
        }
        for row in rows
    ]
    return pd.DataFrame(found)


def _month(cohort: str) -> int:
    """Months since the year zero, of e.g. 2026-01."""
    year, month = cohort.split("-")
    return 12 * int(year) + int(month) - 1


def _without_gaps(rows: Sequence[Row]) -> list[Row]:
    """The steps with those between them that nobody is in."""
    found: list[Row] = []
    for row in rows:
        while found and found[-1]["below"] < row["at_least"]:
            start = found[-1]["below"]
            none = {"customers": 0, "predicted_ltv_12_months": 0}
            found.append({"at_least": start, "below": _next(start), **none})
        found.append(row)
    return found


def _next(bound: float) -> float:
    """The step after one of 1, 2, 5 of a power of ten."""
    return bound * (2.5 if f"{bound:e}".startswith("2") else 2)


def _between(at_least: float, below: float | None, currency: str) -> str:
    low = formats.money(Decimal(at_least), currency)
    if below is None:
        return f"{low} or more"
    high = formats.money(Decimal(below), currency)
    return f"{low} to {high}" if at_least else f"under {high}"
