"""Makes the catalogue of a shop by its contract: the same arguments give the same file.

    python generators/generate_products.py --seed 42 --output s3://<raw bucket>/landing/products/2026-01.csv

A row is a product. Prices follow the category (lognormal) and end as prices do; they cover the cost. Only a later
report (a defect of the kind second_report) has another price, which may be a sale below the cost.
"""

import sys
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if __package__ in (None, ""):  # run as a script: its folder is on the path, the checkout is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generators import cli
from generators.arrays import DAY, decimals, ids, labelled, timestamps, where
from generators.dataset import Chunk, Dataset, Dirt, Late
from generators.defects import moved, replaced
from generators.vocabulary import SHELVES, STYLES, words
from generators.world import CATEGORIES, World

SCHEMA = pa.schema(
    {
        "product_id": pa.string(),
        "name": pa.string(),
        "category": pa.string(),
        "subcategory": pa.string(),
        "brand": pa.string(),
        "price": pa.decimal128(10, 2),
        "cost": pa.decimal128(10, 2),
        "currency": pa.string(),
        "weight_kg": pa.decimal128(8, 3),
        "active": pa.bool_(),
        "listed_at": pa.timestamp("s"),
        "updated_at": pa.timestamp("s"),
    }
)
_ROWS = 1 << 16  # a chunk
_NOUNS = [(shelf, noun) for shelves in SHELVES.values() for shelf, nouns in shelves.items() for noun in nouns]
_NOUNS_OF = np.array([sum(map(len, shelves.values())) for shelves in SHELVES.values()])  # by category
_FIRST_NOUN = np.cumsum(_NOUNS_OF) - _NOUNS_OF
# Median weight in grams, by category.
_WEIGHT = np.array([900, 1800, 600, 1500, 250, 450, 700, 400])


def chunks(world: World, rows: int) -> Iterator[Chunk]:
    """The first `rows` products of a world."""
    for first in range(0, rows, _ROWS):
        taken = min(_ROWS, rows - first)
        yield Chunk(taken, partial(_products, world, first, taken))


def _products(world: World, first: int, rows: int) -> pa.Table:
    random, known = world.stream("products", first // _ROWS), words(world.seed)
    catalogue, here = world.catalogue, slice(first, first + rows)
    category = catalogue.category[here]
    # Drawn for a whole chunk, so that a shorter file has the same products.
    noun = _FIRST_NOUN[category] + random.integers(0, 1 << 30, _ROWS)[:rows] % _NOUNS_OF[category]
    brand = random.integers(0, len(known.brands), _ROWS)[:rows]
    style = random.integers(0, len(STYLES), _ROWS)[:rows]
    branded = random.random(_ROWS)[:rows] < 0.93
    weight = _WEIGHT[category] * np.exp(random.normal(0, 0.5, _ROWS)[:rows])
    age = random.integers(DAY, 900 * DAY, _ROWS)[:rows]
    opening = (world.start - date(1970, 1, 1)).days * DAY
    updated = opening - np.minimum(age, random.integers(0, 30 * DAY, _ROWS)[:rows])
    brands, nouns = labelled(known.brands, brand), labelled([name for _, name in _NOUNS], noun)
    full = pc.binary_join_element_wise(brands, labelled(list(STYLES), style), nouns, " ")
    plain = pc.binary_join_element_wise(labelled(list(STYLES), style), nouns, " ")
    return pa.table(
        {
            "product_id": ids("P-", world.seed, first + np.arange(rows)),
            "name": pc.if_else(pa.array(branded), full, plain),
            "category": labelled(list(CATEGORIES), category),
            "subcategory": labelled([shelf for shelf, _ in _NOUNS], noun),
            "brand": where(branded, brands),
            "price": decimals(catalogue.price[here], 10),
            "cost": decimals(catalogue.cost[here], 10),
            "currency": pa.repeat("USD", rows),
            "weight_kg": where(random.random(_ROWS)[:rows] < 0.95, decimals(weight.astype(np.int64) + 20, 8, 3)),
            "active": pa.array(random.random(_ROWS)[:rows] < 0.96),
            "listed_at": timestamps(opening - age),
            "updated_at": timestamps(updated),
        },
        schema=SCHEMA,
    )


def _repriced(random: np.random.Generator, rows: pa.Table) -> pa.Table:
    """Later reports of products: another price, up to 30 days later."""
    cents = pc.multiply(rows["price"], pa.scalar(100)).cast(pa.int64()).to_numpy()
    price = decimals(np.clip(cents * random.uniform(0.6, 1.3, len(rows)), 99, 9_999_999).astype(np.int64), 10)
    return moved(replaced(rows, "price", price), "updated_at", random.integers(DAY, 30 * DAY, len(rows)))


DATASET = Dataset(
    name="products",
    description="the catalogue, a product a row",
    schema=SCHEMA,
    rows=lambda world: world.products,
    most=lambda world: world.products,
    chunks=chunks,
    dirt=Dirt(
        missing=("name", "price", "category", "updated_at", "product_id"),
        cells={
            "wrong_type": {
                "price": ("19,90", "free", "9.999"),
                "active": ("maybe", "perhaps"),
                "weight_kg": ("heavy", "1.2 kg"),
                "updated_at": ("15.01.2026", "2026-13-01 08:00:00"),
            },
            "wrong_pattern": {"product_id": ("p-0042", "SKU 42", "P-1"), "subcategory": ("Desk Lamps", "9lives")},
            "not_allowed": {"category": ("gadgets", "Home"), "currency": ("EUR", "usd")},
            "out_of_range": {"price": ("0.00", "-5.00", "100000.01"), "cost": ("-0.01",), "weight_kg": ("1000.001",)},
        },
        orphans={},
        late=Late(("listed_at", "updated_at"), (-400, -40)),
        again=_repriced,
    ),
)


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    cli.run(DATASET, argv)


if __name__ == "__main__":
    main()
