"""Glue job: the processed zone to curated sales by day, and to the histories of customers and products.

`daily_sales` and `daily_product_sales` are made anew; only the months that differ from what the tables have are
written. `customer_360` and `product_360` are slowly changing dimensions of type 2 (lakehouse/etl/history.py): a row
that is the same as before gets no new version. Times of validity are the greatest that the data has seen, never the
clock's. Control totals are compared before anything is committed. Each table is one commit, so that a run that is
repeated, or that follows one which died half-way, ends in the same rows.
"""

import datetime
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.etl import controls, history, iceberg, processed, sales
from lakehouse.etl.controls import Control
from lakehouse.etl.iceberg import Table, Zone
from lakehouse.logger import log

ARGUMENTS = ["JOB_NAME", "contracts", "processed", "database", "curated_database", "warehouse", "run_id"]

DAILY_SALES = Table(
    "daily_sales",
    "One row per day with an order line; orders, customers, units and revenue are of completed lines.",
    iceberg.columns("""
        sales_date      | date          | The day, UTC.
        orders          | bigint        | Orders with a completed line.
        customers       | bigint        | Customers with a completed line.
        new_customers   | bigint        | Customers whose first completed line is of this day.
        units           | bigint        | Pieces of completed lines.
        revenue         | decimal(14,2) | What customers paid for completed lines.
        discount        | decimal(14,2) | Taken off completed lines.
        refunded_lines  | bigint        | Lines that were refunded.
        refunded_amount | decimal(14,2) | What was paid for them.
        cancelled_lines | bigint        | Lines that were cancelled.
        sales_month     | string        | The month of the day; the partitions.
    """),
    partition="sales_month",
)
DAILY_PRODUCT_SALES = Table(
    "daily_product_sales",
    "One row per day and product with a line that was not cancelled.",
    iceberg.columns("""
        sales_date      | date          | The day, UTC.
        product_id      | string        | The product; unknown where the source does not say.
        order_lines     | bigint        | Completed lines.
        units           | bigint        | Pieces of completed lines.
        revenue         | decimal(14,2) | What customers paid for completed lines.
        refunded_amount | decimal(14,2) | What was paid for refunded lines.
        sales_month     | string        | The month of the day; the partitions.
    """),
    partition="sales_month",
)
CUSTOMER_360 = Table(
    "customer_360",
    "One row per customer with an order line and version: all that the shop knows of them, and when it was so.",
    iceberg.columns("""
        customer_id         | string        | The customer.
        country             | string        | Of the latest order line that says it.
        first_order_date    | date          | Day of the first completed line; empty without one.
        last_order_date     | date          | Day of the last completed line; empty without one.
        orders              | bigint        | Orders with a completed line.
        units               | bigint        | Pieces of completed lines.
        revenue             | decimal(14,2) | What they paid for completed lines.
        refunded_amount     | decimal(14,2) | What was paid for refunded lines.
        average_order_value | decimal(12,2) | Revenue by order; empty without one.
        sessions            | bigint        | Sessions in which they were logged in.
        reviews             | bigint        | Reviews that they wrote.
        average_rating      | decimal(3,2)  | Mean of their stars; empty without a review.
        preferred_category  | string        | Category of the greatest revenue; empty where no product is known.
        segment             | string        | lapsed, loyal, new or active; lakehouse/etl/sales.py has the rule.
    """)
    + history.VALIDITY,
)
PRODUCT_360 = Table(
    "product_360",
    "One row per product and version: what it is, how it sells, what customers think, and when it was so.",
    iceberg.columns("""
        product_id      | string        | The product.
        name            | string        | What customers read.
        category        | string        | Department of the shop.
        subcategory     | string        | Shelf within the department.
        brand           | string        | Who makes it; empty where nobody says.
        price           | decimal(10,2) | List price of one piece.
        cost            | decimal(10,2) | What one piece costs the shop.
        price_band      | string        | budget, value, premium, luxury: quartile of its category's active products.
        active          | boolean       | Whether it can be bought.
        units_sold      | bigint        | Pieces of completed lines.
        revenue         | decimal(14,2) | What customers paid for completed lines.
        refunded_amount | decimal(14,2) | What was paid for refunded lines.
        review_count    | bigint        | Reviews of it.
        average_rating  | decimal(3,2)  | Mean of their stars; empty without a review.
    """)
    + history.VALIDITY,
)
FACTS = (DAILY_SALES, DAILY_PRODUCT_SALES)
DIMENSIONS = (CUSTOMER_360, PRODUCT_360)

