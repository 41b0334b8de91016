"""Columns from arrays: what all generators build their tables of. No loop over rows, no text made twice."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

DAY = 86_400  # seconds
ROW_DIGITS = 7  # an id is five digits of the seed, then the number: files of different seeds have no ids in common
_LEVELS = 1 << 16
_FOUR_DIGITS = np.array([f"{number:04d}".encode() for number in range(10_000)], dtype="S4").view(np.uint32)

# A shop's week and day: Monday first; by hour in UTC.
WEEKDAYS = np.array([0.9, 0.85, 0.9, 1.0, 1.2, 1.4, 1.3])
HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 12, 11, 10, 10, 11, 13, 16, 19, 20, 17, 10, 5], dtype=float)


class Choice:
    """Labels that are drawn by their shares.

    Args:
        shares: share of each label, in any unit; what is drawn is true to 1/65,536.
    """

    def __init__(self, shares: Mapping[object, float]) -> None:
        self.labels = list(shares)
        bounds = np.cumsum(list(shares.values()))
        middle = (np.arange(_LEVELS) + 0.5) / _LEVELS * bounds[-1]
        self._codes = np.searchsorted(bounds, middle, side="right").astype(np.uint8)

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        """`count` codes: positions in `labels`, uint8."""
        return self._codes[random.integers(0, _LEVELS, count, dtype=np.uint16)]

    def text(self, codes: np.ndarray) -> pa.Array:
        """The labels of codes as strings."""
        return labelled(self.labels, codes)


def labelled(labels: list, codes: np.ndarray) -> pa.Array:
    """The strings at these positions of a list; None in the list is null."""
    return pa.array(labels, pa.string()).take(pa.array(codes))


def ranked(random: np.random.Generator, size: int, count: int) -> np.ndarray:
    """`count` numbers below `size`, low ones more often: Zipf's law with exponent 0.9, flattened at the top.

    The distribution function is inverted, so that no table of the size is needed: its tenth root is linear.
    """
    low, high = 10**0.1, (size + 10) ** 0.1
    root = random.random(count) * (high - low) + low
    square = root * root
    fourth = square * square
    return np.minimum((fourth * fourth * square - 10).astype(np.int64), size - 1)


def moments(random: np.random.Generator, count: int, start: date, end: date) -> np.ndarray:
    """Seconds since 1970 of `count` moments from `start` to `end` (days in UTC, included), in no order."""
    days = np.arange(start.toordinal(), end.toordinal() + 1)
    bounds = np.cumsum(WEEKDAYS[(days - 1) % 7])
    day = np.searchsorted(bounds, random.random(count) * bounds[-1], side="right")
    hour = _HOUR.draw(random, count).astype(np.int64)
    return (days[0] - date(1970, 1, 1).toordinal() + day) * DAY + hour * 3600 + random.integers(0, 3600, count)


_HOUR = Choice(dict(enumerate(HOURS)))


def ids(prefix: str, seed: int, numbers: np.ndarray, digits: int = ROW_DIGITS) -> pa.Array:
    """Ids like `TXN-000420000001`: the prefix, five digits of the seed, and the number in `digits` digits (7 or 9)."""
    total = digits + 5
    rest, groups = seed * 10**digits + np.asarray(numbers, np.int64), []
    for _ in range(-(-total // 4)):
        rest, low = np.divmod(rest, 10_000)
        groups.append(_FOUR_DIGITS[low])
    figures = np.stack(groups[::-1], axis=1).view(np.uint8)[:, -total:]
    width = len(prefix) + total
    text = np.empty((len(figures), width), np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    text[:, len(prefix) :] = figures
    offsets = np.arange(0, (len(text) + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(text), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def decimals(units: np.ndarray, precision: int, scale: int = 2) -> pa.Array:
    """Whole units of the last place (cents) as exact decimals."""
    halves = np.empty((len(units), 2), np.int64)
    halves[:, 0] = units
    halves[:, 1] = halves[:, 0] >> 63  # the upper half of 128 bits: the sign
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [None, pa.py_buffer(halves)])


def timestamps(seconds: np.ndarray) -> pa.Array:
    """Seconds since 1970 as timestamps in UTC."""
    return pa.array(seconds, pa.int64()).cast(pa.timestamp("s"))


def where(present: np.ndarray, values: pa.Array) -> pa.Array:
    """The values where `present`, else null."""
    return values.take(pa.array(np.arange(len(values)), mask=~present))
