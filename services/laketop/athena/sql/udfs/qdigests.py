"""The quantile digest of Trino, for as many values as it keeps apart.

It is a binary tree over the bits of the values, one leaf for each different value; nodes between leaves exist only
where the tree branches. When the weight of all is large against the precision, light leaves are put together; which
ones is not built, and refused. The layout of the bytes was measured. Follows Trino's page "Quantile digest functions".
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.udfs.registry import udf

ACCURACY = 0.01
_HEADER = struct.Struct("<bddqqqi")
_NODE = struct.Struct("<BdQ")
_SIGN = 2**63


@dataclass
class QDigest:
    """Weights by value; the values are numbers that sort as what they stand for."""

    accuracy: float = ACCURACY
    weights: dict[int, float] = field(default_factory=dict)

    def add(self, value: int, weight: float = 1.0) -> None:
        """Add a value."""
        self.weights[value] = self.weights.get(value, 0.0) + weight

    @property
    def total(self) -> float:
        """The weight of all values."""
        return sum(self.weights.values())

    def check(self) -> None:
        """Refuse a digest of which Trino would have put values together.

        Raises:
            SqlError: NOT_SUPPORTED.
        """
        height = ((min(self.weights) + _SIGN) ^ (max(self.weights) + _SIGN)).bit_length()
        if self.total * self.accuracy / max(height, 1) > min(self.weights.values()):
            raise not_supported(f"A qdigest of so many values ({len(self.weights)} different ones)")

    def value_at(self, quantile: float) -> int:
        """The value below which the share of the weight is."""
        wanted, passed = quantile * self.total, 0.0
        for value in sorted(self.weights):
            passed += self.weights[value]
            if passed > wanted:
                return value
        return max(self.weights)

    def quantile_of(self, value: int) -> float | None:
        """The share of the weight below a value; None outside of all values."""
        if not min(self.weights) <= value <= max(self.weights):
            return None
        return sum(weight for known, weight in self.weights.items() if known < value) / self.total

    def dump(self) -> bytes:
        """Trino's bytes of it."""
        self.check()
        leaves = sorted(self.weights)
        first = {leaf + _SIGN: number for number, leaf in enumerate(self.weights)}
        nodes = list(self._nodes([leaf + _SIGN for leaf in leaves], first))
        header = _HEADER.pack(0, self.accuracy, 0.0, 0, leaves[0], leaves[-1], len(nodes))
        return header + b"".join(_NODE.pack(*node) for node in nodes)

    def _nodes(self, leaves: list[int], first: dict[int, int]) -> Iterator[tuple[int, float, int]]:
        """(flags, weight, bits) of each node, children first; a node has the bits of the leaf that was there first."""
        if len(leaves) == 1:
            yield 0, self.weights[leaves[0] - _SIGN], leaves[0]
            return
        level = (leaves[0] ^ leaves[-1]).bit_length()
        middle = leaves[-1] >> level - 1 << level - 1
        yield from self._nodes([leaf for leaf in leaves if leaf < middle], first)
        yield from self._nodes([leaf for leaf in leaves if leaf >= middle], first)
        yield level - 1 << 2 | 3, 0.0, min(leaves, key=first.__getitem__)

    @classmethod
    def load(cls, data: bytes) -> "QDigest":
        """The digest that `dump` wrote."""
        _, accuracy, _, _, _, _, count = _HEADER.unpack_from(data)
        found = cls(accuracy)
        for at in range(count):
            flags, weight, bits = _NODE.unpack_from(data, _HEADER.size + at * _NODE.size)
            if weight and flags:
                raise not_supported("A qdigest that has put values together")
            if weight:
                found.add(bits - _SIGN, weight)
        return found


