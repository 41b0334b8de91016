"""How many reviews, how many stars, and what they think."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lakehouse.figures import Period, Row
from streamlit_app import formats
from streamlit_app.figures.measure import Measure, Totals, count, share
from streamlit_app.figures.products import STARS, rated

OPINIONS = ("positive", "neutral", "negative")


def _stars(value: Any, _currency: str) -> str:
    return formats.NONE if value is None else f"{value:.2f}"


MEASURES = (
    Measure("reviews", "Reviews", count, "Reviews that were written in these days."),
    Measure("stars", "Mean stars", _stars, "The mean of their stars, from 1 to 5."),
    Measure("positive", "Positive", share, "The share of reviews that are positive, by their stars and their words."),
)


def totals(days: Sequence[Row]) -> Totals:
    """The figures of a period.

    Args:
        days: its rows of `reviews_by_day`.
    """
    reviews, stars, positive = (sum(row[name] for row in days) for name in ("reviews", "stars", "positive"))
    if not reviews:
        return {"reviews": 0, "stars": None, "positive": None}
    return {"reviews": reviews, "stars": stars / reviews, "positive": positive / reviews}


def by_day(days: Sequence[Row], period: Period) -> pd.DataFrame:
    """A row for each day of a period, also for one without a review: day, positive, neutral, negative.

    Args:
        days: the rows of `reviews_by_day`.
        period: the days.
    """
    known = {row["day"]: row for row in days}
    found = []
    for day in pd.date_range(period.first, period.last):
        row = known.get(day.date(), {})
        found.append({"day": day, **{opinion: int(row.get(opinion, 0)) for opinion in OPINIONS}})
    return pd.DataFrame(found)


def by_stars(rows: Sequence[Row]) -> pd.DataFrame:
    """How many reviews gave how many stars, from one to five: stars, reviews, share.

    Args:
        rows: those of `ratings`, at least one.
    """
    counts = [sum(row["reviews"] for row in rows if row["rating"] == number) for number in STARS]
    return pd.DataFrame({"stars": STARS, "reviews": counts, "share": [times / sum(counts) for times in counts]})


def extremes(rows: Sequence[Row], at_least: int, places: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best and the worst rated products; none is in both.

    Args:
        rows: those of `rated_products`.
        at_least: how many reviews a product has at least.
        places: how many there are at most of each.

    Returns:
        the best, from the best on, and the worst, from the worst on; of equal ones that with more reviews is first.
    """
    known = rated([row for row in rows if row["review_count"] >= at_least])
    by_worth = known.sort_values(["average_rating", "reviews", "product"], ascending=[False, False, True])
    best = by_worth.head(min(places, (len(known) + 1) // 2))
    rest = known.drop(best.index).sort_values(["average_rating", "reviews", "product"], ascending=[True, False, True])
    return best.reset_index(drop=True), rest.head(places).reset_index(drop=True)


def written_stars(rating: int) -> str:
    """Stars as they are drawn, e.g. `★★★☆☆`."""
    return "★" * rating + "☆" * (len(STARS) - rating)
