"""LISTAGG, which Trino's page "Aggregate functions" gives a syntax of its own."""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, fail, let, shown
from laketop.athena.sql.functions.call import Call, aggregated

MOST_BYTES = 1_048_576  # of a result


def concatenated(call: Call) -> Expr:
    """The values of a group as one text.

    Args:
        call: its only argument is the value; the rest is read from its node, a GroupConcat.

    Raises:
        SqlError: TYPE_MISMATCH for a value that is no varchar.
    """
    value, node = call.args[0], call.node
    if not isinstance(value.type, t.Varchar):
        problem = f"Expected expression of varchar, but '{shown(call.nodes[0])}' has {value.type} type"
        raise fail("TYPE_MISMATCH", problem, node)
    separator, overflow = _text(node.args.get("separator"), node), node.args.get("on_overflow")
    if isinstance(overflow, exp.OverflowTruncateBehavior):
        filler = _text(overflow.this, node) if overflow.this else "'...'"
        counted = "TRUE" if overflow.args.get("with_count") else "FALSE"
        listed = aggregated(call, "list", value.sql, t.VARCHAR).sql
        return Expr(f"py_agg_listed({listed}, {separator}, {filler}, {counted})", t.VARCHAR)
    return Expr(let(aggregated(call, "string_agg", f"{value.sql}, {separator}", t.VARCHAR).sql, _limited), t.VARCHAR)


def _limited(name: str) -> str:
    problem = f"Concatenated string has the length in bytes larger than the maximum output length {MOST_BYTES}"
    message = f"{text.string(problem)} || left({name}, 0)"
    error = text.raising("EXCEEDED_FUNCTION_MEMORY_LIMIT", message, "VARCHAR")
    return f"CASE WHEN strlen({name}) > {MOST_BYTES} THEN {error} ELSE {name} END"


def _text(node: exp.Expr | None, call: exp.Expr) -> str:
    if node is None:
        return "''"
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise fail("SYNTAX_ERROR", f"mismatched input '{shown(node)}'. Expecting: <string>", call)
    return text.string(node.this)
