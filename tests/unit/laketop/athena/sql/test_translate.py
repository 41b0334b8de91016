"""Every recorded query is answered as Trino answers it, or refused: never wrongly.

`tests/fixtures/sql/*.jsonl` holds one query a line with the answer of a Trino 435: `columns` and `rows`, or
`error_name`. Where `ordered` is false, rows are compared as a bag. `right.txt` lists the ids that are answered rightly
(the same types, names, rows, or the same error), so that a step back shows; what is not listed must be an error.
"""

import base64
import json
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from laketop.athena.engine import failures
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate

FIXTURES = Path("tests/fixtures/sql")
FILES = sorted(path.stem for path in FIXTURES.glob("*.jsonl"))
RIGHT = frozenset((FIXTURES / "right.txt").read_text().split())


class _NoTables:
    def table(self, database: str | None, name: str) -> Table:
        raise SqlError("TABLE_NOT_FOUND", f"Table '{database}.{name}' does not exist")


def _moment(value: datetime, precision: int) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")[: 20 + precision if precision else 19]


def _interval(milliseconds: int) -> str:
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    seconds, fraction = divmod(rest, 1000)
    return f"{sign}{seconds // 86400} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"


SHOWN: dict[type, Callable[[Any, Any], Any]] = {
    t.Decimal: lambda value, _: f"{value:f}",
    t.Timestamp: lambda value, type_: _moment(value, type_.precision),
    t.TimestampTz: lambda value, type_: _moment(value, type_.precision) + " UTC",
    t.Array: lambda value, type_: [_as_recorded(item, type_.element) for item in value],
    t.Map: lambda value, type_: {str(key): _as_recorded(item, type_.value) for key, item in value.items()},
    t.Row: lambda value, type_: [
        _as_recorded(item, kind) for item, (_, kind) in zip(value.values(), type_.fields, strict=True)
    ],
}
SHOWN_SIMPLE: dict[t.Type, Callable[[Any], Any]] = {
    t.DATE: str,
    t.INTERVAL_DAY: _interval,
    t.INTERVAL_YEAR: lambda months: f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}",
    t.VARBINARY: lambda value: base64.b64encode(value).decode(),
}


def _as_recorded(value: Any, type_: t.Type) -> Any:
    """A value of DuckDB as Trino's REST interface gives it."""
    if value is None:
        return None
    if type(type_) in SHOWN:
        return SHOWN[type(type_)](value, type_)
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    return SHOWN_SIMPLE[type_](value) if type_ in SHOWN_SIMPLE else value


def _same(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key], tolerance) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=tolerance)
    return type(a) is type(b) and bool(a == b)


def _answer(sql: str) -> tuple[list[tuple[str, str]], list[list[Any]], list[t.Type]]:
    found = translate(sql, _NoTables())
    with duckdb.connect(config={"python_enable_replacements": "false"}) as connection:
        for macro in found.macros:
            connection.execute(macro)
        try:
            rows = connection.execute(found.sql).fetchall()
        except duckdb.Error as error:
            raise failures.translate(error) from error
    types = [column.type for column in found.columns]
    shown = [[_as_recorded(value, type_) for value, type_ in zip(row, types, strict=True)] for row in rows]
    return [(column.name, str(column.type)) for column in found.columns], shown, types


def _verdict(case: dict[str, Any]) -> str:
    """`right`, `refused`, or what is wrong."""
    try:
        columns, rows, types = _answer(case["sql"])
    except SqlError as error:
        return "right" if error.name == case.get("error_name") else "refused"
    if "error_name" in case:
        return f"Trino says {case['error_name']}, we answer {rows[:3]}"
    expected = [(column["name"], column["type"].lower().replace(", ", ",")) for column in case["columns"]]
    if [(name, type_.replace(", ", ",")) for name, type_ in columns] != expected:
        return f"columns {columns}, Trino has {expected}"
    wanted = case["rows"]
    if not case["ordered"]:
        rows, wanted = sorted(rows, key=repr), sorted(wanted, key=repr)
    tolerances = [1e-6 if type_ == t.REAL else 1e-9 for type_ in types]
    same = len(rows) == len(wanted) and all(
        _same(a, b, tolerance)
        for row, other in zip(rows, wanted, strict=True)
        for a, b, tolerance in zip(row, other, tolerances, strict=True)
    )
    return "right" if same else f"rows {rows[:5]}, Trino has {wanted[:5]}"


@pytest.mark.parametrize("name", FILES)
def test_recorded_queries(name: str) -> None:
    cases = [json.loads(line) for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines()]
    verdicts = {case["id"]: _verdict(case) for case in cases}
    wrong = {key: verdict for key, verdict in verdicts.items() if verdict not in ("right", "refused")}
    assert wrong == {}
    right = {key for key, verdict in verdicts.items() if verdict == "right"}
    assert right == RIGHT & verdicts.keys(), "tests/fixtures/sql/right.txt lists what is answered rightly"


def test_ids_are_unique_and_listed_ones_exist() -> None:
    ids = [json.loads(line)["id"] for name in FILES for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines()]
    assert len(ids) == len(set(ids))
    assert set(ids) >= RIGHT


def test_at_least_as_much_of_everyday_sql_is_answered_as_promised() -> None:
    assert len([identifier for identifier in RIGHT if not identifier.startswith(("traps", "shapes"))]) >= 120


def test_comparison_of_values_sees_a_difference() -> None:
    assert not _same(Decimal("1.0"), 1.0, 1e-9)
    assert not _same([1, None], [1, 0], 1e-9)
    assert _as_recorded(date(2024, 1, 2), t.DATE) == "2024-01-02"


@pytest.mark.parametrize(("function", "letter"), [("lower", 0x2C2F), ("lower", 0x10595), ("upper", 0xA7D9)])
def test_letters_whose_case_depends_on_the_version_of_java_are_refused(function: str, letter: int) -> None:
    with pytest.raises(SqlError) as caught:
        _answer(f"SELECT {function}(x) FROM (VALUES 'a{chr(letter)}') AS t (x)")
    assert caught.value.name == "NOT_SUPPORTED"


def test_case_of_other_letters() -> None:
    # From Java 17's Character.toLowerCase and toUpperCase; U+10400 and U+10428 are a pair of Deseret letters.
    _, rows, _ = _answer("SELECT lower(x), upper(x) FROM (VALUES 'ÄßΣ\U00010400\U00010428', NULL) AS t (x)")
    assert sorted(rows, key=repr) == sorted(
        [["äßσ\U00010428\U00010428", "ÄßΣ\U00010400\U00010400"], [None, None]], key=repr
    )


def test_too_deep_a_query_is_an_error() -> None:
    with pytest.raises(SqlError) as caught:
        translate("SELECT " + "+".join(["1"] * 50000), _NoTables())
    assert caught.value.name == "STACK_OVERFLOW"
