"""The dashboard's pages about the shop: their figures against pandas, what filters do, and what is said of nothing."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lakehouse.named_queries import Question, Rows
from streamlit_app import formats
from streamlit_app.figures.customers import segment_of
from streamlit_app.lake import answers
from tests.e2e import app, truth
from tests.e2e.pipeline import Pipeline

type Open = Callable[..., AppTest]

STEPS = ["Sessions", "Product views", "Carts", "Checkouts", "Purchases"]
BANDS = ["budget", "value", "premium", "luxury"]


def kept(pipeline: Pipeline, dataset: str) -> pd.DataFrame:
    return truth.kept(dataset, pipeline.raw_files(dataset))


def table(page: AppTest, title: str) -> pd.DataFrame:
    """The figures of a chart, or a table, by its title."""
    (found,) = (item for item in page.dataframe if item.proto.alt.startswith(title))
    return found.value


def changes(page: AppTest) -> dict[str, str]:
    """Label → by how much it changed, of all tiles."""
    return {tile.label: tile.delta for tile in page.metric}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Rows]], None]:
    """Makes named queries give other rows than they have: name → rows."""
    real = answers.rows

    def give(known: Mapping[str, Rows]) -> None:
        def rows(*questions: Question) -> list[Rows]:
            return [known[item.name] if item.name in known else real(item)[0] for item in questions]

        monkeypatch.setattr(answers, "rows", rows)

    return give


@pytest.fixture(scope="module")
def lines(pipeline: Pipeline, shown: str) -> pd.DataFrame:
    """Order lines with the category and the price band of their product, where the catalogue knows it."""
    catalogue = kept(pipeline, "products").set_index("product_id")
    found = truth.sales(kept(pipeline, "transactions"))
    bands = found.product_id.map(_bands(catalogue))
    return found.assign(category=found.product_id.map(catalogue.category), band=bands)


def _bands(catalogue: pd.DataFrame) -> pd.Series:
    """Product → the quarter that its price is in, among the active products of its category."""
    known = catalogue.assign(price=catalogue.price.map(Decimal))
    active = known[known.active.str.lower() == "true"]
    prices = {name: sorted(group.price) for name, group in active.groupby("category")}
    bands = {}
    for row in known.itertuples():
        others = prices.get(row.category, [])
        place = 4 * bisect_left(others, row.price) // len(others) if others else None
        bands[row.Index] = "unknown" if place is None else BANDS[min(place, 3)]
    return pd.Series(bands)


@pytest.fixture(scope="module")
def reviews(pipeline: Pipeline, shown: str) -> pd.DataFrame:
    """Reviews with their day, the category of their product, and what the pipeline says that they think."""
    found = kept(pipeline, "reviews")
    categories = kept(pipeline, "products").set_index("product_id").category
    rows = pipeline.query("SELECT review_id, label FROM review_sentiment")
    labels = {row["review_id"]: row["label"] for row in rows}
    return found.assign(
        day=found.review_ts.str[:10],
        stars=found.rating.astype(int),
        category=found.product_id.map(categories),
        label=found.review_id.map(labels),
    )


@pytest.fixture(scope="module")
def period(pipeline: Pipeline, lines: pd.DataFrame, reviews: pd.DataFrame) -> tuple[str, str]:
    """Ten days, the last of which is in all data: there are days before them to compare with."""
    visited = kept(pipeline, "clickstream").event_ts.str[:10]
    last = date.fromisoformat(min(days.max() for days in (lines.day, reviews.day, visited)))
    return (last - timedelta(days=9)).isoformat(), last.isoformat()


@pytest.fixture(scope="module")
def before(period: tuple[str, str]) -> tuple[str, str]:
    first = date.fromisoformat(period[0])
    return (first - timedelta(days=10)).isoformat(), (first - timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def category(lines: pd.DataFrame) -> str:
    """The category that sold the most lines."""
    return str(lines.category.value_counts().index[0])


# Products


def _products(lines: pd.DataFrame, days: tuple[str, str]) -> tuple[int, int, Decimal]:
    """Products, units and revenue of some days."""
    found = lines[lines.day.between(*days)]
    sold = found[found.status == "completed"]
    known = found[(found.status != "cancelled") & found.category.notna()]
    return known.product_id.nunique(), int(sold.pieces.sum()), truth.total(sold.amount)


@pytest.mark.parametrize("filtered", [False, True])
def test_what_was_sold_is_that_of_pandas(
    open_page: Open,
    lines: pd.DataFrame,
    period: tuple[str, str],
    before: tuple[str, str],
    category: str,
    filtered: bool,
) -> None:
    chosen = {"category": category.capitalize()} if filtered else {}
    page = open_page("products", days=list(period), **chosen)
    ours = lines[lines.category == category] if filtered else lines
    now, then = _products(ours, period), _products(ours, before)
    assert app.figures(page) == {
        "Products sold": f"{now[0]:,}",
        "Units": f"{now[1]:,}",
        "Revenue": formats.money(now[2], "USD"),
    }
    assert now[0] > 10
    expected = [formats.change(one, other) for one, other in zip(now, then, strict=True)]
    assert list(changes(page).values()) == [text or "" for text in expected]


def test_top_products_are_those_of_pandas(
    open_page: Open, pipeline: Pipeline, lines: pd.DataFrame, period: tuple[str, str]
) -> None:
    expected = truth.top_products(kept(pipeline, "transactions"), *period, 50)
    names = kept(pipeline, "products").set_index("product_id").name
    page = open_page("products", days=list(period))
    for count in (10, 50):
        page.segmented_control(key="places").set_value(count)
        app.ran(page)
        found = table(page, "Top products by revenue")
        figures = list(zip(found["Units"], found["Revenue (USD)"], strict=True))
        assert figures == [(units, float(revenue)) for _, units, revenue in expected[:count]]
        ids = [product for product, _, _ in expected[:count]]
        assert all(
            text.startswith(names.get(product, product)) for text, product in zip(found["Product"], ids, strict=True)
        )
        assert found["Product"].is_unique
    assert len(table(open_page("products", places="20"), "Top products by revenue")) == 20


def test_price_bands_are_those_of_pandas(open_page: Open, lines: pd.DataFrame, period: tuple[str, str]) -> None:
    found = table(open_page("products", days=list(period)), "Price bands")
    sold = lines[lines.day.between(*period) & (lines.status == "completed")].fillna({"band": "unknown"})
    expected = {
        band: (int(group.pieces.sum()), float(truth.total(group.amount))) for band, group in sold.groupby("band")
    }
    figures = zip(found["Price band"], found["Units"], found["Revenue (USD)"], strict=True)
    assert {band: (units, revenue) for band, units, revenue in figures} == expected
    assert [band for band in found["Price band"] if band != "unknown"] == BANDS
    assert found[["Share of units", "Share of revenue"]].sum().tolist() == pytest.approx([1, 1])


def test_stars_by_category_are_those_of_pandas(
    open_page: Open, reviews: pd.DataFrame, period: tuple[str, str], category: str
) -> None:
    ours = reviews[reviews.day.between(*period)].fillna({"category": "unknown"})
    expected = {key: len(group) for key, group in ours.groupby(["category", "stars"])}
    found = table(open_page("products", days=list(period)), "Stars by category")
    keys = zip(found["Category"], found["Stars"], found["Reviews"], strict=True)
    assert {(name, stars): count for name, stars, count in keys if count} == expected
    means = ours.groupby("category").stars.mean()
    assert dict(zip(found["Category"], found["Mean stars"], strict=True)) == pytest.approx(means.to_dict())
    one = table(open_page("products", days=list(period), category=category.capitalize()), "Stars by category")
    assert set(one["Category"]) == {category}


def test_rated_products_are_of_all_time(open_page: Open, reviews: pd.DataFrame, period: tuple[str, str]) -> None:
    found = table(open_page("products", days=list(period)), "Stars and number of reviews")
    known = reviews.dropna(subset="category")
    counts = known.product_id.value_counts()
    assert found["Reviews"].tolist() == counts.tolist()[:500]
    assert found["Reviews"].sum() > len(known[known.day.between(*period)])


# Customers


@pytest.fixture(scope="module")
def values(pipeline: Pipeline, shown: str) -> pd.DataFrame:
    return pd.DataFrame(truth.customer_values(kept(pipeline, "transactions")).values())


def test_customers_are_those_of_pandas(open_page: Open, values: pd.DataFrame) -> None:
    told = app.figures(open_page("customers"))
    revenue = truth.total(values.revenue)
    assert told["Customers"] == f"{len(values):,}"
    assert told["Revenue by customer"] == formats.money(revenue / len(values), "USD", cents=True)
    predicted = int(told["Predicted for 12 months"].strip("$").replace(",", ""))
    assert predicted == pytest.approx(values.predicted.sum(), abs=1 + 0.005 * len(values))


def test_cohorts_are_those_of_pandas(open_page: Open, lines: pd.DataFrame) -> None:
    sold = lines[lines.status == "completed"].assign(month=lambda rows: pd.PeriodIndex(rows.day, freq="M"))
    sold["cohort"] = sold.groupby("customer_id").month.transform("min")
    sold["since"] = [(month - cohort).n for month, cohort in zip(sold.month, sold.cohort, strict=True)]
    groups = sold.groupby(["cohort", "since"])
    expected = {
        (str(cohort), since): (group.customer_id.nunique(), float(truth.total(group.amount)))
        for (cohort, since), group in groups
    }
    found = table(open_page("customers"), "Cohorts")
    keys = zip(found["First order in"], found["Months since"], strict=True)
    figures = zip(found["Customers"], found["Revenue (USD)"], strict=True)
    told = dict(zip(keys, figures, strict=True))
    assert {key: row for key, row in told.items() if row[0]} == expected
    sizes = {cohort: count for (cohort, since), (count, _) in expected.items() if since == 0}
    shares = zip(found["Customers"], found["First order in"], strict=True)
    assert found["Share"].tolist() == [count / sizes[cohort] for count, cohort in shares]


def test_scores_and_segments_are_those_of_pandas(open_page: Open, values: pd.DataFrame) -> None:
    page = open_page("customers")
    grid = table(page, "Recency and frequency")
    groups = values.groupby(["r", "f"])
    expected = {key: (len(group), float(truth.total(group.revenue))) for key, group in groups}
    keys = zip(grid["Recency"], grid["Frequency"], strict=True)
    figures = zip(grid["Customers"], grid["Revenue (USD)"], strict=True)
    told = dict(zip(keys, figures, strict=True))
    assert len(told) == 25
    assert {key: row for key, row in told.items() if row[0]} == expected
    segments = table(page, "Segments").set_index("Segment")
    champions = values[(values.r == 5) & (values.f >= 4)]
    assert segments.loc["champions", "Customers"] == len(champions)
    assert segments.loc["champions", "Revenue (USD)"] == pytest.approx(float(truth.total(champions.revenue)))
    assert segments["Customers"].sum() == len(values)


def test_what_is_drawn_of_segments_can_be_chosen(open_page: Open) -> None:
    told = {}
    for measure in ("Customers", "Revenue"):
        page = open_page("customers", measure=measure)
        charts = [item.proto.alt for item in page.get("vega_lite_chart")]
        told[measure] = [text for text in charts if "segment" in text]
    assert told == {
        "Customers": ["Customers of each segment, from champions to hibernating"],
        "Revenue": ["Revenue of each segment, from champions to hibernating"],
    }


def test_what_customers_may_be_worth_is_that_of_pandas(open_page: Open, values: pd.DataFrame) -> None:
    page = open_page("customers")
    found = table(page, "What customers may be worth")
    bounds = [0, *(step * 10**power for power in range(1, 5) for step in (1, 2, 5)), float("inf")]
    predicted = values.predicted.map(lambda value: round(value, 2))
    counts = pd.cut(predicted, bounds, right=False).value_counts(sort=False)
    first, last = (counts.to_numpy().nonzero()[0][place] for place in (0, -1))
    assert found["Customers"].tolist() == counts.tolist()[first : last + 1]
    best = table(page, "The customers with")
    ordered = values.assign(cents=predicted).sort_values(["cents", "customer_id"], ascending=[False, True]).head(50)
    assert best["Predicted (USD)"].tolist() == pytest.approx(ordered.cents.tolist(), abs=0.011)
    mine = values.set_index("customer_id").loc[best["Customer"]]
    assert best["Orders"].tolist() == mine.orders.tolist()
    assert best["Segment"].tolist() == [segment_of(r, f) for r, f in zip(mine.r, mine.f, strict=True)]


# Funnel


def _sessions(clicks: pd.DataFrame, days: tuple[str, str]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The funnel of the sessions that began on some days."""
    events = truth.sessions(clicks)
    began = events.groupby("session").event_ts.transform("first").str[:10]
    return truth.funnel(events[began.between(*days)])


