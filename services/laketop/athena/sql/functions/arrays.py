"""Trino's page "Array functions and operators": ARRAY[…], subscripts, what takes arrays apart and puts them together.

The functions of this page that take a lambda are in `array_lambdas`, those that compare elements in `array_sets`.
"""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import unified
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import array_lambdas, maps
from laketop.athena.sql.functions.call import Call, Rule, ambiguous, with_args
from laketop.athena.sql.functions.elements import (
    arguments,
    carried,
    element,
    invalid,
    keys,
    largest,
    met,
    once,
    order,
    whole,
)
from laketop.athena.sql.functions.planned import alone
from laketop.athena.sql.strict import strict

PAGE = "Array functions and operators"

_MOST_REPEATED = 10_000
_MAX_BIGINT = 2**63 - 1
_MOST_COMBINED = 5  # elements of a combination
_LEAST = "(-9223372036854775807 - 1)"  # the least bigint
_ZIPPED = range(2, 6)  # arrays that zip takes


@rule(exp.Array)
def _array(node: exp.Array, context: Context) -> Expr:
    items, _ = parts(node, "expressions", "value_constructor")
    values = unified([compile_expression(item, context) for item in items], node, "ARRAY")
    type_ = values[0].type if values else t.UNKNOWN
    listed = ", ".join(value.sql for value in values)
    return Expr(f"CAST([{listed}] AS {t.duckdb_type(type_)}[])", t.Array(type_))


@rule(exp.Bracket)
def _subscript(node: exp.Bracket, context: Context) -> Expr:
    base, indices = parts(node, "this", "expressions")
    value = compile_expression(base, context)
    if len(indices) != 1:
        raise fail("SYNTAX_ERROR", "mismatched input ','. Expecting: ']'", node)
    if isinstance(value.type, t.Row):
        from laketop.athena.sql.functions import rows

        return rows.subscript(value, indices[0])
    index = compile_expression(indices[0], context)
    if isinstance(value.type, t.Map):
        call = Call("subscript", node, context, (base, indices[0]))
        return strict((value, index), maps.subscript(with_args(call, [value, index])))
    if value.type == t.UNKNOWN and (index.type == t.UNKNOWN or t.is_integer(index.type)):
        return value
    if not isinstance(value.type, t.Array) or common(index.type, t.BIGINT) != t.BIGINT:
        raise fail("TYPE_MISMATCH", f"Cannot use {index.type} for subscript of {value.type}", node)
    type_ = value.type.element

    def read(array: str, i: str) -> str:
        limit = "'Array subscript must be less than or equal to array length: '"
        beyond = invalid(f"{limit} || CAST({i} AS VARCHAR) || ' > ' || CAST(len({array}) AS VARCHAR)", type_)
        below = invalid(f"'Array subscript is negative: ' || CAST({i} AS VARCHAR) || {_hung(array)}", type_)
        return (
            f"CASE WHEN {i} > len({array}) THEN {beyond} "
            f"WHEN {array} IS NOT NULL AND {i} = 0 THEN {_zero(array, type_)} "
            f"WHEN {array} IS NOT NULL AND {i} < 0 THEN {below} ELSE list_extract({array}, {i}) END"
        )

    return strict((value, index), Expr(once(read, value.sql, coerce(index, t.BIGINT).sql), type_))


def _hung(array: str) -> str:
    """An empty text that hangs an error on the row: one of constants alone would be raised for rows that have none."""
    return f"left(CAST(len({array}) AS VARCHAR), 0)"


def _zero(array: str, type_: t.Type) -> str:
    return invalid(f"'SQL array indices start at 1' || {_hung(array)}", type_)


def _arrays(call: Call, count: int) -> tuple[list[str], t.Type]:
    """The arguments, which are arrays of one type."""
    given = arguments(call, count)
    type_ = met(call, *(element(call, value) for value in given))
    return [coerce(value, t.Array(type_)).sql for value in given], type_


def _first(call: Call, count: int) -> tuple[str, t.Type]:
    """The first argument, which is an array, of `count` arguments."""
    given = arguments(call, count)
    type_ = element(call, given[0])
    return coerce(given[0], t.Array(type_)).sql, type_


