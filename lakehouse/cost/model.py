"""From what was used to what it costs: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lakehouse.cost.prices import PRICES, Price

DAYS_OF_A_MONTH = Decimal(365) / 12


@dataclass(frozen=True)
class Quantity:
    """How much of something was used.

    Attributes:
        item: a key of `PRICES`.
        amount: in the price's unit; None where no API tells.
        note: what it is of, or why it is not known.
    """

    item: str
    amount: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a bill.

    Attributes:
        quantity: what was used.
        price: what that costs.
    """

    quantity: Quantity
    price: Price

    @property
    def usd(self) -> Decimal | None:
        """The line's price, not rounded; None where the amount is not known."""
        return None if self.quantity.amount is None else self.price.of(self.quantity.amount)


@dataclass(frozen=True)
class Bill:
    """What something costs.

    Attributes:
        lines: one for each quantity, in the order of the price table.
    """

    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the lines whose amounts are known, in USD, not rounded."""
        return sum((line.usd for line in self.lines if line.usd is not None), Decimal(0))

    @property
    def unknown(self) -> tuple[Line, ...]:
        """The lines whose amounts are not known: the total is without them."""
        return tuple(line for line in self.lines if line.usd is None)


def bill(quantities: Iterable[Quantity]) -> Bill:
    """The bill for what was used.

    Raises:
        KeyError: an item has no price.
    """
    order = {item: place for place, item in enumerate(PRICES)}
    kept = sorted(quantities, key=lambda one: (order[one.item], one.amount is None))
    return Bill(tuple(Line(one, PRICES[one.item]) for one in kept))


@dataclass(frozen=True)
class Day:
    """What an environment does in a day.

    Attributes:
        runs: runs of the pipeline.
        stored_gb: what lies in S3, old versions included.
        kept: what is paid by the month whether or not something runs: item (`…_month`) → how many.
    """

    runs: int
    stored_gb: Decimal
    kept: Mapping[str, int] = field(default_factory=dict)


def per_day(run: Iterable[Quantity], day: Day) -> list[Quantity]:
    """What an environment uses in a day.

    Args:
        run: what one run uses.
        day: how often it runs, and what is there all day.

    Returns:
        quantities for `bill`; an amount that is not known stays so.
    """
    used = [
        Quantity(one.item, None if one.amount is None else one.amount * day.runs, one.note)
        for one in run
        if day.runs or one.amount is None
    ]
    monthly = {"s3.gb_month": day.stored_gb, **{item: Decimal(number) for item, number in day.kept.items()}}
    return used + [Quantity(item, amount / DAYS_OF_A_MONTH) for item, amount in monthly.items() if amount]