def test_the_funnel_is_that_of_pandas(
    open_page: Open, pipeline: Pipeline, period: tuple[str, str], before: tuple[str, str]
) -> None:
    clicks = kept(pipeline, "clickstream")
    rows, then = _sessions(clicks, period), _sessions(clicks, before)
    sums = [sum(row[step] for row in rows.values()) for step in range(5)]
    page = open_page("funnel", days=list(period))
    told = app.figures(page)
    assert told["Sessions"] == f"{sums[0]:,}"
    assert told["Sessions with a purchase"] == f"{sums[4]:,}"
    assert told["Conversion"] == formats.percent(sums[4] / sums[0])
    assert changes(page)["Sessions"] == (formats.change(sums[0], sum(row[0] for row in then.values())) or "")
    steps = table(page, "From session to purchase")
    assert (steps["Step"].tolist(), steps["Sessions"].tolist()) == (STEPS, sums)
    assert steps["Of all sessions"].tolist() == [count / sums[0] for count in sums]
    assert steps["Of the step before"].tolist()[1:] == [now / one for one, now in pairwise(sums)]
    grid = table(page, "Conversion by device and source")
    pairs = zip(grid["Device"], grid["Source"].str.replace(" ", "_"), strict=True)
    figures = zip(grid["Sessions"], grid["With a purchase"], strict=True)
    assert dict(zip(pairs, figures, strict=True)) == {key: (row[0], row[4]) for key, row in rows.items()}


