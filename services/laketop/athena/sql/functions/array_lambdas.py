"""The functions of Trino's page "Array functions and operators" that take a lambda."""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.elements import element, once
from laketop.athena.sql.functions.lambdas import Lambda, bind, condition, unexpected, values

PAGE = "Array functions and operators"

_MOST_COMPARED = 2000  # elements of an array that is sorted by a lambda: all pairs are compared
_ROUNDS = 4  # after so many attempts Trino gives up to find the type of reduce's state


def _array(call: Call, count: int) -> tuple[Expr, t.Type]:
    """The first argument of a function of an array and lambdas, and its elements' type."""
    given = values(call, count, 1)[0]
    if given.type != t.UNKNOWN and not isinstance(given.type, t.Array):
        raise unexpected(call)
    type_ = element(call, given)
    return coerce(given, t.Array(type_)), type_


def _transform(call: Call) -> Expr:
    array, type_ = _array(call, 2)
    found = bind(call, 1, (type_,))
    sql = f"list_transform({array.sql}, lambda {found.names[0]}: {found.sql})"
    return Expr(sql, t.Array(found.body.type))


def _filter(call: Call) -> Expr:
    array, type_ = _array(call, 2)
    found = condition(call, 1, (type_,))
    return Expr(f"list_filter({array.sql}, lambda {found.names[0]}: {found.sql})", array.type)


def _match(template: str, start: str, decisive: str) -> Rule:
    """any_match, all_match and none_match: three-valued, and over when an element decides.

    Args:
        template: DuckDB SQL that makes the answer of that of all elements.
        start: AND or OR, and what it starts with.
        decisive: the element's answer after which no other is looked at.
    """
    word, first = start.split(" ")

    def compiled(call: Call) -> Expr:
        array, type_ = _array(call, 2)
        found = condition(call, 1, (type_,))
        name = found.names[0]

        def answer(elements: str) -> str:
            answers = f"list_transform({elements}, lambda {name}: {found.sql})"
            return template.format(f"list_reduce({answers}, lambda a_m, b_m: (a_m {word} b_m), {first})")

        if not _may_fail(found):
            return Expr(answer(array.sql), t.BOOLEAN)

        def until(elements: str) -> str:
            # an element behind the decisive one must not fail
            tried = f"list_transform({elements}, lambda {name}: TRY({found.sql}))"
            end = f"coalesce(list_position({tried}, {decisive}), len({elements}))"
            return answer(f"list_slice({elements}, 1, {end})")

        return Expr(once(until, array.sql), t.BOOLEAN)

    return compiled


def _may_fail(found: Lambda) -> bool:
    """Whether the body may raise an error: it holds more than comparisons and logic."""
    return any(mark in found.sql for mark in ("laketop!", "tr_", "py_", "CAST(", " + ", " - ", " * "))


def _reduce(call: Call) -> Expr:
    if len(call.nodes) != 4:
        raise unexpected(call)
    array, initial = values(call, 4, 2)
    if array.type != t.UNKNOWN and not isinstance(array.type, t.Array):
        raise unexpected(call)
    type_ = element(call, array)
    state = _state(call, type_, initial.type)
    array, initial = coerce(array, t.Array(type_)), coerce(initial, state)
    final = bind(call, 3, (state,))
    name = final.names[0]
    if final.sql == name:
        return Expr(_reduced(call, array.sql, initial.sql, state, type_), final.body.type)

    def finished(elements: str) -> str:
        # a lambda over a list of one computes the state once; NULL instead of an array is not even that
        reduced = _reduced(call, elements, initial.sql, state, type_)
        last = f"list_extract(list_transform([{reduced}], lambda {name}: {final.sql}), 1)"
        return f"CASE WHEN {elements} IS NOT NULL THEN {last} END"

    return Expr(once(finished, array.sql), final.body.type)


