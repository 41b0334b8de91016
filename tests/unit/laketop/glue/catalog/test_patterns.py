"""Patterns over names, held against Python's regular expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.glue.catalog.patterns import like, matches
from laketop.glue.errors import NotSupported


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("orders", "orders", True),
        ("orders", "orders_2024", False),
        ("ORDERS", "orders", True),
        ("orders*", "orders_2024", True),
        ("orders.*", "orders_2024", True),
        ("*2024", "orders_2024", True),
        ("*ders*", "orders_2024", True),
        ("o*s", "orders_2024", False),
        ("orders|items", "items", True),
        ("it.ms", "items", True),
        ("it.ms", "itms", False),
        ("a*a", "a", False),
    ],
)
def test_names_match_as_in_hive(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["a+", "(a)", "[ab]", "a?", "^a", "a$", "\\d"])
def test_other_signs_of_regular_expressions_are_refused(pattern: str) -> None:
    with pytest.raises(NotSupported, match="Expression"):
        matches(pattern, "a")


@given(st.text("ab%_\n", max_size=8), st.text("ab%_\n", max_size=10))
def test_like_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    equivalent = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert like(pattern, text) == bool(re.fullmatch(equivalent, text, re.DOTALL))


def test_a_pattern_made_to_be_slow_is_not() -> None:
    assert not like("%a" * 500 + "%b", "a" * 1000)
