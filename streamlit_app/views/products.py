"""What sold and for how much, by product and price band, and how products are rated."""

import streamlit as st

from lakehouse.named_queries import Question
from streamlit_app.charts import products as charts
from streamlit_app.figures import products
from streamlit_app.figures.measure import compared
from streamlit_app.lake.answers import rows
from streamlit_app.show import choices, drawing, filters, states, tiles
from streamlit_app.show.filters import Chosen

PLACES = {10: "10", 20: "20", 30: "30", 50: "50"}
MOST_REVIEWED = 500
TOP = {
    "place": "Place",
    "product": "Product",
    "category": "Category",
    "price_band": "Price band",
    "units": "Units",
    "revenue": "Revenue",
    "average_rating": "Mean stars",
}
BANDS = {
    "price_band": "Price band",
    "products": "Products",
    "units": "Units",
    "revenue": "Revenue",
    "share_of_units": "Share of units",
    "share_of_revenue": "Share of revenue",
}
STARS = {"category": "Category", "stars": "Stars", "reviews": "Reviews", "share": "Share", "mean": "Mean stars"}
RATED = {
    "product": "Product",
    "category": "Category",
    "price_band": "Price band",
    "reviews": "Reviews",
    "average_rating": "Mean stars",
    "positive_share": "Share positive",
}

WRITTEN = {
    "Share": "percent",
    "Share of units": "percent",
    "Share of revenue": "percent",
    "Share positive": "percent",
    "Mean stars": "%.2f",
}


def _sold(chosen: Chosen) -> None:
    now, then = rows(
        Question("price_bands", (*chosen.period.texts(), chosen.category)),
        Question("price_bands", (*chosen.before.texts(), chosen.category)),
    )
    st.caption(chosen.told_before)
    before = products.totals(then) if chosen.comparable else None
    tiles.row(compared(products.MEASURES, products.totals(now), before, chosen.currency))


def _top(chosen: Chosen) -> None:
    places = choices.one_of("How many products", PLACES, "places")
    (found,) = rows(Question("top_products", (*chosen.period.texts(), chosen.category, places)))
    if not found:
        states.empty("Nothing sold in these days", "Choose other days, or another category.")
        return
    frame = products.top(found)
    drawing.chart(
        "Top products by revenue",
        charts.top(frame, chosen.currency),
        f"The {len(frame)} products with the greatest revenue, as bars",
        frame.rename(columns=TOP | {"revenue": f"Revenue ({chosen.currency})"}),
        written=WRITTEN,
        help="Of completed order lines. The stars are those of all reviews of a product, of any day.",
    )


def _bands(chosen: Chosen) -> None:
    (found,) = rows(Question("price_bands", (*chosen.period.texts(), chosen.category)))
    if not found:
        states.empty("No price bands in these days", "Nothing was sold: choose other days, or another category.")
        return
    frame = products.bands(found)
    drawing.chart(
        "Price bands",
        charts.bands(frame, chosen.currency),
        "The share of revenue and of units of each price band, from the lowest prices to the highest",
        frame.rename(columns=BANDS | {"revenue": f"Revenue ({chosen.currency})"}),
        written=WRITTEN,
        help="A product's quarter by price among the active products of its category; unknown: not in the catalogue.",
    )


def _stars(chosen: Chosen) -> None:
    (found,) = rows(Question("ratings", (*chosen.period.texts(), chosen.category)))
    if not found:
        states.empty("No reviews in these days", "Choose other days, or another category.")
        return
    frame = products.stars(found)
    drawing.chart(
        "Stars by category",
        charts.stars(frame),
        "The share of reviews with one to five stars in each category, the best rated category on top",
        frame.rename(columns=STARS),
        written=WRITTEN,
        help="Of the reviews that were written in these days.",
    )


def _rated(chosen: Chosen) -> None:
    (found,) = rows(Question("rated_products", (chosen.category, MOST_REVIEWED)))
    if not found:
        states.empty(
            "No product has a review", "Reviews come with the pipeline's next run, or choose another category."
        )
        return
    frame = products.rated(found)
    drawing.chart(
        "Stars and number of reviews",
        charts.rated(frame),
        "Each product as a point: its mean stars over how many reviews it has",
        frame.rename(columns=RATED),
        written=WRITTEN,
        help=f"Of the reviews of all time, whatever days are chosen; the {MOST_REVIEWED} products with most reviews.",
    )


st.title("Products", anchor=False)
chosen = filters.bar()
if chosen is not None:
    with states.guarded("Sales"):
        _sold(chosen)
    with states.guarded("Top products"):
        _top(chosen)
    left, right = st.columns(2)
    with left, states.guarded("Price bands"):
        _bands(chosen)
    with right, states.guarded("Stars by category"):
        _stars(chosen)
    with states.guarded("Rated products"):
        _rated(chosen)
