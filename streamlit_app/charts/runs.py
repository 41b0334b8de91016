"""The steps of a run as a timeline, and how long runs take."""

import altair as alt
import pandas as pd

from streamlit_app.charts import states

_MINUTE = alt.Axis(labelExpr="slice(datum.value, 5, 16)", labelAngle=-45, labelOverlap="greedy")
_ROW, _AXIS = 24, 110  # pixels


def timeline(steps: pd.DataFrame) -> alt.LayerChart:
    """A bar a step, from its beginning to its end, with its duration beside it.

    Args:
        steps: step, state, started_at, ended_at, from, to, seconds, took (see figures.runs.steps).
    """
    drawn = alt.Chart(steps.assign(start=steps["from"], end=steps["to"]))
    order = alt.Y(
        "step:N", sort=list(dict.fromkeys(steps["step"])), title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False)
    )
    # room for the words behind the last bar
    last = float(steps["to"].max()) if len(steps) else 1.0
    across = alt.Scale(domain=[0, last * 1.25 or 1.0], nice=False)
    found = list(steps["state"])
    colors = states.of_states(found)
    bars = drawn.mark_bar(strokeWidth=2).encode(
        alt.X("start:Q", title="Seconds since the run began", scale=across),
        alt.X2("end:Q"),
        order,
        colors,
        alt.Stroke("state:N", scale=states.scale(states.places(found)), legend=None),  # a step of no time is a line
        tooltip=[
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("state:N", title="State"),
            alt.Tooltip("took:N", title="Took"),
            alt.Tooltip("started_at:T", title="Began (UTC)", format="%H:%M:%S"),
            alt.Tooltip("ended_at:T", title="Ended (UTC)", format="%H:%M:%S"),
        ],
    )
    words = drawn.mark_text(align="left", dx=5).encode(alt.X("end:Q", scale=across), order, alt.Text("took:N"), colors)
    return alt.layer(bars, words).properties(height=_ROW * max(steps["step"].nunique(), 1) + _AXIS)


def durations(runs: pd.DataFrame) -> alt.Chart:
    """A bar a run, as high as it took long.

    Args:
        runs: started, state, seconds, took; the earliest first.
    """
    return (
        alt.Chart(runs)
        .mark_bar()
        .encode(
            alt.X("started:O", sort=list(runs["started"]), title="Started (UTC)", axis=_MINUTE),
            alt.Y("seconds:Q", title="Seconds"),
            states.of_states(list(runs["state"])),
            tooltip=[
                alt.Tooltip("started:N", title="Started (UTC)"),
                alt.Tooltip("state:N", title="State"),
                alt.Tooltip("took:N", title="Took"),
            ],
        )
        .properties(height=220)
    )
