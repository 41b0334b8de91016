"""Which calls are aggregates: what the grouping rule has to know about functions."""

from sqlglot import exp

from laketop.athena.sql.functions.pages import AGGREGATES

LISTAGG = "listagg"


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node is a call of an aggregate function (without OVER, which is a node around it)."""
    if isinstance(node, exp.GroupConcat | exp.WithinGroup):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES
