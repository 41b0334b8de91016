"""What sold, by product and price band, and how it is rated."""

import altair as alt
import pandas as pd

from streamlit_app.charts import axes
from streamlit_app.figures.products import BANDS, UNKNOWN

_ROW, _AXIS = 24, 50  # pixels
_BANDS = [*BANDS, UNKNOWN]
_OF = {"share_of_revenue": "of revenue", "share_of_units": "of units"}


def top(products: pd.DataFrame, currency: str) -> alt.Chart:
    """Products by revenue, the first on top.

    Args:
        products: what `figures.products.top` gives.
        currency: of the revenue.
    """
    return (
        alt.Chart(products)
        .mark_bar()
        .encode(
            alt.X("revenue:Q", title=f"Revenue ({currency})", axis=alt.Axis(format="~s")),
            alt.Y("product:N", title=None, sort=None, axis=alt.Axis(labelLimit=160)),
            tooltip=[
                alt.Tooltip("product:N", title="Product"),
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("price_band:N", title="Price band"),
                axes.amount("revenue", "Revenue", currency),
                axes.count("units", "Units"),
                alt.Tooltip("average_rating:Q", title="Mean stars", format=".2f"),
            ],
        )
        .properties(height=_ROW * len(products) + _AXIS)
    )


def bands(found: pd.DataFrame, currency: str) -> alt.Chart:
    """The share of each price band, of revenue and of units, side by side.

    Args:
        found: what `figures.products.bands` gives.
        currency: of the revenue.
    """
    long = found.melt(["price_band", "products", "units", "revenue"], list(_OF), "of", "share")
    return (
        alt.Chart(long.assign(of=long["of"].map(_OF)))
        .mark_bar()
        .encode(
            alt.X("price_band:N", title=None, sort=_BANDS, axis=alt.Axis(labelAngle=0)),
            alt.Y("share:Q", title="Share", axis=alt.Axis(format="~%")),
            alt.Color("of:N", title=None, sort=list(_OF.values()), legend=axes.LEGEND),
            xOffset=alt.XOffset("of:N", sort=list(_OF.values())),
            tooltip=[
                alt.Tooltip("price_band:N", title="Price band"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
                alt.Tooltip("of:N", title="Of what"),
                axes.amount("revenue", "Revenue", currency),
                axes.count("units", "Units"),
                axes.count("products", "Products"),
            ],
        )
        .properties(height=320)
    )


def stars(found: pd.DataFrame) -> alt.Chart:
    """The share of each number of stars, by category.

    Args:
        found: what `figures.products.stars` gives.
    """
    return (
        alt.Chart(found)
        .mark_bar()
        .encode(
            alt.X("share:Q", title="Share of the reviews", axis=alt.Axis(format="~%"), scale=alt.Scale(domain=[0, 1])),
            alt.Y("category:N", title=None, sort=None),
            alt.Color("stars:O", title="Stars", legend=alt.Legend(orient="top")),
            order=alt.Order("stars:Q"),
            tooltip=[
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("stars:O", title="Stars"),
                axes.share("share", "Share"),
                axes.count("reviews", "Reviews"),
                alt.Tooltip("mean:Q", title="Mean stars of the category", format=".2f"),
            ],
        )
        .properties(height=320)
    )


def rated(found: pd.DataFrame) -> alt.Chart:
    """Mean stars against the number of reviews, a point a product.

    Args:
        found: what `figures.products.rated` gives.
    """
    return (
        alt.Chart(found)
        .mark_circle(size=70, opacity=0.5)
        .encode(
            alt.X("reviews:Q", title="Reviews", axis=alt.Axis(tickMinStep=1, format="d")),
            alt.Y("average_rating:Q", title="Mean stars", scale=alt.Scale(domain=[1, 5]), axis=alt.Axis(tickCount=5)),
            tooltip=[
                alt.Tooltip("product:N", title="Product"),
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("price_band:N", title="Price band"),
                alt.Tooltip("average_rating:Q", title="Mean stars", format=".2f"),
                axes.count("reviews", "Reviews"),
                axes.share("positive_share", "Positive reviews"),
            ],
        )
        .properties(height=320)
    )
