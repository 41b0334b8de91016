"""How a call finds its function, and the one list of what there is.

A name is in exactly one table: forms, rules, aggregates, windows, or the functions that Athena has and this server
refuses by name.
"""

from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import arithmetic, literals
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions import aggregation
from laketop.athena.sql.functions.call import Call, apply
from laketop.athena.sql.functions.names import check_syntax
from laketop.athena.sql.functions.pages import AGGREGATES, FORMS, LOWERED, REFUSED, WINDOWS
from laketop.athena.sql.grouping import grouping
from laketop.athena.sql.parse import LITERAL, PLUS, place
from laketop.athena.sql.strict import strict

# Functions that look at a NULL themselves, by the signatures in Trino's own code.
_TAKING_NULLS = frozenset(
    ("coalesce", "concat_ws", "format", "greatest", "least", "nullif", "reduce", "repeat", "row", "try", "typeof")
)


def compile_call(call: Call) -> Expr:
    """Compile a call of a scalar function.

    Raises:
        SqlError: FUNCTION_NOT_FOUND, or NOT_SUPPORTED for one that is refused.
    """
    if call.name in FORMS:
        return strict(call.args, apply(call, FORMS[call.name]))
    if call.name in LOWERED:
        value = LOWERED[call.name](call)
        return value if call.name in _TAKING_NULLS else strict(call.computed, value)
    if call.name in REFUSED:
        raise not_supported(f"The function {call.name} ({REFUSED[call.name]})", *place(call.node))
    call.args  # noqa: B018 - what is wrong with an argument is said first
    raise fail("FUNCTION_NOT_FOUND", f"Function '{call.name}' not registered", call.node)


def _if(node: exp.Anonymous, context: Context) -> Expr:
    """IF with its name in quotes."""
    arguments = node.expressions
    if len(arguments) not in (2, 3):
        raise fail("SYNTAX_ERROR", "Invalid number of arguments for 'if' function", node)
    condition, *values = arguments
    return compile_expression(exp.If(this=condition, **dict(zip(("true", "false"), values, strict=False))), context)


# what looks like a call
_SYNTAX: dict[str, Callable[[exp.Anonymous, Context], Expr]] = {
    LITERAL: literals.typed,
    PLUS: arithmetic.plus,
    "if": _if,
    "grouping": lambda node, context: grouping(node.expressions, node, context),
}
# what is no function where its name is in quotes
_NO_FUNCTIONS = ("row", "grouping", "json_array", "json_exists", "json_object", "json_query", "json_value")


@rule(exp.Anonymous)
def _call(node: exp.Anonymous, context: Context) -> Expr:
    name_node, arguments = parts(node, "this", "expressions")
    name = str(name_node).lower().strip('"')  # a quoted name is the same function
    if name in _NO_FUNCTIONS and str(name_node).startswith('"'):
        raise fail("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", node)
    if name in _SYNTAX:
        return _SYNTAX[name](node, context)
    if name in AGGREGATES:
        return aggregation.aggregate(node, name, arguments, context)
    if name in WINDOWS:
        raise fail("MISSING_OVER", f"Window function system.builtin.{name} requires an OVER clause", node)
    for argument in arguments:
        if isinstance(argument, exp.Distinct):
            check_syntax(node, "DISTINCT")
            raise fail("FUNCTION_NOT_AGGREGATE", "DISTINCT is not supported for non-aggregation functions", node)
        if isinstance(argument, exp.Order):
            raise fail("FUNCTION_NOT_AGGREGATE", "ORDER BY is only valid for aggregation functions", node)
        if isinstance(argument, exp.Star):
            raise fail("FUNCTION_NOT_FOUND", f"Unexpected parameters () for function {name}", node)
    return compile_call(Call(name, node, context, tuple(arguments)))
