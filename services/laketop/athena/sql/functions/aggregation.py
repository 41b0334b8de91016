"""Calls of aggregates and of window functions: DISTINCT, ORDER BY, FILTER, OVER, and where none of them may stand.

Follows Trino's pages "Aggregate functions" and "Window functions".
"""

from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql.comparison import boolean
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule, shown
from laketop.athena.sql.equality import sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions import windows
from laketop.athena.sql.functions.call import Call
from laketop.athena.sql.functions.listagg import concatenated
from laketop.athena.sql.functions.names import check_syntax
from laketop.athena.sql.functions.pages import AGGREGATES, WINDOWS
from laketop.athena.sql.ordering import direction
from laketop.athena.sql.parse import place

INSIDE = "Aggregate argument"  # the clause of an aggregate's arguments


def aggregate(
    node: exp.Expr, name: str, arguments: list[exp.Expr], context: Context, *, condition: str = "", over: str = ""
) -> Expr:
    """Compile an aggregate's call.

    Args:
        condition: its FILTER in DuckDB SQL.
        over: its OVER in DuckDB SQL, empty for one that aggregates the query's groups.

    Raises:
        SqlError: NESTED_AGGREGATION, EXPRESSION_NOT_SCALAR where no aggregate may stand, or what is wrong with it.
    """
    inner = replace(_inside(node, name, context), aggregates=context.aggregates if over else None)
    nodes, distinct, order_node = _arguments(name, node, arguments)
    if over and distinct:
        raise not_supported("DISTINCT in window function parameters", *place(node))
    if over and order_node is not None:
        problem = f"'{shown(node)} OVER ()' must be an aggregate expression or appear in GROUP BY clause"
        raise fail("EXPRESSION_NOT_AGGREGATE", problem, node)
    call = Call(name, node, inner, nodes, condition, over, distinct=distinct, window=bool(over))
    if order_node is not None:
        call = replace(call, order=_order(order_node, call))
    value = AGGREGATES[name](call)
    if not over and (context.aggregates or context.keys is not None):
        _check_sources(node, context)
    if not over and context.aggregates is not None:
        context.aggregates.append(value.sql)
    return value


def _check_sources(node: exp.Expr, context: Context) -> None:
    """An aggregate in ORDER BY is computed before there is a result whose columns it could use."""
    whole = node.parent if isinstance(node.parent, exp.Filter) else node
    for column in whole.find_all(exp.Column):
        origin = context.session.origins.get(id(column))
        if origin is not None and origin.result:
            problem = "Invalid reference to output projection attribute from ORDER BY aggregation"
            raise fail("COLUMN_NOT_FOUND", problem, column)


def _inside(node: exp.Expr, name: str, context: Context) -> Context:
    """The context of an aggregate's arguments, after checking that it may stand where it does."""
    if context.aggregates is None and context.clause == INSIDE:
        problem = f"Cannot nest aggregations inside aggregation '{name}': [{shown(node)}]"
        raise fail("NESTED_AGGREGATION", problem, node)
    if context.aggregates is None:
        raise _not_scalar(node, context)
    return replace(context, aggregates=None, windows=False, clause=INSIDE)


def _not_scalar(node: exp.Expr, context: Context) -> Exception:
    problem = f"{context.clause} cannot contain aggregations, window functions or grouping operations"
    return fail("EXPRESSION_NOT_SCALAR", f"{problem}: [{shown(node)}]", node)


def _arguments(
    name: str, node: exp.Expr, arguments: list[exp.Expr]
) -> tuple[tuple[exp.Expr, ...], bool, exp.Order | None]:
    """The arguments of an aggregate, whether they are DISTINCT, and their ORDER BY."""
    if len(arguments) == 1 and isinstance(arguments[0], exp.Star):
        if name != "count":
            raise fail("FUNCTION_NOT_FOUND", f"Unexpected parameters () for function {name}", node)
        parts(arguments[0])
        return (), False, None
    arguments, order, distinct = list(arguments), None, False
    if arguments and isinstance(arguments[-1], exp.Order):
        order = arguments[-1]
        arguments[-1] = order.this
    if arguments and isinstance(arguments[0], exp.Distinct):
        inner, *_ = parts(arguments[0], "expressions")
        if not inner or isinstance(inner[0], exp.Star):
            raise fail("SYNTAX_ERROR", "mismatched input. Expecting: <expression>", node)
        arguments, distinct = [*inner, *arguments[1:]], True
    return tuple(arguments), distinct, order


