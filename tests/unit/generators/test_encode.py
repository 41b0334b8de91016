"""Whatever the values: readers of CSV and JSON get back what went in; values that would break a row are refused."""

import csv
import io
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import encode

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)]))
ROWS = st.lists(
    st.tuples(
        st.none() | WORDS,
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.decimals(-(10**6), 10**6, places=2),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=20,
)
SCHEMA = pa.schema({"w": pa.string(), "n": pa.int32(), "d": pa.decimal128(12, 2), "b": pa.bool_()})


def table(rows: list[tuple]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)


@settings(deadline=None)
@given(ROWS)
def test_csv_is_read_back(rows: list[tuple]) -> None:
    text = bytes(encode.csv(table(rows))).decode()
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    as_text = [
        [word or "", *("" if value is None else str(value).lower() for value in others)] for word, *others in rows
    ]
    assert found == [
        [word, number, f"{Decimal(money):.2f}" if money else "", flag] for word, number, money, flag in as_text
    ]
    assert text.count("\n") == len(rows)


@settings(deadline=None)
@given(ROWS)
def test_json_is_read_back(rows: list[tuple]) -> None:
    lines = bytes(encode.jsonl(table(rows), SCHEMA)).decode().split("\n")
    assert lines.pop() == ""
    found = [tuple(json.loads(line, parse_float=Decimal).values()) for line in lines]
    assert found == [(w, n, None if d is None else Decimal(d), b) for w, n, d, b in rows]


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\0", "tab\t"])
def test_control_characters_are_refused(value: str) -> None:
    bad = pa.table({"w": ["fine", f'"{value}']})
    with pytest.raises(ValueError, match="column w: a value has a control character"):
        encode.csv(bad)
    with pytest.raises(ValueError, match="column w: a value has a control character"):
        encode.jsonl(bad, bad.schema)


def test_numbers_that_are_text_stay_numbers() -> None:
    mixed = pa.table({"n": ["1", "many", "-2.50", "007", None, "1e3"]})
    lines = bytes(encode.jsonl(mixed, pa.schema({"n": pa.int32()}))).decode().splitlines()
    assert lines == ['{"n":1}', '{"n":"many"}', '{"n":-2.50}', '{"n":"007"}', '{"n":null}', '{"n":"1e3"}']