@pytest.mark.parametrize(("title", "column", "place"), [("By device", "Device", 0), ("By source", "Source", 1)])
def test_the_funnel_of_each_group_is_that_of_pandas(
    open_page: Open, pipeline: Pipeline, period: tuple[str, str], title: str, column: str, place: int
) -> None:
    expected: dict[str, list[int]] = {}
    for key, row in _sessions(kept(pipeline, "clickstream"), period).items():
        sums = expected.setdefault(key[place].replace("_", " "), [0] * 5)
        expected[key[place].replace("_", " ")] = [one + other for one, other in zip(sums, row, strict=True)]
    found = table(open_page("funnel", days=list(period)), title)
    assert {name: group["Sessions"].tolist() for name, group in found.groupby(column)} == expected


def test_days_of_the_funnel_change_its_figures(open_page: Open, period: tuple[str, str]) -> None:
    page = open_page("funnel", days=list(period))
    told = app.figures(page)
    last = date.fromisoformat(period[1])
    page.date_input(key="days").set_value((last, last))
    app.ran(page)
    fewer = app.figures(page)
    assert int(fewer["Sessions"].replace(",", "")) < int(told["Sessions"].replace(",", ""))


@pytest.mark.parametrize("page", ["overview", "products", "funnel", "reviews"])
def test_days_that_the_data_have_a_part_of_are_not_compared_with(
    open_page: Open, pipeline: Pipeline, lines: pd.DataFrame, page: str
) -> None:
    visited = kept(pipeline, "clickstream").event_ts.str[:10]
    first = date.fromisoformat(min(lines.day.min(), visited.min()))

    def deltas(start: int, end: int) -> tuple[set[str], str]:
        found = open_page(page, days=[(first + timedelta(days=place)).isoformat() for place in (start, end)])
        return {tile.delta for tile in found.metric}, " ".join(item.value for item in found.caption)

    changes, told = deltas(9, 18)  # of the ten days before, nine
    assert changes == {""}
    assert "Nothing is compared" in told
    changes, told = deltas(10, 19)
    assert changes != {""}
    assert "Beside each figure" in told


