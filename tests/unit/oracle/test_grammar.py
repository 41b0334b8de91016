"""The fuzzer's grammar, without a Trino."""

import random
from itertools import islice

import pytest

from laketop.athena.sql.parse import parse
from tests.oracle import grammar

_SHOWN = [
    ["abs", "bigint", "bigint", "scalar", True, ""],
    ["lower", "varchar(x)", "varchar(x)", "scalar", True, ""],
    ["transform", "array(U)", "array(T), function(T,U)", "scalar", True, ""],
    ["element_at", "V", "map(K,V), K", "scalar", True, ""],
    ["sum", "bigint", "bigint", "aggregate", True, ""],
    ["row_number", "bigint", "", "window", True, ""],
    ["random", "double", "", "scalar", False, ""],
]
_FAMILIES = dict.fromkeys(("abs", "lower", "transform", "element_at", "sum", "row_number", "random"), "some")


def _made(seed: int, count: int = 200) -> list[grammar.Query]:
    known = grammar.signatures(_SHOWN, _FAMILIES)
    return list(islice(grammar.Grammar(random.Random(seed), known).queries(), count))


def test_queries_are_trino_sql() -> None:
    for query in _made(1):
        parse(query.sql())


def test_a_seed_makes_the_same_queries() -> None:
    assert _made(7) == _made(7) != _made(8)


def test_volatile_functions_are_left_out() -> None:
    assert all("random(" not in query.sql() for query in _made(3))


def test_expressions_of_one_shape_share_a_statement() -> None:
    queries = _made(2)
    same = [query for query in queries if query.shape == queries[0].shape and query.head == queries[0].head]
    assert grammar.together(same).count(queries[0].shape or "SELECT") == 1


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("varchar(x)", "varchar"),
        ("decimal(p,s)", "decimal"),
        ("timestamp(p) with time zone", "timestamp with time zone"),
        ("map(varchar(x),array(decimal(p,s)))", "map(varchar, array(decimal))"),
    ],
)
def test_types_without_lengths(type_: str, expected: str) -> None:
    assert grammar.simple(type_) == expected


def test_variables_of_a_signature_are_bound_once() -> None:
    bound: dict[str, str] = {}
    assert grammar.unify("map(K, V)", "map(bigint, varchar)", bound)
    assert bound == {"K": "bigint", "V": "varchar"}
    assert not grammar.unify("array(K)", "array(double)", bound)


def test_a_fault_of_the_oracle_is_no_find() -> None:
    assert grammar.is_accident({"error_message": "corrupted geometry"})
    assert not grammar.is_accident({"rows": [[1]]})
