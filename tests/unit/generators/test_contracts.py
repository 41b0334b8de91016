"""Every dataset, in every format and size, is what its contract says, and the same arguments give the same bytes."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.generators.written import DATASETS, SUFFIXES, contract, faults, generate, text

IDS = {
    "transactions": ("transaction_id", "order_id", "customer_id", "product_id"),
    "products": ("product_id",),
    "clickstream": ("event_id", "visitor_id", "customer_id", "product_id", "order_id"),
    "reviews": ("review_id", "customer_id", "product_id", "order_id"),
}
ARROW = {
    "string": pa.string(),
    "int": pa.int32(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "decimal(10,2)": pa.decimal128(10, 2),
    "decimal(12,2)": pa.decimal128(12, 2),
    "decimal(8,3)": pa.decimal128(8, 3),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("rows", [1, 2, 100, 5000])
def test_conforms(dataset: str, suffix: str, rows: int, tmp_path: Path) -> None:
    path = generate(dataset, tmp_path / f"a.{suffix}", "--rows", rows, "--seed", 7, "--products", 6000)
    frame = text(path)
    assert len(frame) == rows
    assert tuple(frame.columns) == contract(dataset).header
    assert faults(frame, dataset).empty
    assert not frame.duplicated(list(contract(dataset).key)).any()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dataset=st.sampled_from(DATASETS),
    rows=st.integers(1, 300),
    seed=st.integers(0, 99_999),
    customers=st.integers(1, 1000),
    products=st.integers(300, 1000),
    transactions=st.integers(1, 1000),
    start=st.dates(date(1980, 1, 1), date(2190, 1, 1)),
    days=st.integers(0, 3000),
)
def test_conforms_in_any_world(
    tmp_path: Path, dataset, rows, seed, customers, products, transactions, start, days
) -> None:
    world = ("--customers", customers, "--products", products, "--transactions", transactions)
    period = ("--start", start, "--end", start + timedelta(days))
    path = generate(dataset, tmp_path / "a.csv", "--rows", rows, "--seed", seed, *world, *period)
    frame = text(path)
    assert len(frame) == rows
    assert faults(frame, dataset).empty
    assert not frame.duplicated(list(contract(dataset).key)).any()


@pytest.mark.parametrize("dataset", DATASETS)
def test_parquet_has_the_types_of_the_contract(dataset: str, tmp_path: Path) -> None:
    schema = pq.read_schema(generate(dataset, tmp_path / "a.parquet", "--rows", 10))
    assert {field.name: field.type for field in schema} == {
        column.name: ARROW[column.type] for column in contract(dataset).landing
    }


@pytest.mark.parametrize("dataset", DATASETS)
def test_json_has_the_types_of_the_contract(dataset: str, tmp_path: Path) -> None:
    path = generate(dataset, tmp_path / "a.jsonl", "--rows", 500)
    python = {"int": int, "boolean": bool, "decimal": float}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        assert tuple(row) == contract(dataset).header
        for column in contract(dataset).landing:
            value = row[column.name]
            assert value is None or type(value) is python.get(column.type.partition("(")[0], str), (column.name, value)


@pytest.mark.parametrize("dataset", DATASETS)
def test_all_formats_say_the_same(dataset: str, tmp_path: Path) -> None:
    first, *others = (
        text(generate(dataset, tmp_path / f"a.{suffix}", "--rows", 400, "--seed", 3)) for suffix in SUFFIXES
    )
    for other in others:
        assert first.to_dict("records") == other.to_dict("records")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dataset", DATASETS)
def test_same_arguments_same_bytes(dataset: str, suffix: str, tmp_path: Path) -> None:
    dirt = ("--rows", 450, "--defects", 0.1)
    one, two, other = (
        generate(dataset, tmp_path / f"{name}.{suffix}", *dirt, "--seed", seed).read_bytes()
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert one == two
    assert one != other


@pytest.mark.parametrize("dataset", DATASETS)
def test_seeds_share_no_ids(dataset: str, tmp_path: Path) -> None:
    one, two = (text(generate(dataset, tmp_path / f"{seed}.csv", "--rows", 400, "--seed", seed)) for seed in (1, 2))
    for column in IDS[dataset]:
        assert not set(one[column].dropna()) & set(two[column].dropna())


@pytest.mark.parametrize("dataset", DATASETS)
def test_fewer_rows_are_the_first_ones(dataset: str, tmp_path: Path) -> None:
    """So that a bigger sample of a shop has all that a smaller one has."""
    world = ("--seed", 4, "--transactions", 5000, "--products", 5000)
    long, short = (
        generate(dataset, tmp_path / f"{rows}.csv", "--rows", rows, *world).read_bytes() for rows in (4000, 37)
    )
    assert long.startswith(short)


def test_chunks_follow_each_other(tmp_path: Path) -> None:
    """More rows than one chunk: numbers go on, and nothing is repeated."""
    path = generate("transactions", tmp_path / "a.csv", "--rows", 250_000)
    numbers = text(path).transaction_id.str.slice(-7).astype(int)
    assert numbers.to_list() == list(range(250_000))
    events = text(generate("clickstream", tmp_path / "b.csv", "--rows", 150_000, "--transactions", 200_000))
    assert events.event_id.str.slice(-9).astype(int).to_list() == list(range(150_000))
    reviews = text(generate("reviews", tmp_path / "c.csv", "--rows", 70_000, "--transactions", 200_000))
    assert reviews.review_id.str.slice(-7).astype(int).to_list() == list(range(70_000))


def test_gzip_is_one_stream_without_a_time(tmp_path: Path) -> None:
    path = generate("reviews", tmp_path / "a.csv.gz", "--rows", 50)
    assert path.read_bytes()[:10][4:8] == b"\0\0\0\0"
    plain = generate("reviews", tmp_path / "a.csv", "--rows", 50)
    assert gzip.decompress(path.read_bytes()) == plain.read_bytes()
