"""What the end of an aggregate needs and SQL cannot say: over the list of a group's values.

Follows Trino's page "Aggregate functions".
"""

import math
from itertools import repeat

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.listagg import MOST_BYTES
from laketop.athena.sql.udfs.registry import udf
from laketop.athena.sql.udfs.tdigests import TDigest


@udf("py_agg_listed", ("VARCHAR[]", "VARCHAR", "VARCHAR", "BOOLEAN"), "VARCHAR")
def listed(values: list[str | None], separator: str, filler: str, counted: bool) -> str | None:
    """LISTAGG with ON OVERFLOW TRUNCATE: as many values as fit, then the filler and how many are missing."""
    known = [value for value in values if value is not None]
    length, fitting = -len(separator.encode()), 0
    for value in known:
        length += len(separator.encode()) + len(value.encode())
        if length > MOST_BYTES:
            break
        fitting += 1
    shown = separator.join(known[:fitting])
    if fitting == len(known):
        return shown if known else None
    count = f"({len(known) - fitting})" if counted else ""
    return f"{shown}{separator if fitting else ''}{filler}{count}"


@udf("py_agg_percentiles", ("DOUBLE[]", "DOUBLE[]", "DOUBLE[]"), "DOUBLE[]", nulls=True)
def percentiles(values: list[float] | None, weights: list[float] | None, wanted: list[float]) -> list[float] | None:
    """approx_percentile of a group of values, by a t-digest; the weights are 1 where they are None."""
    if not values:
        return None
    digest = TDigest()
    for value, weight in zip(values, weights or repeat(1.0), strict=False):
        digest.add(value, weight)
    return [digest.value_at(quantile) for quantile in wanted]


@udf("py_agg_buckets", ("BIGINT", "DOUBLE[]", "DOUBLE[]"), "MAP(DOUBLE, DOUBLE)")
def buckets(count: int, values: list[float], weights: list[float]) -> list[tuple[float, float]] | None:
    """numeric_histogram: the two nearest buckets become one, until there are few enough."""
    if count < 2:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "numeric_histogram bucket count must be greater than one")
    found = sorted(zip(values, weights, strict=True), key=lambda pair: (math.isnan(pair[0]), pair[0]))
    merged: list[tuple[float, float]] = []
    for value, weight in found:
        if merged and merged[-1][0] == value:
            merged[-1] = (value, merged[-1][1] + weight)
        else:
            merged.append((value, weight))
    while len(merged) > count:
        at = min(range(len(merged) - 1), key=lambda i: _penalty(merged[i], merged[i + 1]))
        (a, m), (b, n) = merged[at], merged[at + 1]
        merged[at : at + 2] = [((a * m + b * n) / (m + n), m + n)]
    return merged or None


def _penalty(left: tuple[float, float], right: tuple[float, float]) -> float:
    """How much is lost by putting two buckets together."""
    return (right[0] - left[0]) * min(left[1], right[1])


@udf("py_agg_frequent", ("BIGINT", "VARCHAR[]", "BIGINT"), "MAP(VARCHAR, BIGINT)")
def frequent(count: int, values: list[str], capacity: int) -> list[tuple[str, int]] | None:
    """approx_most_frequent by the stream-summary algorithm: a value for which there is no room takes the rarest's."""
    if count < 2:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "approx_most_frequent bucket count must be greater than one")
    counted: dict[str, int] = {}
    for value in values:
        if value in counted or len(counted) < capacity:
            counted[value] = counted.get(value, 0) + 1
            continue
        rarest = min(counted, key=counted.__getitem__)
        counted[value] = counted.pop(rarest) + 1
    best = sorted(counted.items(), key=lambda pair: -pair[1])
    return best[:count] or None


@udf("py_agg_heap", ("BIGINT[]", "BIGINT"), "BIGINT[]")
def heap(ranks: list[int], size: int) -> list[int]:
    """The positions (from 1) of the lowest ranks, best first, as a heap with the worst on top keeps equal ones."""
    kept: list[int] = []
    for position, rank in enumerate(ranks):
        if len(kept) < size:
            kept.append(position)
            _up(kept, ranks)
        elif rank < ranks[kept[0]]:
            kept[0] = position
            _down(kept, ranks)
    return [position + 1 for position in sorted(kept, key=ranks.__getitem__)]


def _up(kept: list[int], ranks: list[int]) -> None:
    at = len(kept) - 1
    while at and ranks[kept[at]] >= ranks[kept[(at - 1) // 2]]:
        above = (at - 1) // 2
        kept[at], kept[above] = kept[above], kept[at]
        at = above


def _down(kept: list[int], ranks: list[int]) -> None:
    at = 0
    while 2 * at + 1 < len(kept):
        left, right = 2 * at + 1, 2 * at + 2
        below = right if right < len(kept) and ranks[kept[right]] >= ranks[kept[left]] else left
        if ranks[kept[below]] < ranks[kept[at]]:
            return
        kept[at], kept[below] = kept[below], kept[at]
        at = below
