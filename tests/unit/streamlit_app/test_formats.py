"""Figures as people write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from streamlit_app import formats

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "cents", "text"),
    [
        (Decimal("1234.50"), "USD", False, "$1,235"),
        (Decimal("0.5"), "USD", False, "$1"),
        (Decimal("-1234.49"), "EUR", False, "-€1,234"),
        (Decimal(7), "USD", True, "$7.00"),
        (Decimal(1000), "CHF", False, "1,000 CHF"),
        (None, "USD", False, "–"),
    ],
)
def test_money(amount: Decimal | None, currency: str, cents: bool, text: str) -> None:
    assert formats.money(amount, currency, cents) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(110, 100, "+10.0 %"), (50.0, 100, "-50.0 %"), (1, 0, None), (1, None, None), (None, 1, None), (0, 4, "-100.0 %")],
)
def test_change(now: float | None, before: float | None, text: str | None) -> None:
    assert formats.change(now, before) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (2.5e15, "2.5 PB")]
)
def test_size(count: float, text: str) -> None:
    assert formats.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.85, "850 ms"), (12.34, "12.3 s"), (245, "4 min 5 s"), (7380, "2 h 3 min"), (None, "–")]
)
def test_seconds(value: float | None, text: str) -> None:
    assert formats.seconds(value) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=61), "1 h ago"),
        (timedelta(days=2, hours=5), "2 d ago"),
    ],
)
def test_ago(passed: timedelta, text: str) -> None:
    assert formats.ago(NOW - passed, NOW) == text
    assert formats.ago((NOW - passed).replace(tzinfo=None), NOW) == text, "a moment without a zone is UTC"


def test_shares_and_counts() -> None:
    assert (formats.percent(0.0249), formats.percent(None), formats.number(1234), formats.number(None)) == (
        "2.5 %",
        "–",
        "1,234",
        "–",
    )
