"""Reviews by day and by stars."""

import altair as alt
import pandas as pd

from streamlit_app.charts import axes
from streamlit_app.figures.reviews import OPINIONS

_COLOURS = alt.Scale(domain=["positive", "negative", "neutral"])  # the first two differ most


def by_day(found: pd.DataFrame) -> alt.Chart:
    """Positive, neutral and negative reviews of each day, stacked.

    Args:
        found: what `figures.reviews.by_day` gives.
    """
    long = found.melt("day", list(OPINIONS), "opinion", "reviews")
    return (
        alt.Chart(long.assign(place=long["opinion"].map(OPINIONS.index)))
        .mark_bar()
        .encode(
            axes.EACH_DAY,
            alt.Y("reviews:Q", title="Reviews", axis=alt.Axis(tickMinStep=1, format="d")),
            alt.Color("opinion:N", title=None, scale=_COLOURS, legend=axes.LEGEND),
            order=alt.Order("place:Q"),
            tooltip=[axes.TOLD_DAY, alt.Tooltip("opinion:N", title="Opinion"), axes.count("reviews", "Reviews")],
        )
        .properties(height=280)
    )


def by_stars(found: pd.DataFrame) -> alt.Chart:
    """How many reviews gave how many stars, five on top.

    Args:
        found: what `figures.reviews.by_stars` gives.
    """
    return (
        alt.Chart(found)
        .mark_bar()
        .encode(
            alt.X("reviews:Q", title="Reviews", axis=alt.Axis(tickMinStep=1, format="~s")),
            alt.Y("stars:O", title="Stars", sort="descending"),
            tooltip=[
                alt.Tooltip("stars:O", title="Stars"),
                axes.count("reviews", "Reviews"),
                axes.share("share", "Share"),
            ],
        )
        .properties(height=280)
    )
