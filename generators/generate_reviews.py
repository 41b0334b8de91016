"""Makes reviews of a shop's products by their contract: the same arguments give the same file.

    python generators/generate_reviews.py --rows 1000 --seed 42 --output s3://<raw bucket>/landing/reviews/2026-01.csv

Each review belongs to an order. Three in four are about a product of it and say so (verified); the others come from the
same customers and are about any product. Ratings have the shape of a J: many fives, ones before twos; products differ,
and whoever sent something back is angry. Reviews are written days after the order, so the last ones after `--end`.
"""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if __package__ in (None, ""):  # run as a script: its folder is on the path, the checkout is not
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generators import cli
from generators.arrays import DAY, Choice, ids, labelled, ranked, timestamps, where
from generators.dataset import Chunk, Dataset, Dirt, Late
from generators.defects import moved, replaced
from generators.vocabulary import CLOSINGS, DETAILS, OPENINGS, TITLES, stories
from generators.world import CANCELLED, CATEGORIES, MAX_ROWS, REFUNDED, World

SCHEMA = pa.schema(
    {
        "review_id": pa.string(),
        "product_id": pa.string(),
        "customer_id": pa.string(),
        "order_id": pa.string(),
        "rating": pa.int32(),
        "title": pa.string(),
        "body": pa.string(),
        "verified": pa.bool_(),
        "helpful_votes": pa.int32(),
        "review_ts": pa.timestamp("s"),
        "updated_at": pa.timestamp("s"),
    }
)
ROWS = 1000
_CHUNK = 1 << 16
_CONTENT = Choice({1: 0.08, 2: 0.05, 3: 0.08, 4: 0.21, 5: 0.58})
_ANGRY = Choice({1: 0.5, 2: 0.22, 3: 0.16, 4: 0.08, 5: 0.04})
_MOOD = np.array([0, 0, 0, 1, 2, 2])  # by rating
_NOTICED = [noticed for name in CATEGORIES for noticed in DETAILS[name]]  # unhappy, happy; by category


def chunks(world: World, rows: int) -> Iterator[Chunk]:
    """The first `rows` reviews of a world."""
    for first in range(0, rows, _CHUNK):
        taken = min(_CHUNK, rows - first)
        yield Chunk(taken, partial(_first_reviews, world, first, taken))


def _first_reviews(world: World, first: int, rows: int) -> pa.Table:
    return _reviews(world, first).slice(0, rows)  # a shorter file has the same reviews


def _reviews(world: World, first: int) -> pa.Table:
    random = world.stream("reviews", first // _CHUNK)
    number = first + np.arange(_CHUNK)
    order = number % world.known_orders
    facts = world.facts(order)
    # One verified review an order, and none of what never came.
    verified = (random.random(_CHUNK) < 0.75) & (number < world.known_orders) & (facts.state != CANCELLED)
    product = np.where(verified, facts.product, ranked(random, world.products, _CHUNK))
    rating = _rating(random, world.catalogue.quality[product], verified & (facts.state == REFUNDED))
    mood = _MOOD[rating]
    written = facts.placed + 2 * DAY + (random.gamma(2.0, 4.0, _CHUNK) * DAY).astype(np.int64)
    edited = np.where(random.random(_CHUNK) < 0.03, random.integers(3600, 5 * DAY, _CHUNK), 0)
    wordy = random.random(_CHUNK)
    return pa.table(
        {
            "review_id": ids("REV-", world.seed, number),
            "product_id": ids("P-", world.seed, product),
            "customer_id": ids("C-", world.seed, facts.customer),
            "order_id": where(verified, ids("ORD-", world.seed, order)),
            "rating": pa.array(rating, pa.int32()),
            "title": where(wordy < 0.85, _one_of(random, TITLES, mood)),
            "body": where(wordy < 0.75, _bodies(random, world, mood, world.catalogue.category[product])),
            "verified": pa.array(verified),
            "helpful_votes": pa.array(np.minimum(random.pareto(1.6, _CHUNK), 5000).astype(np.int32)),
            "review_ts": timestamps(written),
            "updated_at": timestamps(written + edited),
        },
        schema=SCHEMA,
    )


def _rating(random: np.random.Generator, quality: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """Stars, 1 to 5: from two moods of a customer, the worse one likelier for poor products and after returns."""
    angry = random.random(len(quality)) < np.where(returned, 0.85, (1 - quality) * 0.25)
    return np.where(angry, _ANGRY.draw(random, len(quality)), _CONTENT.draw(random, len(quality))).astype(int) + 1


def _one_of(random: np.random.Generator, groups: tuple, group: np.ndarray) -> pa.Array:
    """A text from the group that each row names."""
    sizes = np.array([len(texts) for texts in groups])
    first = np.cumsum(sizes) - sizes
    return labelled(
        [text for texts in groups for text in texts],
        first[group] + random.integers(0, 1 << 30, len(group)) % sizes[group],
    )


def _bodies(random: np.random.Generator, world: World, mood: np.ndarray, category: np.ndarray) -> pa.Array:
    """Texts in the mood, about things of the category; some with a story."""
    happy = np.where(mood == 1, random.integers(0, 2, len(mood)), mood // 2)
    told = stories(world.seed)
    story = random.integers(0, 2 * len(told), len(mood))
    parts = (
        _one_of(random, OPENINGS, mood),
        _one_of(random, tuple(_NOTICED), category.astype(int) * 2 + happy),
        labelled([*told, *([None] * len(told))], story),
        _one_of(random, CLOSINGS, mood),
    )
    return pc.binary_join_element_wise(*parts, " ", null_handling="skip")


def _edited(random: np.random.Generator, rows: pa.Table) -> pa.Table:
    """Later reports of reviews: more votes, one to ten days later."""
    votes = pc.add(rows["helpful_votes"], pa.array(random.integers(1, 20, len(rows)), pa.int32()))
    return moved(replaced(rows, "helpful_votes", votes), "updated_at", random.integers(DAY, 10 * DAY, len(rows)))


DATASET = Dataset(
    name="reviews",
    description="what customers write about products",
    schema=SCHEMA,
    rows=lambda _: ROWS,
    most=lambda _: MAX_ROWS,
    chunks=chunks,
    dirt=Dirt(
        missing=("rating", "customer_id", "product_id", "verified", "review_ts"),
        cells={
            "wrong_type": {
                "rating": ("five", "4.5", "*****"),
                "helpful_votes": ("a lot", "1e2"),
                "verified": ("perhaps", "unsure"),
                "review_ts": ("04.02.2026 20:15", "2026-02-31 10:00:00"),
            },
            "wrong_pattern": {
                "review_id": ("rev-000001", "REVIEW 1"),
                "customer_id": ("anonymous", "17"),
                "product_id": ("SKU-42",),
            },
            "out_of_range": {"rating": ("0", "6", "10"), "helpful_votes": ("-1", "1000001")},
        },
        orphans={"order_id": "ORD-", "product_id": "P-"},
        late=Late(("review_ts", "updated_at"), (-400, -40)),
        again=_edited,
    ),
)


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    cli.run(DATASET, argv)


if __name__ == "__main__":
    main()
