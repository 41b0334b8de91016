"""The place of an error in a statement."""

import pytest

from streamlit_app.figures.caret import place, pointed

LONG = "\n".join(["SELECT 1"] * 11 + ["FROM nowhere"])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("line 1:1: mismatched input 'SELEC'", (1, 1)),
        ("TABLE_NOT_FOUND: line 12:345: Table 'x' does not exist", (12, 345)),
        ("first line 2:3: then line 4:5: too", (2, 3)),
        ("FAILED: ParseException line 1:7 cannot recognize input", None),  # Hive counts from 0
        ("deadline 1:2: x", None),
        ("no place at all", None),
        ("line 99999999999:1: beyond any text", None),
    ],
)
def test_place(message: str, expected: tuple[int, int] | None) -> None:
    assert place(message) == expected


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("SELEC 1", "line 1:1: x", "1 | SELEC 1\n    ^"),
        ("SELECT a,\n  b FROM t", "line 2:3: x", "2 |   b FROM t\n      ^"),
        (LONG, "line 12:6: x", "12 | FROM nowhere\n          ^"),
        ("SELECT\n\tx, \ty", "line 2:6: x", "2 | \tx, \ty\n    \t   \t^"),
        ("SELECT 'é' + b", "line 1:14: x", "1 | SELECT 'é' + b\n                 ^"),
        ("SELECT 'e\u0301', b", "line 1:13: x", "1 | SELECT 'e\u0301', b\n               ^"),
        ("SELECT '日本', b", "line 1:14: x", "1 | SELECT '日本', b\n                   ^"),
        ("SELECT '🚀', b", "line 1:13: x", "1 | SELECT '🚀', b\n                 ^"),
        ("SELECT 1\r\nFROM t", "line 2:6: x", "2 | FROM t\n         ^"),
        ("SELECT", "line 1:7: mismatched input '<EOF>'", "1 | SELECT\n          ^"),
        ("SELECT", "line 1:99: x", "1 | SELECT\n          ^"),
        ("SELECT\nFROM", "line 9:1: x", "2 | FROM\n        ^"),
        ("SELECT", "line 0:0: x", "1 | SELECT\n    ^"),
        ("", "line 1:1: x", "1 | \n    ^"),
    ],
)
def test_the_caret_stands_below_the_column(text: str, message: str, expected: str) -> None:
    assert pointed(text, message) == expected


def test_without_a_place_nothing_is_pointed_at() -> None:
    assert pointed("SELECT 1", "Query exhausted resources at this scale factor") is None