# What is read of each dataset of the processed zone, the column that tells how far the data goes last.
READ = {
    "transactions": "transaction_id order_id customer_id product_id quantity discount total_amount status country"
    " transaction_date transaction_ts updated_at",
    "products": "product_id name category subcategory brand price cost active updated_at",
    "reviews": "product_id customer_id rating updated_at",
    "clickstream": "received_at",
}


def source_figures(sources: Mapping[str, DataFrame]) -> dict[str, Any]:
    """The figures that the curated tables are held against, and how far the data goes.

    Args:
        sources: by dataset, the columns of READ.

    Returns:
        units, revenue, refunded (sums over completed or refunded lines; None without a line), orders (distinct
        completed orders of each day, added up), customers, products (distinct), `rows_<dataset>`, and as_of (UTC; None
        without any row).
    """
    lines, done = sources["transactions"], f.col("status") == "completed"
    sums = lines.agg(
        f.sum(f.when(done, f.col("quantity"))).alias("units"),
        f.sum(f.when(done, f.col("total_amount"))).alias("revenue"),
        f.sum(f.when(f.col("status") == "refunded", f.col("total_amount"))).alias("refunded"),
    )
    distinct = lines.agg(
        f.count_distinct(f.when(done, f.struct("transaction_date", "order_id"))).alias("orders"),
        f.count_distinct("customer_id").alias("customers"),
    )
    known = sources["products"].agg(f.count_distinct("product_id").alias("products"))
    reach = (
        frame.agg(
            f.max(f.col(READ[dataset].split()[-1]).cast("timestamp_ntz")).alias(f"until_{dataset}"),
            f.count("*").alias(f"rows_{dataset}"),
        )
        for dataset, frame in sources.items()
    )
    figures = controls.gather(sums, distinct, known, *reach)
    moments = [figures.pop(f"until_{dataset}") for dataset in sources]
    return figures | {"as_of": max((moment for moment in moments if moment is not None), default=None)}


def check_totals(source: Mapping[str, Any], made: Mapping[str, DataFrame]) -> dict[str, Any]:
    """Compare the tables with their sources, in one Spark job, and return the totals by name.

    Args:
        source: what `source_figures` gives.
        made: by table name, the rows that the table (of a dimension: its current rows) is to have.

    Raises:
        controls.ControlError: they differ.
    """
    days = made["daily_sales"]
    added = ("orders", "units", "revenue", "refunded_amount")
    found = controls.gather(
        days.agg(*(f.sum(name).alias(name) for name in added), f.count("*").alias("rows_daily_sales")),
        made["daily_product_sales"].agg(
            f.sum("revenue").alias("product_revenue"), f.count("*").alias("rows_daily_product_sales")
        ),
        made["customer_360"].agg(f.sum("revenue").alias("customer_revenue"), f.count("*").alias("customers")),
        made["product_360"].agg(f.count("*").alias("products")),
    )
    pairs = (
        ("units of daily_sales", source["units"], found["units"]),
        ("revenue of daily_sales", source["revenue"], found["revenue"]),
        ("refunded_amount of daily_sales", source["refunded"], found["refunded_amount"]),
        ("orders of daily_sales", source["orders"], found["orders"]),
        ("revenue of daily_product_sales", found["revenue"], found["product_revenue"]),
        ("revenue of customer_360", source["revenue"], found["customer_revenue"]),
        ("current customers", source["customers"], found["customers"]),
        ("current products", source["products"], found["products"]),
    )
    totals = controls.check("master_data_merge", [Control(name, *_plain(one, other)) for name, one, other in pairs])
    rows_in = {name.removeprefix("rows_"): count for name, count in source.items() if name.startswith("rows_")}
    rows_out = {table: found[f"rows_{table}"] for table in ("daily_sales", "daily_product_sales")}
    rows_out |= {"customer_360": found["customers"], "product_360": found["products"]}
    return {"rows_in": rows_in, "rows_out": rows_out, "totals": totals}