# Reviews


@pytest.mark.parametrize("filtered", [False, True])
def test_reviews_are_those_of_pandas(
    open_page: Open,
    reviews: pd.DataFrame,
    period: tuple[str, str],
    before: tuple[str, str],
    category: str,
    filtered: bool,
) -> None:
    chosen = {"category": category.capitalize()} if filtered else {}
    page = open_page("reviews", days=list(period), **chosen)
    ours = reviews[reviews.category == category] if filtered else reviews
    now, then = (ours[ours.day.between(*days)] for days in (period, before))
    assert app.figures(page) == {
        "Reviews": f"{len(now):,}",
        "Mean stars": f"{now.stars.mean():.2f}",
        "Positive": formats.percent((now.label == "positive").mean()),
    }
    assert changes(page)["Reviews"] == (formats.change(len(now), len(then)) or "")
    days = table(page, "Reviews by day").set_index("Day")
    assert len(days) == 10
    for label in ("positive", "neutral", "negative"):
        counts = now[now.label == label].day.value_counts()
        told = {str(day): count for day, count in days[label.capitalize()].items() if count}
        assert told == counts.to_dict()
    stars = table(page, "Stars")
    assert stars["Reviews"].tolist() == [int((now.stars == number).sum()) for number in range(1, 6)]


