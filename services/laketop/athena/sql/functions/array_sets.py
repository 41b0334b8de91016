"""Arrays as sets, and what looks for an element, of Trino's page "Array functions and operators".

Sets tell elements apart as IS DISTINCT FROM does (a NULL, or a NaN, is there once); what looks for an element compares
with `=` (NULL is found nowhere, NaN neither). Results are in the order in which Trino gives them: that of the array, of
array_intersect that of the longer one.
"""

from collections.abc import Callable

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce
from laketop.athena.sql.comparison import compare
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions import ipaddress
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.elements import arguments, element, key, keys, met, once, order

PAGE = "Array functions and operators"

# The first of equal elements: {0} is the array, {1} its keys.
_FIRST = "list_position({1}, list_extract({1}, i_s)) = i_s"
# whether the element's key is among {2}
_AMONG = "list_position({2}, list_extract({1}, i_s))"


def _arrays(call: Call, count: int) -> tuple[list[str], t.Type]:
    """Arguments that are arrays of one type."""
    given = arguments(call, count)
    type_ = met(call, *(element(call, value) for value in given))
    return [coerce(value, t.Array(type_)).sql for value in given], type_


def _chosen(array: str, keyed: str, test: str) -> str:
    return f"list_filter({array}, lambda e_s, i_s: {test.format(array, keyed, '')})"


def _distinct(call: Call) -> Expr:
    (array,), type_ = _arrays(call, 1)
    return Expr(once(lambda a: _chosen(a, keys(call, type_, a), _FIRST), array), t.Array(type_))


def _union(call: Call) -> Expr:
    (left, right), type_ = _arrays(call, 2)
    return Expr(once(lambda a: _chosen(a, keys(call, type_, a), _FIRST), f"({left} || {right})"), t.Array(type_))


def _except(call: Call) -> Expr:
    (left, right), type_ = _arrays(call, 2)

    def chosen(a: str, b: str) -> str:
        keyed = keys(call, type_, a), keys(call, type_, b)
        test = f"{_FIRST} AND {_AMONG} IS NULL".format(a, *keyed)
        # Trino gives the first array as it is where the second is empty
        return (
            f"CASE WHEN len({b}) = 0 THEN {a} WHEN {b} IS NOT NULL THEN list_filter({a}, lambda e_s, i_s: {test}) END"
        )

    return Expr(once(chosen, left, right), t.Array(type_))


def _intersect(call: Call) -> Expr:
    (left, right), type_ = _arrays(call, 2)

    def chosen(a: str, b: str) -> str:
        keyed = keys(call, type_, a), keys(call, type_, b)
        test = f"{_FIRST} AND {_AMONG} IS NOT NULL".format(a, *keyed)
        return f"list_filter({a}, lambda e_s, i_s: {test})"

    def longer(a: str, b: str) -> str:
        # NULL where an array is
        return f"CASE WHEN len({a}) >= len({b}) THEN {chosen(a, b)} WHEN len({a}) < len({b}) THEN {chosen(b, a)} END"

    return Expr(once(longer, left, right), t.Array(type_))


def _overlap(call: Call) -> Expr:
    (left, right), type_ = _arrays(call, 2)

    def found(a: str, b: str) -> str:
        # Trino sorts the elements, which fails for arrays and rows that hold a NULL
        maker = order if isinstance(type_, t.Array | t.Row) else key
        common = f"list_has_any({keys(call, type_, a, maker)}, {keys(call, type_, b, maker)})"
        unknown = " OR ".join(f"list_position({x}, NULL) IS NOT NULL" for x in (a, b))
        return (
            f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN len({a}) = 0 OR len({b}) = 0 THEN FALSE "
            f"WHEN {common} THEN TRUE WHEN {unknown} THEN NULL ELSE FALSE END"
        )

    return Expr(once(found, left, right), t.BOOLEAN)


def _contains_sequence(call: Call) -> Expr:
    (left, right), type_ = _arrays(call, 2)

    def found(a: str, b: str) -> str:
        starts = f"range(1, len({a}) - len({b}) + 2)"
        part = f"list_slice({keys(call, type_, a)}, i_s, i_s + len({b}) - 1)"
        same = f"list_transform({starts}, lambda i_s: {part} IS NOT DISTINCT FROM {keys(call, type_, b)})"
        # an empty sequence is everywhere
        return f"CASE WHEN len({b}) = 0 THEN TRUE ELSE coalesce(list_contains({same}, TRUE), FALSE) END"

    def unless_null(a: str, b: str) -> str:
        return f"CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {found(a, b)} END"

    return Expr(once(unless_null, left, right), t.BOOLEAN)


def _histogram(call: Call) -> Expr:
    (array,), type_ = _arrays(call, 1)

    def counted(a: str) -> str:
        known = f"list_filter({a}, lambda e_h: e_h IS NOT NULL)"
        keyed = keys(call, type_, known)
        values = _chosen(known, keyed, _FIRST)
        counts = f"CAST(len(list_filter({keyed}, lambda e_o: e_o = {key(call, type_, 'e_h')})) AS BIGINT)"
        return f"map({values}, list_transform({values}, lambda e_h: {counts}))"

    return Expr(once(counted, array), t.Map(type_, t.BIGINT))