def _cardinality(call: Call) -> Expr:
    (value,) = arguments(call, 1)
    match value.type:
        case t.Array():
            return Expr(f"CAST(len({value.sql}) AS BIGINT)", t.BIGINT)
        case t.Map():
            return Expr(f"CAST(cardinality({value.sql}) AS BIGINT)", t.BIGINT)
        case t.HYPERLOGLOG:
            return Expr(f"py_hll_cardinality({value.sql})", t.BIGINT)
        case t.SET_DIGEST:
            return Expr(f"py_setdigest_cardinality({value.sql})", t.BIGINT)
        case t.UNKNOWN:
            return Expr("CAST(NULL AS BIGINT)", t.BIGINT)
    raise call.unexpected()


def _element_at(call: Call) -> Expr:
    value, index = arguments(call, 2)
    if isinstance(value.type, t.Map):
        return maps.element_at(call)
    array, type_ = _first(call, 2)

    def read(a: str, i: str) -> str:
        least = ""
        if index.type == t.BIGINT and index.literal is None:  # Trino takes its absolute value, which no bigint has
            failed = text.raising("GENERIC_INTERNAL_ERROR", f"'integer overflow' || {_hung(a)}", t.duckdb_type(type_))
            least = f"WHEN {a} IS NOT NULL AND {i} = {_LEAST} THEN {failed} "
        return f"CASE WHEN {a} IS NOT NULL AND {i} = 0 THEN {_zero(a, type_)} {least}ELSE list_extract({a}, {i}) END"

    return Expr(once(read, array, whole(call, index)), type_)


def _join(call: Call) -> Expr:
    if len(call.nodes) not in (2, 3):
        raise call.unexpected()
    array, type_ = _first(call, len(call.nodes))
    if any(common(value.type, t.VARCHAR) != t.VARCHAR for value in call.args[1:]):
        raise call.unexpected()
    separator, *new = (coerce(value, t.VARCHAR).sql for value in call.args[1:])
    try:
        item = cast(Expr("e_j", type_), t.VARCHAR, call.node).sql
    except SqlError as error:
        if error.name != "TYPE_MISMATCH":
            raise
        raise fail("OPERATOR_NOT_FOUND", f"Cannot cast {type_} to varchar", call.node) from error

    if type_ == t.JSON:
        item = _scalar(item)

    def joined(a: str, by: str, *instead: str) -> str:
        texts = f"list_transform({a}, lambda e_j: {f'coalesce({item}, {instead[0]})' if instead else item})"
        known = texts if instead else f"list_filter({texts}, lambda e_j: e_j IS NOT NULL)"
        there = " AND ".join(f"{sql} IS NOT NULL" for sql in (a, by, *instead))
        return f"CASE WHEN {there} THEN {_glued(known, by, constant=call.args[1].literal is not None)} END"

    return Expr(once(joined, array, separator, *new), t.VARCHAR)


def _scalar(item: str) -> str:
    """The text of a JSON element; for arrays and objects Trino has another error here than in CAST."""
    message = "'Error casting array element to VARCHAR' || left(e_j, 0)"
    error = text.raising("GENERIC_INTERNAL_ERROR", message, "VARCHAR")
    return f"CASE WHEN left(e_j, 1) IN ('[', '{{') THEN {error} ELSE {item} END"


def _glued(texts: str, by: str, *, constant: bool) -> str:
    """Texts put together; DuckDB's own function takes a constant separator only."""
    if constant:
        return f"coalesce(array_to_string({texts}, {by}), '')"
    return once(
        lambda listed: (
            f"CASE WHEN len({listed}) = 0 THEN '' ELSE list_reduce({listed}, lambda a_j, b_j: a_j || {by} || b_j) END"
        ),
        texts,
    )


def _extreme(function: str) -> Rule:
    """array_max and array_min: NULL where an element is, NaN only where there is nothing else."""

    def compiled(call: Call) -> Expr:
        (array,), type_ = _arrays(call, 1)

        def found(a: str) -> str:
            marks = keys(call, type_, a, largest if function == "list_max" else order)
            best = f"{function}({a})"
            if t.is_float(type_):
                best = f"coalesce({function}(list_filter({a}, lambda e_x: NOT isnan(e_x))), {best})"
            elif marks != a:
                best = f"list_extract({a}, list_position({marks}, {function}({marks})))"
            return f"CASE WHEN list_position({a}, NULL) IS NULL THEN {best} END"

        return Expr(once(found, array), type_)

    return compiled


