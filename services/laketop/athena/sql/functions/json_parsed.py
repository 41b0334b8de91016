"""CAST(json_parse(text) AS an array, map or row), which Trino reads in one step.

The members of the objects inside keep their order then (json_parse sorts them), a name that comes twice and text that
is no JSON are errors of the cast, and TRY_CAST is not read so. Trino does it when it plans a query, and by then a
constant has been computed, and so has what is selected straight from VALUES. Measured; no page says it.
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression
from laketop.athena.sql.functions.planned import is_computed


def parsed_text(node: exp.Cast, target: t.Type, context: Context) -> Expr | None:
    """The text that a cast reads in one step; None where it reads what json_parse makes of it."""
    call = node.this
    while isinstance(call, exp.Paren):
        call = call.this
    if isinstance(node, exp.TryCast) or not isinstance(target, t.Array | t.Map | t.Row):
        return None
    if not isinstance(call, exp.Anonymous) or str(call.this).lower() != "json_parse" or len(call.expressions) != 1:
        return None
    if call.find(exp.Column, exp.Identifier) is None or is_computed(node):
        return None
    value = compile_expression(call.expressions[0], context)
    return value if isinstance(value.type, t.Varchar) else None
