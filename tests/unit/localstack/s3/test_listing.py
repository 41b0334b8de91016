"""Pages of a listing against a plain model: all keys, sorted by bytes, rolled up, cut."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laketop_localstack.s3.listing import Page, after, common_prefix, limit, page

KEYS = st.sets(st.text(st.sampled_from("a/é\ud7ff\ue000\U0001f600\U0010ffff="), min_size=1, max_size=5), max_size=25)
TEXT = st.text(st.sampled_from("a/é\U0010ffff"), max_size=3)


def from_set(keys: set[str], prefix: str):
    def following(start: str) -> Iterator[str]:
        return iter(sorted(key for key in keys if key >= start and key.startswith(prefix)))

    return following


def model(keys: set[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    """What a listing has in all, in order: (key, False) or (common prefix, True)."""
    found: dict[tuple[str, bool], None] = {}
    for key in sorted((key for key in keys if key.startswith(prefix)), key=str.encode):
        head, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        found[(prefix + head + cut, True) if cut else (key, False)] = None
    return list(found)


def shown(found: Page[str]) -> list[tuple[str, bool]]:
    return sorted([(key, False) for key in found.entries] + [(one, True) for one in found.prefixes])


@given(KEYS, TEXT, st.sampled_from(["", "/", "a/"]), st.integers(1, 30))
def test_pages_are_the_listing_cut(keys: set[str], prefix: str, delimiter: str, most: int) -> None:
    whole, start, found = model(keys, prefix, delimiter), "", []
    while True:
        here = page(from_set(keys, prefix), lambda key: [key], prefix, delimiter, start, most)
        found += shown(here)
        assert here.count <= most
        if here.following is None:
            break
        assert here.count == most
        start = here.following
    assert sorted(found) == sorted(whole)
    assert len(found) == len(whole)


@given(KEYS, TEXT, st.sampled_from(["", "/"]), st.integers(1, 30))
def test_pages_by_the_last_key_or_prefix(keys: set[str], prefix: str, delimiter: str, most: int) -> None:
    whole, marker, found = model(keys, prefix, delimiter), "", []
    while True:
        start = after(marker) if marker else ""
        here = page(from_set(keys, prefix), lambda key: [key], prefix, delimiter, start, most, marker)
        found += shown(here)
        if here.following is None:
            break
        assert here.last is not None
        marker = here.last
    assert sorted(found) == sorted(whole)


@given(KEYS, st.integers(1, 9))
def test_what_a_key_stands_for_is_counted(keys: set[str], most: int) -> None:
    here = page(from_set(keys, ""), lambda key: [key, key, key], "", "", "", most)
    assert here.entries == [key for key in sorted(keys, key=str.encode) for _ in range(3)][:most]
    assert (here.following is None) == (3 * len(keys) <= most)


def test_a_key_that_is_gone_takes_no_place() -> None:
    here = page(from_set({"a", "b", "c"}, ""), lambda key: [] if key == "b" else [key], "", "", "", 2)
    assert (here.entries, here.following) == (["a", "c"], None)


def test_nothing_is_asked_for() -> None:
    here = page(from_set({"a"}, ""), lambda key: [key], "", "", "", 0)
    assert (here.count, here.following) == (0, None)


@pytest.mark.parametrize(("asked", "given_"), [(None, 1000), (0, 0), (5, 5), (1000, 1000), (5000, 1000)])
def test_a_thousand_at_most(asked: int | None, given_: int) -> None:
    assert limit(asked) == given_


@pytest.mark.parametrize(
    ("key", "prefix", "delimiter", "expected"),
    [
        ("a/b/c", "", "/", "a/"),
        ("a/b/c", "a/", "/", "a/b/"),
        ("a/b", "a/b", "/", None),
        ("a/b", "", "", None),
        ("a--b", "", "--", "a--"),
    ],
)
def test_a_common_prefix_ends_at_the_first_delimiter(key: str, prefix: str, delimiter: str, expected: str | None):
    assert common_prefix(key, prefix, delimiter) == expected
