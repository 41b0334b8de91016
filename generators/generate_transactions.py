"""Makes transactions as a shop would report them, by its contract: the same seed gives the same file, byte for byte.

    python generators/generate_transactions.py --rows 10000 --seed 42 --start 2026-01-01 --end 2026-01-31 \
        --output s3://<raw bucket>/landing/transactions/2026-01.csv.gz

Rows are lines of orders: the lines of an order share customer, time, payment and country. Weekends and evenings sell
more, few customers and products make most sales, some lines are refunded later. Everything is arrays; there is no loop
over rows.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if __package__ in (None, ""):  # run as a script: its folder is on the path, the checkout is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generators.output import write_csv

MAX_ROWS = 10_000_000  # ids leave seven digits to the rows of a seed
PRODUCTS = 500
DAY = 86_400  # seconds

_WEEKDAYS = np.array([0.9, 0.85, 0.9, 1.0, 1.2, 1.4, 1.3])  # Monday first
_HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 12, 11, 10, 10, 11, 13, 16, 19, 20, 17, 10, 5], dtype=float)
_COUNTRIES = {"US": 0.38, "DE": 0.17, "GB": 0.15, "FR": 0.12, "CA": 0.08, "NL": 0.06, "PL": 0.04}
_PAYMENTS = {"card": 0.62, "paypal": 0.25, "bank_transfer": 0.08, "gift_card": 0.05}
_STATES = {"completed": 0.93, "refunded": 0.045, "cancelled": 0.025}
_LINES = {1: 0.55, 2: 0.25, 3: 0.12, 4: 0.05, 5: 0.03}
_DISCOUNTS = {0: 0.85, 10: 0.09, 20: 0.05, 50: 0.01}  # per cent


def generate(rows: int, seed: int, start: date, end: date, duplicates: float = 0.0) -> pa.Table:
    """Make a table of transactions.

    Args:
        rows: how many rows in all, 1 to 10,000,000.
        seed: 0 to 99,999; files of different seeds have no ids in common.
        start: first day, UTC.
        end: last day, UTC, included.
        duplicates: share of the rows, 0 to below 0.5, that report a line a second time, as refunded and later.

    Raises:
        ValueError: an argument is outside these bounds.
    """
    if not 1 <= rows <= MAX_ROWS or not 0 <= seed <= 99_999 or end < start or not 0 <= duplicates < 0.5:
        raise ValueError("rows 1 to 10,000,000, seed 0 to 99,999, start <= end, duplicates 0 to below 0.5 are needed")
    random = np.random.default_rng(seed)
    again = int(rows * duplicates)
    first = _lines(random, rows - again, seed, start, end)
    return _with_refunds(random, first, again) if again else first


def _lines(random: np.random.Generator, rows: int, seed: int, start: date, end: date) -> pa.Table:
    order = _orders_of(random, rows)
    orders = int(order[-1]) + 1
    placed = _times(random, orders, start, end)[order]
    product = _ranked(random, PRODUCTS, rows)
    price = np.maximum(199, (random.lognormal(3.2, 0.8, PRODUCTS) * 100).astype(np.int64))[product]  # cents
    quantity = np.minimum(random.geometric(0.7, rows), 20)
    discount = price * quantity * _draw(random, _DISCOUNTS, rows).astype(np.int64) // 100
    state = _draw(random, _STATES, orders)[order]
    customer = _ranked(random, max(100, orders // 4), orders)[order] + 1
    later = np.where(state == "refunded", random.integers(DAY, 14 * DAY, rows), 0)
    base = seed * MAX_ROWS
    return pa.table(
        {
            "transaction_id": _ids("TXN-", base + np.arange(rows), 12),
            "order_id": _ids("ORD-", base + order, 12),
            "customer_id": _ids("C-", customer, 6),
            "product_id": _ids("P-", product + 1, 4),
            "quantity": pa.array(quantity, pa.int32()),
            "unit_price": _money(price, 10),
            "discount": _money(discount, 10),
            "total_amount": _money(price * quantity - discount, 12),
            "currency": pa.repeat("USD", rows),
            "payment_method": pa.array(_draw(random, _PAYMENTS, orders)[order]),
            "status": pa.array(state),
            "country": pa.array(_draw(random, _COUNTRIES, orders)[order]),
            "transaction_ts": pa.array(placed, pa.timestamp("s")),
            "updated_at": pa.array(placed + later, pa.timestamp("s")),
        }
    )


def _orders_of(random: np.random.Generator, rows: int) -> np.ndarray:
    """The order's number of each row, from 0, without gaps."""
    lines = _draw(random, _LINES, rows).astype(np.int64)
    return np.repeat(np.arange(rows), lines)[:rows]


