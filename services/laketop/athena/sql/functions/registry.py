"""How a call finds its function, and the one list of what there is.

A name is in exactly one table: forms, rules, aggregates, windows, or the functions that Athena has and this server
refuses by name.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import literals
from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import boolean
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions import aggregates, arrays, conditions, math, regexps, strings, times, windows
from laketop.athena.sql.functions.call import Call, Form, Rule, apply
from laketop.athena.sql.functions.refused import REFUSED
from laketop.athena.sql.ordering import direction
from laketop.athena.sql.parse import LITERAL, place

FORMS: Mapping[str, tuple[Form, ...]] = math.FORMS | strings.FORMS | times.FORMS
LOWERED: Mapping[str, Rule] = (
    math.LOWERED | strings.LOWERED | regexps.LOWERED | times.LOWERED | arrays.LOWERED | conditions.LOWERED
)
AGGREGATES: Mapping[str, Rule] = aggregates.AGGREGATES
WINDOWS: Mapping[str, Rule] = windows.WINDOWS

_INSIDE = "Aggregate argument"  # the clause of an aggregate's arguments


def compile_call(call: Call) -> Expr:
    """Compile a call of a scalar function.

    Raises:
        SqlError: FUNCTION_NOT_FOUND, or NOT_SUPPORTED for one that is refused.
    """
    if call.name in FORMS:
        return apply(call, FORMS[call.name])
    if call.name in LOWERED:
        return LOWERED[call.name](call)
    if call.name in REFUSED:
        raise not_supported(f"The function {call.name}", *place(call.node))
    raise fail("FUNCTION_NOT_FOUND", f"Function '{call.name}' not registered", call.node)


@rule(exp.Anonymous)
def _call(node: exp.Anonymous, context: Context) -> Expr:
    name_node, arguments = parts(node, "this", "expressions")
    name = str(name_node).lower()
    if name == LITERAL:
        return literals.typed(node, context)
    if name in AGGREGATES:
        return _aggregate(node, name, arguments, context)
    if name in WINDOWS:
        raise fail("MISSING_OVER", f"Window function {name} requires an OVER clause", node)
    for argument in arguments:
        if isinstance(argument, exp.Distinct | exp.Order | exp.Star):
            raise fail("FUNCTION_NOT_AGGREGATE", f"DISTINCT, ORDER BY or * in {name}, which is no aggregate", node)
    return compile_call(Call(name, node, context, tuple(arguments)))


def _aggregate(
    node: exp.Expr,
    name: str,
    arguments: list[exp.Expr],
    context: Context,
    suffix: str = "",
    *,
    window: bool = False,
) -> Expr:
    """An aggregate's call; `suffix` is its FILTER and OVER."""
    if context.aggregates is None and context.clause == _INSIDE:
        raise fail("NESTED_AGGREGATION", f"Cannot nest aggregations: [{node.sql(dialect='trino')}]", node)
    if context.aggregates is None:
        problem = f"{context.clause} cannot contain aggregations, window functions or grouping operations"
        raise fail("EXPRESSION_NOT_SCALAR", f"{problem}: [{node.sql(dialect='trino')}]", node)
    # inside of an aggregate there is none, but inside of a window's there may be
    inner = replace(context, aggregates=context.aggregates if window else None, windows=False, clause=_INSIDE)
    try_arguments, distinct, order = _arguments(name, node, arguments, inner)
    call = Call(name, node, inner, try_arguments, suffix, distinct=distinct, order=order, window=window)
    if window and (distinct or order):
        raise not_supported("DISTINCT or ORDER BY in a window function", *place(node))
    value = AGGREGATES[name](call)
    if not window:
        context.aggregates.append(value.sql)
    return value


def _arguments(
    name: str, node: exp.Expr, arguments: list[exp.Expr], context: Context
) -> tuple[tuple[exp.Expr, ...], bool, str]:
    """The arguments of an aggregate, whether they are DISTINCT, and their ORDER BY."""
    if len(arguments) == 1 and isinstance(arguments[0], exp.Star):
        if name != "count":
            raise fail("FUNCTION_NOT_FOUND", f"Unexpected parameters (*) for function {name}", node)
        parts(arguments[0])
        return (), False, ""
    order = ""
    if arguments and isinstance(arguments[-1], exp.Order):
        last = arguments[-1]
        if name not in aggregates.ORDERED:
            raise not_supported(f"ORDER BY in {name}", *place(node))
        keys = [f"{compile_expression(key.this, context).sql}{direction(key)}" for key in last.expressions]
        order = " ORDER BY " + ", ".join(keys)
        arguments = [*arguments[:-1], last.this]
    distinct = False
    if arguments and isinstance(arguments[0], exp.Distinct):
        inner, *_ = parts(arguments[0], "expressions")
        if name not in aggregates.DISTINCT and name not in (
            "min",
            "max",
            "bool_and",
            "bool_or",
            "every",
            "approx_distinct",
        ):
            raise not_supported(f"DISTINCT in {name}", *place(node))
        arguments, distinct = [*inner, *arguments[1:]], True
    if not arguments and name == "count":
        return (), False, ""
    return tuple(arguments), distinct, order


