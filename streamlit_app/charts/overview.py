"""Revenue, customers and conversion by day."""

import altair as alt
import pandas as pd

from streamlit_app.charts.axes import EACH_DAY

NOW, BEFORE = "these days", "the days before"
_PERIODS = alt.Scale(domain=[NOW, BEFORE])  # the first colour is the one that counts
_DAY = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap="greedy", tickCount=10))


def revenue(now: pd.DataFrame, before: pd.DataFrame, currency: str) -> alt.LayerChart:
    """Revenue by day, with the period before as a dashed line behind it.

    Args:
        now: day, revenue, orders.
        before: the same of as many days before.
        currency: of the revenue.
    """
    then = before.assign(day=list(now["day"]), was=before["day"])
    amount = alt.Y("revenue:Q", title=f"Revenue ({currency})", axis=alt.Axis(format="~s"))
    line = (
        alt.Chart(now.assign(period=NOW))
        .mark_area(opacity=0.25, line=True, interpolate="monotone")
        .encode(
            _DAY,
            amount,
            alt.Color("period:N", title=None, scale=_PERIODS, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %-d %b %Y"),
                alt.Tooltip("revenue:Q", title=f"Revenue ({currency})", format=",.2f"),
                alt.Tooltip("orders:Q", title="Orders", format=","),
            ],
        )
    )
    behind = (
        alt.Chart(then.assign(period=BEFORE))
        .mark_line(strokeDash=[4, 4], interpolate="monotone")
        .encode(
            _DAY,
            amount,
            alt.Color("period:N", title=None, scale=_PERIODS),
            tooltip=[
                alt.Tooltip("was:T", title="Day", format="%a %-d %b %Y"),
                alt.Tooltip("revenue:Q", title=f"Revenue ({currency})", format=",.2f"),
            ],
        )
    )
    return alt.layer(line, behind).properties(height=280)


def customers(days: pd.DataFrame) -> alt.Chart:
    """New and returning customers by day, stacked.

    Args:
        days: day, new_customers, returning_customers.
    """
    names = {"new_customers": "new", "returning_customers": "returning"}
    long = days.rename(columns=names).melt("day", list(names.values()), "kind", "customers")
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            EACH_DAY,
            alt.Y("customers:Q", title="Customers"),
            alt.Color("kind:N", title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %-d %b %Y"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("customers:Q", title="Customers", format=","),
            ],
        )
        .properties(height=240)
    )


def conversion(days: pd.DataFrame) -> alt.Chart:
    """The share of sessions with a purchase by day.

    Args:
        days: day, conversion_rate, sessions.
    """
    return (
        alt.Chart(days)
        .mark_line(point=True)
        .encode(
            _DAY,
            alt.Y("conversion_rate:Q", title="Sessions with a purchase", axis=alt.Axis(format=".1~%")),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %-d %b %Y"),
                alt.Tooltip("conversion_rate:Q", title="Conversion", format=".2%"),
                alt.Tooltip("sessions:Q", title="Sessions", format=","),
            ],
        )
        .properties(height=240)
    )
