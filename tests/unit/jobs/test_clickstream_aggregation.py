"""Sessions and what brought the buyers, against literal values and pandas."""

import datetime
import random
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from jobs import clickstream_aggregation as job
from lakehouse.etl import controls, iceberg, run
from lakehouse.etl.sessions import attribute, sessionise

# PySpark leaves the sockets by which results come to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

SCHEMA = (
    "event_id string, visitor_id string, customer_id string, event_ts timestamp, event_type string, page string,"
    " product_id string, order_id string, device string, source string, campaign string, received_at timestamp"
)
START = datetime.datetime(2026, 1, 31, 23, 30)


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def event(number: int, at: str, kind: str = "page_view", **changes: Any) -> dict[str, Any]:
    return {
        "event_id": f"EVT-{number:06}",
        "visitor_id": "V-000001",
        "customer_id": None,
        "event_ts": moment(at),
        "event_type": kind,
        "page": f"/{number}",
        "product_id": None,
        "order_id": None,
        "device": "mobile",
        "source": "organic",
        "campaign": None,
        "received_at": moment(at),
    } | changes


def frame(spark: SparkSession, events: list[dict[str, Any]]) -> DataFrame:
    return spark.createDataFrame(events, SCHEMA)


def found(result: DataFrame) -> list[dict[str, Any]]:
    rows = [row.asDict() for row in result.collect()]
    return sorted(rows, key=lambda row: (row["visitor_id"], row.get("started_at") or row["purchased_at"]))


def test_a_session_by_hand(spark: SparkSession) -> None:
    events = [
        event(3, "2026-02-01 00:20:00.900", "purchase", order_id="ORD-000001", customer_id="C-00002", device="tablet"),
        event(1, "2026-01-31 23:59:59.500", "page_view", source="email", campaign="winter-sale", customer_id="C-00001"),
        event(2, "2026-02-01 00:10:00", "product_view", product_id="P-0001"),
        event(4, "2026-02-01 00:20:01", "purchase", order_id="ORD-000002", campaign="other"),
        event(5, "2026-02-01 00:20:01", "page_view"),
    ]
    assert found(sessionise(frame(spark, events))) == [
        {
            "session_id": "V-000001-1769903999",  # 2026-01-31 23:59:59 UTC
            "visitor_id": "V-000001",
            "customer_id": "C-00002",
            "started_at": moment("2026-01-31 23:59:59.500"),
            "ended_at": moment("2026-02-01 00:20:01"),
            "seconds": 1201,
            "events": 5,
            "page_views": 2,
            "product_views": 1,
            "carts": 0,
            "checkouts": 0,
            "purchases": 2,
            "furthest_step": "purchase",
            "device": "mobile",
            "source": "email",
            "campaign": "winter-sale",
            "order_id": "ORD-000001",
            "entry_page": "/1",
            "exit_page": "/5",  # of equal times, by event_id
            "session_date": datetime.date(2026, 1, 31),
            "session_month": "2026-01",
        }
    ]


# pauses in seconds between events of one visitor → events of each session
PAUSES = [
    ([1800], [2]),  # exactly 30 minutes go on
    ([1800.000001], [1, 1]),
    ([1801], [1, 1]),
    ([0, 0], [3]),
    ([1800, 1800, 1800], [4]),
    ([60, 4000, 1800, 86400], [2, 2, 1]),
]


@pytest.mark.parametrize(("pauses", "sizes"), PAUSES)
def test_half_an_hour_ends_a_session(spark: SparkSession, pauses: list[float], sizes: list[int]) -> None:
    at, times = START, [START]
    for pause in pauses:
        at += datetime.timedelta(seconds=pause)
        times.append(at)
    events = [event(number, str(at)) for number, at in enumerate(times)]
    # Another visitor in between joins nothing.
    events += [event(90 + number, str(at + datetime.timedelta(seconds=900)), visitor_id="V-000002")
               for number, at in enumerate(times[:1])]  # fmt: skip
    result = [row for row in found(sessionise(frame(spark, events))) if row["visitor_id"] == "V-000001"]
    assert [row["events"] for row in result] == sizes


STEPS = ["page_view", "product_view", "add_to_cart", "checkout", "purchase"]


@pytest.mark.parametrize("furthest", STEPS)
def test_the_furthest_step_is_told_by_the_funnel(spark: SparkSession, furthest: str) -> None:
    kinds = [furthest, *STEPS[: STEPS.index(furthest)]]
    (row,) = found(sessionise(frame(spark, [event(n, f"2026-01-01 10:0{n}:00", kind) for n, kind in enumerate(kinds)])))
    assert row["furthest_step"] == furthest


def bought(number: int, at: str, order: str, **changes: Any) -> dict[str, Any]:
    return event(number, at, "purchase", order_id=order, **changes)


