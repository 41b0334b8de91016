"""Axes, tooltips and colours that charts have in common."""

import altair as alt

EACH_DAY = alt.X(
    "yearmonthdate(day):O", title=None, axis=alt.Axis(format="%-d %b", labelOverlap="greedy", labelAngle=0)
)
DAY = "%a %-d %b %Y"  # how a day is told
TOLD_DAY = alt.Tooltip("day:T", title="Day", format=DAY)
# what is written in a chart: Streamlit's theme colours axes and legends, but no text marks
INK = alt.ExprRef("luminance(background) > 0.5 ? 'black' : 'white'")
LEGEND = alt.Legend(orient="top", columns=3)  # wider ones are cut off on a narrow screen


def share(field: str, title: str) -> alt.Tooltip:
    """A share of one, as a tooltip tells it."""
    return alt.Tooltip(f"{field}:Q", title=title, format=".1%")


def count(field: str, title: str) -> alt.Tooltip:
    """A count, as a tooltip tells it."""
    return alt.Tooltip(f"{field}:Q", title=title, format=",")


def amount(field: str, title: str, currency: str) -> alt.Tooltip:
    """An amount of money, as a tooltip tells it."""
    return alt.Tooltip(f"{field}:Q", title=f"{title} ({currency})", format=",.2f")
