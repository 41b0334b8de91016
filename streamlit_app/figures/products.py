"""What was sold, at which prices, and how it is rated."""

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from lakehouse.figures import Row
from streamlit_app import formats
from streamlit_app.figures.measure import Measure, Totals, count

BANDS = ("budget", "value", "premium", "luxury")  # from the lowest price to the highest
UNKNOWN = "unknown"
STARS = (1, 2, 3, 4, 5)
MEASURES = (
    Measure(
        "products",
        "Products sold",
        count,
        "Products of the catalogue with an order line that was not cancelled.",
    ),
    Measure("units", "Units", count, "Pieces of completed order lines."),
    Measure("revenue", "Revenue", formats.money, "What customers paid for completed order lines."),
)


def called(row: Row) -> str:
    """What a product is called; by its number where the catalogue does not know it."""
    return str(row["name"] or row["product_id"])


def labels(rows: Sequence[Row]) -> list[str]:
    """What each of some products is called; those of one name have their number beside it."""
    names = [called(row) for row in rows]
    return [
        f"{name} ({row['product_id']})" if names.count(name) > 1 else name
        for name, row in zip(names, rows, strict=True)
    ]


def totals(bands: Sequence[Row]) -> Totals:
    """What all price bands sold together.

    Args:
        bands: the rows of `price_bands`.
    """
    return {
        "products": sum(row["products"] for row in bands if row["price_band"] != UNKNOWN),
        "units": sum(row["units"] for row in bands),
        "revenue": sum((row["revenue"] for row in bands), Decimal(0)),
    }


def top(rows: Sequence[Row]) -> pd.DataFrame:
    """Products by revenue: place, product, category, price_band, units, revenue, average_rating.

    Args:
        rows: those of `top_products`.
    """
    found = [
        {
            "place": row["place"],
            "product": label,
            "category": row["category"] or UNKNOWN,
            "price_band": row["price_band"] or UNKNOWN,
            "units": row["units"],
            "revenue": float(row["revenue"]),
            "average_rating": _number(row["average_rating"]),
        }
        for label, row in zip(labels(rows), rows, strict=True)
    ]
    return pd.DataFrame(found)


def bands(rows: Sequence[Row]) -> pd.DataFrame:
    """Price bands from low to high: price_band, products, units, revenue, share_of_units, share_of_revenue.

    Args:
        rows: those of `price_bands`; bands without a sale are not among them.
    """
    everything = totals(rows)
    order = (*BANDS, UNKNOWN)
    found = [
        {
            "price_band": row["price_band"],
            "products": row["products"],
            "units": row["units"],
            "revenue": float(row["revenue"]),
            "share_of_units": _share(row["units"], everything["units"]),
            "share_of_revenue": _share(float(row["revenue"]), float(everything["revenue"])),
        }
        for row in sorted(rows, key=lambda row: order.index(row["price_band"]))
    ]
    return pd.DataFrame(found)


def stars(rows: Sequence[Row]) -> pd.DataFrame:
    """How each category is rated, the best first: category, stars, reviews, share (of the category's), mean.

    Args:
        rows: those of `ratings`.
    """
    given = {(row["category"], row["rating"]): row["reviews"] for row in rows}
    found = []
    for category in {row["category"] for row in rows}:
        counts = {number: given.get((category, number), 0) for number in STARS}
        reviews = sum(counts.values())
        mean = sum(number * times for number, times in counts.items()) / reviews
        found += [
            {"category": category, "stars": number, "reviews": times, "share": times / reviews, "mean": mean}
            for number, times in counts.items()
        ]
    frame = pd.DataFrame(found, columns=["category", "stars", "reviews", "share", "mean"])
    return frame.sort_values(["mean", "category", "stars"], ascending=[False, True, True], ignore_index=True)


def rated(rows: Sequence[Row]) -> pd.DataFrame:
    """Rated products: product, category, price_band, reviews, average_rating, positive_share.

    Args:
        rows: those of `rated_products`.
    """
    found = [
        {
            "product": label,
            "category": row["category"],
            "price_band": row["price_band"] or UNKNOWN,
            "reviews": row["review_count"],
            "average_rating": float(row["average_rating"]),
            "positive_share": float(row["positive_share"]),
        }
        for label, row in zip(labels(rows), rows, strict=True)
    ]
    columns = ["product", "category", "price_band", "reviews", "average_rating", "positive_share"]
    return pd.DataFrame(found, columns=columns)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