def _told(row: Any) -> list[str]:
    """The texts of a review that are shown, below its stars; Streamlit shows none of the blanks around a text."""
    return [dedent(text).strip() for text in (row.title, row.body) if text]


def _written(page: AppTest) -> list[str]:
    """All texts of reviews on a page, without the lines that say stars and product."""
    return [item.value for item in page.text if not item.value.startswith(("★", "☆"))]


def test_the_latest_reviews_are_those_of_pandas(
    open_page: Open, reviews: pd.DataFrame, period: tuple[str, str]
) -> None:
    now = reviews[reviews.day.between(*period)].assign(at=lambda rows: rows.review_ts.map(datetime.fromisoformat))
    latest = now.sort_values(["at", "review_id"], ascending=[False, True])
    page = open_page("reviews", days=list(period))
    for opinion in ("all", "negative", "positive"):
        page.segmented_control(key="opinion").set_value(opinion)
        app.ran(page)
        expected = (latest if opinion == "all" else latest[latest.label == opinion]).head(10)
        assert _written(page) == [text for row in expected.itertuples() for text in _told(row)]
        captions = [item.value for item in page.caption if " UTC, " in item.value]
        assert [text.split(" UTC, ")[0] for text in captions] == [f"{at:%Y-%m-%d %H:%M}" for at in expected["at"]]
        assert len(captions) == len(expected) > 0


