"""Every recorded query is answered as Trino answers it, or refused by name: never wrongly.

`tests/fixtures/sql/<family>/*.jsonl` holds one query a line with the answer of a Trino 435 (see
tests/oracle/record.py). A family's `refused.txt` lists the ids of what we refuse with NOT_SUPPORTED, so that a step
back shows; everything else must have the same names, types and rows, or the same error.
"""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from laketop.athena.engine import worker
from laketop.athena.sql import types as t
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate
from tests.oracle import replay
from tests.oracle.replay import FIXTURES, NoTables, answer, as_recorded, cases, same, verdict

FILES = sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*.jsonl"))


def _refused(family: str) -> set[str]:
    return set((FIXTURES / family / "refused.txt").read_text().split())


@pytest.mark.parametrize("file", FILES)
def test_recorded_queries(file: str) -> None:
    verdicts = {case["id"]: verdict(case) for case in cases(FIXTURES / file)}
    assert {key: found for key, found in verdicts.items() if found not in ("right", "refused")} == {}
    refused = {key for key, found in verdicts.items() if found == "refused"}
    assert refused == _refused(file.split("/")[0]) & verdicts.keys(), "refused.txt lists what is refused"


def test_ids_are_unique_and_listed_ones_exist() -> None:
    ids = [case["id"] for file in FILES for case in cases(FIXTURES / file)]
    assert len(ids) == len(set(ids))
    listed = set().union(*(_refused(file.split("/")[0]) for file in FILES))
    assert listed <= set(ids)


def test_comparison_of_values_sees_a_difference() -> None:
    assert not same(Decimal("1.0"), 1.0, 1e-9)
    assert not same([1, None], [1, 0], 1e-9)
    assert as_recorded(date(2024, 1, 2), t.DATE) == "2024-01-02"


_DEFINED = "SELECT function_name FROM duckdb_functions() WHERE function_name SIMILAR TO '(py|tr)_.*' ORDER BY 1"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT soundex('abc')",  # by a function
        "SELECT regexp_like('a', '(')",  # by a function that fails
        "SELECT histogram(MAP()) FROM (VALUES 1) t(x)",  # by macros
    ],
)
def test_no_query_sees_what_another_has_defined(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    seen = []

    def prepare(connection: Any, udfs: Any, macros: Any) -> None:
        before = connection.execute(_DEFINED).fetchall()
        worker.prepare(connection, udfs, macros)
        seen.append((before, connection.execute(_DEFINED).fetchall()))

    monkeypatch.setattr(replay, "prepare", prepare)
    for _ in range(2):
        with suppress(SqlError):
            answer(sql)
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]


def test_verdicts() -> None:
    case = {"sql": "SELECT 1 AS a", "columns": [{"name": "a", "type": "integer"}], "rows": [[1]], "ordered": False}
    assert verdict(case) == "right"
    assert verdict(case | {"rows": [[2]]}).startswith("rows")
    assert verdict(case | {"sql": "SELECT 1 AS b"}).startswith("columns")
    assert verdict(case | {"sql": "SELECT a"}).startswith("we say COLUMN_NOT_FOUND")
    assert verdict({"sql": "SELECT 1", "error_name": "X", "error_message": ""}).startswith("Trino says X")
    assert verdict({"sql": "SELECT a", "error_name": "COLUMN_NOT_FOUND", "error_message": ""}) == "right"


@pytest.mark.parametrize(("function", "letter"), [("lower", 0x2C2F), ("lower", 0x10595), ("upper", 0xA7D9)])
def test_letters_whose_case_depends_on_the_version_of_java_are_refused(function: str, letter: int) -> None:
    with pytest.raises(SqlError) as caught:
        answer(f"SELECT {function}(x) FROM (VALUES 'a{chr(letter)}') AS t (x)")
    assert caught.value.name == "NOT_SUPPORTED"


def test_case_of_other_letters() -> None:
    # From Java 17's Character.toLowerCase and toUpperCase; U+10400 and U+10428 are a pair of Deseret letters.
    _, rows = answer("SELECT lower(x), upper(x) FROM (VALUES 'ÄßΣ\U00010400\U00010428', NULL) AS t (x)")
    assert sorted(rows, key=repr) == sorted(
        [["äßσ\U00010428\U00010428", "ÄßΣ\U00010400\U00010400"], [None, None]], key=repr
    )


def test_too_deep_a_query_is_an_error() -> None:
    with pytest.raises(SqlError) as caught:
        translate("SELECT " + "+".join(["1"] * 50000), NoTables())
    assert caught.value.name == "STACK_OVERFLOW"