def _of_double(value: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits if bits >= 0 else bits ^ (_SIGN - 1)


def _to_double(value: int) -> float:
    number: float = struct.unpack("<d", struct.pack("<q", value if value >= 0 else value ^ (_SIGN - 1)))[0]
    return number


def _of_real(value: float) -> int:
    bits: int = struct.unpack("<i", struct.pack("<f", value))[0]
    return bits if bits >= 0 else bits ^ 0x7FFFFFFF


def _to_real(value: int) -> float:
    number: float = struct.unpack("<f", struct.pack("<i", value if value >= 0 else value ^ 0x7FFFFFFF))[0]
    return number


def _of_number(value: float) -> int:
    return int(value)


_INTO: dict[str, Callable[[float], int]] = {"bigint": _of_number, "double": _of_double, "real": _of_real}
_BACK: dict[str, Callable[[int], float]] = {"bigint": int, "double": _to_double, "real": _to_real}


def _collected(kind: str, values: list[float], weights: list[float] | None, accuracy: float) -> QDigest:
    if not 0 < accuracy < 1:
        problem = f"Percentile accuracy must be exclusively between 0 and 1, was {accuracy}"
        raise SqlError("INVALID_FUNCTION_ARGUMENT", problem)
    digest = QDigest(accuracy)
    for at, value in enumerate(values):
        digest.add(_INTO[kind](value), weights[at] if weights else 1.0)
    return digest


def _asked(digest: QDigest, kind: str, quantiles: list[float]) -> list[float]:
    for quantile in quantiles:
        if quantile is None or not 0 <= quantile <= 1:
            raise SqlError("GENERIC_INTERNAL_ERROR", "quantile must be between [0,1]")
    return [_BACK[kind](digest.value_at(quantile)) for quantile in quantiles]


@udf("py_qdigest_numbers", ("BIGINT[]", "DOUBLE[]", "DOUBLE"), "BLOB", nulls=True)
def of_numbers(values: list[int] | None, weights: list[float] | None, accuracy: float) -> bytes | None:
    """qdigest_agg of whole numbers; None of no values."""
    return _collected("bigint", [*values], weights, accuracy).dump() if values else None


@udf("py_qdigest_floats", ("VARCHAR", "DOUBLE[]", "DOUBLE[]", "DOUBLE"), "BLOB", nulls=True)
def of_floats(kind: str, values: list[float] | None, weights: list[float] | None, accuracy: float) -> bytes | None:
    """qdigest_agg of doubles or reals; None of no values."""
    return _collected(kind, values, weights, accuracy).dump() if values else None


@udf("py_qdigest_merged", ("BLOB[]",), "BLOB")
def merged(digests: list[bytes]) -> bytes:
    """merge of digests."""
    first, *others = map(QDigest.load, digests)
    for other in others:
        for value, weight in other.weights.items():
            first.add(value, weight)
    return first.dump()


@udf("py_qdigest_numbers_at", ("BLOB", "DOUBLE[]"), "BIGINT[]")
def numbers_at(digest: bytes, quantiles: list[float]) -> list[float]:
    """values_at_quantiles of whole numbers."""
    return _asked(QDigest.load(digest), "bigint", quantiles)


@udf("py_qdigest_floats_at", ("VARCHAR", "BLOB", "DOUBLE[]"), "DOUBLE[]")
def floats_at(kind: str, digest: bytes, quantiles: list[float]) -> list[float]:
    """values_at_quantiles of doubles or reals."""
    return _asked(QDigest.load(digest), kind, quantiles)


@udf("py_qdigest_number_rank", ("BLOB", "BIGINT"), "DOUBLE")
def number_rank(digest: bytes, value: int) -> float | None:
    """quantile_at_value of a whole number."""
    return QDigest.load(digest).quantile_of(value)


@udf("py_qdigest_float_rank", ("VARCHAR", "BLOB", "DOUBLE"), "DOUBLE")
def float_rank(kind: str, digest: bytes, value: float) -> float | None:
    """quantile_at_value of a double or real."""
    return QDigest.load(digest).quantile_of(_INTO[kind](value))
