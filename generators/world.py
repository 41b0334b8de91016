"""The shop that all datasets tell of: one seed and a few sizes give its customers, products and orders.

Each generator computes the parts that it needs, so files agree without being read: order 17 of seed 42 is the same
order for transactions, clickstream and reviews. Orders come in blocks; each block has random streams of its own, so
that any block can be made alone, in any thread.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import count

import numpy as np

from generators.arrays import DAY, Choice, moments, ranked

MAX_ROWS = 10_000_000  # ids leave seven digits to the numbers of a seed
MAX_SIZE = 1_000_000  # customers, products
MAX_SEED = 99_999
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2199, 12, 31)
ORDER_BLOCK = 1 << 16

COUNTRIES = Choice({"US": 0.38, "DE": 0.17, "GB": 0.15, "FR": 0.12, "CA": 0.08, "NL": 0.06, "PL": 0.04})
PAYMENTS = Choice({"card": 0.62, "paypal": 0.25, "bank_transfer": 0.08, "gift_card": 0.05})
STATES = Choice({"completed": 0.93, "refunded": 0.045, "cancelled": 0.025})
COMPLETED, REFUNDED, CANCELLED = range(3)
_LINES = Choice({1: 0.55, 2: 0.25, 3: 0.12, 4: 0.05, 5: 0.03})
_QUANTITIES = Choice({1: 0.7, 2: 0.2, 3: 0.06, 4: 0.02, 5: 0.01, 6: 0.005, 10: 0.004, 12: 0.001})
_DISCOUNTS = Choice({0: 0.85, 10: 0.09, 20: 0.05, 50: 0.01})  # per cent

# Price of a category: median in dollars and spread (sigma of the logarithm); share of the catalogue.
CATEGORIES = {
    "electronics": (119.0, 0.9, 0.14),
    "home": (45.0, 0.8, 0.18),
    "fashion": (38.0, 0.6, 0.2),
    "sports": (42.0, 0.8, 0.1),
    "beauty": (18.0, 0.5, 0.1),
    "books": (14.0, 0.4, 0.12),
    "toys": (22.0, 0.6, 0.08),
    "grocery": (6.0, 0.5, 0.08),
}
_CATEGORY = Choice({name: share for name, (_, _, share) in CATEGORIES.items()})
_ENDINGS = Choice({99: 0.5, 95: 0.15, 90: 0.15, 49: 0.1, 0: 0.1})  # cents that prices end in


@dataclass(frozen=True)
class Catalogue:
    """The products, an element each: category (code), price and cost (cents), quality (0 to 1)."""

    category: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    quality: np.ndarray


@dataclass(frozen=True)
class Orders:
    """Some orders, an element each, and their lines.

    Attributes:
        number: of the order, from 0.
        lines: how many lines it has, 1 to 5.
        customer: number of the customer, from 0.
        placed: seconds since 1970.
        payment, state: codes of PAYMENTS and STATES.
        refunded_after: seconds from the order to its refund; 0 where there is none.
        product: number of each line's product, from 0; lines in the order of orders.
        quantity: pieces of each line.
        discount: per cent off each line.
    """

    number: np.ndarray
    lines: np.ndarray
    customer: np.ndarray
    placed: np.ndarray
    payment: np.ndarray
    state: np.ndarray
    refunded_after: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    discount: np.ndarray


@dataclass(frozen=True)
class Facts:
    """What other datasets say of orders, an element an order: customer, placed, state, product of the first line."""

    customer: np.ndarray
    placed: np.ndarray
    state: np.ndarray
    product: np.ndarray


@dataclass(frozen=True)
class World:
    """A shop.

    Attributes:
        seed: 0 to 99,999; different seeds have no ids in common.
        customers: how many there are, 1 to 1,000,000.
        products: how many there are, 1 to 1,000,000.
        transactions: how many order lines the dataset transactions has, 1 to 10,000,000.
        start: first day with orders, UTC.
        end: last day with orders, UTC, included.

    Raises:
        ValueError: a value is outside these bounds; the message names it.
    """

    seed: int
    customers: int
    products: int
    transactions: int
    start: date
    end: date

    def __post_init__(self) -> None:
        bounds = {
            "seed": (0, MAX_SEED),
            "customers": (1, MAX_SIZE),
            "products": (1, MAX_SIZE),
            "transactions": (1, MAX_ROWS),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"--{name} {getattr(self, name)}: {low:,} to {high:,} is needed")
        if not FIRST_DAY <= self.start <= self.end <= LAST_DAY:
            problem = f"days from {FIRST_DAY} to {LAST_DAY} are needed, the end not before the start"
            raise ValueError(f"--start {self.start} --end {self.end}: {problem}")

    def stream(self, name: str, block: int = 0) -> np.random.Generator:
        """The random stream of a name and a block: the same for the same world, unlike all others."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode()), block])

    @cached_property
    def catalogue(self) -> Catalogue:
        """All products."""
        random = self.stream("catalogue")
        category = _CATEGORY.draw(random, self.products)
        median, sigma = (np.array(column) for column in list(zip(*CATEGORIES.values(), strict=True))[:2])
        dollars = np.exp(random.normal(np.log(median[category]), sigma[category]))
        ending = np.array(_ENDINGS.labels)[_ENDINGS.draw(random, self.products)]
        price = np.clip(dollars.astype(np.int64) * 100 + ending, 149, 2_000_000)
        cost = (price * random.uniform(0.35, 0.85, self.products)).astype(np.int64)
        return Catalogue(category, price, cost, random.beta(5, 2, self.products))

    @cached_property
    def country(self) -> np.ndarray:
        """Where each customer lives: codes of COUNTRIES."""
        return COUNTRIES.draw(self.stream("countries"), self.customers)

    @cached_property
    def known_orders(self) -> int:
        """How many orders the other datasets may name: those of the first half of the lines, at least 1.

        Only half, because up to half of the rows of a file of transactions may be repeats of others.
        """
        left = (self.transactions + 1) // 2
        for block in count():
            lines = lines_of(self, block)
            if left <= lines.sum():
                return block * ORDER_BLOCK + int(np.searchsorted(np.cumsum(lines), left)) + 1
            left -= int(lines.sum())
        raise AssertionError  # count() has no end

    def facts(self, numbers: np.ndarray) -> Facts:
        """What is known of the orders of these numbers."""
        blocks = numbers // ORDER_BLOCK
        found = {name: np.empty(len(numbers), np.int64) for name in ("customer", "placed", "state", "product")}
        for block in np.unique(blocks):
            here, orders = blocks == block, orders_of(self, int(block))
            at = numbers[here] % ORDER_BLOCK
            first = np.cumsum(orders.lines) - orders.lines
            for name in ("customer", "placed", "state"):
                found[name][here] = getattr(orders, name)[at]
            found["product"][here] = orders.product[first[at]]
        return Facts(**found)