def _times(random: np.random.Generator, count: int, start: date, end: date) -> np.ndarray:
    """Seconds since 1970 of `count` orders, in no order."""
    days = np.arange(start.toordinal(), end.toordinal() + 1)
    weight = _WEEKDAYS[(days - 1) % 7]
    day = random.choice(days - date(1970, 1, 1).toordinal(), count, p=weight / weight.sum())
    hour = random.choice(24, count, p=_HOURS / _HOURS.sum())
    return day * DAY + hour * 3600 + random.integers(0, 3600, count)


def _with_refunds(random: np.random.Generator, lines: pa.Table, again: int) -> pa.Table:
    """The lines and, mixed among them, second reports of `again` of them."""
    second = lines.take(pa.array(random.choice(len(lines), again, replace=False)))
    moved = pc.add(second["updated_at"], pa.array(random.integers(DAY, 7 * DAY, again), pa.duration("s")))
    second = second.set_column(second.schema.get_field_index("updated_at"), "updated_at", moved)
    second = second.set_column(second.schema.get_field_index("status"), "status", pa.repeat("refunded", again))
    return pa.concat_tables([lines, second]).take(pa.array(random.permutation(len(lines) + again)))


def _ranked(random: np.random.Generator, size: int, count: int) -> np.ndarray:
    """`count` numbers below `size`, low ones more often (Zipf's law, flattened at the top)."""
    weight = 1 / (np.arange(size) + 10) ** 0.9
    return random.choice(size, count, p=weight / weight.sum())


def _draw(random: np.random.Generator, shares: dict, count: int) -> np.ndarray:
    weights = np.array(list(shares.values()))
    return np.array(list(shares))[random.choice(len(shares), count, p=weights / weights.sum())]


def _ids(prefix: str, numbers: np.ndarray, digits: int) -> pa.Array:
    text = pc.utf8_lpad(pa.array(numbers, pa.int64()).cast(pa.string()), digits, padding="0")
    return pc.binary_join_element_wise(prefix, text, "")


def _money(cents: np.ndarray, precision: int) -> pa.Array:
    """Whole cents as exact decimals with two places."""
    one = pa.scalar("0.01").cast(pa.decimal128(3, 2))
    return pc.multiply(pa.array(cents, pa.int64()).cast(pa.decimal128(19, 0)), one).cast(pa.decimal128(precision, 2))


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    parser = argparse.ArgumentParser(description="Makes transactions by their contract, the same for the same seed.")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 1, 1), help="first day, UTC")
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 1, 31), help="last day, UTC, included")
    parser.add_argument("--duplicates", type=float, default=0.0, help="share of rows that report a line again")
    parser.add_argument("--format", choices=["csv"], default="csv")
    parser.add_argument("--output", required=True, help="a path or s3://bucket/key, ending in .csv or .csv.gz")
    arguments = parser.parse_args(argv)
    try:
        table = generate(arguments.rows, arguments.seed, arguments.start, arguments.end, arguments.duplicates)
    except ValueError as error:
        parser.error(str(error))
    write_csv(table, arguments.output)
    print(f"{len(table)} rows written to {arguments.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
