"""What reviews think and how products stand, against literal values, plain Python and pandas."""

import datetime
import random
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from jobs import product_enrichment as job
from lakehouse.etl import controls, iceberg, run
from lakehouse.etl.price_bands import price_band
from lakehouse.etl.sentiment import BLAME, NEGATIONS, PRAISE, label, score

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

# text, stars → sentiment and label, by hand: 0.35 (stars - 3) + 0.3 (praise - blame) / (praise + blame)
OPINIONS: list[tuple[str | None, int, str, str]] = [
    (None, 5, "1.0000", "positive"),
    ("", 3, "0.0000", "neutral"),
    ("Zweckmäßig, ordentlich verarbeitet.", 4, "0.5000", "positive"),  # no word of the list: stars alone
    ("Great lamp", 5, "1.0000", "positive"),
    ("GREAT!", 1, "-0.4000", "negative"),
    ("A great lamp, a terrible cable", 3, "0.0000", "neutral"),
    ("great great terrible", 3, "0.1000", "neutral"),
    ("not good", 3, "-0.3000", "negative"),
    ("not a very good lamp", 3, "-0.3000", "negative"),  # the third word before it
    ("not what we had called good", 3, "0.3000", "positive"),  # the fifth
    ("Lights the whole desk and does not hum.", 4, "0.6500", "positive"),
    ("It doesn't break", 3, "0.3000", "positive"),
    ("It doesn\u2019t break", 3, "0.3000", "positive"),
    ("not cheap. Good", 3, "0.3000", "positive"),  # a full stop ends what is negated
    ("not expensive but bad", 3, "0.0000", "neutral"),
    ("never good, never bad", 2, "-0.3500", "negative"),
    ("goodness, badly", 3, "0.0000", "neutral"),  # other words
    ("I don't regret it", 1, "-0.4000", "negative"),
    ("never-ending\nproblems", 3, "-0.3000", "negative"),  # a line's end ends it too
    ("good good bad", 2, "-0.2500", "negative"),  # -0.35 + 0.1: the threshold itself
    ("good good good bad bad bad bad", 4, "0.3071", "positive"),  # 0.35 - 0.3 / 7, rounded half up
]


def test_opinions_by_hand(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(text, stars) for text, stars, _, _ in OPINIONS], "text string, rating int")
    scored = frame.withColumn("sentiment", score(f.col("text"), f.col("rating")))
    assert dict(scored.dtypes)["sentiment"] == "decimal(5,4)"
    found = {row["text"]: row for row in scored.withColumn("label", label(f.col("sentiment"))).collect()}
    assert {text: (str(row["sentiment"]), row["label"]) for text, row in found.items()} == {
        text: (sentiment, word) for text, _, sentiment, word in OPINIONS
    }


def test_the_lists_do_not_overlap() -> None:
    assert not set(PRAISE) & set(BLAME)
    assert not set(NEGATIONS) & {*PRAISE, *BLAME}
    assert len({*PRAISE, *BLAME}) == len(PRAISE) + len(BLAME) > 150
    assert all(re.fullmatch("[a-z]+", word) for word in (*PRAISE, *BLAME, *NEGATIONS))


def opinion(text: str | None, stars: int) -> Decimal:
    """The documented formula, word by word."""
    praise = blame = 0
    for clause in re.split(r"[^a-z' -]+|\bbut\b", (text or "").lower().replace("\u2019", "'")):
        words = re.findall("[a-z']+", clause)
        for place, word in enumerate(words):
            good, bad = word in PRAISE, word in BLAME
            before = words[max(0, place - 3) : place]
            if any(other in NEGATIONS or other.endswith("n't") for other in before):
                good, bad = bad, good
            praise, blame = praise + good, blame + bad
    said = Decimal(7 * (stars - 3)) / 20
    if not praise + blame:
        return (Decimal(stars - 3) / 2).quantize(Decimal("0.0001"))
    value = said + Decimal(3 * (praise - blame)) / (10 * (praise + blame))
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_random_texts_agree_with_the_formula_in_python(spark: SparkSession) -> None:
    chance = random.Random(8)
    words = [*PRAISE[:9], *BLAME[:9], *NEGATIONS, "but", "butter", "don't", "isn’t", "lamp", "the", "schön", "it's"]
    marks = [" ", " ", " ", ", ", ". ", "\n", "-", "! ", " 3 "]
    rows = [
        ("".join(chance.choice(words).upper() if chance.random() < 0.1 else chance.choice(words) + chance.choice(marks)
                 for _ in range(chance.randint(0, 14))), chance.randint(1, 5))
        for _ in range(400)
    ]  # fmt: skip
    frame = spark.createDataFrame(rows, "text string, rating int")
    found = frame.select("text", "rating", score(f.col("text"), f.col("rating")).alias("sentiment")).collect()
    assert len({row["sentiment"] for row in found}) > 20
    assert [row for row in found if row["sentiment"] != opinion(row["text"], row["rating"])] == []


