"""Where a product's price stands among the active products of its category."""

from pyspark.sql import Column, Window
from pyspark.sql import functions as f

# share of the category's active products that are cheaper, below which the band holds → the band
BANDS = ((0.25, "budget"), (0.5, "value"), (0.75, "premium"), (2.0, "luxury"))


def price_band() -> Column:
    """The band by quartile: `budget`, `value`, `premium` or `luxury`, from `category`, `price` and `active`.

    It is told by the share of the category's active products that cost less, so that equal prices are in one band;
    a product that is not active is placed among those that are. NULL where the category has no active product.
    """
    active = f.col("active").cast("int")
    category = Window.partitionBy("category")
    # A frame by value in cents that ends before the row's own price.
    below = category.orderBy((f.col("price") * 100).cast("bigint")).rangeBetween(Window.unboundedPreceding, -1)
    share = f.coalesce(f.sum(active).over(below), f.lit(0)) / f.nullif(f.sum(active).over(category), f.lit(0))
    return f.coalesce(*(f.when(share < limit, band) for limit, band in BANDS))
