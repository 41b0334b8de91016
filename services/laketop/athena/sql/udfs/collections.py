"""What arrays need that DuckDB's lists cannot do: Java's sort by a comparison function."""

from collections.abc import Callable
from functools import cmp_to_key
from itertools import combinations
from math import comb

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.registry import udf

type _Matrix = list[list[int | None]]

_RUN = 32  # Java sorts fewer elements than this by binary insertion


@udf("py_array_order", ("INTEGER[][]",), "BIGINT[]")
def array_order(matrix: _Matrix) -> list[int]:
    """The places of elements in sorted order, counted from 1.

    Args:
        matrix: for each element its comparison with every other: -1, 0 or 1.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for any other comparison that the sort asks for, NOT_SUPPORTED where a long
            array's comparisons contradict each other, so that the answer would depend on how Java merges.
    """

    def compare(left: int, right: int) -> int:
        found = matrix[left][right]
        if found not in (-1, 0, 1):
            raise SqlError("INVALID_FUNCTION_ARGUMENT", "Lambda comparator must return either -1, 0, or 1")
        return found

    size = len(matrix)
    if size < _RUN:
        order = _inserted(size, compare)
    else:
        order = sorted(range(size), key=cmp_to_key(compare))
        if not _consistent(order, matrix):
            raise SqlError("NOT_SUPPORTED", "array_sort: a comparison function that contradicts itself")
    return [place + 1 for place in order]


def _inserted(size: int, compare: Callable[[int, int], int]) -> list[int]:
    """Binary insertion behind the run that the elements begin with; a falling run is turned round first."""
    if size < 2:
        return list(range(size))
    end, falling = 2, compare(1, 0) < 0
    while end < size and (compare(end, end - 1) < 0) == falling:
        end += 1
    order = list(range(end))[:: -1 if falling else 1]
    for new in range(end, size):
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if compare(new, order[middle]) < 0:
                high = middle
            else:
                low = middle + 1
        order.insert(low, new)
    return order


def _consistent(order: list[int], matrix: _Matrix) -> bool:
    """Whether every pair stands as its comparison wants it, equal ones as they came."""
    for position, left in enumerate(order):
        for right in order[position + 1 :]:
            answers = matrix[left][right], matrix[right][left]
            if answers != (-1, 1) and (answers != (0, 0) or left > right):
                return False
    return True


_MOST = 100_000  # elements of all combinations together


@udf("py_combinations", ("BIGINT", "INTEGER"), "BIGINT[][]")
def combinations_of(size: int, count: int) -> list[list[int]]:
    """The places, counted from 1, of the elements of every combination, in Trino's order: the last place moves slowest.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT where there are too many.
    """
    if comb(size, count) * count > _MOST:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "combinations exceed max size")
    return sorted(([place + 1 for place in places] for places in combinations(range(size), count)), key=_from_the_end)


def _from_the_end(places: list[int]) -> list[int]:
    return places[::-1]
