"""Facts and entities of the shop, made of its order lines: by day, by product and day, by customer, by product.

Sales are completed lines: orders, customers, units, revenue and discount count these only. Refunded lines are shown
beside them, cancelled ones nowhere but in the days' count.
"""

import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from lakehouse.etl.price_bands import price_band

UNKNOWN = "unknown"

LOYAL_ORDERS = 3
NEW_DAYS = 30
LAPSED_DAYS = 180


def _of(status: str, value: Column) -> Column:
    return f.when(f.col("status") == status, value)


def _sum(status: str, column: str, kind: str) -> Column:
    return f.coalesce(f.sum(_of(status, f.col(column))), f.lit(0)).cast(kind)


def _count(status: str) -> Column:
    return f.count_if(f.col("status") == status)


def _orders() -> Column:
    return f.count_distinct(_of("completed", f.col("order_id")))


def _amounts(units: str = "units") -> list[Column]:
    """Units, revenue and refunded_amount."""
    return [
        _sum("completed", "quantity", "bigint").alias(units),
        _sum("completed", "total_amount", "decimal(14,2)").alias("revenue"),
        _sum("refunded", "total_amount", "decimal(14,2)").alias("refunded_amount"),
    ]


def daily(lines: DataFrame, buyers: DataFrame) -> DataFrame:
    """The days' figures.

    Args:
        lines: transaction_date, order_id, customer_id, quantity, discount, total_amount, status.
        buyers: customer_id, first_order_date.

    Returns:
        one row per day with a line: the columns of `daily_sales`. New customers are those whose first completed line
        is of that day.
    """
    days = lines.groupBy(f.col("transaction_date").alias("sales_date")).agg(
        _orders().alias("orders"),
        f.count_distinct(_of("completed", f.col("customer_id"))).alias("customers"),
        _sum("completed", "discount", "decimal(14,2)").alias("discount"),
        _count("refunded").alias("refunded_lines"),
        *_amounts(),
        _count("cancelled").alias("cancelled_lines"),
    )
    firsts = buyers.groupBy(f.col("first_order_date").alias("sales_date")).agg(f.count("*").alias("new_customers"))
    joined = days.join(firsts, "sales_date", "left").fillna(0, ["new_customers"])
    return joined.withColumn("sales_month", f.date_format("sales_date", "yyyy-MM"))


def daily_by_product(lines: DataFrame) -> DataFrame:
    """The columns of `daily_product_sales`: one row per day and product with a line that was not cancelled.

    Args:
        lines: transaction_date, product_id (`unknown` stands for none), quantity, total_amount, status.
    """
    product = f.coalesce("product_id", f.lit(UNKNOWN)).alias("product_id")
    grouped = lines.where(f.col("status") != "cancelled").groupBy(
        f.col("transaction_date").alias("sales_date"), product
    )
    return grouped.agg(
        _count("completed").alias("order_lines"),
        *_amounts(),
    ).withColumn("sales_month", f.date_format("sales_date", "yyyy-MM"))


def buyers(lines: DataFrame) -> DataFrame:
    """What each customer with an order line bought.

    Args:
        lines: order_id, customer_id, transaction_id, transaction_date, transaction_ts, updated_at, country, quantity,
            total_amount, status.

    Returns:
        one row per customer: customer_id, country (of the latest line that has one), first_order_date,
        last_order_date, orders, units, revenue, refunded_amount, average_order_value (NULL without an order).
    """
    order = f.struct("transaction_ts", "updated_at", "transaction_id", "country")
    day = _of("completed", f.col("transaction_date"))
    grouped = lines.groupBy("customer_id").agg(
        f.max(f.when(f.col("country").isNotNull(), order)).alias("_latest"),
        f.min(day).alias("first_order_date"),
        f.max(day).alias("last_order_date"),
        _orders().alias("orders"),
        *_amounts(),
    )
    mean = (f.col("revenue") / f.nullif(f.col("orders"), f.lit(0))).cast("decimal(12,2)")
    return grouped.select("*", f.col("_latest.country").alias("country"), mean.alias("average_order_value")).drop(
        "_latest"
    )


def segment(as_of: datetime.date) -> Column:
    """The segment on a day, of first_order_date, last_order_date and orders; the first rule that fits holds.

    `lapsed`: the last completed order is more than 180 days old. `loyal`: 3 completed orders or more. `new`: the first
    is at most 30 days old, or there is none yet. `active`: everyone else.
    """
    day = f.lit(as_of)
    lapsed = f.date_diff(day, f.col("last_order_date")) > LAPSED_DAYS
    fresh = f.col("first_order_date").isNull() | (f.date_diff(day, f.col("first_order_date")) <= NEW_DAYS)
    loyal = f.col("orders") >= LOYAL_ORDERS
    return f.when(lapsed, "lapsed").when(loyal, "loyal").when(fresh, "new").otherwise("active")


def customers(
    bought: DataFrame,
    lines: DataFrame,
    products: DataFrame,
    reviews: DataFrame,
    sessions: DataFrame,
    as_of: datetime.date,
) -> DataFrame:
    """The attributes of `customer_360`: one row per customer with an order line.

    Args:
        bought: what `buyers` gives.
        lines: customer_id, product_id, total_amount, status.
        products: product_id, category.
        reviews: customer_id, rating.
        sessions: customer_id (NULL for strangers).
        as_of: the day for which the segment is told.

    Returns:
        `bought` and sessions, reviews, average_rating, preferred_category (that of the greatest revenue; of equal ones
        the first by name; NULL where no product is known) and segment.
    """
    by_category = (
        lines.where(f.col("status") == "completed")
        .join(products.select("product_id", "category"), "product_id")
        .groupBy("customer_id", "category")
        .agg(f.sum("total_amount").alias("_spent"))
        .groupBy("customer_id")
        .agg(f.min(f.struct(-f.col("_spent"), "category")).alias("_preferred"))
    )
    visits = sessions.where(f.col("customer_id").isNotNull()).groupBy("customer_id").agg(f.count("*").alias("sessions"))
    ratings = reviews.groupBy("customer_id").agg(f.count("*").alias("reviews"), f.avg("rating").alias("average_rating"))
    joined = bought
    for other in (by_category, visits, ratings):
        joined = joined.join(other, "customer_id", "left")
    counted = joined.fillna(0, ["sessions", "reviews"])
    return counted.select(
        "*", f.col("_preferred.category").alias("preferred_category"), segment(as_of).alias("segment")
    ).drop("_preferred")


def products_sold(products: DataFrame, lines: DataFrame, reviews: DataFrame) -> DataFrame:
    """The attributes of `product_360`: one row per product of the catalogue.

    Args:
        products: product_id, name, category, subcategory, brand, price, cost, active.
        lines: product_id, quantity, total_amount, status.
        reviews: product_id, rating.
    """
    sold = lines.groupBy("product_id").agg(*_amounts("units_sold"))
    ratings = reviews.groupBy("product_id").agg(
        f.count("*").alias("review_count"), f.avg("rating").alias("average_rating")
    )
    joined = products.withColumn("price_band", price_band())
    for other in (sold, ratings):
        joined = joined.join(other, "product_id", "left")
    return joined.fillna(0, ["units_sold", "revenue", "refunded_amount", "review_count"])
