"""Glue job: products and reviews to the processed zone, and from there to the curated tables of opinion.

`review_sentiment` has every review with what it thinks (lakehouse/etl/sentiment.py says how); `product_insights` has
every product with its margin, its price band (lakehouse/etl/price_bands.py) and its reviews. Both are made anew from
the processed zone; only what differs from what the tables have is written, each table in one commit, so that a run
that is repeated, or that follows one which died half-way, ends in the same rows.
"""

import sys
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.etl import controls, iceberg, processed, run
from lakehouse.etl.controls import Control
from lakehouse.etl.iceberg import Table, Zone
from lakehouse.etl.price_bands import price_band
from lakehouse.etl.sentiment import label, score
from lakehouse.logger import log

REVIEW_SENTIMENT = Table(
    "review_sentiment",
    "One row per review: what it thinks of the product, by its stars and its words.",
    iceberg.columns("""
        review_id   | string       | The review.
        product_id  | string       | What it is about.
        customer_id | string       | Who wrote it.
        rating      | int          | Stars, 1 to 5.
        sentiment   | decimal(5,4) | What it thinks, from -1 to 1, of stars and text.
        label       | string       | positive, neutral or negative.
        review_ts   | timestamp    | When it was written, UTC.
    """),
    month_of="review_ts",
)
PRODUCT_INSIGHTS = Table(
    "product_insights",
    "One row per product: prices, margin and what customers think of it.",
    iceberg.columns("""
        product_id     | string        | The product.
        name           | string        | What customers read.
        category       | string        | Department of the shop.
        subcategory    | string        | Shelf within the department.
        brand          | string        | Who makes it; empty where nobody says.
        price          | decimal(10,2) | List price of one piece.
        cost           | decimal(10,2) | What one piece costs the shop.
        margin         | decimal(10,2) | Price without cost.
        price_band     | string        | budget, value, premium, luxury: quartile of its category's active products.
        active         | boolean       | Whether it can be bought today.
        review_count   | bigint        | Reviews of it.
        average_rating | decimal(3,2)  | Mean of their stars; empty without a review.
        positive_share | decimal(5,4)  | Share of its reviews that are positive; empty without a review.
        sentiment      | decimal(5,4)  | Mean sentiment of its reviews; empty without a review.
        last_review_ts | timestamp     | When the latest was written, UTC; empty without a review.
    """),
)


def sentiments(reviews: DataFrame) -> DataFrame:
    """`review_sentiment` of the processed reviews; the text is title and body."""
    text = f.concat_ws(". ", "title", "body")
    scored = reviews.withColumn("sentiment", score(text, f.col("rating")))
    return iceberg.conform(scored.withColumn("label", label(f.col("sentiment"))), REVIEW_SENTIMENT)


def insights(products: DataFrame, opinions: DataFrame) -> DataFrame:
    """`product_insights` of the processed products and of `review_sentiment`, whose unknown products are left out."""
    by_product = opinions.groupBy("product_id").agg(
        f.count(f.lit(1)).alias("review_count"),
        f.avg("rating").alias("average_rating"),
        f.avg((f.col("label") == "positive").cast("int")).alias("positive_share"),
        f.avg("sentiment").alias("sentiment"),
        f.max("review_ts").alias("last_review_ts"),
    )
    priced = products.withColumn("margin", f.col("price") - f.col("cost")).withColumn("price_band", price_band())
    joined = priced.join(by_product, "product_id", "left").fillna(0, ["review_count"])
    return iceberg.conform(joined, PRODUCT_INSIGHTS)


def enrich(
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
        controls.ControlError: a table would not have a row for each row of the processed zone.
    """
    # Days and months are those of UTC, whatever the session's own zone is.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    zone = Zone(arguments["curated_database"], arguments["warehouse"])
    products, reviews = (processed.dataset(spark, s3, arguments, name) for name in ("products", "reviews"))
    opinions = sentiments(reviews).persist()
    found = insights(products, opinions).persist()
    totals = _controls(products, reviews, opinions, found)
    iceberg.replace_all(spark, zone, ((REVIEW_SENTIMENT, opinions), (PRODUCT_INSIGHTS, found)), arguments["run_id"])
    for frame in (opinions, found):
        frame.unpersist()
    log("curated", run_id=arguments["run_id"], job="product_enrichment", **totals)


def _controls(products: DataFrame, reviews: DataFrame, opinions: DataFrame, found: DataFrame) -> dict[str, Any]:
    """The control totals, once they agree, and how many reviews are of no product that is known."""
    figures = controls.gather(
        products.agg(f.count_distinct("product_id").alias("products")),
        reviews.agg(f.count_distinct("review_id").alias("reviews")),
        opinions.agg(f.count(f.lit(1)).alias("opinions")),
        found.agg(f.count(f.lit(1)).alias("insights"), f.sum("review_count").alias("reviews_of_products")),
    )
    pairs = (
        Control("rows of review_sentiment", figures["reviews"], figures["opinions"]),
        Control("rows of product_insights", figures["products"], figures["insights"]),
    )
    totals = controls.check("product_enrichment", pairs)
    rows = {"rows_in": figures["products"] + figures["reviews"], "rows_out": sum(totals.values())}
    orphans = figures["opinions"] - int(figures["reviews_of_products"] or 0)
    return rows | {"totals": totals, "reviews_of_unknown_products": orphans}


def main(argv: list[str]) -> None:
    """Run as a Glue job; `argv` is the job's argument list, the script's name first."""
    run.main(argv, after=enrich)


if __name__ == "__main__":
    main(sys.argv)
