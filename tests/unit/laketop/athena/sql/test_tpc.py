"""The 22 queries of TPC-H and the 99 of TPC-DS: recorded answers of Trino's for the first, DuckDB's own text for both.

Where Trino's type keeps fewer digits (the mean of decimals is a decimal there, a double in DuckDB), half of the last
digit is the tolerance.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from laketop.athena.sql import types as t
from tests.oracle import tpc
from tests.oracle.replay import as_recorded, same

GOLDEN = {
    case["query"]: case for case in map(json.loads, Path("tests/fixtures/tpc/tpch.jsonl").read_text().splitlines())
}


@dataclass(frozen=True)
class Benchmark:
    """A benchmark's tables, and its queries by number: (DuckDB's own text, Trino's)."""

    connection: Any
    queries: dict[int, tuple[str, str]]


def _benchmark(name: str) -> Iterator[Benchmark]:
    with tpc.database(name, 0.01) as connection:
        yield Benchmark(connection, tpc.queries(connection, name))


@pytest.fixture(scope="module")
def tpch() -> Iterator[Benchmark]:
    yield from _benchmark("tpch")


@pytest.fixture(scope="module")
def tpcds() -> Iterator[Benchmark]:
    yield from _benchmark("tpcds")


def _alike(ours: Any, own: Any, type_: t.Type) -> bool:
    if ours is None or own is None:
        return ours is own
    if isinstance(type_, t.Decimal) and isinstance(own, float):
        return abs(float(ours) - own) <= 0.5000001 * 10.0**-type_.scale
    if isinstance(ours, float):
        return math.isclose(ours, own, rel_tol=1e-9)
    return bool(ours == own)


def _sorted(rows: list[tuple[Any, ...]], types: list[t.Type]) -> list[tuple[Any, ...]]:
    exact = [number for number, type_ in enumerate(types) if not isinstance(type_, t.Decimal) and type_ != t.DOUBLE]
    return sorted(rows, key=lambda row: repr([row[number] for number in exact] + [_rounded(v) for v in row]))


def _rounded(value: Any) -> Any:
    return round(float(value), 1) if isinstance(value, Decimal | float) else value


def _check(benchmark: Benchmark, number: int) -> None:
    own_text, text = benchmark.queries[number]
    columns, rows = tpc.run(benchmark.connection, text)
    own = benchmark.connection.execute(own_text).fetchall()
    types = [type_ for _, type_ in columns]
    assert len(rows) == len(own)
    for a, b in zip(_sorted(rows, types), _sorted(own, types), strict=True):
        assert all(_alike(x, y, type_) for x, y, type_ in zip(a, b, types, strict=True)), (a, b)


@pytest.mark.parametrize("number", range(1, 23))
def test_tpch_is_as_duckdb_has_it(tpch: Benchmark, number: int) -> None:
    _check(tpch, number)


# Texts that Trino's generator of TPC-H makes up otherwise than DuckDB's; query 13 counts by what is in one of them.
_MADE_UP = {"s_address", "s_comment", "s_phone", "c_address", "c_comment", "c_phone"}


@pytest.mark.parametrize("number", sorted({*range(1, 23)} - {13}))
def test_tpch_is_as_trino_has_it(tpch: Benchmark, number: int) -> None:
    columns, rows = tpc.run(tpch.connection, tpch.queries[number][1])
    golden = GOLDEN[number]
    types = [(column["name"], column["type"].replace(", ", ",")) for column in golden["columns"]]
    assert [(name, str(type_).replace(", ", ",")) for name, type_ in columns] == types
    shown = [[as_recorded(value, type_) for value, (_, type_) in zip(row, columns, strict=True)] for row in rows]
    assert len(shown) == len(golden["rows"])
    kept = [number for number, (name, _) in enumerate(types) if name not in _MADE_UP]
    ours, trinos = (sorted(([row[at] for at in kept] for row in rows), key=repr) for rows in (shown, golden["rows"]))
    for a, b in zip(ours, trinos, strict=True):
        assert same(a, b, 1e-9)


@pytest.mark.parametrize("number", range(1, 100))
def test_tpcds_is_as_duckdb_has_it(tpcds: Benchmark, number: int) -> None:
    _check(tpcds, number)
