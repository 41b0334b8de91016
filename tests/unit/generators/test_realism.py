"""The data has the shapes of a shop: a week, a day, few that buy much, a funnel, ratings like a J."""

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.generators.written import generate, typed

DAYS = ("--start", "2026-01-05", "--end", "2026-02-01")  # four whole weeks
WORLD = ("--seed", 11, "--transactions", 40_000, *DAYS)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return typed(generate("transactions", tmp_path_factory.mktemp("t") / "t.csv", *WORLD), "transactions")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Sessions as any sessionizer finds them: a visitor's events without a gap of more than 30 minutes."""
    path = generate("clickstream", tmp_path_factory.mktemp("c") / "c.csv", *WORLD, "--rows", 100_000)
    frame = typed(path, "clickstream").iloc[:99_900]  # the last session is cut
    found = frame.sort_values(["visitor_id", "event_ts", "event_id"])
    starts = (found.visitor_id != found.visitor_id.shift()) | (found.event_ts.diff() > pd.Timedelta(minutes=30))
    return found.assign(session=starts.cumsum())


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return typed(generate("reviews", tmp_path_factory.mktemp("r") / "r.csv", *WORLD, "--rows", 8000), "reviews")


def test_days_are_those_asked_for(lines: pd.DataFrame) -> None:
    assert set(lines.transaction_ts.dt.date) == set(pd.date_range("2026-01-05", "2026-02-01").date)


def test_weekends_and_evenings_sell_more(lines: pd.DataFrame) -> None:
    orders = lines.drop_duplicates("order_id").transaction_ts.dt
    by_day = orders.day_of_week.value_counts(normalize=True)
    assert by_day.idxmax() == 5
    assert by_day.idxmin() in (0, 1)
    assert 1.3 < by_day[[4, 5, 6]].mean() / by_day[[0, 1, 2, 3]].mean() < 1.6
    by_hour = orders.hour.value_counts(normalize=True).reindex(range(24), fill_value=0)
    assert by_hour.idxmax() in (19, 20)
    assert by_hour[range(18, 22)].sum() > 10 * by_hour[range(1, 5)].sum()


def test_few_customers_and_products_make_most_sales(lines: pd.DataFrame) -> None:
    orders = lines.drop_duplicates("order_id").customer_id.value_counts()
    assert 0.4 < orders.iloc[:200].sum() / orders.sum() < 0.7  # 200 of 2,000 customers
    assert orders.max() > 20 * orders.median()
    assert (orders > 1).mean() > 0.5
    sold = lines.groupby("product_id").quantity.sum().sort_values(ascending=False)
    assert 0.3 < sold.iloc[:50].sum() / sold.sum() < 0.7  # 50 of 500 products


def test_orders_have_some_lines_and_some_come_back(lines: pd.DataFrame) -> None:
    per_order = lines.groupby("order_id").size()
    assert 1.6 < per_order.mean() < 1.9
    assert set(per_order) == {1, 2, 3, 4, 5}
    shares = lines.status.value_counts(normalize=True)
    assert 0.9 < shares["completed"] < 0.96
    refunded = lines.status == "refunded"
    assert (lines.updated_at[refunded] > lines.transaction_ts[refunded]).all()
    assert (lines.updated_at[~refunded] == lines.transaction_ts[~refunded]).all()


def test_sessions_go_down_the_funnel(events: pd.DataFrame) -> None:
    steps = ["page_view", "product_view", "add_to_cart", "checkout", "purchase"]
    rank = events.event_type.map(steps.index)
    assert (rank.groupby(events.session).diff().dropna() >= 0).all()
    # A step is only reached by way of those before it, and by fewer.
    reached = pd.crosstab(events.session, rank) > 0
    for step in range(1, 5):
        assert (reached[step] <= reached[step - 1]).all()
    share = reached.mean()
    assert share[0] == 1
    assert (share.diff().dropna() < 0).all()
    assert 0.02 < share[4] < 0.08
    counts = rank.value_counts()
    assert (counts.sort_index().diff().dropna() < 0).all()


