"""The key figures, worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.figures import Period
from streamlit_app.charts import overview as charts
from streamlit_app.figures import overview
from streamlit_app.figures.measure import compared

PERIOD = Period(date(2026, 1, 1), date(2026, 1, 3))


def day(number: int, revenue: str, orders: int, sessions: int = 4, bought: int = 1) -> dict[str, Any]:
    return {
        "day": date(2026, 1, number),
        "revenue": Decimal(revenue),
        "orders": orders,
        "units": orders,
        "new_customers": 1,
        "returning_customers": 2,
        "refunded_amount": Decimal("0.00"),
        "sessions": sessions,
        "sessions_with_purchase": bought,
    }


def buyers(new: int, returning: int) -> dict[str, int]:
    return {"customers": new + returning, "new_customers": new, "returning_customers": returning}


def test_tiles_say_what_is_and_what_was() -> None:
    now = overview.totals([day(1, "1000.50", 3), day(3, "234.00", 1)], buyers(2, 3))
    before = overview.totals([day(1, "2469.00", 4)], buyers(4, 3))
    tiles = {
        tile.label: (tile.value, tile.change, tile.before) for tile in compared(overview.MEASURES, now, before, "USD")
    }
    assert tiles == {
        "Revenue": ("$1,235", "-50.0 %", "$2,469"),
        "Orders": ("4", "+0.0 %", "4"),
        "Average basket": ("$308.63", "-50.0 %", "$617.25"),
        "Conversion": ("25.0 %", "+0.0 %", "25.0 %"),
        "New customers": ("2", "-50.0 %", "4"),
        "Returning customers": ("3", "+0.0 %", "3"),
    }


def test_without_a_period_before_nothing_is_compared() -> None:
    nothing = overview.totals([], buyers(0, 0))
    tiles = compared(overview.MEASURES, overview.totals([day(1, "10.00", 1)], buyers(1, 0)), nothing, "USD")
    assert {tile.change for tile in tiles} == {None}


def test_a_day_without_sales_is_a_day_of_zero() -> None:
    frame = overview.by_day([day(1, "10.00", 1), day(3, "5.00", 1, 0, 0)], PERIOD)
    assert frame["revenue"].tolist() == [10.0, 0.0, 5.0]
    assert frame["conversion_rate"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("rows", [[], [day(2, "1.00", 1)]])
def test_charts_are_drawn_of_any_days(rows: list[dict[str, Any]]) -> None:
    now = overview.by_day(rows, PERIOD)
    before = overview.by_day([], PERIOD.before())
    drawn = [
        charts.revenue(now, before, "USD"),
        charts.revenue(now, None, "USD"),
        charts.customers(now),
        charts.conversion(now),
    ]
    assert all(chart.to_dict()["config"] for chart in drawn)
