"""GROUP BY: its keys, and the rule that nothing else may be used outside of an aggregate."""

from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.names import is_aggregate
from laketop.athena.sql.parse import place


@dataclass(frozen=True)
class Groups:
    """A GROUP BY clause.

    Attributes:
        sql: the clause with a space in front, empty where there is none.
        keys: the SQL of each key.
    """

    sql: str = ""
    keys: frozenset[str] = frozenset()


def compile_groups(
    group: exp.Group | None, items: list[Expr], nodes: list[exp.Expr], context: Context
) -> Groups | None:
    """Compile GROUP BY; positions mean items of the select list, names mean columns of the source only.

    Raises:
        SqlError: INVALID_COLUMN_REFERENCE for a wrong position, COLUMN_NOT_FOUND, NOT_SUPPORTED for grouping sets.
    """
    if group is None:
        return None
    expressions, *sets = parts(group, "expressions", "grouping_sets", "rollup", "cube")
    if any(sets):
        raise not_supported("GROUP BY with GROUPING SETS, ROLLUP or CUBE", *place(group))
    keys = [_key(node, items, nodes, replace(context, clause="GROUP BY clause")) for node in expressions]
    return Groups(" GROUP BY " + ", ".join(key.sql for key in keys), frozenset(key.sql for key in keys))


def _key(node: exp.Expr, items: list[Expr], nodes: list[exp.Expr], context: Context) -> Expr:
    if isinstance(node, exp.Literal) and not node.is_string:
        if not node.this.isdigit() or not 1 <= int(node.this) <= len(items):
            raise fail("INVALID_COLUMN_REFERENCE", f"GROUP BY position {node.this} is not in select list", node)
        position = int(node.this) - 1
        if not isinstance(nodes[position], exp.Null):
            # once more without aggregates, so that one in the item is refused
            compile_expression(nodes[position], context)
        key = items[position]
    else:
        key = compile_expression(node, context)
    if not t.is_comparable(key.type):
        raise not_supported(f"GROUP BY of {key.type} values", *place(node))
    return replace(key, sql=f"CAST({key.sql} AS INTEGER)") if key.type == t.UNKNOWN else key


def check_grouped(node: exp.Expr, groups: Groups, context: Context) -> None:
    """Every column in the expression stands in a group key or in an aggregate.

    Raises:
        SqlError: EXPRESSION_NOT_AGGREGATE naming the first that does not.
    """
    if isinstance(node, exp.Filter) or is_aggregate(node) or isinstance(node, exp.Subquery | exp.Select | exp.Exists):
        return
    if isinstance(node, exp.Window):
        _check_window(node, groups, context)
        return
    if isinstance(node, exp.Column):
        if compile_expression(node, context).sql not in groups.keys:
            problem = f"'{node.sql(dialect='trino')}' must be an aggregate expression or appear in GROUP BY clause"
            raise fail("EXPRESSION_NOT_AGGREGATE", problem, node)
        return
    if groups.keys and isinstance(node, exp.Expr) and _is_key(node, groups, context):
        return
    for child in node.iter_expressions():
        if not isinstance(child, exp.DataType | exp.Var | exp.Identifier | exp.Lambda):
            check_grouped(child, groups, context)


def _is_key(node: exp.Expr, groups: Groups, context: Context) -> bool:
    from laketop.athena.sql.core import RULES

    if type(node) not in RULES:
        return False
    return compile_expression(node, replace(context, aggregates=[])).sql in groups.keys


def _check_window(node: exp.Window, groups: Groups, context: Context) -> None:
    """A window function stands outside of the groups: its own arguments are what must be grouped."""
    function = node.this
    while isinstance(function, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        function = function.this
    inner = list(function.iter_expressions())
    inner += node.args.get("partition_by") or []
    inner += [ordered.this for ordered in (node.args["order"].expressions if node.args.get("order") else ())]
    for child in inner:
        if not isinstance(child, exp.Star):
            check_grouped(child, groups, context)
