"""Sorting by a comparison function and combinations, where SQL shows too little of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.udfs.collections import array_order, combinations_of


def _compared(values: list[int]) -> list[list[int | None]]:
    return [[(left > right) - (left < right) for right in values] for left in values]


@given(st.lists(st.integers(0, 9), max_size=60))
def test_a_consistent_comparison_sorts_stably(values: list[int]) -> None:
    expected = sorted(range(1, len(values) + 1), key=lambda place: values[place - 1])
    assert array_order(_compared(values)) == expected


@pytest.mark.parametrize("answer", [None, 2, -7])
def test_another_answer_than_three_is_an_error(answer: int | None) -> None:
    with pytest.raises(SqlError) as raised:
        array_order([[0, answer], [answer, 0]])
    assert raised.value.name == "INVALID_FUNCTION_ARGUMENT"


def test_one_element_is_not_compared() -> None:
    assert array_order([[None]]) == [1]


def test_a_long_array_with_contradictions_is_refused() -> None:
    with pytest.raises(SqlError) as raised:
        array_order([[1] * 40 for _ in range(40)])
    assert raised.value.name == "NOT_SUPPORTED"


def test_the_last_place_of_combinations_moves_slowest() -> None:
    assert combinations_of(4, 2) == [[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]]
    assert combinations_of(2, 3) == []


def test_too_many_combinations_are_an_error() -> None:
    assert len(combinations_of(316, 2)) == 49770
    with pytest.raises(SqlError):
        combinations_of(317, 2)
