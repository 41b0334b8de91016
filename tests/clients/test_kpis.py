"""The daily figures by each client's own ways of asking, against what pandas said of the input files.

The clients are used as they are on AWS; the endpoint comes from AWS_ENDPOINT_URL, and EXPECTED_KPIS names a JSON file:
day → orders, customers, units, revenue, average order value, refunded lines, refunded amount, cancelled lines, as text.
"""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import awswrangler as wr
import pyathena
import pytest
from pyarrow import fs
from pyathena.arrow.cursor import ArrowCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

DATABASE, PROCESSED, WORK_GROUP = "laketop_local_curated", "laketop_local_processed", "laketop-local"


@pytest.fixture(scope="session")
def expected() -> list[tuple[Any, ...]]:
    days = json.loads(Path(os.environ["EXPECTED_KPIS"]).read_text())
    assert days
    return [_row((day, *values)) for day, values in sorted(days.items())]


@pytest.fixture(scope="session")
def sql() -> str:
    """Asks the view that the pipeline made."""
    figures = "orders, customers, units, revenue, average_order_value, refunded_lines, refunded_amount, cancelled_lines"
    return f"SELECT day, {figures} FROM daily_kpis ORDER BY day"


@pytest.fixture
def connection() -> Iterator[Any]:
    with pyathena.connect(work_group=WORK_GROUP, schema_name=DATABASE, region_name="us-east-1") as found:
        yield found


def _row(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each client has types of its own for a number; what they say must be the same."""
    # PyAthena's Arrow cursor reads decimals as text, and an empty one where Athena has NULL
    exact = [None if value in (None, "") or value != value else Decimal(str(value)) for value in values[1:]]
    return (str(values[0])[:10], *exact)


def test_pyathena_cursor(connection: Any, sql: str, expected: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        rows = cursor.execute(sql).fetchall()
        assert [name for name, *_ in cursor.description][:5] == [
            "day",
            "orders",
            "customers",
            "units",
            "revenue",
        ]
        assert [kind for _, kind, *_ in cursor.description][:5] == ["date", "bigint", "bigint", "bigint", "decimal"]
    assert all(isinstance(row[4], Decimal) for row in rows)
    assert [_row(row) for row in rows] == expected


def test_pyathena_parameters(connection: Any, expected: list[tuple[Any, ...]]) -> None:
    day = expected[0][0]
    with connection.cursor(DictCursor) as cursor:
        statement = f"SELECT count(*) AS n FROM {PROCESSED}.transactions WHERE transaction_date = CAST(%(day)s AS date)"
        (row,) = cursor.execute(statement, {"day": day}).fetchall()
    assert row["n"] > 0


def test_pyathena_pandas(connection: Any, sql: str, expected: list[tuple[Any, ...]]) -> None:
    with connection.cursor(PandasCursor) as cursor:
        frame = cursor.execute(sql).as_pandas()
    assert [_row(row) for row in frame.itertuples(index=False, name=None)] == expected


def test_pyathena_arrow(
    connection: Any, sql: str, expected: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Arrow's own S3 client knows an endpoint by argument only, and PyAthena has no way to hand one on.
    endpoint = {"endpoint_override": os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"), "scheme": "http"}
    monkeypatch.setattr(fs, "S3FileSystem", partial(fs.S3FileSystem, **endpoint))
    with connection.cursor(ArrowCursor) as cursor:
        table = cursor.execute(sql).as_arrow()
    assert [_row(tuple(row.values())) for row in table.to_pylist()] == expected


def test_awswrangler(sql: str, expected: list[tuple[Any, ...]]) -> None:
    frame = wr.athena.read_sql_query(sql, database=DATABASE, workgroup=WORK_GROUP, ctas_approach=False)
    assert str(frame.dtypes["orders"]) == "Int64"
    assert isinstance(frame.revenue[0], Decimal)
    assert [_row(row) for row in frame.itertuples(index=False, name=None)] == expected


def test_awswrangler_reads_the_catalog() -> None:
    assert wr.catalog.does_table_exist(database=PROCESSED, table="transactions")
    types = wr.catalog.get_table_types(database=PROCESSED, table="transactions")
    assert types is not None
    assert types["total_amount"] == "decimal(12,2)"
    assert types["transaction_month"] == "string"
    assert wr.catalog.get_partitions(database=PROCESSED, table="transactions")