def test_the_best_and_the_worst_are_those_of_pandas(open_page: Open, reviews: pd.DataFrame) -> None:
    known = reviews.dropna(subset="category").groupby("product_id").stars.agg(["count", "mean"])
    enough = known[known["count"] >= 3]
    page = open_page("reviews", at_least="3")
    best, worst = (table(page, f"{name} rated")["Mean stars"].tolist() for name in ("Best", "Worst"))
    means = sorted(float(truth.cents(Decimal(str(mean)))) for mean in enough["mean"])
    assert len(means) > 4
    half = min(10, (len(means) + 1) // 2)
    assert best == means[::-1][:half]
    assert worst == means[: len(means) - half][:10]
    assert table(page, "Best rated")["Reviews"].min() >= 3


def test_what_strangers_write_is_shown_as_it_is(open_page: Open, given: Callable[..., None]) -> None:
    hostile = "<b>5</b> **bold** [link](javascript:alert(1)) :red[x] $x^2$"
    row = {"review_ts": datetime(2026, 1, 31, 9, 5), "product_id": "P-1", "product": hostile, "category": None}
    opinion = {"rating": 1, "label": "negative", "sentiment": Decimal(-1), "verified": True, "helpful_votes": 0}
    given({"latest_reviews": [{**row, **opinion, "title": hostile, "body": hostile}]})
    page = open_page("reviews")
    assert [item.value for item in page.text] == [f"★☆☆☆☆  {hostile}", hostile, hostile]
    spoken = [*page.markdown, *page.caption, *page.header]
    assert not [item.value for item in spoken if "bold" in item.value]
    assert "2026-01-31 09:05 UTC, negative, verified purchase" in [item.value for item in page.caption]


# Nothing, and errors


PARTS = [
    ("products", "top_products", "Nothing sold in these days", "Top products by revenue"),
    ("products", "price_bands", "No price bands in these days", "Price bands"),
    ("products", "ratings", "No reviews in these days", "Stars by category"),
    ("products", "rated_products", "No product has a review", "Stars and number of reviews"),
    ("customers", "customer_cohorts", "Nobody has bought yet", "Cohorts: who orders again"),
    ("customers", "customer_segments", "Nobody has bought yet", "Segments"),
    ("customers", "ltv_distribution", "Nobody has bought yet", "What customers may be worth"),
    ("customers", "customer_ltv", "Nobody has bought yet", "Best customers"),
    ("funnel", "conversion_funnel", "Nobody visited in these days", "From session to purchase"),
    ("reviews", "reviews_by_day", "No reviews in these days", "Reviews by day"),
    ("reviews", "ratings", "No stars in these days", "Stars"),
    ("reviews", "rated_products", "No product has 5 reviews", None),
    ("reviews", "latest_reviews", "No such review in these days", None),
]


@pytest.mark.parametrize(("name", "query", "said", "title"), PARTS)
def test_where_there_is_nothing_the_page_says_so(
    open_page: Open, given: Callable[..., None], name: str, query: str, said: str, title: str | None
) -> None:
    given({query: []})
    page = open_page(name)
    assert said in " ".join(item.value for item in page.info)
    assert title not in [item.value for item in page.header]
    assert not page.error


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Takes a named query away, as if the environment had been deployed before there was one."""
    app.forget()

    def take(name: str) -> None:
        known = {key: value for key, value in answers._ids().items() if key != name}
        monkeypatch.setattr(answers, "_ids", lambda: known)

    yield take
    app.forget()


@pytest.mark.parametrize(
    ("name", "query", "part", "left"),
    [
        ("products", "ratings", "Stars by category", ["Top products by revenue", "Price bands"]),
        ("customers", "customer_cohorts", "Cohorts", ["Recency and frequency", "Segments", "Best customers"]),
        ("reviews", "reviews_by_day", "Reviews by day", ["Stars", "Latest reviews"]),
    ],
)
def test_an_error_in_one_part_leaves_the_rest(
    open_page: Open, without: Callable[[str], None], name: str, query: str, part: str, left: list[str]
) -> None:
    without(query)
    page = open_page(name)
    assert f"{part}: a query is missing" in " ".join(item.value for item in page.error)
    assert any(f"has no named query {query}:" in item.value for item in page.code)
    assert set(left) <= {item.value for item in page.header}