def _plain(*sums: Any) -> tuple[Any, ...]:
    """Sums of no rows are 0."""
    return tuple(0 if value is None else value for value in sums)


def run(spark: SparkSession, arguments: Mapping[str, str], s3: Any) -> None:
    """Bring the curated tables up to the processed zone.

    Args:
        spark: a session with the catalog `glue_catalog`.
        arguments: `contracts` and `processed` (addresses of folders, with a slash at the end), `curated_database`,
            `warehouse` (address of the folder of the curated tables, with a slash at the end), `run_id`.
        s3: an S3 client.

    Raises:
        controls.ControlError: a control total differs; then nothing is committed.
    """
    # Days and months are those of UTC, whatever the session's own zone is.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    zone = Zone(arguments["curated_database"], arguments["warehouse"])
    sources = {
        dataset: processed.dataset(spark, s3, arguments, dataset).select(*names.split())
        for dataset, names in READ.items()
    }
    kept = [sources[dataset].persist() for dataset in ("transactions", "products", "reviews")]
    figures = source_figures(sources)
    as_of = _as_of(spark, zone, figures["as_of"])
    bought = sales.buyers(sources["transactions"]).persist()
    made = {name: frame.persist() for name, frame in tables(sources, bought, _sessions(spark, zone), as_of).items()}
    totals = check_totals(figures, made)
    commit(spark, zone, made, as_of, arguments["run_id"])
    for frame in (*made.values(), bought, *kept):
        frame.unpersist()
    log("curated", run_id=arguments["run_id"], job="master_data_merge", as_of=as_of, **totals)


def tables(
    sources: Mapping[str, DataFrame], bought: DataFrame, sessions: DataFrame, as_of: datetime.datetime
) -> dict[str, DataFrame]:
    """The rows of all tables, by table name; of the dimensions the entities as they are now, with their fingerprint.

    Args:
        sources: by dataset, the columns of READ.
        bought: what `sales.buyers` makes of the transactions.
        sessions: customer_id, NULL for strangers.
        as_of: how far the data goes.
    """
    lines, products, reviews = sources["transactions"], sources["products"], sources["reviews"]
    customers = sales.customers(bought, lines, products, reviews, sessions, as_of.date())
    return {
        "daily_sales": iceberg.conform(sales.daily(lines, bought), DAILY_SALES),
        "daily_product_sales": iceberg.conform(sales.daily_by_product(lines), DAILY_PRODUCT_SALES),
        "customer_360": history.fingerprint(customers, CUSTOMER_360),
        "product_360": history.fingerprint(sales.products_sold(products, lines, reviews), PRODUCT_360),
    }


def commit(
    spark: SparkSession, zone: Zone, made: Mapping[str, DataFrame], as_of: datetime.datetime, run_id: str
) -> None:
    """Write what differs, a commit a table."""
    iceberg.replace_all(spark, zone, ((table, made[table.name]) for table in FACTS), run_id)
    for table in DIMENSIONS:
        changes = history.merge(spark, zone, table, made[table.name], as_of)
        log("table merged", run_id=run_id, table=table.name, **vars(changes))


def _as_of(spark: SparkSession, zone: Zone, seen: datetime.datetime | None) -> datetime.datetime:
    """How far the data goes, by this run's data and by the histories so far; 1970 where there is nothing at all."""
    moments = [seen, *(history.latest(spark, zone, table) for table in DIMENSIONS)]
    return max((moment for moment in moments if moment is not None), default=datetime.datetime(1970, 1, 1))


def _sessions(spark: SparkSession, zone: Zone) -> DataFrame:
    """The customers of the curated sessions; none where clickstream_aggregation has not run yet."""
    name = zone.name_of("sessions")
    if not spark.catalog.tableExists(name):
        return spark.createDataFrame([], "customer_id string")
    return iceberg.read(spark, name).select("customer_id")


def main(argv: list[str]) -> None:
    """Run as a Glue job; `argv` is the job's argument list, the script's name first."""
    arguments = getResolvedOptions(argv, ARGUMENTS)
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(arguments["JOB_NAME"], arguments)
    run(context.spark_session, arguments, boto3.client("s3"))
    job.commit()


if __name__ == "__main__":
    main(sys.argv)