# How an element compares with the one looked for.
_NO, _YES, _UNKNOWN, _NULL = range(4)


def _search(answer: Callable[[Call, str, str, t.Type], str], nested: Callable[[Call, str, str, t.Type], str]) -> Rule:
    """A function of an array and an element; `answer` for elements with a plain `=`, `nested` for the rest."""

    def compiled(call: Call) -> Expr:
        array, value = arguments(call, 2)
        if call.name == "contains" and isinstance(array.type, t.Varchar):
            return ipaddress.contains(call)
        type_ = met(call, element(call, array), value.type)
        key(call, type_, "ek")
        sides = coerce(array, t.Array(type_)).sql, coerce(value, type_).sql
        body = nested if isinstance(type_, t.Array | t.Map | t.Row) else answer
        gives = t.BOOLEAN if call.name == "contains" else t.BIGINT if call.name == "array_position" else t.Array(type_)

        def unless_null(a: str, v: str) -> str:
            return f"CASE WHEN {a} IS NOT NULL AND {v} IS NOT NULL THEN {body(call, a, v, type_)} END"

        return Expr(once(unless_null, *sides), gives)

    return compiled


def _position(call: Call, a: str, v: str, type_: t.Type) -> str:
    """The place of the first element that is equal, NULL if there is none."""
    place = f"list_position({keys(call, type_, a)}, {key(call, type_, v)})"
    return f"CASE WHEN NOT isnan({v}) THEN {place} END" if t.is_float(type_) else place


def _contains(call: Call, a: str, v: str, type_: t.Type) -> str:
    return (
        f"CASE WHEN {_position(call, a, v, type_)} IS NOT NULL THEN TRUE "
        f"WHEN list_position({a}, NULL) IS NOT NULL THEN NULL ELSE FALSE END"
    )


def _array_position(call: Call, a: str, v: str, type_: t.Type) -> str:
    return f"CAST(coalesce({_position(call, a, v, type_)}, 0) AS BIGINT)"


def _remove(call: Call, a: str, v: str, type_: t.Type) -> str:
    other = f"{key(call, type_, 'e_s')} <> {key(call, type_, v)}"
    if t.is_float(type_):
        other += " OR isnan(e_s)"
    return f"list_filter({a}, lambda e_s: e_s IS NULL OR {other})"


def _answers(call: Call, a: str, v: str, type_: t.Type) -> str:
    """How each element compares: a NULL inside of it may leave that open."""
    equal = compare("=", Expr("e_s", type_), Expr(v, type_), call.node)
    case = f"WHEN e_s IS NULL THEN {_NULL} WHEN {equal} THEN {_YES} WHEN NOT {equal} THEN {_NO} ELSE {_UNKNOWN}"
    return f"list_transform({a}, lambda e_s: CASE {case} END)"


def _open(call: Call, answers: str, gives: str) -> str:
    """Trino's error for a comparison that a NULL leaves open."""
    what = text.string(f"{call.name} does not support arrays with elements that are null or contain null")
    return text.raising("NOT_SUPPORTED", f"{what} || left(CAST(len({answers}) AS VARCHAR), 0)", gives)


def _nested_place(call: Call, a: str, v: str, type_: t.Type, gives: str, found: str, missing: str) -> str:
    def placed(answers: str) -> str:
        yes, unknown = (f"list_position({answers}, {code})" for code in (_YES, _UNKNOWN))
        return (
            f"CASE WHEN {unknown} < coalesce({yes}, {unknown} + 1) THEN {_open(call, answers, gives)} "
            f"WHEN {yes} IS NOT NULL THEN {found.format(yes)} {missing.format(answers)} END"
        )

    return once(placed, _answers(call, a, v, type_))


def _nested_contains(call: Call, a: str, v: str, type_: t.Type) -> str:
    missing = f"WHEN list_position({{0}}, {_NULL}) IS NOT NULL THEN NULL ELSE FALSE"
    return _nested_place(call, a, v, type_, "BOOLEAN", "TRUE", missing)


def _nested_position(call: Call, a: str, v: str, type_: t.Type) -> str:
    return _nested_place(call, a, v, type_, "BIGINT", "CAST({0} AS BIGINT)", "ELSE 0")


def _nested_remove(call: Call, a: str, v: str, type_: t.Type) -> str:
    def left(answers: str) -> str:
        kind = t.duckdb_type(t.Array(type_))
        kept = f"list_filter({a}, lambda e_s, i_s: list_extract({answers}, i_s) <> {_YES})"
        error = _open(call, answers, kind)
        return f"CASE WHEN list_position({answers}, {_UNKNOWN}) IS NOT NULL THEN {error} ELSE {kept} END"

    return once(left, _answers(call, a, v, type_))


LOWERED: dict[str, Rule] = {
    "array_distinct": _distinct,
    "array_except": _except,
    "array_histogram": _histogram,
    "array_intersect": _intersect,
    "array_position": _search(_array_position, _nested_position),
    "array_remove": _search(_remove, _nested_remove),
    "array_union": _union,
    "arrays_overlap": _overlap,
    "contains": _search(_contains, _nested_contains),
    "contains_sequence": _contains_sequence,
}
