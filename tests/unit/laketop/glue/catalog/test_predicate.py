"""GetPartitions expressions, held against SQLite's own three-valued logic."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.glue.catalog.predicate import HIVE_NULL, TYPES, parse
from laketop.glue.errors import InvalidInput

KEYS = [
    {"Name": "dt", "Type": "date"},
    {"Name": "n", "Type": "int"},
    {"Name": "s", "Type": "string"},
    {"Name": "d", "Type": "decimal(5,2)"},
    {"Name": "ts", "Type": "timestamp"},
    {"Name": "flag", "Type": "boolean"},
]
VALUES = ["2024-01-02", "10", "it's", "1.50", "2024-01-01 00:00:01", "true"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("n > 9", True),
        ("n > '9'", True),
        ("n = 010", True),
        ("N = 10", True),
        ('"n" = 10', True),
        ("9 < n", True),
        ("10 <= n AND 10 >= n", True),
        ("n != 10 OR n <> 10", False),
        ("n = -10", False),
        ("n IN (1, 10)", True),
        ("NOT n IN (1, 10)", False),
        ("n NOT BETWEEN 1 AND 9", True),
        ("dt >= '2024-01-02'", True),
        ("dt BETWEEN '2024-01-01' AND '2024-01-02'", True),
        ("s = 'it''s'", True),
        ("s LIKE 'it%'", True),
        ("s NOT LIKE 'it%'", False),
        ("s LIKE '__''_'", True),
        ("s < 'iu'", True),
        ("s IS NULL", False),
        ("s IS NOT NULL", True),
        ("d = 1.5", True),
        ("d > 1", True),
        ("ts > '2024-01-01'", True),
        ("ts = '2024-01-01 00:00:01.0'", True),
        ("(n = 1 OR (s = 'x' OR d = 1.5)) AND NOT (n = 2)", True),
        (" or ".join(["n = 1"] * 500), False),
    ],
)
def test_values_compare_by_the_type_of_their_key(expression: str, expected: bool) -> None:
    assert parse(expression, KEYS)(VALUES) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "n =",
        "n = 1 extra",
        "n = 1; n = 2",
        "SELECT 1",
        "upper(s) = 'A'",
        "cast(n AS bigint) = 1",
        "n + 1 = 2",
        "n = n",
        "1 = 1",
        "true",
        "n",
        "x = 1",
        "t.n = 1",
        "n = 1.5",
        "n = 'x'",
        "n = NULL",
        "n IN (SELECT 1)",
        "n IN ()",
        "n IN (n)",
        "s = 1",
        "dt = 20240102",
        "dt = '2024-1-2'",
        "dt = date '2024-01-02'",
        "n LIKE '1%'",
        "s LIKE 'a' ESCAPE 'b'",
        "s ILIKE 'a'",
        "s IS TRUE",
        "flag = 'true'",
        "n IS DISTINCT FROM 1",
        "n BETWEEN SYMMETRIC 2 AND 1",
        "n = ANY (SELECT 1)",
        "regexp_like(s, 'a')",
        "EXISTS (SELECT 1)",
        "CASE WHEN n = 1 THEN true END",
        "(" * 1000 + "n = 1" + ")" * 1000,
    ],
)
def test_what_getpartitions_does_not_have_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match="Expression"):
        parse(expression, KEYS)


def test_a_value_that_is_none_of_its_type_is_named() -> None:
    with pytest.raises(InvalidInput, match="has no int in 'n'"):
        parse("n > 1", KEYS)(["2024-01-01", "many", "a", "1", "2024-01-01", "true"])


@pytest.mark.parametrize("type_name", sorted(TYPES))
def test_every_documented_type_is_known(type_name: str) -> None:
    literal = {"date": "'2024-01-01'", "string": "'1'", "timestamp": "'2024-01-01 10:00:00'"}.get(type_name, "1")
    assert parse(f"k = {literal}", [{"Name": "k", "Type": type_name}])([literal.strip("'")]) is True


operands = st.integers(-2, 2)
leaves = st.one_of(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]), operands).map(
        lambda part: f"{part[0]} {part[1]} {part[2]}"
    ),
    st.tuples(operands, st.sampled_from(["=", "<", ">="]), st.sampled_from("ab")).map(
        lambda part: f"{part[0]} {part[1]} {part[2]}"
    ),
    st.tuples(st.sampled_from("ab"), st.sampled_from(["IN", "NOT IN"]), st.lists(operands, min_size=1, max_size=3)).map(
        lambda part: f"{part[0]} {part[1]} ({', '.join(map(str, part[2]))})"
    ),
    st.tuples(st.sampled_from("ab"), st.sampled_from(["", "NOT "]), operands, operands).map(
        lambda part: f"{part[0]} {part[1]}BETWEEN {part[2]} AND {part[3]}"
    ),
    st.tuples(st.sampled_from("ab"), st.sampled_from(["IS NULL", "IS NOT NULL"])).map(" ".join),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"NOT ({text})"),
    ),
    max_leaves=8,
)


@given(expressions, st.none() | operands, st.none() | operands)
def test_the_logic_is_that_of_sql(expression: str, a: int | None, b: int | None) -> None:
    texts = [HIVE_NULL if value is None else str(value) for value in (a, b)]
    found = parse(expression, [{"Name": "a", "Type": "int"}, {"Name": "b", "Type": "bigint"}])(texts)
    with sqlite3.connect(":memory:") as connection:
        (truth,) = connection.execute(f"SELECT {expression} FROM (SELECT ? AS a, ? AS b)", (a, b)).fetchone()
    connection.close()
    assert found == (None if truth is None else bool(truth))
