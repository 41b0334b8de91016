"""Which calls are aggregates, and which are no calls at all: what other rules have to know about functions."""

from sqlglot import exp

from laketop.athena.sql.core import fail
from laketop.athena.sql.functions.pages import AGGREGATES

_SYNTAX = ("coalesce", "format", "nullif", "try")  # they look like functions


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node is a call of an aggregate function (without OVER, which is a node around it)."""
    if isinstance(node, exp.GroupConcat | exp.WithinGroup):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower().strip('"') in AGGREGATES


def check_syntax(node: exp.Expr, what: str) -> None:
    """Nothing that belongs to a function's call stands beside what is syntax.

    Args:
        what: the clause or quantifier that stands there, for the message.

    Raises:
        SqlError: SYNTAX_ERROR.
    """
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _SYNTAX:
        raise fail("SYNTAX_ERROR", f"{what} not valid for '{str(node.this).lower()}' function", node)