# category, price, active → band
BANDS = [
    ("home", "10.00", True, "budget"),
    ("home", "20.00", True, "value"),
    ("home", "30.00", True, "premium"),
    ("home", "40.00", True, "luxury"),
    ("home", "40.00", False, "luxury"),  # placed among those that are active
    ("home", "9.99", False, "budget"),
    ("home", "10.01", False, "value"),
    ("home", "99.00", False, "luxury"),
    ("toys", "5.00", True, "budget"),  # alone: nothing is cheaper
    ("toys", "4.00", False, "budget"),
    ("books", "1.00", True, "budget"),
    ("books", "1.00", True, "budget"),
    ("books", "2.00", True, "premium"),
    ("books", "2.00", True, "premium"),  # equal prices, one band
    ("grocery", "3.00", False, None),  # nothing active to compare with
]


def test_price_bands_by_hand(spark: SparkSession) -> None:
    rows = [(place, category, Decimal(price), active) for place, (category, price, active, _) in enumerate(BANDS)]
    frame = spark.createDataFrame(rows, "place int, category string, price decimal(10,2), active boolean")
    found = {row["place"]: row["band"] for row in frame.select("place", price_band().alias("band")).collect()}
    assert found == {place: band for place, (*_, band) in enumerate(BANDS)}


def product(number: int, **changes: Any) -> dict[str, Any]:
    listed = datetime.datetime(2025, 1, 1)
    return {
        "product_id": f"P-{number:04}",
        "name": f"Thing {number}",
        "category": "home",
        "subcategory": "lighting",
        "brand": None,
        "price": Decimal("20.00"),
        "cost": Decimal("12.50"),
        "currency": "USD",
        "active": True,
        "listed_at": listed,
        "updated_at": listed,
    } | changes


def review(number: int, **changes: Any) -> dict[str, Any]:
    at = datetime.datetime(2026, 1, 31, 23, 59, 59)
    return {
        "review_id": f"REV-{number:06}",
        "product_id": "P-0001",
        "customer_id": "C-00001",
        "rating": 4,
        "title": None,
        "body": None,
        "verified": False,
        "helpful_votes": 0,
        "review_ts": at,
        "updated_at": at,
    } | changes


def enrich(zones: Any) -> None:
    job.enrich(zones.spark, zones.s3, None, zones.arguments, [])