def _sort(call: Call) -> Expr:
    if len(call.nodes) == 2:
        return array_lambdas.sorted_by(call)
    (array,), type_ = _arrays(call, 1)
    mark = order(call, type_, "e_o")
    if mark == "e_o":
        return Expr(f"list_sort({array}, 'ASC', 'NULLS LAST')", t.Array(type_))

    def ordered(a: str) -> str:
        # the place keeps equal elements as they came
        marks = f"list_transform({a}, lambda e_o, i_o: {{'n': e_o IS NULL, 'k': {mark}, 'i': i_o}})"
        return f"list_transform(list_sort({marks}), lambda e_p: list_extract({a}, e_p.i))"

    return Expr(once(ordered, array), t.Array(type_))


def _flatten(call: Call) -> Expr:
    (value,) = arguments(call, 1)
    inner = element(call, value)
    if inner != t.UNKNOWN and not isinstance(inner, t.Array):
        raise call.unexpected()
    type_ = inner if isinstance(inner, t.Array) else t.Array(t.UNKNOWN)
    return Expr(f"flatten({coerce(value, t.Array(type_)).sql})", type_)


def _ngrams(call: Call) -> Expr:
    array, type_ = _first(call, 2)
    gives = t.Array(t.Array(type_))

    def cut(a: str, n: str) -> str:
        error = invalid(f"'N must be positive' || {_hung(a)}", gives)
        starts = f"range(1, greatest(len({a}) - {n} + 1, 1) + 1)"
        grams = f"list_transform({starts}, lambda i_n: list_slice({a}, i_n, i_n + {n} - 1))"
        return f"CASE WHEN {a} IS NULL OR {n} IS NULL THEN NULL WHEN {n} <= 0 THEN {error} ELSE {grams} END"

    return Expr(once(cut, array, whole(call, call.args[1], t.INTEGER)), gives)


def _combinations(call: Call) -> Expr:
    array, type_ = _first(call, 2)
    gives = t.Array(t.Array(type_))

    def combined(a: str, n: str) -> str:
        shown = f"CAST({n} AS VARCHAR) || {_hung(a)}"
        many = invalid(f"'combination size must not exceed {_MOST_COMBINED}: ' || {shown}", gives)
        negative = invalid(f"'combination size must not be negative: ' || {shown}", gives)
        places = f"py_combinations(CAST(len({a}) AS BIGINT), {n})"
        return (
            f"CASE WHEN {a} IS NULL OR {n} IS NULL THEN NULL WHEN {n} > {_MOST_COMBINED} THEN {many} "
            f"WHEN {n} < 0 THEN {negative} "
            f"ELSE list_transform({places}, lambda i_c: list_select({a}, i_c)) END"
        )

    return Expr(once(combined, array, whole(call, call.args[1], t.INTEGER)), gives)


def _repeat(call: Call) -> Expr:
    value, count = arguments(call, 2)
    gives = t.Array(value.type)

    def repeated(n: str) -> str:
        shown = f"left(CAST({n} AS VARCHAR), 0)"
        bound = "'count argument of repeat function must be"
        few = invalid(f"{bound} greater than or equal to 0' || {shown}", gives)
        many = invalid(f"{bound} less than or equal to {_MOST_REPEATED}' || {shown}", gives)
        listed = f"repeat([{carried(value)}], CAST({n} AS BIGINT))"
        return f"CASE WHEN {n} < 0 THEN {few} WHEN {n} > {_MOST_REPEATED} THEN {many} ELSE {listed} END"

    return Expr(once(repeated, whole(call, count, t.INTEGER)), gives)


def _slice(call: Call) -> Expr:
    array, type_ = _first(call, 3)
    gives = t.Array(type_)

    def cut(a: str, start: str, length: str) -> str:
        negative = invalid(f"'length must be greater than or equal to 0' || {_hung(a)}", gives)
        first = f"CASE WHEN {start} > 0 THEN {start} ELSE len({a}) + {start} + 1 END"
        part = f"list_slice({a}, {first}, {first} - 1 + least({length}, len({a})))"
        # Trino's sum of start and length overflows, which leaves nothing
        inside = f"{start} BETWEEN -len({a}) AND len({a}) AND {length} <= {_MAX_BIGINT} - {first}"
        return (
            f"CASE WHEN {a} IS NULL OR {start} IS NULL OR {length} IS NULL THEN NULL WHEN {length} < 0 THEN {negative} "
            f"WHEN {start} = 0 THEN {_zero(a, gives)} WHEN {inside} THEN {part} ELSE list_slice({a}, 1, 0) END"
        )

    return Expr(once(cut, array, *(whole(call, value) for value in call.args[1:])), gives)


