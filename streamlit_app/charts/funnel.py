"""The funnel, as a whole, by group, and the conversion of each device and source."""

import altair as alt
import pandas as pd

from streamlit_app import formats
from streamlit_app.charts import axes, heat
from streamlit_app.figures.funnel import STEPS

_STEPS = list(STEPS.values())
_ROOM = 1.3  # beside the longest bar, for what is written there
_TOLD = [
    axes.count("sessions", "Sessions"),
    axes.share("of_all", "Of all sessions"),
    axes.share("of_before", "Of the step before"),
]


def steps(found: pd.DataFrame) -> alt.LayerChart:
    """Each step as a bar, with its share of all sessions and of the step before.

    Args:
        found: what `figures.funnel.steps` gives.
    """
    written = [_written(of_all, before) for of_all, before in zip(found["of_all"], found["of_before"], strict=True)]
    end = float(max(found["sessions"].max(), 1)) * _ROOM
    base = alt.Chart(found.assign(written=written)).encode(
        alt.X("sessions:Q", title="Sessions", scale=alt.Scale(domain=[0, end], nice=False), axis=alt.Axis(format="~s")),
        alt.Y("step:N", title=None, sort=_STEPS),
        tooltip=[alt.Tooltip("step:N", title="Step"), *_TOLD],
    )
    return alt.layer(
        base.mark_bar(), base.mark_text(align="left", dx=6, color=axes.INK).encode(text="written:N")
    ).properties(height=240)


def by(found: pd.DataFrame, measure: str) -> alt.Chart:
    """The share of sessions at each step after the first, by group.

    Args:
        found: what `figures.funnel.by` gives.
        measure: `of_all` or `of_before`: the share of what is drawn.
    """
    groups = list(dict.fromkeys(found["group"]))
    title = {"of_all": "Share of the group's sessions", "of_before": "Share of the step before"}[measure]
    return (
        alt.Chart(found[found["step"] != _STEPS[0]])
        .mark_bar()
        .encode(
            alt.X("step:N", title=None, sort=_STEPS, axis=alt.Axis(labelAngle=0)),
            alt.Y(f"{measure}:Q", title=title, axis=alt.Axis(format="~%")),
            alt.Color("group:N", title=None, sort=groups, legend=axes.LEGEND),
            xOffset=alt.XOffset("group:N", sort=groups),
            tooltip=[alt.Tooltip("group:N", title="Group"), alt.Tooltip("step:N", title="Step"), *_TOLD],
        )
        .properties(height=300)
    )


def conversion(found: pd.DataFrame) -> alt.LayerChart:
    """The conversion of each device and source.

    Args:
        found: what `figures.funnel.conversion` gives.
    """
    devices, sources = (
        list(found.groupby(name)["sessions"].sum().sort_values(ascending=False).index) for name in ("device", "source")
    )
    return heat.grid(
        found.assign(written=[_written(share, None) or formats.NONE for share in found["conversion"]]),
        alt.X("device:N", title="Device", sort=devices, axis=heat.AXIS),
        alt.Y("source:N", title=None, sort=sources, axis=heat.AXIS),
        "conversion",
        [
            alt.Tooltip("device:N", title="Device"),
            alt.Tooltip("source:N", title="Source"),
            axes.share("conversion", "Conversion"),
            axes.count("sessions", "Sessions"),
            axes.count("purchases", "With a purchase"),
        ],
        rows=len(sources),
    )


def _written(of_all: float | None, before: float | None) -> str:
    """What stands beside a bar; the first step has none before it."""
    shares = [share for share in (of_all, before) if pd.notna(share)]
    return " · ".join(formats.percent(share) for share in shares)