def attributed(spark: SparkSession, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = frame(spark, events)
    return found(attribute(made, sessionise(made)))


def test_attribution_by_hand(spark: SparkSession) -> None:
    events = [
        event(1, "2026-01-02 11:59:59", source="social"),  # a second more than 30 days before
        event(2, "2026-01-02 13:00:00", source="email"),
        event(3, "2026-01-10 10:00:00", source="paid_search"),
        event(4, "2026-01-20 10:00:00", source="direct"),
        event(5, "2026-02-01 11:50:00", source="direct", customer_id="C-00009"),
        bought(6, "2026-02-01 12:00:00", "ORD-000001", source="affiliate"),  # not the session's first event
        bought(7, "2026-02-01 12:05:00", "ORD-000001", customer_id="C-00003"),  # reported once more
        event(8, "2026-02-03 10:00:00", source="email"),  # afterwards
        event(9, "2026-01-15 10:00:00", source="email", visitor_id="V-000002"),
    ]
    assert attributed(spark, events) == [
        {
            "order_id": "ORD-000001",
            "customer_id": "C-00003",  # of the session, since the first purchase event does not say it
            "visitor_id": "V-000001",
            "session_id": "V-000001-1769946600",  # 2026-02-01 11:50:00 UTC
            "purchased_at": moment("2026-02-01 12:00:00"),
            "touches": 4,
            "first_touch": "email",
            "last_touch": "direct",
            "last_non_direct_touch": "paid_search",
            "order_month": "2026-02",
        }
    ]


# first session's start before the purchase → whether it is a touch
@pytest.mark.parametrize(("start", "touches"), [("2026-01-02 12:00:00", 2), ("2026-01-02 11:59:59.999999", 1)])
def test_thirty_days_to_the_microsecond(spark: SparkSession, start: str, touches: int) -> None:
    (row,) = attributed(spark, [event(1, start, source="email"), bought(2, "2026-02-01 12:00:00", "ORD-000001")])
    assert row["touches"] == touches


def test_where_all_touches_are_direct_so_is_the_last(spark: SparkSession) -> None:
    events = [
        event(1, "2026-01-31 10:00:00", source="direct"),
        bought(2, "2026-02-01 12:00:00", "ORD-000001", source="direct"),
        event(3, "2026-02-01 12:01:00", "purchase"),  # names no order
    ]
    (row,) = attributed(spark, events)
    assert (row["touches"], row["last_non_direct_touch"], row["customer_id"]) == (2, "direct", None)


def random_events(chance: random.Random, rows: int = 400) -> list[dict[str, Any]]:
    """Visitors with pauses of around half an hour, equal times, borders of months, several logins and orders."""
    events: list[dict[str, Any]] = []
    clock = {f"V-{number:06}": START + datetime.timedelta(minutes=chance.randint(-90, 40)) for number in range(12)}
    for number in range(rows):
        visitor = chance.choice(list(clock))
        clock[visitor] += datetime.timedelta(
            seconds=chance.choice([0, 0, 1, 60, 1799, 1800, 1801, 9000, 90000, 900000])
        )
        kind = chance.choice(STEPS)
        events.append(
            event(
                chance.randint(0, 899) * 1000 + number,
                str(clock[visitor]),
                kind,
                visitor_id=visitor,
                customer_id=chance.choice([None, None, f"C-{chance.randint(1, 3):05}"]),
                order_id=f"ORD-{chance.randint(1, 60):06}" if kind == "purchase" and chance.random() < 0.9 else None,
                device=chance.choice(["mobile", "desktop"]),
                source=chance.choice(["direct", "email", "social"]),
                campaign=chance.choice([None, "sale"]),
                page=f"/{number}",
            )
        )
    chance.shuffle(events)
    return events


def valued(value: Any) -> Any:
    return None if pd.isna(value) else value


def expected_sessions(events: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """By pandas: sorted, cut at the pauses, summed up."""
    table = pd.DataFrame(events).sort_values(["visitor_id", "event_ts", "event_id"])
    pause = table.groupby("visitor_id")["event_ts"].diff()
    table["cut"] = (pause > pd.Timedelta(minutes=30)).groupby(table["visitor_id"]).cumsum()
    result = {}
    for (visitor, _), part in table.groupby(["visitor_id", "cut"]):
        first, last = part.iloc[0], part.iloc[-1]
        orders = part[part.event_type == "purchase"].order_id.dropna()
        seconds = int((first.event_ts - pd.Timestamp(0)).total_seconds())
        result[f"{visitor}-{seconds}"] = (
            visitor,
            part.customer_id.dropna().iloc[-1] if part.customer_id.notna().any() else None,
            first.event_ts.to_pydatetime(),
            last.event_ts.to_pydatetime(),
            int((last.event_ts - first.event_ts).total_seconds()),
            len(part),
            *(int((part.event_type == step).sum()) for step in STEPS),
            STEPS[max(STEPS.index(kind) for kind in part.event_type)],
            first.device,
            first.source,
            valued(first.campaign),
            orders.iloc[0] if len(orders) else None,
            first.page,
            last.page,
            first.event_ts.date(),
            first.event_ts.strftime("%Y-%m"),
        )
    return result


def expected_attribution(events: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Order by order, from the sessions that pandas found."""
    visits = expected_sessions(events)
    table = pd.DataFrame(events).sort_values(["event_ts", "event_id"])
    orders = table[(table.event_type == "purchase") & table.order_id.notna()].drop_duplicates("order_id")
    result = {}
    for row in orders.itertuples():
        mine = sorted((visit[2], name, visit) for name, visit in visits.items() if visit[0] == row.visitor_id)
        (own,) = [(name, visit) for start, name, visit in mine if start <= row.event_ts <= visit[3]]
        since = row.event_ts - datetime.timedelta(days=30)
        touched = [visit for start, name, visit in mine if since <= start <= row.event_ts or name == own[0]]
        sources = [visit[13] for visit in touched]
        result[row.order_id] = (
            valued(row.customer_id) or own[1][1],
            row.visitor_id,
            own[0],
            row.event_ts.to_pydatetime(),
            len(touched),
            sources[0],
            sources[-1],
            ([source for source in sources if source != "direct"] or ["direct"])[-1],
            row.event_ts.strftime("%Y-%m"),
        )
    return result


def content(zones: Any, table: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(others) for name, *others in (tuple(row.values()) for row in zones.rows(table))}


def aggregate(zones: Any) -> None:
    job.aggregate(zones.spark, zones.s3, None, zones.arguments, [])


def test_agrees_with_pandas_and_late_events_rewrite_their_months_only(
    zones: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    events = random_events(random.Random(21))
    # What comes late joins two sessions of a third month.
    gap = [event(1, "2025-06-01 10:00:00"), event(3, "2025-06-01 10:50:00", source="email")]
    late = event(2, "2025-06-01 10:25:00")
    zones.write("clickstream", events + gap)
    aggregate(zones)
    assert content(zones, "sessions") == expected_sessions(events + gap)
    assert len(content(zones, "sessions")) > 60
    before = zones.files("sessions"), zones.files("attribution")
    zones.write("clickstream", [*events, *gap, late])
    aggregate(zones)
    assert content(zones, "sessions") == expected_sessions([*events, *gap, late])
    assert content(zones, "attribution") == expected_attribution(events)
    assert any(row[4] > 2 for row in content(zones, "attribution").values())
    replaced = {before[0][path] for path in before[0].keys() - zones.files("sessions").keys()}
    assert replaced == {"Row(session_month='2025-06')"}
    assert zones.files("attribution") == before[1]
    assert f'"rows_in": {len(events) + 3}' in capsys.readouterr().out


def test_a_second_run_commits_nothing_and_one_after_a_crash_ends_in_the_same(
    zones: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = random_events(random.Random(22), 150)
    zones.write("clickstream", events)
    replace = iceberg.replace

    def dies(spark: Any, zone: Any, table: iceberg.Table, rows: Any) -> list[str]:
        if table is job.SESSIONS:
            raise ConnectionError("killed")
        return replace(spark, zone, table, rows)

    with monkeypatch.context() as patch:
        patch.setattr(iceberg, "replace", dies)
        with pytest.raises(ConnectionError):
            aggregate(zones)
    assert zones.commits("attribution") == 1
    for _ in range(2):
        aggregate(zones)
        assert content(zones, "sessions") == expected_sessions(events)
        assert content(zones, "attribution") == expected_attribution(events)
        assert (zones.commits("sessions"), zones.commits("attribution")) == (1, 1)


def test_an_event_in_two_sessions_stops_the_job(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    zones.write("clickstream", [event(1, "2026-01-01 10:00:00")])
    # As if the sessions were made wrongly.
    monkeypatch.setattr(job, "sessionise", lambda events: sessionise(events).withColumn("events", f.lit(2)))
    with pytest.raises(controls.ControlError, match="events in sessions: 2, but the source has 1"):
        aggregate(zones)
    assert not zones.spark.catalog.tableExists("glue_catalog.curated.sessions")


def test_runs_as_a_glue_job_on_an_empty_zone(zones: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "GlueContext", lambda context: SimpleNamespace(spark_session=zones.spark))
    monkeypatch.setattr(run, "boto3", SimpleNamespace(client=lambda service: {"s3": zones.s3}.get(service)))
    arguments = zones.arguments | {"datasets": "clickstream", "raw": "s3://raw/", "rejected": "s3://quarantine/rows/"}
    job.main(["script.py", *(word for name, value in arguments.items() for word in (f"--{name}", value))])
    assert zones.rows("sessions") == zones.rows("attribution") == []
