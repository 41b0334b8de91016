"""Figures of reviews, worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

from lakehouse.figures import Period
from streamlit_app.charts import reviews as charts
from streamlit_app.figures import reviews

PERIOD = Period(date(2026, 1, 1), date(2026, 1, 3))


def day(number: int, positive: int, neutral: int, negative: int, stars: int) -> dict[str, Any]:
    opinions = {"positive": positive, "neutral": neutral, "negative": negative}
    return {"day": date(2026, 1, number), "reviews": sum(opinions.values()), "stars": stars, **opinions}


def rated(name: str, count: int, stars: str) -> dict[str, Any]:
    return {
        "product_id": name,
        "name": name,
        "category": "toys",
        "price_band": "value",
        "price": Decimal("5.00"),
        "review_count": count,
        "average_rating": Decimal(stars),
        "positive_share": Decimal("0.5000"),
    }


def test_totals() -> None:
    assert reviews.totals([day(1, 2, 1, 1, 15), day(3, 0, 0, 1, 1)]) == {"reviews": 5, "stars": 3.2, "positive": 0.4}
    assert reviews.totals([]) == {"reviews": 0, "stars": None, "positive": None}


def test_stars_are_written_with_two_digits() -> None:
    written = {measure.figure: measure.written for measure in reviews.MEASURES}
    assert (written["stars"](3.2, "USD"), written["stars"](None, "USD")) == ("3.20", "–")


def test_a_day_without_a_review_is_a_day_of_zero() -> None:
    frame = reviews.by_day([day(1, 2, 1, 0, 12), day(3, 0, 0, 1, 1)], PERIOD)
    assert frame["positive"].tolist() == [2, 0, 0]
    assert frame["neutral"].tolist() == [1, 0, 0]
    assert frame["negative"].tolist() == [0, 0, 1]


def test_opinions_are_stacked_from_good_to_bad() -> None:
    drawn = charts.by_day(reviews.by_day([day(1, 2, 1, 0, 12)], PERIOD)).to_dict()
    (rows,) = drawn["datasets"].values()
    assert {(row["opinion"], row[drawn["encoding"]["order"]["field"]]) for row in rows} == {
        ("positive", 0),
        ("neutral", 1),
        ("negative", 2),
    }
    assert sum(row["reviews"] for row in rows) == 3


def test_stars_of_all_categories_are_added_up() -> None:
    rows = [
        {"category": "home", "rating": 5, "reviews": 2},
        {"category": "toys", "rating": 5, "reviews": 1},
        {"category": "toys", "rating": 1, "reviews": 1},
    ]
    frame = reviews.by_stars(rows)
    assert frame["stars"].tolist() == [1, 2, 3, 4, 5]
    assert frame["reviews"].tolist() == [1, 0, 0, 0, 3]
    assert frame["share"].tolist() == [0.25, 0, 0, 0, 0.75]
    assert charts.by_stars(frame).to_dict()["encoding"]["y"]["sort"] == "descending"


PRODUCTS = [
    rated("A", 9, "4.00"),
    rated("B", 9, "2.00"),
    rated("C", 6, "4.00"),
    rated("D", 5, "5.00"),
    rated("E", 5, "2.00"),
    rated("F", 2, "1.00"),
]


def test_the_best_and_the_worst_have_enough_reviews() -> None:
    best, worst = reviews.extremes(PRODUCTS, 5, 2)
    assert best["product"].tolist() == ["D", "A"], "of equal ones that with more reviews"
    assert worst["product"].tolist() == ["B", "E"]
    assert reviews.extremes(PRODUCTS, 1, 1)[1]["product"].tolist() == ["F"]


def test_no_product_is_both_best_and_worst() -> None:
    best, worst = reviews.extremes(PRODUCTS, 5, 10)
    assert (best["product"].tolist(), worst["product"].tolist()) == (["D", "A", "C"], ["B", "E"])
    best, worst = reviews.extremes(PRODUCTS, 10, 10)
    assert best.empty
    assert worst.empty


def test_written_stars() -> None:
    assert [reviews.written_stars(stars) for stars in (1, 3, 5)] == ["★☆☆☆☆", "★★★☆☆", "★★★★★"]
