"""What customers write: how much, how many stars, what they think, and which products they like best and least."""

import streamlit as st

from lakehouse import figures
from lakehouse.asking import EVERY
from lakehouse.figures import Period, Row
from lakehouse.named_queries import Question
from streamlit_app.charts import reviews as charts
from streamlit_app.figures import reviews
from streamlit_app.figures.measure import compared
from streamlit_app.lake.answers import rows
from streamlit_app.show import choices, drawing, filters, states, tiles
from streamlit_app.show.filters import Chosen

LATEST = 10
PLACES = 10
OPINIONS = {EVERY: "All"} | {opinion: opinion.capitalize() for opinion in reviews.OPINIONS}
MOST_REVIEWED = 1000
DAYS = {"day": "Day", "positive": "Positive", "neutral": "Neutral", "negative": "Negative"}
STARS = {"stars": "Stars", "reviews": "Reviews", "share": "Share"}
PRODUCTS = {
    "product": "Product",
    "average_rating": "Mean stars",
    "reviews": "Reviews",
    "positive_share": "Share positive",
}
WRITTEN = {"Share": "percent", "Share positive": "percent", "Mean stars": "%.2f"}
NONE = ("No reviews in these days", "Choose other days, or another category.")


def _days(chosen: Chosen) -> list[Row]:
    """The days of the period and of that before."""
    period = Period(chosen.before.first, chosen.period.last)
    (found,) = rows(Question("reviews_by_day", (*period.texts(), chosen.category)))
    return list(found)


def _all(chosen: Chosen) -> None:
    days = _days(chosen)
    now, then = (reviews.totals(figures.within(days, period)) for period in (chosen.period, chosen.before))
    st.caption(chosen.told_before)
    tiles.row(compared(reviews.MEASURES, now, then if chosen.comparable else None, chosen.currency))


def _by_day(chosen: Chosen) -> None:
    days = figures.within(_days(chosen), chosen.period)
    if not days:
        states.empty(*NONE)
        return
    frame = reviews.by_day(days, chosen.period)
    drawing.chart(
        "Reviews by day",
        charts.by_day(frame),
        "Positive, neutral and negative reviews of each day, stacked",
        frame.assign(day=frame["day"].dt.date).rename(columns=DAYS),
        help="What a review thinks is told by its stars and, for less, by its words.",
    )


def _by_stars(chosen: Chosen) -> None:
    (found,) = rows(Question("ratings", (*chosen.period.texts(), chosen.category)))
    if not found:
        states.empty("No stars in these days", "Choose other days, or another category.")
        return
    frame = reviews.by_stars(found)
    drawing.chart(
        "Stars",
        charts.by_stars(frame),
        "How many reviews gave one to five stars",
        frame.rename(columns=STARS),
        written=WRITTEN,
    )


def _latest(chosen: Chosen) -> None:
    st.header("Latest reviews", anchor=False)
    opinion = choices.one_of("What they think", OPINIONS, "opinion")
    period = chosen.period
    asked = (*period.texts(), *period.months(), chosen.category, opinion, LATEST)
    (found,) = rows(Question("latest_reviews", asked))
    if not found:
        states.empty("No such review in these days", "Choose other days, another category, or another opinion.")
    for row in found:
        with st.container(border=True):
            _review(row)


def _review(row: Row) -> None:
    """One review; all of it is a stranger's text, which is shown as it is."""
    bought = ", verified purchase" if row["verified"] else ""
    product = row["product"] or row["product_id"]
    st.text(f"{reviews.written_stars(row['rating'])}  {product}")
    if row["title"]:
        st.text(row["title"])
    if row["body"]:
        st.text(row["body"])
    st.caption(f"{row['review_ts']:%Y-%m-%d %H:%M} UTC, {row['label']}{bought}")


def _extremes(chosen: Chosen) -> None:
    st.header(
        "Best and worst rated products",
        anchor=False,
        help="By the reviews of all time, whatever days are chosen; of equal ones that with more reviews is first. No "
        f"product is in both; looked at are the {MOST_REVIEWED} with most reviews.",
    )
    at_least = st.slider("Reviews of a product, at least", 1, 20, 5, key="at_least", bind="query-params")
    (found,) = rows(Question("rated_products", (chosen.category, MOST_REVIEWED)))
    best, worst = reviews.extremes(found, at_least, PLACES)
    if best.empty:
        states.empty(f"No product has {at_least} reviews", "Choose fewer, or another category.")
        return
    for place, (title, frame) in zip(st.columns(2), (("Best rated", best), ("Worst rated", worst)), strict=True):
        with place:
            st.markdown(f"**{title}**")
            drawing.table(
                frame[list(PRODUCTS)].rename(columns=PRODUCTS),
                f"{title} products with at least {at_least} reviews",
                WRITTEN,
            )


st.title("Reviews", anchor=False)
chosen = filters.bar()
if chosen is not None:
    with states.guarded("Reviews"):
        _all(chosen)
    left, right = st.columns([3, 2])
    with left, states.guarded("Reviews by day"):
        _by_day(chosen)
    with right, states.guarded("Stars"):
        _by_stars(chosen)
    with states.guarded("Best and worst rated products"):
        _extremes(chosen)
    with states.guarded("Latest reviews"):
        _latest(chosen)
