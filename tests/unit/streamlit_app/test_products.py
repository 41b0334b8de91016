"""Figures of products, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from streamlit_app.charts import products as charts
from streamlit_app.figures import products
from streamlit_app.figures.measure import compared


def band(name: str, products_: int, units: int, revenue: str) -> dict[str, Any]:
    return {"price_band": name, "products": products_, "units": units, "revenue": Decimal(revenue)}


def sold(place: int, number: str, name: str | None, revenue: str = "10.00") -> dict[str, Any]:
    return {
        "place": place,
        "product_id": number,
        "name": name,
        "category": "toys" if name else None,
        "price_band": "luxury" if name else None,
        "units": 3,
        "revenue": Decimal(revenue),
        "average_rating": Decimal("4.50") if name else None,
    }


def reviewed(number: str, name: str, reviews: int, stars: str) -> dict[str, Any]:
    return {
        "product_id": number,
        "name": name,
        "category": "toys",
        "price_band": None,
        "price": Decimal("5.00"),
        "review_count": reviews,
        "average_rating": Decimal(stars),
        "positive_share": Decimal("0.7500"),
    }


BANDS = [
    band("luxury", 2, 10, "60.00"),
    band("unknown", 5, 20, "20.00"),
    band("budget", 4, 10, "20.00"),
]


def test_products_that_nobody_knows_are_not_counted_but_what_they_sold_is() -> None:
    assert products.totals(BANDS) == {"products": 6, "units": 40, "revenue": Decimal("100.00")}


def test_of_nothing_there_are_tiles_too() -> None:
    tiles = compared(products.MEASURES, products.totals([]), products.totals([]), "USD")
    assert [(tile.value, tile.change) for tile in tiles] == [("0", None), ("0", None), ("$0", None)]


def test_bands_stand_from_low_to_high_with_their_shares() -> None:
    frame = products.bands(BANDS)
    assert frame["price_band"].tolist() == ["budget", "luxury", "unknown"]
    assert frame["share_of_units"].tolist() == [0.25, 0.25, 0.5]
    assert frame["share_of_revenue"].tolist() == [0.2, 0.6, 0.2]


def test_bands_of_refunds_alone_have_no_share() -> None:
    frame = products.bands([band("value", 1, 0, "0.00")])
    assert frame[["share_of_units", "share_of_revenue"]].isna().all(axis=None)


def test_products_of_one_name_are_told_apart() -> None:
    rows = [sold(1, "P-1", "Lamp"), sold(2, "P-2", "Lamp"), sold(3, "P-3", "Chair"), sold(4, "unknown", None)]
    frame = products.top(rows)
    assert frame["product"].tolist() == ["Lamp (P-1)", "Lamp (P-2)", "Chair", "unknown"]
    assert frame["category"].tolist() == ["toys", "toys", "toys", "unknown"]
    assert frame["average_rating"].isna().tolist() == [False, False, False, True]


def test_stars_of_a_category_are_shares_and_the_best_one_is_first() -> None:
    rows = [
        {"category": "home", "rating": 1, "reviews": 3},
        {"category": "home", "rating": 5, "reviews": 1},
        {"category": "toys", "rating": 4, "reviews": 2},
    ]
    frame = products.stars(rows)
    assert frame["category"].tolist() == ["toys"] * 5 + ["home"] * 5
    assert frame["stars"].tolist() == [1, 2, 3, 4, 5] * 2
    assert frame["share"].tolist() == [0, 0, 0, 1, 0, 0.75, 0, 0, 0, 0.25]
    assert frame["mean"].unique().tolist() == [4, 2]


def test_rated_products_are_called_by_name() -> None:
    frame = products.rated([reviewed("P-1", "Lamp", 7, "4.25")])
    assert frame.to_dict("records") == [
        {
            "product": "Lamp",
            "category": "toys",
            "price_band": "unknown",
            "reviews": 7,
            "average_rating": 4.25,
            "positive_share": 0.75,
        }
    ]
    assert products.rated([]).columns.tolist() == frame.columns.tolist()


def test_the_first_product_is_on_top_and_bands_keep_their_order() -> None:
    drawn = charts.top(products.top([sold(1, "P-1", "Lamp"), sold(2, "P-2", "Chair")]), "USD").to_dict()
    assert drawn["encoding"]["y"]["sort"] is None
    assert drawn["encoding"]["x"]["title"] == "Revenue (USD)"
    bands = charts.bands(products.bands(BANDS), "USD").to_dict()
    assert bands["encoding"]["x"]["sort"] == ["budget", "value", "premium", "luxury", "unknown"]


@pytest.mark.parametrize("count", [1, 50])
def test_more_products_need_more_room(count: int) -> None:
    frame = products.top([sold(place, f"P-{place}", f"Lamp {place}") for place in range(1, count + 1)])
    assert charts.top(frame, "USD").to_dict()["height"] == 24 * count + 50


def test_points_tell_no_revenue() -> None:
    drawn = charts.rated(products.rated([reviewed("P-1", "Lamp", 7, "4.25")])).to_dict()
    told = {item["field"] for item in drawn["encoding"]["tooltip"]}
    assert told == {"product", "category", "price_band", "average_rating", "reviews", "positive_share"}
    assert drawn["encoding"]["y"]["scale"]["domain"] == [1, 5]


def test_stars_are_stacked_to_a_whole() -> None:
    drawn = charts.stars(products.stars([{"category": "toys", "rating": 4, "reviews": 2}])).to_dict()
    assert drawn["encoding"]["x"]["scale"]["domain"] == [0, 1]
    assert drawn["encoding"]["order"]["field"] == "stars"
