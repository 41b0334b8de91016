"""Pages and their tokens."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.glue.errors import InvalidInput
from laketop.glue.paging import Page, page, position


@given(st.lists(st.text(max_size=3), unique=True), st.integers(1, 5))
def test_pages_together_are_the_whole_list(names: list[str], limit: int) -> None:
    names = sorted(name for name in names if name)
    token, seen, pages = None, [], 0
    while True:
        after = position("Op", token) or ""
        found = page("Op", (name for name in names if name > after), limit=limit, most=10, key=lambda name: name)
        seen += found.entries
        pages += 1
        token = found.next_token
        if token is None:
            break
    assert seen == names
    assert pages == max(1, -(-len(names) // limit))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "é",
        "####",
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"1").decode(),
        base64.urlsafe_b64encode(json.dumps(["Other", "a"]).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps(["Op", 1]).encode()).decode(),
    ],
)
def test_a_token_of_someone_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidInput, match="NextToken"):
        position("Op", token)


@pytest.mark.parametrize("limit", [0, -1, 11])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput, match="MaxResults is a whole number from 1 to 10"):
        page("Op", [], limit=limit, most=10, key=str)


def test_an_answer_has_a_token_only_where_there_is_more() -> None:
    assert Page([1], None).answer("List", str) == {"List": ["1"]}
    assert Page([1], "t").answer("List", str) == {"List": ["1"], "NextToken": "t"}
