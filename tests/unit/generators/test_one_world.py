"""The four datasets of one seed and one world agree: what one names, the others have."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.generators.written import DATASETS, generate, text, typed

SIZES = [
    # transactions, clickstream, reviews, customers, products
    (1, 1, 1, 1, 1),
    (2, 2, 2, 2, 2),
    (1, 5000, 100, 50, 10),  # more visitors than orders
    (100, 5000, 5000, 30, 20),
    (5000, 5000, 1000, 2000, 500),
    (5000, 100, 2, 100, 5000),
]


@pytest.fixture(scope="module", params=[(seed, size) for seed in (0, 42, 99_999) for size in SIZES], ids=str)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    seed, (transactions, clickstream, reviews, customers, products) = request.param
    rows = {"transactions": transactions, "products": products, "clickstream": clickstream, "reviews": reviews}
    world: list[Any] = ["--seed", seed, "--customers", customers, "--products", products]
    world += ["--transactions", transactions]
    folder = tmp_path_factory.mktemp("shop")
    return {
        name: typed(generate(name, folder / f"{name}.csv", "--rows", rows[name], *world), name) for name in DATASETS
    }


def test_products_are_known(shop: dict[str, pd.DataFrame]) -> None:
    known = set(shop["products"].product_id)
    for dataset in ("transactions", "clickstream", "reviews"):
        assert set(shop[dataset].product_id.dropna()) <= known


def test_customers_have_orders(shop: dict[str, pd.DataFrame]) -> None:
    known = set(shop["transactions"].customer_id)
    assert set(shop["clickstream"].customer_id.dropna()) <= known
    assert set(shop["reviews"].customer_id) <= known


def test_purchases_are_orders(shop: dict[str, pd.DataFrame]) -> None:
    events, orders = shop["clickstream"], shop["transactions"]
    purchases = events[events.event_type == "purchase"]
    assert purchases.order_id.notna().all()
    assert events[events.event_type != "purchase"].order_id.isna().all()
    assert not purchases.order_id.duplicated().any()
    both = purchases.merge(orders, on=["order_id", "customer_id", "product_id"])  # the order has the product
    assert both.event_id.nunique() == len(purchases)
    assert (both.event_ts == both.transaction_ts).all()


def test_verified_reviews_are_of_orders_that_came(shop: dict[str, pd.DataFrame]) -> None:
    reviews, orders = shop["reviews"], shop["transactions"]
    assert (reviews.order_id.notna() == reviews.verified).all()
    verified = reviews[reviews.verified]
    assert not verified.order_id.duplicated().any()
    both = verified.merge(orders, on=["order_id", "customer_id", "product_id"])
    assert both.review_id.nunique() == len(verified)
    assert (both.review_ts >= both.transaction_ts + pd.Timedelta(days=2)).all()
    assert (both.status != "cancelled").all()
    assert (reviews.updated_at >= reviews.review_ts).all()


def test_prices_are_those_of_the_catalogue(shop: dict[str, pd.DataFrame]) -> None:
    both = shop["transactions"].merge(shop["products"], on="product_id")
    assert len(both) == len(shop["transactions"])
    assert (both.unit_price == both.price).all()
    assert (shop["products"].price >= shop["products"].cost).all()
    assert (shop["products"].updated_at >= shop["products"].listed_at).all()
    assert (both.transaction_ts > both.listed_at).all()


def test_money_adds_up_to_the_cent(shop: dict[str, pd.DataFrame]) -> None:
    lines = shop["transactions"]
    assert (lines.quantity * lines.unit_price - lines.discount == lines.total_amount).all()


def test_lines_of_an_order_belong_together(shop: dict[str, pd.DataFrame]) -> None:
    same = ["customer_id", "transaction_ts", "country", "payment_method", "currency", "status"]
    assert (shop["transactions"].groupby("order_id")[same].nunique() == 1).all(axis=None)
    assert (shop["transactions"].groupby("customer_id").country.nunique() == 1).all()


def test_dirt_takes_no_order_away(tmp_path: Path) -> None:
    """Repeats take places of other rows, but never of an order that others name."""
    world = ["--seed", 3, "--rows", 200, "--defects", 0.5, "--defect-kinds", "repeat,second_report"]
    orders = typed(generate("transactions", tmp_path / "t.csv", *world), "transactions")
    names = ["--seed", 3, "--transactions", 200, "--rows", 20_000]
    events = typed(generate("clickstream", tmp_path / "c.csv", *names), "clickstream")
    bought = set(events.order_id.dropna())
    assert len(bought) > 40
    assert bought <= set(orders.order_id)
    products = text(generate("products", tmp_path / "p.csv", "--seed", 3, "--defects", 0.05))
    assert len(products) > 500
    assert products.product_id.nunique() >= 495  # all 500 but those whose id is one of the defects