def test_device_and_source_matter(events: pd.DataFrame) -> None:
    sessions = events.groupby("session").agg(
        device=("device", "first"), source=("source", "first"), bought=("order_id", "count")
    )
    by_device = sessions.groupby("device").bought.mean()
    assert by_device["desktop"] > by_device["mobile"]
    by_source = sessions.groupby("source").bought.mean()
    assert by_source["email"] > by_source["social"]
    assert (events.groupby("session")[["device", "source"]].nunique() == 1).all(axis=None)
    assert events.campaign.isna().equals(events.source.isin(["direct", "organic"]))


def test_visitors_come_again(events: pd.DataFrame) -> None:
    """The sessionizer finds what was meant: no session of a visitor starts in the middle of another one's funnel."""
    per_visitor = events.groupby("visitor_id").session.nunique()
    assert (per_visitor > 1).sum() > 100
    assert (events.groupby("session").event_type.first() == "page_view").all()
    assert events.groupby("visitor_id").customer_id.nunique().max() == 1
    assert 0.2 < events.groupby("session").customer_id.count().astype(bool).mean() < 0.6


def test_few_events_are_received_late(events: pd.DataFrame) -> None:
    delay = events.received_at - events.event_ts
    assert (delay >= pd.Timedelta(0)).all()
    assert delay.max() < pd.Timedelta(hours=10)
    assert 0.001 < (delay > pd.Timedelta(minutes=5)).mean() < 0.02


def test_ratings_have_the_shape_of_a_j(reviews: pd.DataFrame) -> None:
    share = reviews.rating.value_counts(normalize=True)
    assert 0.5 < share[5] < 0.65
    assert share[5] > share[4] > share[1] > share[2]
    means = reviews[reviews.verified].groupby("product_id").rating.agg(["mean", "size"])
    assert means[means["size"] >= 30]["mean"].std() > 0.15  # products differ


def test_texts_fit_the_rating(reviews: pd.DataFrame) -> None:
    good = reviews.body.str.contains("buy it again|Excellent|Five stars|Fast delivery", na=False)
    bad = reviews.body.str.contains("refund|would not buy|Terrible|no help", na=False)
    written = reviews.body.notna()
    assert 0.6 < written.mean() < 0.9
    assert (bad[written] == (reviews.rating[written] <= 2)).all()
    assert ((good & ~bad)[written] == (reviews.rating[written] >= 4)).all()
    assert reviews.body.nunique() > 1000
    assert not reviews.body.str.contains('["\n\r]', na=False).any()


def test_whoever_sent_it_back_is_angry(lines: pd.DataFrame, reviews: pd.DataFrame) -> None:
    state = lines.drop_duplicates("order_id").set_index("order_id").status
    rating = reviews[reviews.verified].groupby(reviews.order_id.map(state)).rating.mean()
    assert rating["refunded"] < 3 < 4 < rating["completed"]


def test_prices_follow_the_category(tmp_path: Path) -> None:
    products = typed(generate("products", tmp_path / "p.csv", "--products", 5000), "products")
    median = products.price.astype(float).groupby(products.category).median()
    assert median.idxmax() == "electronics"
    assert median.idxmin() == "grocery"
    assert set(products.category) == {
        "electronics", "home", "fashion", "sports", "beauty", "books", "toys", "grocery"
    }  # fmt: skip
    assert products.groupby("subcategory").category.nunique().max() == 1
    assert 0.02 < products.brand.isna().mean() < 0.12
    branded = products[products.brand.notna()]
    assert all(name.startswith(brand) for name, brand in zip(branded.name, branded.brand, strict=True))
    skew = products.price.astype(float).groupby(products.category).agg(lambda prices: prices.mean() / prices.median())
    assert (skew > 1).all()  # lognormal: the mean is above the median
