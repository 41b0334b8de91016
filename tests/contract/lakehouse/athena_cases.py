"""What `athena_helper` does on any Athena: run on a mock by tests/unit, on the lake's own by tests/contract.

The texts that the mock is told are those of Athena's documentation and of results of the real one.
"""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from lakehouse import athena_helper
from lakehouse.athena_helper import QueryResult
from tests.contract.lakehouse.clients import Clients

# name, SQL, type, text of the first row, value of it; the second row is NULL everywhere
COLUMNS: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("yes", "true", {"Type": "boolean"}, "true", True),
    ("tiny", "TINYINT '-5'", {"Type": "tinyint"}, "-5", -5),
    ("small", "SMALLINT '300'", {"Type": "smallint"}, "300", 300),
    ("whole", "7", {"Type": "integer"}, "7", 7),
    ("big", "BIGINT '9007199254740993'", {"Type": "bigint"}, "9007199254740993", 9007199254740993),
    ("half", "DOUBLE '0.5'", {"Type": "double"}, "0.5", 0.5),
    ("money", "DECIMAL '12.30'", {"Type": "decimal", "Precision": 4, "Scale": 2}, "12.30", Decimal("12.30")),
    ("day", "DATE '2026-01-31'", {"Type": "date"}, "2026-01-31", date(2026, 1, 31)),
    (
        "at",
        "TIMESTAMP '2026-01-31 18:04:21.125'",
        {"Type": "timestamp"},
        "2026-01-31 18:04:21.125",
        datetime(2026, 1, 31, 18, 4, 21, 125000),
    ),
    (
        "zoned",
        "TIMESTAMP '2026-01-31 18:04:21.125 UTC'",
        {"Type": "timestamp with time zone"},
        "2026-01-31 18:04:21.125 UTC",
        datetime(2026, 1, 31, 18, 4, 21, 125000, UTC),
    ),
    ("empty", "CAST('' AS varchar)", {"Type": "varchar"}, "", ""),
    ("quoted", "'a,\"b\"\nc'", {"Type": "varchar"}, 'a,"b"\nc', 'a,"b"\nc'),
    ("list", "ARRAY[1, 2]", {"Type": "array"}, "[1, 2]", "[1, 2]"),
]


def typed(clients: Clients) -> QueryResult:
    names = [name for name, *_ in COLUMNS]
    texts: list[str | None] = [text for _, _, _, text, _ in COLUMNS]
    clients.told([(name, info) for name, _, info, *_ in COLUMNS], [[*names], texts, [None] * len(names)])
    one = ", ".join(f"{sql} AS {name}" for name, sql, *_ in COLUMNS)
    none = ", ".join(f"if(n = 1, {name}) AS {name}" for name in names)
    sql = f"SELECT {none} FROM (SELECT {one}) CROSS JOIN (VALUES 1, 2) AS t (n) ORDER BY n"
    return run(clients, sql)


def run(clients: Clients, sql: str, **more: Any) -> QueryResult:
    return athena_helper.run(
        clients.athena, sql, database="default", work_group="primary", output=clients.uri("results/"), **more
    )


def test_rows_are_typed(clients: Clients) -> None:
    first, second = typed(clients).rows()
    assert first == {name: value for name, _, _, _, value in COLUMNS}
    assert [type(value) for value in first.values()] == [type(value) for *_, value in COLUMNS]
    assert second == {name: None for name, *_ in COLUMNS}


def test_an_arrow_table(clients: Clients) -> None:
    table = typed(clients).to_arrow()
    assert {field.name: str(field.type) for field in table.schema} == {
        "yes": "bool",
        "tiny": "int8",
        "small": "int16",
        "whole": "int32",
        "big": "int64",
        "half": "double",
        "money": "decimal128(4, 2)",
        "day": "date32[day]",
        "at": "timestamp[us]",
        "zoned": "timestamp[us, tz=UTC]",
        "empty": "string",
        "quoted": "string",
        "list": "string",
    }
    assert table.to_pylist() == [
        {name: value for name, _, _, _, value in COLUMNS},
        {name: None for name, *_ in COLUMNS},
    ]


def test_a_pandas_frame_loses_no_digit(clients: Clients) -> None:
    frame = typed(clients).to_pandas()
    assert frame["big"].tolist() == [9007199254740993, pd.NA]
    assert str(frame["big"].dtype) == "Int64"
    assert frame["money"].tolist() == [Decimal("12.30"), None]
    assert frame["at"][0] == pd.Timestamp("2026-01-31 18:04:21.125")
    assert frame["day"][0] == date(2026, 1, 31)
    assert (frame["yes"].tolist(), str(frame["yes"].dtype)) == ([True, pd.NA], "boolean")
    assert math.isnan(frame["half"][1])


def test_pages(clients: Clients) -> None:
    texts: list[list[str | None]] = [[str(number)] for number in range(2500)]
    clients.told([("n", {"Type": "bigint"})], [["n"], *texts])
    result = run(clients, "SELECT n FROM UNNEST(sequence(BIGINT '0', BIGINT '2499')) AS t (n) ORDER BY n")
    assert [row["n"] for row in result.iter_rows()] == list(range(2500))
    assert result.to_arrow().equals(pa.table({"n": pa.array(range(2500), pa.int64())}))


def test_no_rows(clients: Clients) -> None:
    clients.told([("n", {"Type": "integer"})], [["n"]])
    result = run(clients, "SELECT 1 AS n WHERE false")
    assert result.rows() == []
    assert result.to_arrow().schema == pa.schema([("n", pa.int32())])
    assert [(column.name, column.type) for column in result.columns] == [("n", "integer")]


def test_a_row_that_looks_like_the_header(clients: Clients) -> None:
    clients.told([("a", {"Type": "varchar"})], [["a"], ["a"]])
    assert run(clients, "SELECT 'a' AS a").rows() == [{"a": "a"}]


def test_what_is_told_of_a_query(clients: Clients) -> None:
    clients.told([("n", {"Type": "integer"})], [["n"], ["1"]])
    states: list[str] = []
    result = run(clients, "SELECT 1 AS n", on_state=states.append)
    assert result.state == states[-1] == "SUCCEEDED"
    assert set(states) <= {"QUEUED", "RUNNING", "SUCCEEDED"}
    assert len(states) == len(set(states))
    assert result.output == clients.uri(f"results/{result.id}.csv")
    assert result.scanned_bytes == 0
    assert result.total_ms >= result.engine_ms >= 0


def test_stopping_what_has_ended_changes_nothing(clients: Clients) -> None:
    clients.told([("n", {"Type": "integer"})], [["n"], ["1"]])
    result = run(clients, "SELECT 1 AS n")
    assert athena_helper.wait(clients.athena, result.id).id == result.id
