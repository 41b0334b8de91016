"""Athena's CSV: NULL and the empty text differ, and what is written reads back."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.results import csv

ROWS = st.lists(
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4), max_size=6
)


def _chunks(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def test_line() -> None:
    assert csv.line(["a", None, "", 'say "x"', "a,b"]) == '"a",,"","say ""x""","a,b"\n'


@given(ROWS, st.integers(1, 20))
def test_rows_read_back_from_any_chunks(rows: list[list[str | None]], size: int) -> None:
    content = "".join(csv.line(row) for row in rows).encode()
    assert [row for row, _ in csv.Reader(_chunks(content, size)).rows()] == rows


@given(ROWS.filter(lambda rows: len(rows) > 1), st.data())
def test_reading_goes_on_from_any_offset(rows: list[list[str | None]], data: st.DataObject) -> None:
    content = "".join(csv.line(row) for row in rows).encode()
    offsets = [offset for _, offset in csv.Reader(_chunks(content, 7)).rows()]
    assert offsets[-1] == len(content)
    cut = data.draw(st.integers(0, len(rows) - 1))
    rest = csv.Reader(_chunks(content[offsets[cut] :], 5), offsets[cut]).rows()
    assert list(rest) == [(row, offset) for row, offset in zip(rows, offsets, strict=True)][cut + 1 :]


@pytest.mark.parametrize("row", ['"open', '"a"b', 'a"b"'])
def test_what_was_not_written_here_is_an_error(row: str) -> None:
    with pytest.raises(ValueError, match=r"quote|comma"):
        csv.split(row)
