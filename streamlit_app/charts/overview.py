"""Revenue, customers and conversion by day."""

import altair as alt
import pandas as pd

from streamlit_app.charts import axes

NOW, BEFORE = "these days", "the days before"
_PERIODS = alt.Scale(domain=[NOW, BEFORE])  # the first colour is the one that counts
_DAY = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap="greedy", tickCount=10))


def revenue(now: pd.DataFrame, before: pd.DataFrame | None, currency: str) -> alt.LayerChart:
    """Revenue by day, with the period before as a dashed line behind it.

    Args:
        now: day, revenue, orders.
        before: the same of as many days before; None where the data do not have all of them.
        currency: of the revenue.
    """
    drawn = alt.Chart(now.assign(period=NOW)).mark_area(opacity=0.25, line=True, interpolate="monotone")
    amount = axes.amount("revenue", "Revenue", currency)
    layers = [_by_day(drawn, currency, [axes.TOLD_DAY, amount, axes.count("orders", "Orders")])]
    if before is not None:
        then = before.assign(day=list(now["day"]), was=before["day"], period=BEFORE)
        behind = alt.Chart(then).mark_line(strokeDash=[4, 4], interpolate="monotone")
        layers.append(_by_day(behind, currency, [alt.Tooltip("was:T", title="Day", format=axes.DAY), amount]))
    return alt.layer(*layers).properties(height=280)


def _by_day(drawn: alt.Chart, currency: str, tooltip: list[alt.Tooltip]) -> alt.Chart:
    return drawn.encode(
        _DAY,
        alt.Y("revenue:Q", title=f"Revenue ({currency})", axis=alt.Axis(format="~s")),
        alt.Color("period:N", title=None, scale=_PERIODS, legend=axes.LEGEND),
        tooltip=tooltip,
    )


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
            axes.EACH_DAY,
            alt.Y("customers:Q", title="Customers"),
            alt.Color("kind:N", title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                axes.TOLD_DAY,
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
                axes.TOLD_DAY,
                alt.Tooltip("conversion_rate:Q", title="Conversion", format=".2%"),
                alt.Tooltip("sessions:Q", title="Sessions", format=","),
            ],
        )
        .properties(height=240)
    )