def _order(order: exp.Order, call: Call) -> str:
    """ORDER BY inside of a call; with DISTINCT only arguments can be its keys."""
    keys = []
    for item in order.expressions:
        key = compile_expression(item.this, call.context)
        if call.distinct and key.sql not in [value.sql for value in call.args]:
            problem = "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments"
            raise fail("EXPRESSION_NOT_IN_DISTINCT", problem, item)
        wanted = sort_key(key, item)
        if call.distinct and wanted != key.sql:
            raise call.refuse(f"DISTINCT with an order of {key.type} values")
        keys.append(f"{wanted}{direction(item)}")
    return " ORDER BY " + ", ".join(keys)


@rule(exp.Filter)
def _filter(node: exp.Filter, context: Context) -> Expr:
    function, where = parts(node, "this", "expression")
    inner = replace(context, aggregates=None, windows=False, clause="FILTER")
    if isinstance(function, exp.GroupConcat):
        return _listagg(function, context, boolean(where.this, inner, "Filter expression").sql)
    check_syntax(function, "FILTER")
    if not isinstance(function, exp.Anonymous) or str(function.this).lower().strip('"') not in AGGREGATES:
        raise fail("FUNCTION_NOT_AGGREGATE", "Filter is only valid for aggregation functions", node)
    condition = boolean(where.this, inner, "Filter expression").sql
    return aggregate(
        function, str(function.this).lower().strip('"'), function.expressions, context, condition=condition
    )


@rule(exp.Window)
def _window(node: exp.Window, context: Context) -> Expr:
    _check_place(node, context)
    over = windows.over(node, context)
    function, treated, ignoring = node.this, False, False
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        function, treated, ignoring = function.this, True, isinstance(function, exp.IgnoreNulls)
    if isinstance(function, exp.Filter):
        # Trino 435 has it not either
        raise not_supported("FILTER in a window function", *place(node))
    if not isinstance(function, exp.Anonymous):
        raise fail("SYNTAX_ERROR", "mismatched input '('", node)
    name_node, arguments = parts(function, "this", "expressions")
    name = str(name_node).lower().strip('"')
    check_syntax(function, "OVER clause")
    if name not in WINDOWS and name not in AGGREGATES:
        raise fail("FUNCTION_NOT_WINDOW", f"Not a window function: {name}", node)
    if treated and name not in windows.IGNORING:
        problem = f"Cannot specify null treatment clause for {name} function"
        raise fail("NULL_TREATMENT_NOT_ALLOWED", problem, node)
    if name in AGGREGATES:
        return aggregate(function, name, arguments, replace(context, clause=_WINDOW), over=over)
    if any(isinstance(argument, exp.Distinct) for argument in arguments):
        listed = tuple(item for argument in arguments for item in getattr(argument, "expressions", None) or [argument])
        raise Call(name, function, context, listed).unexpected()
    windows.check(name, node, context)
    if any(isinstance(argument, exp.IgnoreNulls | exp.RespectNulls | exp.Star) for argument in arguments):
        raise fail("SYNTAX_ERROR", "mismatched input 'IGNORE'", node)
    inner = replace(context, windows=False, clause=_WINDOW)
    return WINDOWS[name](Call(name, function, inner, tuple(arguments), over=over, window=True, ignore_nulls=ignoring))


_WINDOW = "Window function"
_NESTED = {
    INSIDE: "Cannot nest window functions or row pattern measures inside aggregation",
    _WINDOW: "Cannot nest window functions or row pattern measures inside window function arguments",
    "HAVING clause": "HAVING clause cannot contain window functions or row pattern measures",
    windows.WITHIN: "Cannot nest window functions or row pattern measures inside window specification",
}


def _check_place(node: exp.Window, context: Context) -> None:
    if context.windows:
        return
    if context.clause in _NESTED:
        raise fail("NESTED_WINDOW", _NESTED[context.clause], node)
    raise _not_scalar(node, context)


@rule(exp.GroupConcat)
def _group_concat(node: exp.GroupConcat, context: Context) -> Expr:
    return _listagg(node, context, "")


def _listagg(node: exp.GroupConcat, context: Context, condition: str) -> Expr:
    value_node, *_ = parts(node, "this", "separator", "on_overflow")
    if not isinstance(value_node, exp.Order):
        raise fail("SYNTAX_ERROR", "mismatched input: LISTAGG needs WITHIN GROUP (ORDER BY ...)", node)
    inner = _inside(node, "listagg", context)
    nodes, distinct, _ = _arguments("listagg", node, [value_node.this])
    call = Call("listagg", node, inner, nodes, condition, distinct=distinct)
    value = concatenated(replace(call, order=_order(value_node, call)))
    if context.aggregates is not None:
        context.aggregates.append(value.sql)
    return value