def lines_of(world: World, block: int) -> np.ndarray:
    """How many lines each order of a block has."""
    return _LINES.draw(world.stream("lines", block), ORDER_BLOCK).astype(np.int64) + 1


@lru_cache(maxsize=4)
def orders_of(world: World, block: int) -> Orders:
    """A block of orders."""
    random, lines = world.stream("orders", block), lines_of(world, block)
    rows = int(lines.sum())
    state = STATES.draw(random, ORDER_BLOCK)
    days_later = random.integers(DAY, 14 * DAY, ORDER_BLOCK)
    return Orders(
        number=block * ORDER_BLOCK + np.arange(ORDER_BLOCK),
        lines=lines,
        customer=ranked(random, world.customers, ORDER_BLOCK),
        placed=moments(random, ORDER_BLOCK, world.start, world.end),
        payment=PAYMENTS.draw(random, ORDER_BLOCK),
        state=state,
        refunded_after=np.where(state == REFUNDED, days_later, 0),
        product=ranked(random, world.products, rows),
        quantity=np.array(_QUANTITIES.labels)[_QUANTITIES.draw(random, rows)],
        discount=np.array(_DISCOUNTS.labels)[_DISCOUNTS.draw(random, rows)],
    )


def blocks_of_lines(world: World, rows: int) -> Iterator[tuple[int, int, int]]:
    """The blocks that hold the first `rows` lines: number of the block, of its first line, and lines to take."""
    line = 0
    for block in count():
        if line >= rows:
            return
        taken = min(int(lines_of(world, block).sum()), rows - line)
        yield block, line, taken
        line += taken
