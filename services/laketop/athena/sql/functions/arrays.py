"""Trino's page "Array functions and operators", ARRAY[…] and subscripts; of maps and rows what reads them."""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import unified
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.call import Call, Form, Rule
from laketop.athena.sql.parse import place


@rule(exp.Array)
def _array(node: exp.Array, context: Context) -> Expr:
    items, _ = parts(node, "expressions", "value_constructor")
    values = unified([compile_expression(item, context) for item in items], node, "ARRAY")
    element = values[0].type if values else t.UNKNOWN
    listed = ", ".join(value.sql for value in values)
    return Expr(f"CAST([{listed}] AS {t.duckdb_type(element)}[])", t.Array(element))


@rule(exp.Bracket)
def _subscript(node: exp.Bracket, context: Context) -> Expr:
    base, indices = parts(node, "this", "expressions")
    value = compile_expression(base, context)
    if len(indices) != 1 or not isinstance(value.type, t.Array):
        raise not_supported(f"A subscript of {value.type}", *place(node))
    index = compile_expression(indices[0], context)
    if not t.is_integer(index.type):
        raise fail("TYPE_MISMATCH", f"Cannot use {index.type} for subscript of {value.type}", node)
    kind, i, size = t.duckdb_type(value.type.element), coerce(index, t.BIGINT).sql, f"len({value.sql})"
    limit = "'Array subscript must be less than or equal to array length: '"
    beyond = f"{limit} || CAST({i} AS VARCHAR) || ' > ' || CAST({size} AS VARCHAR)"
    below = f"'SQL array indices start at 1: ' || CAST({i} AS VARCHAR)"
    error = "INVALID_FUNCTION_ARGUMENT"
    sql = (
        f"CASE WHEN {i} > {size} THEN {text.raising(error, beyond, kind)} "
        f"WHEN {i} < 1 THEN {text.raising(error, below, kind)} ELSE list_extract({value.sql}, {i}) END"
    )
    return Expr(sql, value.type.element)


FORMS: dict[str, tuple[Form, ...]] = {}


def _cardinality(call: Call) -> Expr:
    if len(call.args) != 1:
        raise call.unexpected()
    match call.args[0].type:
        case t.Array():
            return Expr(f"CAST(len({call.args[0].sql}) AS BIGINT)", t.BIGINT)
        case t.Map():
            return Expr(f"CAST(cardinality({call.args[0].sql}) AS BIGINT)", t.BIGINT)
    raise call.unexpected()


def _array_of(call: Call, count: int) -> t.Type:
    if len(call.args) != count or not isinstance(call.args[0].type, t.Array):
        raise call.unexpected()
    return call.args[0].type.element


def _element_at(call: Call) -> Expr:
    element = _array_of(call, 2)
    if not t.is_integer(call.args[1].type):
        raise call.unexpected()
    index = coerce(call.args[1], t.BIGINT).sql
    error = text.raising(
        "INVALID_FUNCTION_ARGUMENT", f"'SQL array indices start at 1: ' || {index}", t.duckdb_type(element)
    )
    return Expr(f"CASE WHEN {index} = 0 THEN {error} ELSE list_extract({call.args[0].sql}, {index}) END", element)


def _contains(call: Call) -> Expr:
    element = _array_of(call, 2)
    value = call.args[1]
    if not t.is_comparable(element) or t.is_float(element):
        raise call.refuse(f"{element} elements")
    target = common(element, value.type)
    if target != element:
        raise call.refuse(f"a {value.type} in {call.args[0].type}")
    array, wanted = call.args[0].sql, coerce(value, element).sql
    # not found among NULLs is unknown, as with IN
    unknown = f"list_contains(list_transform({array}, lambda e: e IS NULL), TRUE)"
    return Expr(
        f"CASE WHEN {array} IS NULL OR {wanted} IS NULL THEN NULL WHEN list_contains({array}, {wanted}) THEN TRUE "
        f"WHEN {unknown} THEN NULL ELSE FALSE END",
        t.BOOLEAN,
    )


def _array_join(call: Call) -> Expr:
    if len(call.args) == 3:
        raise call.refuse("a replacement for NULL")
    element = _array_of(call, 2)
    if not isinstance(call.args[1].type, t.Varchar):
        raise call.unexpected()
    if not (isinstance(element, t.Varchar | t.Decimal) or t.is_integer(element) or element == t.DATE):
        raise call.refuse(f"{element} elements")
    item = cast(Expr("e", element), t.VARCHAR, call.node).sql
    array = f"list_filter(list_transform({call.args[0].sql}, lambda e: {item}), lambda e: e IS NOT NULL)"
    joined = f"coalesce(array_to_string({array}, {call.args[1].sql}), '')"
    return Expr(
        f"CASE WHEN {call.args[0].sql} IS NULL OR {call.args[1].sql} IS NULL THEN NULL ELSE {joined} END", t.VARCHAR
    )


def _array_sort(call: Call) -> Expr:
    if len(call.nodes) == 2:
        raise call.refuse("a comparison function")
    element = _array_of(call, 1)
    if not t.is_comparable(element):
        raise call.refuse(f"{element} elements")
    return Expr(f"list_sort({call.args[0].sql}, 'ASC', 'NULLS LAST')", call.args[0].type)


def _sequence(call: Call) -> Expr:
    if not 2 <= len(call.args) <= 3 or not all(t.is_integer(value.type) for value in call.args[:2]):
        return _date_sequence(call)
    start, stop = (coerce(value, t.BIGINT).sql for value in call.args[:2])
    step = "CAST(1 AS BIGINT)"
    if len(call.args) == 3:
        if not isinstance(call.args[2].literal, int) or call.args[2].literal == 0:
            raise call.refuse("a step that is no literal")
        step = coerce(call.args[2], t.BIGINT).sql
    elif not all(isinstance(value.literal, int) for value in call.args):
        step = f"CASE WHEN {start} <= {stop} THEN 1 ELSE -1 END"
    elif call.args[0].literal > call.args[1].literal:  # type: ignore[operator]
        step = "CAST(-1 AS BIGINT)"
    return Expr(f"generate_series({start}, {stop}, {step})", t.Array(t.BIGINT))


def _date_sequence(call: Call) -> Expr:
    if not 2 <= len(call.args) <= 3 or any(value.type != t.DATE for value in call.args[:2]):
        raise call.refuse("anything but numbers and dates")
    start, stop = (value.sql for value in call.args[:2])
    step = "to_days(1)"
    if len(call.args) == 3:
        amount = call.args[2].literal
        if call.args[2].type == t.INTERVAL_DAY and isinstance(amount, int) and amount > 0 and amount % 86_400_000 == 0:
            step = f"to_days({amount // 86_400_000})"
        else:
            raise call.refuse("a step other than whole days forward")
    series = f"generate_series(CAST({start} AS TIMESTAMP), CAST({stop} AS TIMESTAMP), {step})"
    listed = f"list_transform({series}, lambda e: CAST(e AS DATE))"
    backwards = text.raising(
        "NOT_SUPPORTED", f"'sequence: dates backwards from ' || CAST({start} AS VARCHAR)", "DATE[]"
    )
    return Expr(f"CASE WHEN {start} > {stop} THEN {backwards} ELSE {listed} END", t.Array(t.DATE))


LOWERED: dict[str, Rule] = {
    "cardinality": _cardinality,
    "element_at": _element_at,
    "contains": _contains,
    "array_join": _array_join,
    "array_sort": _array_sort,
    "sequence": _sequence,
}
