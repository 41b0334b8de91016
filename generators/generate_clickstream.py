"""Makes the events of visitors to a shop by their contract: the same arguments give the same file.

    python generators/generate_clickstream.py --rows 5000 --seed 42 \
        --output s3://<raw bucket>/landing/clickstream/2026-01.csv.gz

Rows are events of sessions, session after session. Sessions go down the funnel (page_view, product_view, add_to_cart,
checkout, purchase) as far as device and source let them; a purchase names an order of the dataset transactions, with
its customer and at its time. Between events of a session there are less than 30 minutes, between sessions of a
visitor more.
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
from generators.arrays import Choice, ids, labelled, ranked, timestamps, where
from generators.dataset import Chunk, Dataset, Dirt, Late
from generators.defects import moved
from generators.sessions import CART, DEVICES, PURCHASE, SOURCES, STEPS, VIEW, Sessions, blocks, visits
from generators.world import CATEGORIES, MAX_ROWS, World

SCHEMA = pa.schema(
    {
        "event_id": pa.string(),
        "visitor_id": pa.string(),
        "customer_id": pa.string(),
        "event_ts": pa.timestamp("s"),
        "event_type": pa.string(),
        "page": pa.string(),
        "product_id": pa.string(),
        "order_id": pa.string(),
        "device": pa.string(),
        "source": pa.string(),
        "campaign": pa.string(),
        "received_at": pa.timestamp("s"),
    }
)
ROWS = 5000
EVENT_DIGITS = 9
_PAGES = Choice(
    {"/": 0.4, "/search": 0.2, "/sale": 0.1, "/help": 0.04} | {f"/category/{name}": 0.03 for name in CATEGORIES}
)
_STEP_PAGES = [None, None, None, "/checkout", "/order/confirmed"]
_CAMPAIGNS = ("winter-sale", "new-arrivals", "brand-search", "newsletter", "bring-a-friend", "clearance")
_WITHOUT_CAMPAIGN = [SOURCES.labels.index(name) for name in ("direct", "organic")]
_MOBILE = DEVICES.labels.index("mobile")


def chunks(world: World, rows: int) -> Iterator[Chunk]:
    """The first `rows` events of a world's sessions."""
    event = 0
    for sessions in blocks(world):
        taken = min(int(sessions.events.sum()), rows - event)
        yield Chunk(taken, partial(_first_events, world, sessions, event, taken))
        event += taken
        if event == rows:
            return


def _first_events(world: World, sessions: Sessions, first: int, rows: int) -> pa.Table:
    return _events(world, sessions, first).slice(0, rows)  # a shorter file has the same events


def _events(world: World, sessions: Sessions, first: int) -> pa.Table:
    random = world.stream("events", int(sessions.number[0]))
    seen = visits(world, random, sessions)
    steps = sessions.events.ravel()
    step = np.repeat(np.tile(np.arange(len(STEPS)), len(sessions.number)), steps)
    session = np.repeat(np.arange(len(sessions.number)), sessions.events.sum(axis=1))
    rows, spread = len(step), pa.array(session)
    place = np.arange(rows) - np.repeat(np.cumsum(steps) - steps, steps)  # among the events of its step and session
    # The product that is bought is looked at last and put into the cart first; others are looked at before.
    main = (
        (step == PURCHASE)
        | ((step == CART) & (place == 0))
        | ((step == VIEW) & (place + 1 == sessions.events[session, VIEW]))
    )
    product = np.where(main, seen.product[session], ranked(random, world.products, rows))
    products = where((step == VIEW) | (step == CART) | (step == PURCHASE), ids("P-", world.seed, product))
    customer = where(seen.customer >= 0, ids("C-", world.seed, np.maximum(seen.customer, 0)))
    order = where(step == PURCHASE, ids("ORD-", world.seed, np.maximum(sessions.order, 0)).take(spread))
    campaign = labelled(list(_CAMPAIGNS), random.integers(0, len(_CAMPAIGNS), len(sessions.number)))
    campaign = where(~np.isin(sessions.source, _WITHOUT_CAMPAIGN), campaign)
    return pa.table(
        {
            "event_id": ids("EVT-", world.seed, first + np.arange(rows), EVENT_DIGITS),
            "visitor_id": ids("V-", world.seed, seen.visitor).take(spread),
            "customer_id": customer.take(spread),
            "event_ts": timestamps(seen.moments),
            "event_type": labelled(list(STEPS), step),
            "page": _pages(random, step, products),
            "product_id": products,
            "order_id": order,
            "device": DEVICES.text(sessions.device).take(spread),
            "source": SOURCES.text(sessions.source).take(spread),
            "campaign": campaign.take(spread),
            "received_at": timestamps(seen.moments + _delay(random, sessions.device[session] == _MOBILE)),
        },
        schema=SCHEMA,
    )


def _pages(random: np.random.Generator, step: np.ndarray, products: pa.Array) -> pa.Array:
    general = _PAGES.text(_PAGES.draw(random, len(step)))
    own = labelled(_STEP_PAGES, step)
    about = where((step == VIEW) | (step == CART), pc.binary_join_element_wise("/product/", products, ""))
    return pc.coalesce(own, about, general)


def _delay(random: np.random.Generator, mobile: np.ndarray) -> np.ndarray:
    """Seconds until an event is received: a few, or hours for a telephone that was offline."""
    offline = mobile & (random.random(len(mobile)) < 0.01)
    return np.where(offline, random.integers(600, 10 * 3600, len(mobile)), random.integers(0, 4, len(mobile)))


def _received_again(random: np.random.Generator, rows: pa.Table) -> pa.Table:
    """Second reports of events: the tracker sent them again, up to an hour later."""
    return moved(rows, "received_at", random.integers(1, 3600, len(rows)))


DATASET = Dataset(
    name="clickstream",
    description="what visitors do, an event a row",
    schema=SCHEMA,
    rows=lambda _: ROWS,
    most=lambda _: MAX_ROWS,
    chunks=chunks,
    dirt=Dirt(
        missing=("visitor_id", "event_ts", "page", "event_id", "received_at", "device"),
        cells={
            "wrong_type": {
                "event_ts": ("31.01.2026 18:04", "1769882661", "2026-02-30 10:00:00"),
                "received_at": ("soon", "2026-01-31"),
            },
            "wrong_pattern": {
                "visitor_id": ("anonymous", "V-17"),
                "page": ("product/42", "http://shop.example/"),
                "event_id": ("evt-000001",),
                "campaign": ("Winter Sale", "winter_sale"),
            },
            "not_allowed": {
                "event_type": ("click", "PURCHASE"),
                "device": ("tv", "Mobile"),
                "source": ("google", "newsletter"),
            },
        },
        orphans={"product_id": "P-", "order_id": "ORD-", "customer_id": "C-"},
        late=Late(("received_at",), (2, 10)),
        again=_received_again,
    ),
)


def main(argv: list[str] | None = None) -> None:
    """Run from the command line; see `--help`."""
    cli.run(DATASET, argv)


if __name__ == "__main__":
    main()
