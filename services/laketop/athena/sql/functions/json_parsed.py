"""CAST(json_parse(text) AS an array, map or row), which Trino reads in one step.

The members of the objects inside keep their order then (json_parse sorts them), a name that comes twice and text that
is no JSON are errors of the cast, and TRY_CAST is not read so. Trino does it when it plans a query, and by then a
constant has been computed, and so has what is selected straight from VALUES. Measured; no page says it.
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression

_BEFORE = ("joins", "where", "group", "having", "distinct", "windows", "limit", "offset")


def parsed_text(node: exp.Cast, target: t.Type, context: Context) -> Expr | None:
    """The text that a cast reads in one step; None where it reads what json_parse makes of it."""
    call = node.this
    while isinstance(call, exp.Paren):
        call = call.this
    if isinstance(node, exp.TryCast) or not isinstance(target, t.Array | t.Map | t.Row):
        return None
    if not isinstance(call, exp.Anonymous) or str(call.this).lower() != "json_parse" or len(call.expressions) != 1:
        return None
    if call.find(exp.Column, exp.Identifier) is None or _is_computed(node):
        return None
    value = compile_expression(call.expressions[0], context)
    return value if isinstance(value.type, t.Varchar) else None


def _is_computed(node: exp.Expr) -> bool:
    """Whether Trino computes the expression when it plans the query: it is selected from VALUES and nothing else."""
    select = node.find_ancestor(exp.Select)
    if select is None or node.find_ancestor(exp.Where, exp.Having, exp.Select) is not select:
        return False
    joins = select.args.get("joins") or []
    first = bool(joins) and node.find_ancestor(exp.Join, exp.Select) is joins[0]
    selected = not joins and not select.args.get("where") and not _has_windows(select)
    return (first or selected) and _is_values(select.args.get("from_"), select)


def _has_windows(select: exp.Select) -> bool:
    return any(window.find_ancestor(exp.Select) is select for window in select.find_all(exp.Window))


def _is_values(source: exp.Expr | None, around: exp.Select) -> bool:
    """Whether a FROM clause is VALUES, or a query that only selects from it."""
    if source is None:
        return True
    inner = source.this
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if isinstance(inner, exp.Table):
        inner = _named(inner.name.lower(), around)
    if isinstance(inner, exp.Values):
        return True
    return (
        isinstance(inner, exp.Select)
        and not any(inner.args.get(part) for part in _BEFORE)
        and not _has_windows(inner)
        and _is_values(inner.args.get("from_"), inner)
    )


def _named(name: str, node: exp.Expr) -> exp.Expr | None:
    """The query of WITH that a name means."""
    place: exp.Expr | None = node
    while place is not None:
        for cte in place.args["with_"].expressions if place.args.get("with_") else ():
            if cte.alias.lower() == name:
                found: exp.Expr = cte.this
                return found
        place = place.parent
    return None
