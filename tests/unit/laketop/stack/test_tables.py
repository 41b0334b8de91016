"""Rows as people and programs read them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.stack.tables import Format, render

ROWS = [["a", None], ["bb\nb", ""]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (Format.TABLE, "x     y\na     NULL\nbb b\n"),
        (Format.TSV, 'x\ty\na\t\n"bb\nb"\t\n'),
        (Format.CSV, '"x","y"\n"a",\n"bb\nb",""\n'),
    ],
)
def test_forms(form: Format, expected: str) -> None:
    assert render(["x", "y"], ROWS, form) == expected


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")), min_size=2, max_size=2)
    )
)
def test_csv_reads_back(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(render(["x", "y"], rows, Format.CSV), newline=""))) == [["x", "y"], *rows]
