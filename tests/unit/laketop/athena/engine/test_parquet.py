"""Writing a query's rows as Parquet files."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laketop.athena.engine import parquet
from laketop.athena.engine.job import Output
from laketop.athena.scan.paths import HIVE_NULL
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError

N = Column("n", t.INTEGER)
KEYS = (Column("a", t.VARCHAR), Column("b", t.Decimal(4, 2)), Column("c", t.BOOLEAN))
VALUES = st.tuples(
    st.sampled_from(["", "x", "y", HIVE_NULL, None]),
    st.sampled_from([Decimal("1.50"), Decimal("10.00"), Decimal("0.00"), None]),
    st.sampled_from([True, False, None]),
)


def _text(value: str | Decimal | bool | None) -> str:
    if isinstance(value, Decimal):
        return {Decimal("1.50"): "1.5", Decimal("10.00"): "10", Decimal("0.00"): "0"}[value]
    return str(value).lower() if isinstance(value, bool) else value or HIVE_NULL


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(VALUES, max_size=60), st.sampled_from([1, 7, 2048]))
def test_each_row_is_in_its_partition(
    tmp_path: Path, rows: list[tuple[str | None, Decimal | None, bool | None]], fetched: int
) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE r (c0 INTEGER, c1 VARCHAR, c2 DECIMAL(4,2), c3 BOOLEAN)")
    expected = defaultdict(set)
    for number, row in enumerate(rows):
        connection.execute("INSERT INTO r VALUES (?, ?, ?, ?)", [number, *row])
        expected[tuple(map(_text, row))].add(number)
    output = Output(str(tmp_path / "out"), (N,), KEYS, "snappy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "_FETCHED", fetched)
        count, written = parquet.write(connection, "SELECT * FROM r", output)
    assert count == len(rows)
    found = {file.values: set(pq.read_table(file.path)["n"].to_pylist()) for file in written}
    assert len(found) == len(written)
    assert found == dict(expected)


def test_small_pieces_make_one_row_group(tmp_path: Path) -> None:
    output = Output(str(tmp_path / "out"), (N,), (), "gzip")
    count, [file] = parquet.write(duckdb.connect(), "SELECT i::INTEGER AS c0 FROM range(300000) AS r(i)", output)
    metadata = pq.ParquetFile(file.path).metadata
    assert (count, metadata.num_rows, metadata.num_row_groups) == (300000, 300000, 1)
    assert metadata.row_group(0).column(0).compression == "GZIP"


def test_a_query_that_runs_again_begins_anew(tmp_path: Path) -> None:
    output = Output(str(tmp_path / "out"), (N,), (), "snappy")
    for sql in ("SELECT 1 AS c0 UNION ALL SELECT 2", "SELECT 3 AS c0 WHERE FALSE"):
        count, written = parquet.write(duckdb.connect(), sql, output)
    assert (count, written) == (0, ())
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("value", ["é", "a\tb", "\x7f"])
def test_values_that_a_path_cannot_have(tmp_path: Path, value: str) -> None:
    output = Output(str(tmp_path / "out"), (N,), KEYS[:1], "snappy")
    quoted = "'" + value + "'"
    with pytest.raises(SqlError, match="can only contain printable ASCII characters") as caught:
        parquet.write(duckdb.connect(), f"SELECT 1 AS c0, {quoted} AS c1", output)
    assert caught.value.message.endswith(value.encode().hex(" ").upper())