@rule(exp.Filter)
def _filter(node: exp.Filter, context: Context) -> Expr:
    function, where = parts(node, "this", "expression")
    if not isinstance(function, exp.Anonymous) or str(function.this).lower() not in AGGREGATES:
        raise not_supported(f"FILTER of {function.sql(dialect='trino')}", *place(node))
    condition = boolean(where.this, replace(context, aggregates=None, windows=False, clause="FILTER"), "FILTER")
    suffix = f" FILTER (WHERE {condition.sql})"
    return _aggregate(function, str(function.this).lower(), function.expressions, context, suffix)


@rule(exp.Window)
def _window(node: exp.Window, context: Context) -> Expr:
    if not context.windows:
        problem = f"{context.clause} cannot contain aggregations, window functions or grouping operations"
        raise fail("EXPRESSION_NOT_SCALAR", f"{problem}: [{node.sql(dialect='trino')}]", node)
    over = windows.over(node, context)
    function, ignoring = node.this, False
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        function, ignoring = function.this, isinstance(function, exp.IgnoreNulls)
    if isinstance(function, exp.Filter):
        # Trino 435 has it not either
        raise not_supported("FILTER in a window function", *place(node))
    if not isinstance(function, exp.Anonymous):
        raise not_supported(f"{function.sql(dialect='trino')} as a window function", *place(node))
    name_node, arguments = parts(function, "this", "expressions")
    name = str(name_node).lower()
    if name in AGGREGATES and not ignoring:
        return _aggregate(function, name, arguments, context, over, window=True)
    if name in WINDOWS and (not ignoring or name in windows.IGNORING):
        inner = replace(context, windows=False)
        return WINDOWS[name](Call(name, function, inner, tuple(arguments), over, window=True, ignore_nulls=ignoring))
    raise fail("FUNCTION_NOT_WINDOW", f"Not a window function: {name}", node)


@rule(exp.GroupConcat)
def _listagg(node: exp.GroupConcat, context: Context) -> Expr:
    return listagg(node, None, context)


@rule(exp.WithinGroup)
def _within(node: exp.WithinGroup, context: Context) -> Expr:
    inner, order = parts(node, "this", "expression")
    if not isinstance(inner, exp.GroupConcat):
        raise not_supported(f"WITHIN GROUP of {inner.sql(dialect='trino')}", *place(node))
    return listagg(inner, order, context)


def listagg(node: exp.GroupConcat, order: exp.Order | None, context: Context) -> Expr:
    """LISTAGG, whose order is the only thing that makes it mean something.

    Raises:
        SqlError: NOT_SUPPORTED without WITHIN GROUP, or with an overflow clause.
    """
    value_node, separator = parts(node, "this", "separator")
    if context.aggregates is None:
        raise fail("EXPRESSION_NOT_SCALAR", f"{context.clause} cannot contain aggregations", node)
    distinct = ""
    if isinstance(value_node, exp.Distinct):
        value_node, distinct = value_node.expressions[0], "DISTINCT "
    if isinstance(value_node, exp.Order):
        value_node, order = value_node.this, value_node
    inner = replace(context, aggregates=None, windows=False)
    value = compile_expression(value_node, inner)
    by = compile_expression(separator, inner) if separator else Expr("''", t.Varchar(0), "")
    if order is None or not isinstance(value.type, t.Varchar) or not isinstance(by.literal, str):
        raise not_supported("LISTAGG in this form", *place(node))
    keys = ", ".join(f"{compile_expression(key.this, inner).sql}{direction(key)}" for key in order.expressions)
    sql = f"string_agg({distinct}{value.sql}, {by.sql} ORDER BY {keys})"
    context.aggregates.append(sql)
    return Expr(sql, t.VARCHAR)
