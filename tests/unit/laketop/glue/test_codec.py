"""Definitions as text."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from laketop.glue.codec import decode, encode

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)


@given(st.dictionaries(st.text(), values | times, max_size=4))
def test_a_definition_comes_back_as_it_went(definition: dict[str, Any]) -> None:
    text = encode(definition)
    assert decode(text) == definition
    assert text.isascii()
