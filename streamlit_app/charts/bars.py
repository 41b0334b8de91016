"""A bar a thing, each with its figure in words beside it."""

import altair as alt
import pandas as pd

_ROW, _AXIS = 30, 70  # pixels


def across(frame: pd.DataFrame, name: str, figure: str, words: str, title: str) -> alt.LayerChart:
    """Bars from left to right, in the frame's order.

    Args:
        frame: with the three columns.
        name: the column with what a bar is of.
        figure: that with its length.
        words: that with its length as people read it.
        title: what the length is, with its unit.
    """
    longest = float(frame[figure].max()) if len(frame) else 1.0
    scale = alt.Scale(domain=[0, longest * 1.25 or 1.0], nice=False)
    # the words say the figures, so the axis needs none
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    drawn = alt.Chart(frame.assign(of=title)).encode(
        alt.X(f"{figure}:Q", title=title, scale=scale, axis=axis),
        alt.Y(f"{name}:N", sort=list(frame[name]), title=None, axis=alt.Axis(labelLimit=150)),
        color=alt.Color("of:N", legend=None),  # also of the words, which would be black in dark mode
        tooltip=[alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip(f"{words}:N", title=title)],
    )
    text = drawn.mark_text(align="left", dx=5).encode(alt.Text(f"{words}:N"))
    return alt.layer(drawn.mark_bar(), text).properties(height=_ROW * max(len(frame), 1) + _AXIS)
