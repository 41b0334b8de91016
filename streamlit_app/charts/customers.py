"""Cohorts, recency and frequency, and what customers are worth."""

import altair as alt
import pandas as pd

from streamlit_app.charts import axes, heat
from streamlit_app.figures.customers import SCORES

MONTHS = 12  # that are drawn after a cohort's first
COHORTS = 24  # that are drawn, the latest
_PLACES = 6  # at least as many columns: a single cohort of a single month is not drawn all over the page


def cohorts(found: pd.DataFrame, currency: str) -> alt.LayerChart:
    """The share of each cohort that ordered, by month since its first order.

    Args:
        found: what `figures.customers.cohorts` gives.
        currency: of the revenue.
    """
    latest = sorted(found["cohort"].unique())[-COHORTS:]
    drawn = found[found["cohort"].isin(latest) & (found["months_since"] <= MONTHS)]
    again = drawn.loc[drawn["months_since"] > 0, "share"].max()
    columns = list(range(max(_PLACES, drawn["months_since"].max() + 1)))
    labels = [f"{cohort} · {size:,}" for cohort, size in zip(drawn["cohort"], drawn["size"], strict=True)]
    cells = drawn.assign(label=labels, written=(100 * drawn["share"]).map("{:.0f}".format))
    return heat.grid(
        cells,
        alt.X(
            "months_since:O",
            title="Months since the first order",
            scale=alt.Scale(domain=columns),
            axis=heat.AXIS,
        ),
        alt.Y("label:O", title=None, sort=None, axis=heat.AXIS),
        "share",
        [
            alt.Tooltip("cohort:N", title="First order in"),
            alt.Tooltip("months_since:O", title="Months since"),
            axes.share("share", "Share that ordered"),
            axes.count("customers", "Customers"),
            axes.count("size", "Customers of the cohort"),
            axes.amount("revenue", "Revenue", currency),
        ],
        rows=len(latest),
        strongest=float(again) if again > 0 else 1.0,
    )


def recency_and_frequency(cells: pd.DataFrame, measure: str, currency: str) -> alt.LayerChart:
    """How many customers, or how much revenue, each pair of scores has.

    Args:
        cells: what `figures.customers.grid` gives.
        measure: `customers` or `revenue`: what is drawn.
        currency: of the revenue.
    """
    drawn = cells.assign(
        written=cells[measure].map(_short),
    )
    return heat.grid(
        drawn,
        alt.X("f_score:O", title="Frequency (5: the most orders)", axis=heat.AXIS),
        alt.Y("r_score:O", title="Recency (5: the latest)", sort="descending", axis=heat.AXIS),
        measure,
        [
            alt.Tooltip("segment:N", title="Segment"),
            alt.Tooltip("r_score:O", title="Recency"),
            alt.Tooltip("f_score:O", title="Frequency"),
            axes.count("customers", "Customers"),
            axes.amount("revenue", "Revenue", currency),
            axes.amount("predicted", "Predicted for 12 months", currency),
        ],
        rows=len(SCORES),
    )


def segments(found: pd.DataFrame, measure: str, currency: str) -> alt.Chart:
    """The segments' customers, or revenue, as bars, from the best to the worst.

    Args:
        found: what `figures.customers.segments` gives.
        measure: `customers` or `revenue`: what is drawn.
        currency: of the revenue.
    """
    title = {"customers": "Customers", "revenue": f"Revenue ({currency})"}[measure]
    return (
        alt.Chart(found)
        .mark_bar()
        .encode(
            alt.X(f"{measure}:Q", title=title, axis=alt.Axis(format="~s")),
            alt.Y("segment:N", title=None, sort=None),
            tooltip=[
                alt.Tooltip("segment:N", title="Segment"),
                alt.Tooltip("told:N", title="Who they are"),
                axes.count("customers", "Customers"),
                axes.share("share", "Share of all customers"),
                axes.amount("revenue", "Revenue", currency),
                axes.amount("predicted", "Predicted for 12 months", currency),
            ],
        )
        .properties(height=300)
    )


def worth(found: pd.DataFrame, currency: str) -> alt.Chart:
    """How many customers may bring how much.

    Args:
        found: what `figures.customers.steps` gives.
        currency: of the amounts.
    """
    return (
        alt.Chart(found)
        .mark_bar()
        .encode(
            alt.X("customers:Q", title="Customers", axis=alt.Axis(tickMinStep=1, format="~s")),
            alt.Y("step:O", title=None, sort=None),
            tooltip=[
                alt.Tooltip("step:N", title="Predicted for 12 months"),
                axes.count("customers", "Customers"),
                axes.share("share", "Share of all customers"),
                axes.amount("predicted", "All of them together", currency),
            ],
        )
        .properties(height=28 * len(found) + 44)
    )


def _short(value: float) -> str:
    """An amount that fits a cell, e.g. `950`, `12k`."""
    for least, size, unit in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if value >= least:
            return f"{value / size:.3g}{unit}"
    return f"{value:,.0f}"
