"""Facts and histories of the curated zone, against literal values, pandas and a plain Python model of a history."""

import datetime
import itertools
import random
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from jobs import master_data_merge as job
from lakehouse.etl import controls, history, iceberg, sales
from lakehouse.etl.iceberg import Table, Zone

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

THINGS = Table(
    "things",
    "One row per thing and version.",
    iceberg.columns("""
        id    | string       | The thing.
        price | decimal(6,2) | What it costs.
        note  | string       | What is said.
    """)
    + history.VALIDITY,
)


def day(number: int) -> datetime.datetime:
    return datetime.datetime(2026, 1, 1) + datetime.timedelta(days=number)


class Model:
    """Versions of each key as lists of value, from, to."""

    def __init__(self) -> None:
        self.versions: dict[str, list[list[Any]]] = {}

    def learn(self, now: Mapping[str, Any], at: datetime.datetime) -> None:
        for key in {*self.versions, *now}:
            known = self.versions.setdefault(key, [])
            current = next((version for version in known if version[2] is None), None)
            value = now.get(key)
            if current and current[0] == value:
                continue
            if current and (value is None or current[1] < at):
                current[2] = at
            if value is not None and known and known[-1][1] == at:
                known[-1][0], known[-1][2] = value, None
            elif value is not None:
                known.append([value, at, None])

    def rows(self) -> list[tuple[Any, ...]]:
        found = [(key, *version) for key, known in self.versions.items() for version in known]
        return sorted(found, key=lambda row: (row[0], row[2]))


def versions(zones: Any, table: Table) -> list[tuple[Any, ...]]:
    """Key, attributes, from and to of all versions, once what must always hold does."""
    rows = zones.rows(table.name)
    key = table.names[0]
    names = [name for name in history.attributes(table) if name != key]
    found = sorted(
        ((row[key], tuple(row[name] for name in names), row["valid_from"], row["valid_to"]) for row in rows),
        key=lambda row: (row[0], row[2]),
    )
    assert all(row["is_current"] == (row["valid_to"] is None) for row in rows)
    for one, other in itertools.pairwise(found):
        if one[0] == other[0]:
            assert one[3] is not None, "a version that is current has none after it"
            assert one[3] <= other[2], "versions overlap"
            assert one[2] < other[2], "two versions begin at once"
    return found


def learn(zones: Any, now: Mapping[str, Any], at: datetime.datetime) -> history.Changes:
    rows = [(key, *value) for key, value in now.items()]
    frame = zones.spark.createDataFrame(rows, "id string, price decimal(6,2), note string")
    zone = Zone(zones.arguments["curated_database"], zones.arguments["warehouse"])
    return history.merge(zones.spark, zone, THINGS, history.fingerprint(frame, THINGS), at)


A, B, C = (Decimal("1.00"), None), (Decimal("2.00"), "x"), (None, None)


