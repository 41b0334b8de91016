"""Makes transactions as a shop would report them, by their contract: the same arguments give the same file.

    python generators/generate_transactions.py --rows 10000 --seed 42 --start 2026-01-01 --end 2026-01-31 \
        --output s3://<raw bucket>/landing/transactions/2026-01.csv.gz

Rows are lines of orders: the lines of an order share customer, time, payment and country. Weekends and evenings sell
more, few customers and products make most sales, some lines are refunded later.
"""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

if __package__ in (None, ""):  # run as a script: its folder is on the path, the checkout is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generators import cli
from generators.arrays import DAY, decimals, ids, timestamps
from generators.dataset import Chunk, Dataset, Dirt, Late
from generators.defects import moved, replaced
from generators.world import COUNTRIES, MAX_ROWS, PAYMENTS, STATES, World, blocks_of_lines, orders_of

SCHEMA = pa.schema(
    {
        "transaction_id": pa.string(),
        "order_id": pa.string(),
        "customer_id": pa.string(),
        "product_id": pa.string(),
        "quantity": pa.int32(),
        "unit_price": pa.decimal128(10, 2),
        "discount": pa.decimal128(10, 2),
        "total_amount": pa.decimal128(12, 2),
        "currency": pa.string(),
        "payment_method": pa.string(),
        "status": pa.string(),
        "country": pa.string(),
        "transaction_ts": pa.timestamp("s"),
        "updated_at": pa.timestamp("s"),
    }
)


def chunks(world: World, rows: int) -> Iterator[Chunk]:
    """The first `rows` lines of a world's orders."""
    for block, line, taken in blocks_of_lines(world, rows):
        yield Chunk(taken, partial(_lines, world, block, line, taken))


def _lines(world: World, block: int, first: int, rows: int) -> pa.Table:
    """The first `rows` lines of a block; `first` is the number of its first line."""
    orders = orders_of(world, block)
    order = np.repeat(np.arange(len(orders.lines)), orders.lines)[:rows]
    product, quantity = orders.product[:rows], orders.quantity[:rows]
    price = world.catalogue.price[product]  # cents
    discount = price * quantity * orders.discount[:rows] // 100
    spread = pa.array(order)
    return pa.table(
        {
            "transaction_id": ids("TXN-", world.seed, first + np.arange(rows)),
            "order_id": ids("ORD-", world.seed, orders.number).take(spread),
            "customer_id": ids("C-", world.seed, orders.customer).take(spread),
            "product_id": ids("P-", world.seed, product),
            "quantity": pa.array(quantity, pa.int32()),
            "unit_price": decimals(price, 10),
            "discount": decimals(discount, 10),
            "total_amount": decimals(price * quantity - discount, 12),
            "currency": pa.repeat("USD", rows),
            "payment_method": PAYMENTS.text(orders.payment[order]),
            "status": STATES.text(orders.state[order]),
            "country": COUNTRIES.text(world.country[orders.customer][order]),
            "transaction_ts": timestamps(orders.placed[order]),
            "updated_at": timestamps((orders.placed + orders.refunded_after)[order]),
        },
        schema=SCHEMA,
    )


def _refunded(random: np.random.Generator, rows: pa.Table) -> pa.Table:
    """Second reports of lines: refunded, one to seven days later."""
    again = replaced(rows, "status", pa.repeat("refunded", len(rows)))
    return moved(again, "updated_at", random.integers(DAY, 7 * DAY, len(rows)))


DATASET = Dataset(
    name="transactions",
    description="order lines",
    schema=SCHEMA,
    rows=lambda world: world.transactions,
    most=lambda _: MAX_ROWS,
    chunks=chunks,
    dirt=Dirt(
        missing=("customer_id", "quantity", "total_amount", "status", "transaction_ts", "order_id", "updated_at"),
        cells={
            "wrong_type": {
                "quantity": ("many", "1.5", "two"),
                "total_amount": ("12,50", "1.005", "$19.90"),
                "transaction_ts": ("31.01.2026 18:04", "2026-02-30 10:00:00", "yesterday"),
                "unit_price": ("n/a", "1e3"),
            },
            "wrong_pattern": {
                "transaction_id": ("txn-000001", "TXN 000001"),
                "customer_id": ("customer 17", "17"),
                "country": ("Germany", "us"),
                "product_id": ("SKU-42", "P-4"),
            },
            "not_allowed": {
                "status": ("lost", "COMPLETED"),
                "payment_method": ("cash", "credit card"),
                "currency": ("EUR", "usd"),
            },
            "out_of_range": {
                "quantity": ("0", "-3", "1000000"),
                "unit_price": ("-19.90",),
                "total_amount": ("-0.01",),
            },
        },
        orphans={"product_id": "P-"},
        late=Late(("transaction_ts", "updated_at"), (-400, -40)),
        again=_refunded,
    ),
)


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    cli.run(DATASET, argv)


if __name__ == "__main__":
    main()
