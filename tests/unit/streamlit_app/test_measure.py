"""Tiles of key figures, against the period before and without one."""

from decimal import Decimal

from streamlit_app.figures.measure import Measure, cents, compared, count, share

MEASURES = (
    Measure("orders", "Orders", count, "How many."),
    Measure("rate", "Rate", share, "Of all."),
    Measure("basket", "Basket", cents, "By order."),
)
NOW = {"orders": 1200, "rate": 0.25, "basket": Decimal("2.345")}


def test_a_figure_stands_beside_that_before() -> None:
    tiles = compared(MEASURES, NOW, {"orders": 1000, "rate": 0.5, "basket": None}, "EUR")
    assert [(tile.label, tile.value, tile.change, tile.before, tile.help) for tile in tiles] == [
        ("Orders", "1,200", "+20.0 %", "1,000", "How many."),
        ("Rate", "25.0 %", "-50.0 %", "50.0 %", "Of all."),
        ("Basket", "€2.35", None, "–", "By order."),
    ]


def test_a_figure_may_stand_alone() -> None:
    assert [(tile.value, tile.change, tile.before) for tile in compared(MEASURES, NOW, None, "EUR")] == [
        ("1,200", None, None),
        ("25.0 %", None, None),
        ("€2.35", None, None),
    ]
