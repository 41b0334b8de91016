"""The t-digest of Trino: a merging digest, whose bytes and estimates are those of the real one.

The algorithm is Ted Dunning's MergingDigest with the scale function of which a cluster at quantile q holds at most
q(1 - q) / z of all weight. Follows Trino's page "T-Digest functions"; the layout of the bytes was measured.
"""

import math
import struct
from dataclasses import dataclass, field
from itertools import repeat

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

COMPRESSION = 100.0
_HEADER = struct.Struct("<bddddi")


@dataclass
class TDigest:
    """Weighted means; `add` only collects, they are merged when there are many, or before they are read."""

    means: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    least: float = math.inf
    most: float = -math.inf
    total: float = 0.0
    compression: float = COMPRESSION
    backwards: bool = False
    merged: bool = True

    def add(self, value: float, weight: float = 1.0) -> None:
        """Add a value.

        Raises:
            SqlError: GENERIC_INTERNAL_ERROR for NaN, as Trino.
        """
        if math.isnan(value):
            raise SqlError("GENERIC_INTERNAL_ERROR", "value is NaN")
        if len(self.means) == self._room():
            self._merge(2 * self.compression)
        self.means.append(value)
        self.weights.append(weight)
        self.total += weight
        self.least, self.most = min(self.least, value), max(self.most, value)
        self.merged = False

    def absorb(self, other: "TDigest") -> None:
        """Add all of another digest."""
        self.means += other.means
        self.weights += other.weights
        self.total += other.total
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)
        self.merged = False

    def _room(self) -> int:
        return 6 * (2 * int(self.compression) + 10)

    def merge(self) -> None:
        """Put neighbours together before anything is read: half as many as while values are still coming."""
        if not self.merged and self.means:
            self._merge(self.compression)

    def _merge(self, compression: float) -> None:
        order = sorted(range(len(self.means)), key=self.means.__getitem__)
        if self.backwards:
            order.reverse()
        self.means, self.weights = self._clusters(order, compression)
        if self.backwards:
            self.means.reverse()
            self.weights.reverse()
        self.backwards, self.merged = not self.backwards, True

    def _clusters(self, order: list[int], compression: float) -> tuple[list[float], list[float]]:
        total = self.total
        scale = compression / (4 * math.log(total / compression) + 24)
        means, weights = [self.means[order[0]]], [self.weights[order[0]]]
        before, limit = 0.0, 0.0
        for index in order[1:]:
            mean, weight = self.means[index], self.weights[index]
            together = weights[-1] + weight
            quantile = min((before + together) / total, 1.0)
            if together <= total * min(limit, quantile * (1 - quantile) / scale):
                weights[-1] = together
                means[-1] += (mean - means[-1]) * weight / together
                continue
            before += weights[-1]
            start = before / total
            limit = start * (1 - start) / scale
            means.append(mean)
            weights.append(weight)
        return means, weights

    def value_at(self, quantile: float) -> float:
        """The estimated value at a quantile between 0 and 1."""
        self.merge()
        if len(self.means) == 1:
            return self.means[0]
        offset = quantile * self.total
        if offset < 1:
            return self.least
        if offset > self.total - 1:
            return self.most
        first, last = self.weights[0], self.weights[-1]
        if first > 1 and offset < first / 2:
            return self.least + (offset - 1) / (first / 2 - 1) * (self.means[0] - self.least)
        rest = self.total - offset
        if last > 1 and rest <= last / 2:
            return self.most - (rest - 1) / (last / 2 - 1) * (self.most - self.means[-1])
        return self._between(offset)

    def _between(self, offset: float) -> float:
        """A value between the middles of two clusters; a cluster of one value is that value, not a span."""
        passed = self.weights[0] / 2
        for index in range(len(self.means) - 1):
            left, right = self.weights[index], self.weights[index + 1]
            span = (left + right) / 2
            if passed + span > offset:
                if left == 1 and offset - passed < 0.5:
                    return self.means[index]
                if right == 1 and passed + span - offset <= 0.5:
                    return self.means[index + 1]
                a = offset - passed - (0.5 if left == 1 else 0)
                b = passed + span - offset - (0.5 if right == 1 else 0)
                return _weighted(self.means[index], b, self.means[index + 1], a)
            passed += span
        a = offset - self.total - self.weights[-1] / 2
        return _weighted(self.means[-1], a, self.most, self.weights[-1] / 2 - a)

    def dump(self) -> bytes:
        """Trino's bytes of it."""
        self.merge()
        count = len(self.means)
        header = _HEADER.pack(0, self.least, self.most, self.compression, self.total, count)
        return header + struct.pack(f"<{2 * count}d", *self.means, *self.weights)

    @classmethod
    def load(cls, data: bytes) -> "TDigest":
        """The digest that `dump` wrote."""
        _, least, most, compression, total, count = _HEADER.unpack_from(data)
        numbers = struct.unpack_from(f"<{2 * count}d", data, _HEADER.size)
        return cls(list(numbers[:count]), list(numbers[count:]), least, most, total, compression)


def _weighted(a: float, weight_of_a: float, b: float, weight_of_b: float) -> float:
    """The weighted mean, kept between both against rounding."""
    if a > b:
        a, weight_of_a, b, weight_of_b = b, weight_of_b, a, weight_of_a
    mean = (a * weight_of_a + b * weight_of_b) / (weight_of_a + weight_of_b)
    return max(a, min(mean, b))


@udf("py_tdigest", ("DOUBLE[]", "DOUBLE[]"), "BLOB", nulls=True)
def of_values(values: list[float] | None, weights: list[float] | None) -> bytes | None:
    """tdigest_agg; None of no values."""
    if not values:
        return None
    digest = TDigest()
    for value, weight in zip(values, weights or repeat(1.0), strict=False):
        digest.add(value, weight)
    return digest.dump()


@udf("py_tdigest_merged", ("BLOB[]",), "BLOB")
def merged(digests: list[bytes]) -> bytes:
    """merge of digests."""
    first, *others = map(TDigest.load, digests)
    for other in others:
        first.absorb(other)
    return first.dump()


@udf("py_tdigest_at", ("BLOB", "DOUBLE[]"), "DOUBLE[]")
def values_at(data: bytes, quantiles: list[float]) -> list[float]:
    """values_at_quantiles."""
    digest = TDigest.load(data)
    if any(quantile is None or not 0 <= quantile <= 1 for quantile in quantiles):
        raise SqlError("GENERIC_INTERNAL_ERROR", "quantiles should be in [0, 1] range")
    if list(quantiles) != sorted(quantiles):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "percentiles must be sorted in increasing order")
    return [digest.value_at(quantile) for quantile in quantiles]
