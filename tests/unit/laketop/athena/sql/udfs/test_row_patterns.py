"""The matcher of MATCH_RECOGNIZE against regular expressions, which go back in the same way, and its limits."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.match_recognize.program import compiled
from laketop.athena.sql.udfs import row_patterns
from laketop.athena.sql.udfs.row_patterns import row_pattern

LABELS = ["A", "B", "C"]
TEXT = st.text("ABC", max_size=12)


def _label(name: str) -> tuple[list[Any], str]:
    return ["label", name], name


def _quantified(part: tuple[list[Any], str], least: int, more: int | None, greedy: bool) -> tuple[list[Any], str]:
    most = None if more is None else max(least + more, 1)
    text = f"(?:{part[1]}){{{least},{'' if most is None else most}}}{'' if greedy else '?'}"
    return ["quantified", part[0], least, most, greedy], text


def _joined(parts: list[tuple[list[Any], str]], word: str, sign: str) -> tuple[list[Any], str]:
    return [word, *(part for part, _ in parts)], f"(?:{sign.join(text for _, text in parts)})"


def _extended(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(inner, min_size=2, max_size=3)
    more = st.one_of(st.none(), st.integers(0, 2))
    return st.one_of(
        parts.map(lambda some: _joined(some, "concat", "")),
        parts.map(lambda some: _joined(some, "or", "|")),
        # what repeats takes a row: expressions differ in what they do with repetitions of nothing
        st.builds(_quantified, inner, st.integers(1, 2), more, st.booleans()),
        st.builds(lambda name, *rest: _quantified(_label(name), 0, *rest), st.sampled_from(LABELS), more, st.booleans())
        .flatmap(lambda found: inner.map(lambda after: _joined([found, after], "concat", ""))),
    )  # fmt: skip


PATTERNS = st.recursive(st.sampled_from(LABELS).map(_label), _extended, max_leaves=6)


def _plan(pattern: list[Any], skip: str = "PAST") -> str:
    return json.dumps(
        {
            "steps": compiled(pattern, LABELS, exp.Null()),
            "labels": LABELS,
            "conditions": [["truth", None, number, "NOT_SUPPORTED"] for number in range(len(LABELS))],
            "bases": [],
            "aggregates": [],
            "numbered": False,
            "kinds": [],
            "rows": "SHOW",
            "skip": [skip, []],
            "pointers": [],
            "members": False,
        }
    )


def _truths(text: str) -> list[list[int | None]]:
    return [[*(int(letter == label) for letter in text), 0] for label in LABELS]


def _expected(expression: str, text: str) -> list[str]:
    found, start = [], 0
    while start < len(text):
        match = re.compile(expression).match(text, start)
        if match:
            found.append(match.group())
        start = match.end() if match and match.group() else start + 1
    return found


@given(PATTERNS, TEXT)
def test_matches_are_those_of_a_regular_expression(pattern: tuple[list[Any], str], text: str) -> None:
    rows = row_pattern(_plan(pattern[0]), len(text), _truths(text), [], [])
    found: dict[int, str] = {}
    for number, _, _, label, *_ in rows:
        found[number] = found.get(number, "") + (LABELS[label] if label >= 0 else "")
    assert list(found.values()) == _expected(pattern[1], text)


def test_a_failed_condition_fails_only_where_it_is_asked() -> None:
    truths = [[1, 1, 0], [0, 1, 0], [None, 0, 0]]
    pattern = ["concat", ["label", "A"], ["label", "B"]]
    assert [row[2] for row in row_pattern(_plan(pattern), 2, truths, [], [])] == [1, 2]
    with pytest.raises(SqlError, match="condition"):
        row_pattern(_plan(["or", ["label", "C"], pattern]), 2, truths, [], [])


def test_too_many_steps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_patterns, "_MOST", 10)
    with pytest.raises(SqlError, match="goes back this often") as raised:
        row_pattern(_plan(["quantified", ["label", "A"], 0, None, True]), 20, _truths("A" * 20), [], [])
    assert raised.value.name == "NOT_SUPPORTED"


@pytest.mark.parametrize(
    "pattern",
    [["quantified", ["label", "A"], 30_000, None, True], ["permute", *(["label", "A"] for _ in range(8))]],
)
def test_large_patterns_are_refused(pattern: list[Any]) -> None:
    with pytest.raises(SqlError) as raised:
        compiled(pattern, LABELS, exp.Null())
    assert raised.value.name == "NOT_SUPPORTED"
