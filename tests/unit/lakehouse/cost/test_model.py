"""Bills: what the total is of, and what a day is made of."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.cost import PRICES, Day, Quantity, bill, per_day

amounts = st.decimals(0, 10**9, places=6)
quantities = st.lists(st.builds(Quantity, st.sampled_from(sorted(PRICES)), st.none() | amounts), max_size=12)


def test_a_bill_by_hand() -> None:
    found = bill(
        [
            Quantity("s3.get", Decimal(2500)),
            Quantity("states.transition", Decimal(40)),
            Quantity("glue.dpu_second", Decimal(3600), "one job run"),
            Quantity("kms.request", None, "nobody knows"),
        ]
    )
    assert [(line.quantity.item, line.usd) for line in found.lines] == [
        ("glue.dpu_second", Decimal("0.44")),
        ("states.transition", Decimal("0.001")),
        ("s3.get", Decimal("0.001")),
        ("kms.request", None),
    ]
    assert found.total == Decimal("0.442")
    assert [line.quantity.note for line in found.unknown] == ["nobody knows"]


def test_an_item_without_a_price_is_an_error() -> None:
    with pytest.raises(KeyError, match="quantum"):
        bill([Quantity("quantum.qubit", Decimal(1))])


@given(quantities)
def test_the_total_is_of_what_is_known(used: list[Quantity]) -> None:
    found = bill(used)
    assert len(found.lines) == len(used)
    known = [one for one in used if one.amount is not None]
    assert len(found.unknown) == len(used) - len(known)
    expected = sum(
        (one.amount * PRICES[one.item].usd / PRICES[one.item].per for one in known if one.amount is not None),
        Decimal(0),
    )
    assert abs(found.total - expected) < Decimal("0.000001")


@given(quantities, st.integers(0, 200))
def test_a_day_is_as_many_runs(used: list[Quantity], runs: int) -> None:
    day = bill(per_day(used, Day(runs, Decimal(0))))
    assert abs(day.total - runs * bill(used).total) < Decimal("0.001")
    assert len(day.unknown) == len(bill(used).unknown)


def test_what_is_paid_by_the_month_is_a_twelfth_of_a_year() -> None:
    day = bill(per_day([], Day(0, Decimal(100), {"kms.key_month": 1, "cloudwatch.alarm_month": 10})))
    month = Decimal("2.30") + 1 + 1
    assert {line.quantity.item for line in day.lines} == {"s3.gb_month", "kms.key_month", "cloudwatch.alarm_month"}
    assert abs(day.total * 365 - month * 12) < Decimal("0.0001")


def test_every_price_says_where_it_is_from() -> None:
    for item, price in PRICES.items():
        assert price.usd > 0, item
        assert price.per >= 1, item
        assert price.source.lower().endswith("pricing"), item
        assert price.unit.endswith("-months") == item.endswith("_month"), item
