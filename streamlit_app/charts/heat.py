"""A grid whose cells are the stronger coloured the greater they are."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from streamlit_app.charts import axes

_ROW, _AXIS = 34, 80  # pixels
AXIS = alt.Axis(labelAngle=0, labelFlush=False)  # each label in the middle of its cells
_SHADES = (0.06, 0.5)  # at most half: what is written in a cell stays readable, in light and in dark


def grid(
    cells: pd.DataFrame,
    across: alt.X,
    down: alt.Y,
    value: str,
    tooltip: Sequence[alt.Tooltip],
    *,
    rows: int,
    strongest: float | None = None,
) -> alt.LayerChart:
    """A cell for each row of a frame.

    Args:
        cells: a row a cell; its column `written` is what stands in the cell.
        across: where a cell stands from left to right.
        down: where it stands from top to bottom.
        value: the column that the colour tells; a cell without a value has no colour.
        tooltip: what else is told of it.
        rows: how many rows of cells there are.
        strongest: the value that has the full colour, as have all above; the greatest of all where it is not said.
    """
    coloured = cells.dropna(subset=[value])
    most = coloured[value].max() if strongest is None else strongest
    shade = alt.Scale(domain=[0, float(most) if most > 0 else 1.0], range=list(_SHADES), clamp=True)
    squares = alt.Chart(coloured).mark_rect().encode(alt.Opacity(f"{value}:Q", legend=None, scale=shade))
    words = alt.Chart(cells).mark_text(fontSize=12, color=axes.INK).encode(text="written:N")
    layers = [part.encode(across, down, tooltip=list(tooltip)) for part in (squares, words)]
    return alt.layer(*layers).properties(height=_ROW * max(rows, 1) + _AXIS)