def _reduced(call: Call, array: str, initial: str, state: t.Type, type_: t.Type) -> str:
    kinds = t.duckdb_type(state), t.duckdb_type(type_)
    if kinds[0] == kinds[1]:
        step = bind(call, 2, (state, type_))
        return f"list_reduce({array}, lambda {', '.join(step.names)}: {step.sql}, {initial})"
    # DuckDB's list_reduce knows one type: state and element are parts of a struct
    step = bind(call, 2, (state, type_))
    parts = dict(zip(step.names, ("s", "x"), strict=True))
    step = bind(call, 2, (state, type_), lambda _: tuple(f"struct_extract({n}, '{part}')" for n, part in parts.items()))
    items = f"list_transform({array}, lambda e_r: {{'s': CAST(NULL AS {kinds[0]}), 'x': e_r}})"
    body = f"{{'s': {step.sql}, 'x': CAST(NULL AS {kinds[1]})}}"
    start = f"{{'s': {initial}, 'x': CAST(NULL AS {kinds[1]})}}"
    return f"struct_extract(list_reduce({items}, lambda {', '.join(step.names)}: {body}, {start}), 's')"


def _state(call: Call, type_: t.Type, initial: t.Type) -> t.Type:
    """The type of reduce's state: that in which the initial state and what the lambda returns meet.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where the lambda does not return it, GENERIC_INTERNAL_ERROR where it grows forever.
    """
    state = initial
    for _ in range(_ROUNDS):
        returned = bind(call, 2, (state, type_)).body.type
        if returned == state:
            return state
        wider = common(state, returned)
        if wider is None or wider == state:
            raise unexpected(call)
        state = wider
    problem = f"SignatureBinder.iterativeSolve does not converge after {_ROUNDS} iterations."
    raise SqlError("GENERIC_INTERNAL_ERROR", problem)


def _zip_with(call: Call) -> Expr:
    given = values(call, 3, 2)
    if any(value.type != t.UNKNOWN and not isinstance(value.type, t.Array) for value in given):
        raise unexpected(call)
    types = tuple(element(call, value) for value in given)
    arrays = [coerce(value, t.Array(type_)).sql for value, type_ in zip(given, types, strict=True)]
    found = bind(call, 2, types, lambda name: (f"struct_extract({name}, 1)", f"struct_extract({name}, 2)"))

    def zipped(left: str, right: str) -> str:
        listed = f"list_transform(list_zip({left}, {right}), lambda {found.names[0]}: {found.sql})"
        return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {listed} END"

    return Expr(once(zipped, *arrays), t.Array(found.body.type))


def sorted_by(call: Call) -> Expr:
    """array_sort with a comparator: the answers of all pairs, and Java's sort over them.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where the lambda does not return an integer.
    """
    array, type_ = _array(call, 2)
    found = bind(call, 1, (type_, type_))
    if found.body.type != t.INTEGER:
        raise unexpected(call)
    left, right = found.names

    def ordered(elements: str) -> str:
        answers = f"list_transform({elements}, lambda {right}: {found.sql})"
        matrix = f"list_transform({elements}, lambda {left}: {answers})"
        size = f"'array_sort of ' || CAST(len({elements}) AS VARCHAR) || ' elements with a comparison function'"
        error = text.raising("NOT_SUPPORTED", size, t.duckdb_type(array.type))
        sorted_ = f"list_select({elements}, py_array_order({matrix}))"
        return f"CASE WHEN len({elements}) > {_MOST_COMPARED} THEN {error} ELSE {sorted_} END"

    return Expr(once(ordered, array.sql), array.type)


LOWERED: dict[str, Rule] = {
    "transform": _transform,
    "filter": _filter,
    "any_match": _match("{}", "OR FALSE", "TRUE"),
    "all_match": _match("{}", "AND TRUE", "FALSE"),
    "none_match": _match("(NOT {})", "OR FALSE", "TRUE"),
    "reduce": _reduce,
    "zip_with": _zip_with,
}
