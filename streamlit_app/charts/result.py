"""The rows of a statement as a chart, by names that nobody knows before."""

import altair as alt
import pandas as pd

from streamlit_app.figures.result import BAR, LINE


def drawn(points: pd.DataFrame, kind: str, x: str, y: str) -> alt.Chart:
    """A line, bars or points.

    Args:
        points: `x` and `y`, a row each.
        kind: one of `figures.result.KINDS`.
        x: the label of the axis below.
        y: the label of the axis upwards.
    """
    chart = alt.Chart(points)
    marked = {LINE: chart.mark_line(point=True), BAR: chart.mark_bar()}.get(kind) or chart.mark_point(filled=True)
    across = _across(points["x"], kind, x)
    upwards = alt.Y("y:Q", title=y, axis=alt.Axis(format="~s"), scale=alt.Scale(zero=kind == BAR))
    tooltip = [alt.Tooltip(across.shorthand, title=x), alt.Tooltip("y:Q", title=y, format=",")]
    return marked.encode(across, upwards, tooltip=tooltip).properties(height=320)


def _across(values: pd.Series, kind: str, title: str) -> alt.X:
    if pd.api.types.is_datetime64_any_dtype(values):
        return alt.X("x:T", title=title)
    if pd.api.types.is_numeric_dtype(values) and kind != BAR:
        return alt.X("x:Q", title=title, scale=alt.Scale(zero=False))
    # words stand as the statement ordered them
    return alt.X("x:N", title=title, sort=None, axis=alt.Axis(labelOverlap="greedy", labelLimit=120))
