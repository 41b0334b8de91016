"""Partitions as folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.scan.paths import HIVE_NULL, escape, folder, partition_name, partition_values, unescape

TEXTS = st.text(st.characters(min_codepoint=1), min_size=1)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,9}", fullmatch=True)


@given(TEXTS)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescape(escape(text)) == text


@given(TEXTS)
def test_a_part_of_a_path_has_no_sign_of_its_own(text: str) -> None:
    assert not set(escape(text)) & set("/=:\"'#*?\\[]{^\x7f\t\n\r")


@given(st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=4))
def test_names_of_partitions_come_back(pairs: list[tuple[str, str]]) -> None:
    keys, values = [key for key, _ in pairs], [value for _, value in pairs]
    assert partition_values(keys, partition_name(keys, values)) == values


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a/b", "a%2Fb"),
        ("10:30", "10%3A30"),
        ("50%", "50%25"),
        ("a b", "a b"),
        ("é", "é"),
        ("\x01", "%01"),
        ("", HIVE_NULL),
    ],
)
def test_signs_that_hive_escapes(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    "name", ["year=2024", "Year=2024/month=1", "month=1/year=2024", "year=2024/month=", "2024/1", "year=1/month=1/x=1"]
)
def test_folders_that_are_no_partition(name: str) -> None:
    assert partition_values(["year", "month"], name) is None


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("s3://b/a/b", ("b", "a/b/")),
        ("s3://b/a/", ("b", "a/")),
        ("s3a://b", ("b", "")),
        ("s3://b/what?/x=1", ("b", "what?/x=1/")),
    ],
)
def test_places_of_locations(location: str, found: tuple[str, str]) -> None:
    assert folder(location) == found
