"""Glue job: clickstream to the processed zone, and from there to curated sessions and what brought the buyers.

lakehouse/etl/sessions.py says what a session and a touch is. Both tables are made anew from the processed zone, since
a late event may join two sessions to one; only the months that differ from what the tables have are written, each
table in one commit, so that a run that is repeated, or that follows one which died half-way, ends in the same rows.
"""

import sys
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.etl import controls, iceberg, processed, run
from lakehouse.etl.controls import Control
from lakehouse.etl.iceberg import Table, Zone
from lakehouse.etl.sessions import attribute, sessionise
from lakehouse.logger import log

SESSIONS = Table(
    "sessions",
    "One row per visit: a visitor's events without a pause of more than 30 minutes.",
    iceberg.columns("""
        session_id    | string    | The visitor, a hyphen, and the start in seconds since 1970.
        visitor_id    | string    | The browser, by its cookie.
        customer_id   | string    | Who was logged in last; empty for strangers.
        started_at    | timestamp | Time of the first event, UTC.
        ended_at      | timestamp | Time of the last event, UTC.
        seconds       | int       | Whole seconds from the first event to the last.
        events        | int       | Events in all.
        page_views    | int       | Events of the type page_view.
        product_views | int       | Events of the type product_view.
        carts         | int       | Events of the type add_to_cart.
        checkouts     | int       | Events of the type checkout.
        purchases     | int       | Events of the type purchase.
        furthest_step | string    | The event type that is furthest in the funnel.
        device        | string    | Kind of device, of the first event.
        source        | string    | What brought the visitor, of the first event.
        campaign      | string    | Name of the campaign, of the first event; empty without one.
        order_id      | string    | The first order that was bought; empty without one.
        entry_page    | string    | Page of the first event.
        exit_page     | string    | Page of the last event.
        session_date  | date      | The day of the start in UTC.
        session_month | string    | The month of the start in UTC; the partitions.
    """),
    partition="session_month",
)
ATTRIBUTION = Table(
    "attribution",
    "One row per order that was bought on the web: which sources brought the visitor in the 30 days before.",
    iceberg.columns("""
        order_id              | string    | The order.
        customer_id           | string    | Who bought, where the tracker knows.
        visitor_id            | string    | The browser that bought.
        session_id            | string    | The session of the purchase.
        purchased_at          | timestamp | When it was bought, UTC.
        touches               | int       | Sessions of the visitor in the 30 days before, with that of the purchase.
        first_touch           | string    | Source of the first of them.
        last_touch            | string    | Source of the last of them.
        last_non_direct_touch | string    | Source of the last that was not direct; direct where all were.
        order_month           | string    | The month of the purchase in UTC; the partitions.
    """),
    partition="order_month",
)


def aggregate(
    spark: SparkSession,
    s3: Any,
    glue: Any,  # noqa: ARG001
    arguments: Mapping[str, str],
    summaries: Any,  # noqa: ARG001
) -> None:
    """Bring the curated tables up to the processed zone; what `lakehouse.etl.run.main` calls after its own work.

    Args:
        spark: a session with the catalog `glue_catalog`.
        s3: an S3 client.
        glue: a Glue client; not needed.
        arguments: `contracts` and `processed` (addresses of folders, with a slash at the end), `curated_database`,
            `warehouse` (address of the folder of the curated tables, with a slash at the end), `run_id`.
        summaries: what became of the raw rows; not needed.

    Raises:
        controls.ControlError: an event would be in no session or in two, or an order would be lost.
    """
    # Days and months are those of UTC, whatever the session's own zone is.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    zone = Zone(arguments["curated_database"], arguments["warehouse"])
    events = processed.dataset(spark, s3, arguments, "clickstream")
    sessions = iceberg.conform(sessionise(events), SESSIONS).persist()
    attribution = iceberg.conform(attribute(events, sessions), ATTRIBUTION).persist()
    totals = _controls(events, sessions, attribution)
    iceberg.replace_all(spark, zone, ((ATTRIBUTION, attribution), (SESSIONS, sessions)), arguments["run_id"])
    for frame in (attribution, sessions):
        frame.unpersist()
    log("curated", run_id=arguments["run_id"], job="clickstream_aggregation", **totals)


def _controls(events: DataFrame, sessions: DataFrame, attribution: DataFrame) -> dict[str, Any]:
    """The control totals, once they agree."""
    bought = f.when(f.col("event_type") == "purchase", f.col("order_id"))
    figures = controls.gather(
        events.agg(f.count_distinct("event_id").alias("events"), f.count_distinct(bought).alias("orders")),
        sessions.agg(
            f.sum("events").alias("in_sessions"),
            f.count(f.lit(1)).alias("sessions"),
            f.count_distinct("session_id").alias("session_ids"),
        ),
        attribution.agg(f.count(f.lit(1)).alias("attributed")),
    )
    pairs = (
        Control("events in sessions", figures["events"], int(figures["in_sessions"] or 0)),
        Control("session_ids", figures["session_ids"], figures["sessions"]),
        Control("orders in attribution", figures["orders"], figures["attributed"]),
    )
    totals = controls.check("clickstream_aggregation", pairs)
    rows_out = figures["sessions"] + figures["attributed"]
    return {"rows_in": figures["events"], "rows_out": rows_out, "totals": totals}


def main(argv: list[str]) -> None:
    """Run as a Glue job; `argv` is the job's argument list, the script's name first."""
    run.main(argv, after=aggregate)


if __name__ == "__main__":
    main(sys.argv)
