"""Comparisons of arrays, maps and rows, part by part.

A NULL inside makes an equality unknown unless another part settles it; DuckDB takes two NULLs inside for the same.
Follows Trino's page "Comparison functions and operators" and measured answers.
"""

import zlib

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import compared
from laketop.athena.sql.core import Expr
from laketop.athena.sql.equality import distinct_key, holds_null, sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place


def compare_nested(symbol: str, a: str, b: str, type_: t.Type, node: exp.Expr) -> str:
    """DuckDB SQL for a comparison of two arrays, maps or rows of one type; the operands are short."""
    if symbol == "=":
        return _equal(a, b, type_, node)
    if symbol == "<>":
        return f"(NOT {_equal(a, b, type_, node)})"
    return _ordered(symbol, a, b, type_, node)


def _equal(a: str, b: str, type_: t.Type, node: exp.Expr) -> str:
    match type_:
        case t.Row(fields):
            tests = [
                compared("=", f"struct_extract({a}, 'f{number}')", f"struct_extract({b}, 'f{number}')", part, node)
                for number, (_, part) in enumerate(fields)
            ]
            return f"({' AND '.join(tests)})"
        case t.Array(element):
            return _equal_arrays(a, b, element, node)
        case t.Map(key, value):
            return _equal_maps(a, b, key, value, node)
    raise AssertionError(type_)


def _equal_arrays(a: str, b: str, element: t.Type, node: exp.Expr) -> str:
    name = _name(a + b)
    test = compared("=", f"list_extract({a}, {name})", f"list_extract({b}, {name})", element, node)
    tests = f"list_transform(range(1, len({a}) + 1), lambda {name}: {test})"
    unlike = f"WHEN len({a}) <> len({b}) THEN FALSE"
    return f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL {unlike} ELSE tr_all({tests}) END)"


def _equal_maps(a: str, b: str, key: t.Type, value: t.Type, node: exp.Expr) -> str:
    name = _name(a + b)
    if distinct_key(Expr(name, key), node) != name:
        raise not_supported(f"A comparison of maps with {key} keys", *place(node))
    test = compared("=", f"map_extract_value({a}, {name})", f"map_extract_value({b}, {name})", value, node)
    found = f"CASE WHEN map_contains({b}, {name}) THEN {test} ELSE FALSE END"
    tests = f"list_transform(map_keys({a}), lambda {name}: {found})"
    sizes = f"cardinality({a}) <> cardinality({b})"
    return f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {sizes} THEN FALSE ELSE tr_all({tests}) END)"


def _ordered(symbol: str, a: str, b: str, type_: t.Type, node: exp.Expr) -> str:
    """By the first parts that differ; a NULL on the way there is an error."""
    left, right = sort_key(Expr(a, type_), node), sort_key(Expr(b, type_), node)
    nulls = f"{holds_null(a, type_)} OR {holds_null(b, type_)}"
    if isinstance(type_, t.Row):
        careful = _ordered_rows(symbol, a, b, type_, node)
    else:
        assert isinstance(type_, t.Array)  # noqa: S101 - nothing else has an order
        careful = _ordered_arrays(symbol, a, b, type_.element, node)
    return (
        f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {nulls} THEN {careful} ELSE {left} {symbol} {right} END)"
    )


def _null_met(what: str, a: str) -> str:
    message = f"'{what} with null elements' || left(CAST({a} AS VARCHAR), 0)"
    return text.raising("NOT_SUPPORTED", message, "BOOLEAN")


def _ordered_rows(symbol: str, a: str, b: str, type_: t.Row, node: exp.Expr) -> str:
    failed = _null_met("ROW comparison not supported for fields", a)
    branches = []
    for number, (_, part) in enumerate(type_.fields):
        x, y = (f"struct_extract({side}, 'f{number}')" for side in (a, b))
        p, q = (sort_key(Expr(side, part), node) for side in (x, y))
        branches.append(f"WHEN {x} IS NULL OR {y} IS NULL THEN {failed} WHEN {p} <> {q} THEN {p} {symbol} {q}")
    return f"CASE {' '.join(branches)} ELSE {'TRUE' if '=' in symbol else 'FALSE'} END"


def _ordered_arrays(symbol: str, a: str, b: str, element: t.Type, node: exp.Expr) -> str:
    failed = _null_met("ARRAY comparison not supported for arrays", a)
    name = _name(a + b + symbol)
    x, y = (f"list_extract({side}, {name})" for side in (a, b))
    p, q = (sort_key(Expr(side, element), node) for side in (x, y))
    differ = f"lambda {name}: {x} IS NULL OR {y} IS NULL OR {p} <> {q}"
    places = f"list_filter(range(1, least(len({a}), len({b})) + 1), {differ})"
    test = f"CASE WHEN {x} IS NULL OR {y} IS NULL THEN {failed} ELSE {p} {symbol} {q} END"
    first = f"list_slice({places}, 1, 1)"
    found = f"list_extract(list_transform({first}, lambda {name}: {test}), 1)"
    return f"CASE WHEN len({places}) = 0 THEN len({a}) {symbol} len({b}) ELSE {found} END"


def _name(sql: str) -> str:
    """A lambda's argument that nothing inside of its body is called."""
    return f"n{zlib.crc32(sql.encode()):08x}"