def _trim(call: Call) -> Expr:
    array, type_ = _first(call, 2)
    gives = t.Array(type_)

    def trimmed(a: str, n: str) -> str:
        shown = f"CAST({n} AS VARCHAR) || {_hung(a)}"
        negative = invalid(f"'size must not be negative: ' || {shown}", gives)
        size = f"CAST(len({a}) AS VARCHAR)"
        many = invalid(f"'size must not exceed array cardinality ' || {size} || ': ' || {shown}", gives)
        return (
            f"CASE WHEN {a} IS NULL OR {n} IS NULL THEN NULL WHEN {n} < 0 THEN {negative} "
            f"WHEN {n} > len({a}) THEN {many} ELSE list_slice({a}, 1, len({a}) - {n}) END"
        )

    return Expr(once(trimmed, array, whole(call, call.args[1])), gives)


def _zip(call: Call) -> Expr:
    if len(call.nodes) not in _ZIPPED:
        raise call.unexpected()
    types = [element(call, value) for value in call.args]
    arrays = [coerce(value, t.Array(type_)).sql for value, type_ in zip(call.args, types, strict=True)]
    gives = t.Array(t.Row(tuple((None, type_) for type_ in types)))

    def zipped(*operands: str) -> str:
        there = " AND ".join(f"{operand} IS NOT NULL" for operand in operands)
        return f"CASE WHEN {there} THEN CAST(list_zip({', '.join(operands)}) AS {t.duckdb_type(gives)}) END"

    return Expr(once(zipped, *arrays), gives)


def _shuffle(call: Call) -> Expr:
    array, type_ = _first(call, 1)
    marked = f"list_transform({array}, lambda e_r: {{'r': random(), 'e': e_r}})"
    return Expr(f"list_transform(list_sort({marked}), lambda e_r: struct_extract(e_r, 'e'))", t.Array(type_))


def concatenated(call: Call) -> Expr:
    """concat and || where an argument is an array: arrays, or an array and an element.

    Raises:
        SqlError: FUNCTION_NOT_FOUND, or AMBIGUOUS_FUNCTION_CALL where a bare NULL, or an array of nothing else, may be
            read in more than one way.
    """
    if len(call.args) < 2:
        return alone(call, "There must be two or more arguments to concat")
    if len(call.args) > 2:
        arrays, type_ = _arrays(call, len(call.args))
        return Expr("(" + " || ".join(arrays) + ")", t.Array(type_))
    types = [value.type for value in call.args]
    array = [common(type_, t.Array(t.UNKNOWN)) is not None for type_ in types]
    readings = {}
    for shape in ((True, True), (True, False), (False, True)):
        if all(array[side] or not is_array for side, is_array in enumerate(shape)):
            found = _meeting(types, shape)
            if found is not None:
                readings[shape] = found
    exact = {
        shape: type_
        for shape, type_ in readings.items()
        if types == [t.Array(type_) if is_array else type_ for is_array in shape]
    }
    readings = exact or readings
    if not readings:
        raise call.unexpected()
    if len(readings) > 1:
        raise ambiguous(call)
    (((left, right), type_),) = readings.items()
    sides = [
        coerce(value, t.Array(type_)).sql if is_array else _single(coerce(value, type_).sql)
        for value, is_array in zip(call.args, (left, right), strict=True)
    ]
    return Expr(f"({sides[0]} || {sides[1]})", t.Array(type_))


def _meeting(types: list[t.Type], shape: tuple[bool, bool]) -> t.Type | None:
    """The type of the elements if each side is an array of them or one of them; None where there is none."""
    elements = [
        (type_.element if isinstance(type_, t.Array) else t.UNKNOWN) if is_array else type_
        for type_, is_array in zip(types, shape, strict=True)
    ]
    return common(*elements)


def _single(value: str) -> str:
    """An element as an array of one; NULL is no element, but makes the whole NULL."""
    return once(lambda v: f"CASE WHEN {v} IS NOT NULL THEN [{v}] END", value)


LOWERED: dict[str, Rule] = {
    "array_join": _join,
    "array_max": _extreme("list_max"),
    "array_min": _extreme("list_min"),
    "array_sort": _sort,
    "cardinality": _cardinality,
    "combinations": _combinations,
    "element_at": _element_at,
    "flatten": _flatten,
    "ngrams": _ngrams,
    "repeat": _repeat,
    "shuffle": _shuffle,
    "slice": _slice,
    "trim_array": _trim,
    "zip": _zip,
}