def test_a_history_by_hand(zones: Any) -> None:
    steps = [
        (1, {"lamp": A, "sofa": B}, (0, 0, 2)),
        (1, {"lamp": A, "sofa": B}, (0, 0, 0)),  # the same again
        (2, {"lamp": A, "sofa": B}, (0, 0, 0)),  # later, but unchanged
        (3, {"lamp": B, "sofa": B, "desk": C}, (1, 0, 2)),
        (3, {"lamp": C, "sofa": B, "desk": C}, (0, 1, 0)),  # no later data: a correction
        (4, {"sofa": B, "desk": C}, (1, 0, 0)),  # the lamp vanishes
        (5, {"sofa": B, "desk": C}, (0, 0, 0)),
        (6, {"lamp": C, "sofa": B, "desk": C}, (0, 0, 1)),  # and comes back
        (6, {"lamp": C, "desk": C, "rug": A}, (1, 0, 1)),
        (6, {"lamp": C, "desk": C}, (1, 0, 0)),  # the rug vanishes when it came: it held for no time
        (6, {"lamp": C, "desk": C, "rug": B}, (0, 1, 0)),
    ]
    commits = 0
    for at, now, counts in steps:
        assert learn(zones, now, day(at)) == history.Changes(*counts)
        commits += any(counts)
        assert zones.commits("things") == commits  # one atomic commit, or none
    assert versions(zones, THINGS) == [
        ("desk", C, day(3), None),
        ("lamp", A, day(1), day(3)),
        ("lamp", C, day(3), day(4)),
        ("lamp", C, day(6), None),
        ("rug", B, day(6), None),
        ("sofa", B, day(1), day(6)),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories_agree_with_a_plain_model(zones: Any, seed: int) -> None:
    chance, model, at = random.Random(seed), Model(), day(0)
    for _ in range(8):
        at += datetime.timedelta(seconds=chance.choice([0, 0, 1, 3600]))
        now = {f"thing {number}": chance.choice([A, B, C, (Decimal("1.00"), "x")]) for number in range(30)}
        now = {key: value for key, value in now.items() if chance.random() < 0.7}
        learn(zones, now, at)
        model.learn(now, at)
        assert versions(zones, THINGS) == model.rows()


def test_values_that_look_alike_have_different_fingerprints(lake: SparkSession) -> None:
    rows = [("1", None, None), ("1", None, ""), ("1", None, "null"), ("1", Decimal("1.00"), None), ("1", None, "1.00")]
    frame = lake.createDataFrame([*rows, rows[0]], "id string, price decimal(6,2), note string")
    hashes = [row["row_hash"] for row in history.fingerprint(frame, THINGS).collect()]
    assert len(set(hashes)) == len(rows)
    assert hashes[0] == hashes[-1]


def line(number: int, **changes: Any) -> dict[str, Any]:
    at = datetime.datetime(2026, 1, 31, 12)
    return {
        "transaction_id": f"TXN-{number:06}",
        "order_id": f"ORD-{number:06}",
        "customer_id": "C-00001",
        "product_id": "P-0001",
        "quantity": 2,
        "unit_price": Decimal("10.00"),
        "discount": Decimal("1.00"),
        "total_amount": Decimal("19.00"),
        "currency": "USD",
        "payment_method": "card",
        "status": "completed",
        "country": "DE",
        "transaction_ts": at,
        "updated_at": at,
    } | changes


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
    at = datetime.datetime(2026, 2, 1)
    return {
        "review_id": f"REV-{number:06}",
        "product_id": "P-0001",
        "customer_id": "C-00001",
        "rating": 4,
        "verified": False,
        "helpful_votes": 0,
        "review_ts": at,
        "updated_at": at,
    } | changes


def click(number: int, received: datetime.datetime) -> dict[str, Any]:
    return {
        "event_id": f"EVT-{number:06}",
        "visitor_id": "V-000001",
        "event_ts": datetime.datetime(2026, 1, 1),
        "event_type": "page_view",
        "page": "/",
        "device": "mobile",
        "source": "direct",
        "received_at": received,
    }


def merge(zones: Any, **changes: str) -> None:
    job.run(zones.spark, zones.arguments | changes, zones.s3)


def visited(zones: Any, customers: list[str | None]) -> None:
    """Let the curated sessions be those of these customers."""
    rows = zones.spark.createDataFrame([(name,) for name in customers], "customer_id string")
    rows.writeTo("glue_catalog.curated.sessions").using("iceberg").createOrReplace()


def test_the_tables_of_a_small_shop(zones: Any, capsys: pytest.CaptureFixture[str]) -> None:
    january, february = datetime.date(2026, 1, 31), datetime.date(2026, 2, 1)
    late = datetime.datetime(2026, 2, 1, 0, 0, 0)
    zones.write("products", [product(1), product(2, category="toys", price=Decimal("5.00")), product(3, active=False)])
    zones.write(
        "transactions",
        [
            line(1, order_id="ORD-000001"),
            line(2, order_id="ORD-000001", product_id="P-0002", total_amount=Decimal("30.01"), quantity=1),
            line(3, customer_id="C-00002", product_id=None, country=None),
            line(4, customer_id="C-00002", transaction_ts=late, updated_at=late, status="refunded", country="FR"),
            line(5, customer_id="C-00003", transaction_ts=late, status="cancelled", country=None),
            line(6, transaction_ts=late, product_id="P-9999"),
        ],
    )
    zones.write("reviews", [review(1), review(2, rating=5), review(3, product_id="P-9999", customer_id="C-00009")])
    zones.write("clickstream", [click(1, datetime.datetime(2026, 2, 3, 4, 5, 6))])
    visited(zones, ["C-00001", None, "C-00001", "C-00009"])
    merge(zones)
    assert [tuple(row.values()) for row in zones.rows("daily_sales")] == [
        # orders, customers, new ones, units, revenue, discount, refunded lines and amount, cancelled lines
        (january, 2, 2, 2, 5, Decimal("68.01"), Decimal("3.00"), 0, Decimal("0.00"), 0, "2026-01"),
        (february, 1, 1, 0, 2, Decimal("19.00"), Decimal("1.00"), 1, Decimal("19.00"), 1, "2026-02"),
    ]
    assert [tuple(row.values()) for row in zones.rows("daily_product_sales")] == [
        (january, "P-0001", 1, 2, Decimal("19.00"), Decimal("0.00"), "2026-01"),
        (january, "P-0002", 1, 1, Decimal("30.01"), Decimal("0.00"), "2026-01"),
        (january, "unknown", 1, 2, Decimal("19.00"), Decimal("0.00"), "2026-01"),
        (february, "P-0001", 0, 0, Decimal("0.00"), Decimal("19.00"), "2026-02"),
        (february, "P-9999", 1, 2, Decimal("19.00"), Decimal("0.00"), "2026-02"),
    ]
    at, no = datetime.datetime(2026, 2, 3, 4, 5, 6), Decimal("0.00")
    one = ("DE", january, february, 2, 5, Decimal("68.01"), no, Decimal("34.01"), 2, 2, Decimal("4.50"), "toys", "new")
    two = ("FR", january, january, 1, 2, Decimal("19.00"), Decimal("19.00"), Decimal("19.00"), 0, 0, None, None, "new")
    none = (None, None, None, 0, 0, no, no, None, 0, 0, None, None, "new")
    assert versions(zones, job.CUSTOMER_360) == [
        ("C-00001", one, at, None),
        ("C-00002", two, at, None),
        ("C-00003", none, at, None),
    ]
    lamp, toy, old = (row[1] for row in versions(zones, job.PRODUCT_360))
    price, cost = Decimal("20.00"), Decimal("12.50")
    sold = (2, Decimal("19.00"), Decimal("19.00"), 2, Decimal("4.50"))
    assert lamp == ("Thing 1", "home", "lighting", None, price, cost, "budget", True, *sold)
    assert toy[6:] == ("budget", True, 1, Decimal("30.01"), no, 0, None)
    assert old[6:] == ("budget", False, 0, no, no, 0, None)
    logged = capsys.readouterr().out
    assert '"rows_in": {"transactions": 6, "products": 3, "reviews": 3, "clickstream": 1}' in logged
    assert '"revenue of daily_sales": "87.01"' in logged
    assert '"run_id": "run-1"' in logged


# first and last completed order, days before the day, and orders → segment
SEGMENTS = [
    (None, None, 0, "new"),
    (0, 0, 1, "new"),
    (30, 0, 2, "new"),
    (31, 31, 1, "active"),
    (31, 0, 2, "active"),
    (5, 0, 3, "loyal"),
    (400, 180, 9, "loyal"),
    (400, 181, 9, "lapsed"),
    (181, 181, 1, "lapsed"),
    (180, 180, 1, "active"),
]


def test_segments_by_hand(spark: SparkSession) -> None:
    today = datetime.date(2026, 6, 30)

    def before(days: int | None) -> datetime.date | None:
        return None if days is None else today - datetime.timedelta(days=days)

    rows = [(place, before(first), before(last), orders) for place, (first, last, orders, _) in enumerate(SEGMENTS)]
    frame = spark.createDataFrame(rows, "place int, first_order_date date, last_order_date date, orders long")
    found = {
        row["place"]: row["segment"] for row in frame.select("place", sales.segment(today).alias("segment")).collect()
    }
    assert found == {place: segment for place, (*_, segment) in enumerate(SEGMENTS)}


def random_shop(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    products = [
        product(number, category=chance.choice(["home", "toys", "books"]), price=Decimal(chance.randint(1, 9)))
        for number in range(12)
    ]
    lines = []
    for number in range(300):
        # Few days, at the borders of months, and equal times.
        at = datetime.datetime(2026, chance.randint(1, 7), 1) - datetime.timedelta(seconds=chance.choice([0, 1]))
        lines.append(
            line(
                number,
                order_id=f"ORD-{chance.randint(1, 120):06}",
                customer_id=f"C-{chance.randint(1, 25):05}",
                product_id=chance.choice([None, *(f"P-{which:04}" for which in range(14))]),
                quantity=chance.randint(1, 5),
                discount=Decimal(chance.randint(0, 300)) / 100,
                total_amount=Decimal(chance.randint(0, 3)) * 5,
                status=chance.choice(["completed"] * 6 + ["refunded", "cancelled"]),
                country=chance.choice(["DE", "FR", None]),
                transaction_ts=at,
                updated_at=at,
            )
        )
    reviews = [
        review(
            number,
            customer_id=f"C-{chance.randint(1, 30):05}",
            product_id=f"P-{chance.randint(0, 14):04}",
            rating=chance.randint(1, 5),
        )
        for number in range(80)
    ]
    return {"transactions": lines, "products": products, "reviews": reviews}


def grow(chance: random.Random, shop: dict[str, list[dict[str, Any]]], at: datetime.datetime) -> None:
    """A later batch: refunds, late lines, a changed price, a product and a customer that vanish."""
    lines, products = shop["transactions"], shop["products"]
    for changed in chance.sample(lines, 8):
        changed |= {"status": "refunded", "updated_at": at}
    lines += [line(1000 + len(lines) + number, customer_id=f"C-{90 + number:05}", updated_at=at) for number in range(2)]
    products[0] |= {"price": products[0]["price"] + 1, "updated_at": at}
    products.pop()
    gone = lines[0]["customer_id"]
    lines[:] = [row for row in lines if row["customer_id"] != gone]


def half_up(value: Any, digits: str) -> Decimal | None:
    return None if pd.isna(value) else Decimal(str(value)).quantize(Decimal(digits), ROUND_HALF_UP)


def total(values: Any) -> Decimal:
    return sum(values, Decimal("0.00"))


def table_of(shop: Mapping[str, list[dict[str, Any]]]) -> pd.DataFrame:
    lines = pd.DataFrame(shop["transactions"])
    lines["day"] = lines.transaction_ts.dt.date
    lines["product"] = lines.product_id.where(lines.product_id.notna(), "unknown")
    return lines


def expected_days(shop: Mapping[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    lines = table_of(shop)
    firsts = lines[lines.status == "completed"].groupby("customer_id").day.min()
    result = []
    for date, part in lines.groupby("day"):
        done, back = part[part.status == "completed"], part[part.status == "refunded"]
        result.append(
            (
                date,
                done.order_id.nunique(),
                done.customer_id.nunique(),
                int((firsts == date).sum()),
                int(done.quantity.sum()),
                total(done.total_amount),
                total(done.discount),
                len(back),
                total(back.total_amount),
                int((part.status == "cancelled").sum()),
                f"{date:%Y-%m}",
            )
        )
    return result


def expected_product_days(shop: Mapping[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    result = []
    for (date, name), part in table_of(shop).groupby(["day", "product"]):
        done, back = part[part.status == "completed"], part[part.status == "refunded"]
        if len(done) + len(back):
            sums = (len(done), int(done.quantity.sum()), total(done.total_amount), total(back.total_amount))
            result.append((date, name, *sums, f"{date:%Y-%m}"))
    return result


def expected_customers(shop: Mapping[str, list[dict[str, Any]]], visits: list[str | None], today: datetime.date) -> Any:
    lines, reviews = table_of(shop), pd.DataFrame(shop["reviews"])
    categories = {row["product_id"]: row["category"] for row in shop["products"]}
    result = {}
    for name, part in lines.groupby("customer_id"):
        done, back = part[part.status == "completed"], part[part.status == "refunded"]
        told = part[part.country.notna()].sort_values(["transaction_ts", "updated_at", "transaction_id"])
        orders, revenue = done.order_id.nunique(), total(done.total_amount)
        first, last = (done.day.min(), done.day.max()) if len(done) else (None, None)
        spent: dict[str, Decimal] = {}
        for row in done.itertuples():
            if row.product_id in categories:
                category = categories[row.product_id]
                spent[category] = spent.get(category, Decimal(0)) + row.total_amount
        if last and (today - last).days > 180:
            segment = "lapsed"
        elif orders >= 3:
            segment = "loyal"
        else:
            segment = "new" if first is None or (today - first).days <= 30 else "active"
        stars = reviews[reviews.customer_id == name].rating
        result[name] = (
            told.country.iloc[-1] if len(told) else None,
            first,
            last,
            orders,
            int(done.quantity.sum()),
            revenue,
            total(back.total_amount),
            half_up(revenue / orders, "0.01") if orders else None,
            visits.count(name),
            len(stars),
            half_up(stars.mean(), "0.01"),
            min(spent, key=lambda category: (-spent[category], category), default=None),
            segment,
        )
    return result


def expected_products(shop: Mapping[str, list[dict[str, Any]]]) -> Any:
    lines, reviews, products = table_of(shop), pd.DataFrame(shop["reviews"]), pd.DataFrame(shop["products"])
    result = {}
    for row in shop["products"]:
        part = lines[lines.product_id == row["product_id"]]
        done, back = part[part.status == "completed"], part[part.status == "refunded"]
        rivals = products[(products.category == row["category"]) & products.active].price
        cheaper = int((rivals < row["price"]).sum())
        stars = reviews[reviews.product_id == row["product_id"]].rating
        result[row["product_id"]] = (
            *(row[name] for name in ("name", "category", "subcategory", "brand", "price", "cost")),
            ["budget", "value", "premium", "luxury"][min(3, 4 * cheaper // len(rivals))],
            row["active"],
            int(done.quantity.sum()),
            total(done.total_amount),
            total(back.total_amount),
            len(stars),
            half_up(stars.mean(), "0.01"),
        )
    return result


def write(zones: Any, shop: Mapping[str, list[dict[str, Any]]]) -> None:
    for dataset, rows in shop.items():
        zones.write(dataset, rows)


def test_batches_agree_with_pandas_and_the_model(zones: Any) -> None:
    chance = random.Random(31)
    shop = random_shop(chance)
    customers, products = Model(), Model()
    visits: list[str | None] = [None, "C-00001", "C-00002", "C-00001"]
    visited(zones, visits)
    for at in (None, datetime.datetime(2026, 7, 2), datetime.datetime(2026, 7, 2)):
        if at:
            grow(chance, shop, at)
        as_of = max(row["updated_at"] for rows in shop.values() for row in rows)
        write(zones, shop)
        for _ in range(1 if at is None else 2):  # the same once more changes nothing
            merge(zones)
        customers.learn(expected_customers(shop, visits, as_of.date()), as_of)
        products.learn(expected_products(shop), as_of)
        assert [tuple(row.values()) for row in zones.rows("daily_sales")] == expected_days(shop)
        assert [tuple(row.values()) for row in zones.rows("daily_product_sales")] == expected_product_days(shop)
        assert versions(zones, job.CUSTOMER_360) == customers.rows()
        assert versions(zones, job.PRODUCT_360) == products.rows()
    assert all(zones.commits(table.name) == 3 for table in (job.DAILY_SALES, *job.DIMENSIONS))


def test_a_late_line_rewrites_its_month_only(zones: Any) -> None:
    days = [datetime.datetime(2026, month, 5) for month in (1, 2, 3)]
    lines = [line(number, transaction_ts=at, updated_at=at) for number, at in enumerate(days)]
    zones.write("transactions", lines)
    merge(zones)
    before = zones.files("daily_sales")
    zones.write("transactions", [*lines, line(9, transaction_ts=days[1], updated_at=days[1])])
    merge(zones)
    replaced = {before[path] for path in before.keys() - zones.files("daily_sales").keys()}
    assert replaced == {"Row(sales_month='2026-02')"}
    # No data is later than before: the customer's version is corrected, not followed by another.
    ((_, values, valid_from, valid_to),) = versions(zones, job.CUSTOMER_360)
    assert (values[3], valid_from, valid_to) == (4, days[2], None)


def test_data_that_ends_earlier_than_before_does_not_turn_time_back(zones: Any) -> None:
    early, late = datetime.datetime(2026, 1, 5), datetime.datetime(2026, 2, 5)
    stays = line(1, transaction_ts=early, updated_at=early)
    zones.write("transactions", [stays, line(2, customer_id="C-00002", transaction_ts=late, updated_at=late)])
    merge(zones)
    zones.write("transactions", [stays])
    merge(zones)
    assert [row[::2] + row[3:] for row in versions(zones, job.CUSTOMER_360)] == [
        ("C-00001", late, None),
        ("C-00002", late, late),
    ]


def test_runs_after_crashes_end_in_the_same(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(33)
    shop = random_shop(chance)
    calm = {"curated_database": "calm", "warehouse": zones.arguments["warehouse"].replace("curated", "calm")}
    write(zones, shop)
    for there in ({}, calm):
        merge(zones, **there)
    grow(chance, shop, datetime.datetime(2026, 7, 3))
    write(zones, shop)
    merge(zones, **calm)

    def dying(step: Any, at: str) -> Any:
        def run(spark: Any, zone: Any, table: Table, *others: Any) -> Any:
            if table.name == at:
                raise ConnectionError("killed")
            return step(spark, zone, table, *others)

        return run

    for at in ("daily_product_sales", "customer_360", "product_360"):
        with monkeypatch.context() as patch:
            patch.setattr(iceberg, "replace", dying(iceberg.replace, at))
            patch.setattr(history, "merge", dying(history.merge, at))
            with pytest.raises(ConnectionError):
                merge(zones)
    merge(zones)
    for table in (*job.FACTS, *job.DIMENSIONS):
        here, there = (zones.spark.table(f"glue_catalog.{name}.{table.name}") for name in ("curated", "calm"))
        assert here.count() == there.count() > 0
        assert here.exceptAll(there).count() == 0


def test_totals_that_differ_stop_the_job_before_any_commit(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(zones, random_shop(random.Random(34)))
    right = sales.daily_by_product
    monkeypatch.setattr(sales, "daily_by_product", lambda lines: right(lines.where("transaction_id <> 'TXN-000000'")))
    zones.write("transactions", [line(number, total_amount=Decimal("1.25")) for number in range(3)])
    with pytest.raises(controls.ControlError, match=r"revenue of daily_product_sales: 2.50, but the source has 3.75"):
        merge(zones)
    assert not zones.spark.catalog.tableExists("glue_catalog.curated.daily_sales")
    assert zones.rows("customer_360") == zones.rows("product_360") == []


def test_a_product_that_is_there_twice_stops_the_job(zones: Any) -> None:
    zones.write("products", [product(1), product(1, name="Again")])
    with pytest.raises(controls.ControlError, match="current products: 2, but the source has 1"):
        merge(zones)


def test_runs_as_a_glue_job_on_empty_zones(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "GlueContext", lambda context: SimpleNamespace(spark_session=zones.spark))
    monkeypatch.setattr(job, "boto3", SimpleNamespace(client=lambda service: {"s3": zones.s3}[service]))
    job.main(["script.py", *(word for name, value in zones.arguments.items() for word in (f"--{name}", value))])
    assert [zones.rows(table.name) for table in (*job.FACTS, *job.DIMENSIONS)] == [[]] * 4
