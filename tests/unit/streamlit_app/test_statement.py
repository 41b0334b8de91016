"""Statements as Athena tells of them, and their rows."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from streamlit_app.charts.result import drawn
from streamlit_app.figures import result
from streamlit_app.figures import statement as figures
from streamlit_app.figures.result import BAR, LINE, POINTS, Drawing

EAST = timezone(timedelta(hours=2))


def execution(state: str = "SUCCEEDED", scanned: int = 0, kind: str = "DML", **status: Any) -> dict[str, Any]:
    return {
        "QueryExecutionId": "q1",
        "Query": "SELECT *\n  FROM t",
        "StatementType": kind,
        "SubstatementType": "SELECT",
        "QueryExecutionContext": {"Database": "db"},
        "Status": {"State": state, "SubmissionDateTime": datetime(2026, 1, 31, 14, tzinfo=EAST), **status},
        "Statistics": {"DataScannedInBytes": scanned, "TotalExecutionTimeInMillis": 1234},
    }


def test_a_statement() -> None:
    found = figures.statement_of(execution(scanned=20_000_001))
    assert (found.id, found.text, found.database, found.seconds) == ("q1", "SELECT *\n  FROM t", "db", 1.234)
    assert (found.ended, found.reads, found.billed) == (True, True, 21_000_000)
    assert found.usd == Decimal("0.000105")
    assert [tile.value for tile in figures.tiles(found)] == ["1.2 s", "20.0 MB", "$0.000105"]


@pytest.mark.parametrize(
    ("state", "scanned", "kind", "expected"),
    [
        ("SUCCEEDED", 1, "DML", "$0.000050"),
        ("SUCCEEDED", 0, "DDL", "$0"),
        ("FAILED", 10**12, "DML", "$0"),
        ("CANCELLED", 10**12, "DML", "$5.0000"),
        ("RUNNING", 10**12, "DML", "–"),
    ],
)
def test_prices(state: str, scanned: int, kind: str, expected: str) -> None:
    assert figures.usd(figures.statement_of(execution(state, scanned, kind)).usd) == expected


def test_a_statement_that_was_sent_has_not_ended_and_costs_nothing_yet() -> None:
    now = datetime(2026, 1, 31, tzinfo=EAST)
    found = figures.sent("q1", "SELECT 1", "db", now)
    assert (found.id, found.ended, found.reads, found.usd, found.submitted) == ("q1", False, False, None, now)


def test_athena_s_words_on_a_failure() -> None:
    assert figures.statement_of(execution("FAILED", StateChangeReason="line 1:1: x")).reason == "line 1:1: x"
    assert figures.statement_of(execution("FAILED", AthenaError={"ErrorMessage": "y"})).reason == "y"
    assert figures.statement_of(execution()).reason == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (" \n\t;", True),
        ("-- only words\n/* and\nmore */ ;", True),
        ("-- words\nSELECT 1", False),
        ("'--'", False),
        ("/* never closed", False),
    ],
)
def test_blank(text: str, expected: bool) -> None:
    assert figures.blank(text) is expected


def test_a_history_is_for_people() -> None:
    running = figures.statement_of(execution("RUNNING"))
    (row,) = figures.history([running]).to_dict("records")
    assert row == {
        "Started (UTC)": datetime(2026, 1, 31, 12),
        "State": "Running",
        "Statement": "SELECT * FROM t",
        "Run time": "–",
        "Scanned": "0 B",
        "Price": "–",
    }
    assert figures.history([]).empty
    assert figures.first_line("x" * 81) == "x" * 79 + "…"


# Rows


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["a_2", "a", "a"], ["a_2", "a", "a_3"]),
        (["", ""], ["column", "column_2"]),
        (["", "column"], ["column", "column_2"]),
    ],
)
def test_each_name_is_there_once(names: list[str], expected: list[str]) -> None:
    assert result.renamed(names) == expected


def test_columns_of_one_name_keep_their_values() -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array(["x"])], names=["a", "a"])
    assert result.distinct(twice).to_pydict() == {"a": [1], "a_2": ["x"]}


DAY, AMOUNT, WORD, COUNT = pa.date32(), pa.decimal128(10, 2), pa.string(), pa.int64()


def empty(**types: pa.DataType) -> pa.Table:
    return pa.schema(list(types.items())).empty_table()


def one(**types: pa.DataType) -> pa.Table:
    return pa.table({name: pa.nulls(1, type_) for name, type_ in types.items()})


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (one(w=WORD, d=DAY, n=COUNT), Drawing("d", "n", LINE)),
        (one(n=COUNT, w=WORD, m=AMOUNT), Drawing("w", "n", BAR)),
        (one(n=COUNT, m=AMOUNT), Drawing("n", "m", POINTS)),
        (one(n=COUNT), Drawing("n", "n", BAR)),
        (one(w=WORD, d=DAY), None),
        (empty(w=WORD, n=COUNT), None),
    ],
)
def test_a_chart_is_suggested_by_types(table: pa.Table, expected: Drawing | None) -> None:
    assert result.suggested(table) == expected


def test_points_are_what_can_be_drawn() -> None:
    table = pa.table(
        {
            "day": pa.array([date(2026, 1, 1), None, date(2026, 1, 3)]),
            "m": pa.array([Decimal("1.50"), Decimal("2.00"), None], AMOUNT),
            "clock": pa.array([time(1), time(2), time(3)], pa.time64("us")),
            "yes": pa.array([True, False, None]),
        }
    )
    frame = result.points(table, "day", "m")
    assert frame.to_dict("records") == [{"x": datetime(2026, 1, 1), "y": 1.5}]
    assert result.points(table, "clock", "m")["x"].tolist() == ["01:00:00.000000", "02:00:00.000000"]
    assert result.points(table, "yes", "m")["x"].tolist() == ["true", "false"]
    assert result.points(table, "m", "m").to_dict("list") == {"x": [1.5, 2.0], "y": [1.5, 2.0]}


@pytest.mark.parametrize("kind", result.KINDS)
@pytest.mark.parametrize("x", ["day", "word.with[strange]:name", "n"])
def test_charts_are_drawn_of_any_columns(kind: str, x: str) -> None:
    table = pa.table({"day": [date(2026, 1, 1)], "word.with[strange]:name": ["a"], "n": [3]})
    chart = drawn(result.points(table, x, "n"), kind, x, "n").to_dict()
    assert chart["encoding"]["x"]["title"] == x
    assert chart["encoding"]["x"]["field"] == "x"
    assert chart["mark"]["type"] == {LINE: "line", BAR: "bar", POINTS: "point"}[kind]
