"""Quality over time: heat maps of runs by dataset, and by rule."""

import altair as alt
import pandas as pd

from streamlit_app.charts import states
from streamlit_app.figures.quality import ANSWERS, ERROR, HOLDS, WARNING

_ROW, _AXIS, _RAMP = 26, 150, 40  # pixels
_GAPS = alt.Scale(paddingInner=0.08)
# month, day, hour and minute are enough to read; what tells runs apart is the second
_MINUTE = alt.Axis(labelExpr="slice(datum.value, 5, 16)", labelAngle=-45, labelOverlap="greedy")
_PLACES = {HOLDS: states.GOOD, WARNING: states.WARN, ERROR: states.BAD}


def _run(frame: pd.DataFrame) -> alt.X:
    order = list(dict.fromkeys(frame["run"]))
    return alt.X("run:O", sort=order, title="Run, checked at (UTC)", scale=_GAPS, axis=_MINUTE)


def by_run(shares: pd.DataFrame) -> alt.Chart:
    """The share of rules that hold, a column a run and a row a dataset.

    Args:
        shares: run, dataset, rules, holding, share.
    """
    least = min(float(shares["share"].min()), 0.9) if len(shares) else 0.9
    return (
        alt.Chart(shares)
        .mark_rect()
        .encode(
            _run(shares),
            alt.Y("dataset:N", title=None, scale=_GAPS, axis=alt.Axis(labelOverlap=False)),
            alt.Color(
                "share:Q",
                title="Rules that hold",
                scale=alt.Scale(domain=[least, 1]),
                legend=alt.Legend(orient="top", format=".0%"),
            ),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("dataset:N", title="Dataset"),
                alt.Tooltip("holding:Q", title="Rules that hold"),
                alt.Tooltip("rules:Q", title="Rules"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
        .properties(height=_ROW * max(shares["dataset"].nunique(), 1) + _AXIS + _RAMP)
    )


def by_rule(answers: pd.DataFrame) -> alt.Chart:
    """What each rule of a dataset said, a column a run and a row a rule.

    Args:
        answers: run, rule, answer, observed, wanted.
    """
    there = [word for word in ANSWERS if word in set(answers["answer"])]
    return (
        alt.Chart(answers)
        .mark_rect()
        .encode(
            _run(answers),
            alt.Y("rule:N", title=None, scale=_GAPS, axis=alt.Axis(labelLimit=170, labelOverlap=False)),
            states.color("answer", _PLACES, there),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("rule:N", title="Rule"),
                alt.Tooltip("answer:N", title="It"),
                alt.Tooltip("observed:N", title="Observed"),
                alt.Tooltip("wanted:N", title="Wanted"),
            ],
        )
        .properties(height=_ROW * max(answers["rule"].nunique(), 1) + _AXIS)
    )
