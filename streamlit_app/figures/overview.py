"""The shop's key figures beside those of the period before."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lakehouse import figures
from streamlit_app import formats
from streamlit_app.figures.measure import Measure, Totals, cents, count, share

type Rows = Sequence[Mapping[str, Any]]

MEASURES = (
    Measure("revenue", "Revenue", formats.money, "What customers paid for completed order lines."),
    Measure("orders", "Orders", count, "Orders with a completed line."),
    Measure("average_order_value", "Average basket", cents, "Revenue by order."),
    Measure("conversion_rate", "Conversion", share, "The share of sessions with a purchase."),
    Measure("new_customers", "New customers", count, "Whose first order of all is of these days."),
    Measure("returning_customers", "Returning customers", count, "Who bought in these days, and before."),
)


def totals(days: Rows, buyers: Mapping[str, Any]) -> Totals:
    """The figures of a period: those of its days, and who bought in it.

    Args:
        days: a row a day, as `daily_kpis` and `category_kpis` give them.
        buyers: the row of `customers`.
    """
    return {**figures.totals(days), **buyers}


def by_day(days: Rows, period: figures.Period) -> pd.DataFrame:
    """A row for each day of a period, also where nothing was sold: day, revenue, orders, sessions, conversion_rate."""
    known = {row["day"]: row for row in days}
    found = []
    for day in pd.date_range(period.first, period.last):
        row = known.get(day.date(), {})
        visits = int(row.get("sessions", 0))
        rate = row["sessions_with_purchase"] / visits if visits else None
        sales = {"revenue": float(row.get("revenue", 0)), "orders": int(row.get("orders", 0))}
        customers = {name: int(row.get(name, 0)) for name in ("new_customers", "returning_customers")}
        found.append({"day": day, **sales, **customers, "sessions": visits, "conversion_rate": rate})
    return pd.DataFrame(found)
