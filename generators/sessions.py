"""Visits to the shop: who comes, by what, how deep into the funnel, and which order it ends in."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from generators.arrays import Choice, moments
from generators.world import World

SESSION_BLOCK = 1 << 15
GAP = 30 * 60  # seconds without an event that end a session
STEPS = ("page_view", "product_view", "add_to_cart", "checkout", "purchase")
PAGE, VIEW, CART, CHECKOUT, PURCHASE = range(5)

DEVICES = Choice({"desktop": 0.38, "mobile": 0.54, "tablet": 0.08})
SOURCES = Choice(
    {"direct": 0.24, "organic": 0.33, "paid_search": 0.16, "email": 0.1, "social": 0.11, "affiliate": 0.06}
)
_ONWARD = (0.62, 0.24, 0.5, 0.64)  # share of sessions that take the next step
_BY_DEVICE = np.array([1.12, 0.92, 1.0])
_BY_SOURCE = np.array([1.05, 1.0, 0.98, 1.15, 0.8, 0.95])
_LOGGED_IN = 0.35  # of the sessions that buy nothing


@dataclass(frozen=True)
class Sessions:
    """A block of sessions, an element each.

    Attributes:
        number: of the session, from 0.
        device, source: codes of DEVICES and SOURCES.
        depth: the last step that is reached, a position in STEPS.
        order: number of the order that it ends in, -1 where in none.
        events: how many events of each step; a column a step.
    """

    number: np.ndarray
    device: np.ndarray
    source: np.ndarray
    depth: np.ndarray
    order: np.ndarray
    events: np.ndarray


def blocks(world: World) -> Iterator[Sessions]:
    """All sessions of a world, without end. Each order is bought in one; when all are bought, checkouts are left."""
    bought = 0
    for block in count():
        random = world.stream("sessions", block)
        device, source = DEVICES.draw(random, SESSION_BLOCK), SOURCES.draw(random, SESSION_BLOCK)
        depth = np.zeros(SESSION_BLOCK, np.int64)
        for step, share in enumerate(_ONWARD):
            onward = random.random(SESSION_BLOCK) < share * _BY_DEVICE[device] * _BY_SOURCE[source]
            depth += (depth == step) & onward
        order = bought + np.cumsum(depth == PURCHASE) - 1
        order[(depth < PURCHASE) | (order >= world.known_orders)] = -1
        depth[(depth == PURCHASE) & (order < 0)] = CHECKOUT
        bought += int((order >= 0).sum())
        events = np.empty((SESSION_BLOCK, len(STEPS)), np.int64)
        events[:, PAGE] = 1 + np.minimum(random.geometric(0.45, SESSION_BLOCK) - 1, 8)
        events[:, VIEW] = (depth >= VIEW) * np.minimum(random.geometric(0.55, SESSION_BLOCK), 8)
        events[:, CART] = (depth >= CART) * (1 + (random.random(SESSION_BLOCK) < 0.2))
        events[:, CHECKOUT] = depth >= CHECKOUT
        events[:, PURCHASE] = depth >= PURCHASE
        yield Sessions(block * SESSION_BLOCK + np.arange(SESSION_BLOCK), device, source, depth, order, events)


@dataclass(frozen=True)
class Visits:
    """Who is behind sessions and when, an element a session.

    Attributes:
        customer: number of the customer, -1 for a stranger.
        visitor: number of the browser.
        product: number of the product that it is about.
        moments: seconds since 1970 of all events, session after session.
    """

    customer: np.ndarray
    visitor: np.ndarray
    product: np.ndarray
    moments: np.ndarray


def visits(world: World, random: np.random.Generator, sessions: Sessions) -> Visits:
    """Give sessions their people and times.

    A session that ends in an order has its customer and ends when it was placed. Between two sessions of a browser in
    this block there is always more than the gap that ends a session; a visit that came earlier is by another browser.
    """
    total = sessions.events.sum(axis=1)
    last = np.cumsum(total) - 1
    first = last - total + 1
    gaps = 3 + np.minimum(random.exponential(50, int(total.sum())), 1500).astype(np.int64)
    clock = np.cumsum(gaps)
    buys = sessions.order >= 0
    # Visitors are customers of known orders, so that each of them has bought something at some time.
    facts = world.facts(np.where(buys, sessions.order, sessions.number % world.known_orders))
    begins = moments(random, len(total), world.start, world.end)
    begins = np.where(buys, facts.placed - (clock[last] - clock[first]), begins)
    ends = begins + clock[last] - clock[first]
    known = buys | (random.random(len(total)) < _LOGGED_IN)
    customer = np.where(known, facts.customer, -1)
    browser = facts.customer * len(DEVICES.labels) + sessions.device
    kept = known & ~_too_soon(browser, begins, ends, known)
    # Even numbers are browsers that are seen once, odd ones those of customers, one for each device.
    visitor = np.where(kept, 2 * browser + 1, 2 * sessions.number)
    return Visits(customer, visitor, facts.product, np.repeat(begins - clock[first], total) + clock)


def _too_soon(browser: np.ndarray, begins: np.ndarray, ends: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Whether a session begins before an earlier one of its browser is over for longer than the gap."""
    rows = np.flatnonzero(known)
    rows = rows[np.lexsort((begins[rows], browser[rows]))]
    if not len(rows):
        return np.zeros(len(known), bool)
    # Ends grow from browser to browser, so that one running maximum serves all.
    apart = browser[rows] * (int(ends[rows].max() - begins[rows].min()) + GAP + 1)
    until = np.maximum.accumulate(ends[rows] + apart)
    soon = np.zeros(len(known), bool)
    soon[rows[1:]] = begins[rows[1:]] + apart[1:] - until[:-1] <= GAP
    return soon