def test_the_tables_of_a_small_shop(zones: Any, capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime.datetime(2026, 2, 1)
    zones.write("products", [product(1, brand="Aurora"), product(2, price=Decimal("5.00"), cost=Decimal("6.00"))])
    zones.write(
        "reviews",
        [
            review(1, rating=5, title="Great", body="Not bad at all."),
            review(2, rating=2, customer_id="C-00002", review_ts=at),
            review(3, rating=4, title="Bad", product_id="P-9999"),  # of no product that is known
        ],
    )
    enrich(zones)
    january = datetime.datetime(2026, 1, 31, 23, 59, 59)
    assert [tuple(row.values()) for row in zones.rows("review_sentiment")] == [
        ("REV-000001", "P-0001", "C-00001", 5, Decimal("1.0000"), "positive", january),
        ("REV-000002", "P-0001", "C-00002", 2, Decimal("-0.5000"), "negative", at),
        ("REV-000003", "P-9999", "C-00001", 4, Decimal("0.0500"), "neutral", january),
    ]
    lamp, other = zones.rows("product_insights")
    assert lamp == {
        "product_id": "P-0001",
        "name": "Thing 1",
        "category": "home",
        "subcategory": "lighting",
        "brand": "Aurora",
        "price": Decimal("20.00"),
        "cost": Decimal("12.50"),
        "margin": Decimal("7.50"),
        "price_band": "premium",
        "active": True,
        "review_count": 2,
        "average_rating": Decimal("3.50"),
        "positive_share": Decimal("0.5000"),
        "sentiment": Decimal("0.2500"),
        "last_review_ts": at,
    }
    assert (other["margin"], other["price_band"], other["review_count"]) == (Decimal("-1.00"), "budget", 0)
    assert [other[name] for name in ("average_rating", "positive_share", "sentiment", "last_review_ts")] == [None] * 4
    logged = capsys.readouterr().out
    assert '"rows_in": 5, "rows_out": 5' in logged
    assert '"reviews_of_unknown_products": 1' in logged
    assert '"run_id": "run-1"' in logged


def random_shop(chance: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    products = [
        product(
            number,
            category=chance.choice(["home", "toys", "books"]),
            price=Decimal(chance.randint(1, 12)),
            cost=Decimal(chance.randint(0, 900)) / 100,
            active=chance.random() < 0.7,
        )
        for number in range(40)
    ]
    reviews = [
        review(
            number,
            product_id=f"P-{chance.randint(0, 44):04}",
            rating=chance.choice([1, 3, 4, 5, 5]),
            title=chance.choice([None, "Great", "Bad", "It's a lamp", "Not good"]),
            review_ts=datetime.datetime(2026, chance.randint(1, 6), 1)
            - datetime.timedelta(seconds=chance.randint(0, 1)),
        )
        for number in range(300)
    ]
    return products, reviews


def half_up(value: float, digits: str) -> Decimal | None:
    return None if pd.isna(value) else Decimal(repr(round(value, 10))).quantize(Decimal(digits), ROUND_HALF_UP)


def expected_insights(products: list[dict[str, Any]], reviews: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Counts, means and bands of each product, by pandas."""
    said = pd.DataFrame(reviews)
    said["value"] = [float(opinion(row["title"], row["rating"])) for row in reviews]
    groups = said.groupby("product_id")
    by_product = pd.DataFrame(
        {
            "count": groups.size(),
            "rating": groups["rating"].mean(),
            "share": groups["value"].apply(lambda values: (values >= 0.25).mean()),
            "sentiment": groups["value"].mean(),
            "last": groups["review_ts"].max(),
        }
    )
    catalogue = pd.DataFrame(products).set_index("product_id").join(by_product)
    result = {}
    for name, row in catalogue.iterrows():
        rivals = catalogue[(catalogue.category == row.category) & catalogue.active].price
        cheaper = int((rivals < row.price).sum())
        band = ["budget", "value", "premium", "luxury"][min(3, 4 * cheaper // len(rivals))] if len(rivals) else None
        result[name] = (
            row.price - row.cost,
            band,
            0 if pd.isna(row["count"]) else int(row["count"]),
            half_up(row.rating, "0.01"),
            half_up(row.share, "0.0001"),
            half_up(row.sentiment, "0.0001"),
            None if pd.isna(row["last"]) else row["last"].to_pydatetime(),
        )
    return result


def found_insights(zones: Any) -> dict[str, tuple[Any, ...]]:
    names = ("margin", "price_band", "review_count", "average_rating", "positive_share", "sentiment", "last_review_ts")
    return {row["product_id"]: tuple(row[name] for name in names) for row in zones.rows("product_insights")}


def test_agrees_with_pandas_and_late_data_rewrites_its_month_only(zones: Any) -> None:
    products, reviews = random_shop(random.Random(3))
    late = next(row for row in reviews if row["review_ts"].month == 2)
    zones.write("products", products)
    zones.write("reviews", [row for row in reviews if row is not late])
    enrich(zones)
    before = zones.files("review_sentiment")
    zones.write("reviews", reviews)
    enrich(zones)
    assert found_insights(zones) == expected_insights(products, reviews)
    assert {row["review_id"]: row["sentiment"] for row in zones.rows("review_sentiment")} == {
        row["review_id"]: opinion(row["title"], row["rating"]) for row in reviews
    }
    replaced = {before[path] for path in before.keys() - zones.files("review_sentiment").keys()}
    assert replaced == {before[path] for path in before if f"review_ts_month={(2026 - 1970) * 12 + 1}" in before[path]}
    assert len(replaced) == 1


def test_a_second_run_commits_nothing_and_one_after_a_crash_ends_in_the_same(
    zones: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    products, reviews = random_shop(random.Random(5))
    zones.write("products", products)
    zones.write("reviews", reviews)
    replace = iceberg.replace

    def dies(spark: Any, zone: Any, table: iceberg.Table, frame: Any) -> list[str]:
        if table is job.PRODUCT_INSIGHTS:
            raise ConnectionError("killed")
        return replace(spark, zone, table, frame)

    with monkeypatch.context() as patch:
        patch.setattr(iceberg, "replace", dies)
        with pytest.raises(ConnectionError):
            enrich(zones)
    assert zones.commits("review_sentiment") == 1
    for _ in range(2):
        enrich(zones)
        assert found_insights(zones) == expected_insights(products, reviews)
        assert (zones.commits("review_sentiment"), zones.commits("product_insights")) == (1, 1)


def test_rows_that_the_processed_zone_has_twice_stop_the_job(zones: Any) -> None:
    zones.write("products", [product(1), product(2), product(2, name="Again")])
    with pytest.raises(controls.ControlError, match="rows of product_insights: 3, but the source has 2"):
        enrich(zones)
    assert not zones.spark.catalog.tableExists("glue_catalog.curated.product_insights")


def test_runs_as_a_glue_job_on_empty_zones(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    as_glue_does(monkeypatch, zones)
    job.main(command_line(zones, "products,reviews"))
    assert zones.rows("product_insights") == zones.rows("review_sentiment") == []


def as_glue_does(monkeypatch: pytest.MonkeyPatch, zones: Any) -> None:
    """Let `run.main` find this test's session and S3."""
    monkeypatch.setattr(run, "GlueContext", lambda context: SimpleNamespace(spark_session=zones.spark))
    monkeypatch.setattr(run, "boto3", SimpleNamespace(client=lambda service: {"s3": zones.s3}.get(service)))


def command_line(zones: Any, datasets: str) -> list[str]:
    arguments: Mapping[str, str] = zones.arguments | {
        "datasets": datasets,
        "raw": "s3://raw/",
        "rejected": "s3://quarantine/rows/",
    }
    return ["script.py", *(word for name, value in arguments.items() for word in (f"--{name}", value))]
