"""Visits to the shop, made of its events, and what brought the visitor who bought."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

GAP = "30 minutes"
LOOK_BACK = "30 days"
STEPS = ("page_view", "product_view", "add_to_cart", "checkout", "purchase")
_COUNTED = dict(zip(("page_views", "product_views", "carts", "checkouts", "purchases"), STEPS, strict=True))
_PLACE = ("event_ts", "event_id")  # the order of a visitor's events; the second decides between equal times


def sessionise(events: DataFrame) -> DataFrame:
    """Put events together to sessions.

    A visitor's session ends where more than 30 minutes pass without an event of that visitor; after exactly 30 minutes
    it still goes on. Events of one time are ordered by event_id.

    Args:
        events: one row per event_id, as the contract `clickstream` says.

    Returns:
        one row per session: session_id (visitor_id, a hyphen, the start in seconds since 1970), visitor_id, customer_id
        (the last who was logged in), started_at, ended_at (timestamps), seconds, events, page_views, product_views,
        carts, checkouts, purchases (int), furthest_step, device, source, campaign (of the first event), order_id (of
        the first purchase), entry_page, exit_page, session_date (date), session_month (`yyyy-MM`, of the start).
    """
    visitor = Window.partitionBy("visitor_id").orderBy(*_PLACE)
    begins = f.col("event_ts") > f.lag("event_ts").over(visitor) + f.expr(f"interval {GAP}")
    # A sum that counts the sessions so far; the first event has none before it and counts nothing.
    numbered = events.withColumn("_begins", f.coalesce(begins, f.lit(False)).cast("int")).withColumn(
        "_number", f.sum("_begins").over(visitor)
    )
    first = f.min(f.struct(*_PLACE, "device", "source", "campaign", "page"))
    last = f.max(f.struct(*_PLACE, "page"))
    logged_in = f.max(f.when(f.col("customer_id").isNotNull(), f.struct(*_PLACE, "customer_id")))
    bought = (f.col("event_type") == "purchase") & f.col("order_id").isNotNull()
    grouped = numbered.groupBy("visitor_id", "_number").agg(
        first.alias("_first"),
        last.alias("_last"),
        logged_in.alias("_logged_in"),
        f.min(f.when(bought, f.struct(*_PLACE, "order_id"))).alias("_bought"),
        f.count(f.lit(1)).cast("int").alias("events"),
        *(f.count_if(f.col("event_type") == step).cast("int").alias(name) for name, step in _COUNTED.items()),
        f.max(_rank()).alias("_rank"),
    )
    started, ended = f.col("_first.event_ts"), f.col("_last.event_ts")
    return (
        grouped.select(
            f.concat_ws("-", "visitor_id", f.unix_seconds(started).cast("string")).alias("session_id"),
            "visitor_id",
            f.col("_logged_in.customer_id").alias("customer_id"),
            started.alias("started_at"),
            ended.alias("ended_at"),
            (f.unix_micros(ended) - f.unix_micros(started)).alias("_micros"),
            "events",
            *_COUNTED,
            f.element_at(f.array(*map(f.lit, STEPS)), f.col("_rank")).alias("furthest_step"),
            *(f.col(f"_first.{name}").alias(name) for name in ("device", "source", "campaign")),
            f.col("_bought.order_id").alias("order_id"),
            f.col("_first.page").alias("entry_page"),
            f.col("_last.page").alias("exit_page"),
            started.cast("date").alias("session_date"),
            f.date_format(started, "yyyy-MM").alias("session_month"),
        )
        .withColumn("seconds", f.floor(f.col("_micros") / 1_000_000).cast("int"))
        .drop("_micros")
    )


def _rank() -> Column:
    """How far in the funnel an event is, from 1."""
    return f.array_position(f.array(*map(f.lit, STEPS)), f.col("event_type")).cast("int")


def purchases(events: DataFrame) -> DataFrame:
    """The first purchase event of each order: order_id, purchased_at, visitor_id, customer_id."""
    bought = events.where((f.col("event_type") == "purchase") & f.col("order_id").isNotNull())
    first = f.min(f.struct(*_PLACE, "visitor_id", "customer_id")).alias("_first")
    named = {"purchased_at": "event_ts", "visitor_id": "visitor_id", "customer_id": "customer_id"}
    return (
        bought.groupBy("order_id")
        .agg(first)
        .select("order_id", *(f.col(f"_first.{field}").alias(name) for name, field in named.items()))
    )


def attribute(events: DataFrame, sessions: DataFrame) -> DataFrame:
    """What brought the visitors who bought.

    The touches of an order are the sessions of its visitor that began within the 30 days before the purchase (exactly
    30 days count), and always the session of the purchase itself.

    Args:
        events: as for `sessionise`.
        sessions: what `sessionise` made of them.

    Returns:
        one row per order: order_id, customer_id (of the purchase, else of its session), visitor_id, session_id,
        purchased_at, touches (int), first_touch and last_touch (sources of the first and the last of these sessions),
        last_non_direct_touch (of the last whose source is not `direct`; `direct` where all are), order_month
        (`yyyy-MM`).
    """
    visits = sessions.select(
        f.col("visitor_id").alias("_visitor"),
        "started_at",
        "ended_at",
        "source",
        "session_id",
        f.col("customer_id").alias("_customer"),
    )
    bought_at = f.col("purchased_at")
    recent = f.col("started_at") >= bought_at - f.expr(f"interval {LOOK_BACK}")
    touched = (f.col("started_at") <= bought_at) & (recent | (f.col("ended_at") >= bought_at))
    pairs = purchases(events).join(visits, (f.col("visitor_id") == f.col("_visitor")) & touched)
    # A visitor's sessions do not overlap: the last that began before the purchase is that of the purchase.
    visit = f.struct("started_at", "source", "session_id", "_customer")
    grouped = pairs.groupBy("order_id", "customer_id", "visitor_id", "purchased_at").agg(
        f.count(f.lit(1)).cast("int").alias("touches"),
        f.min(visit).alias("_first"),
        f.max(visit).alias("_last"),
        f.max(f.when(f.col("source") != "direct", visit)).alias("_brought"),
    )
    return grouped.select(
        "order_id",
        f.coalesce("customer_id", "_last._customer").alias("customer_id"),
        "visitor_id",
        f.col("_last.session_id").alias("session_id"),
        "purchased_at",
        "touches",
        f.col("_first.source").alias("first_touch"),
        f.col("_last.source").alias("last_touch"),
        f.coalesce("_brought.source", f.lit("direct")).alias("last_non_direct_touch"),
        f.date_format("purchased_at", "yyyy-MM").alias("order_month"),
    )
