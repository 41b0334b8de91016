"""SELECT: the source, conditions, groups, the select list and its order.

Follows Trino's page "SELECT". What DuckDB would allow beyond it (aliases in WHERE and GROUP BY, columns outside of the
groups, aggregates in WHERE) is refused here, with Trino's errors.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import boolean
from laketop.athena.sql.core import (
    Column,
    Context,
    Expr,
    Relation,
    compile_expression,
    fail,
    parts,
)
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.grouping import Groups, check_grouped, compile_groups
from laketop.athena.sql.ordering import limits, order_by
from laketop.athena.sql.parse import place
from laketop.athena.sql.partitions import push_down
from laketop.athena.sql.sources import Source, compile_from

_PARTS = ("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset")
_MORE_PARTS = ("distinct", "with_", "windows")


def compile_select(node: exp.Select, context: Context) -> Relation:
    """Compile one SELECT (its WITH is already in the context).

    Raises:
        SqlError: it is wrong, or not supported.
    """
    parts(node, *_PARTS, *_MORE_PARTS)
    source = compile_from(node, context)
    aggregates: list[str] = []
    inner = replace(context, scope=replace(source.scope, parent=context.scope), aggregates=None, windows=False)
    where = _condition(node.args.get("where"), replace(inner, clause="WHERE clause"))
    if where:
        push_down(node.args["where"].this, inner, context.session)
    named = {window.this.name.lower(): window for window in node.args.get("windows") or []}
    listing = replace(inner, aggregates=aggregates, windows=True, named_windows=named, clause="SELECT")
    names, items, nodes = _select_list(node, source, listing)
    groups = compile_groups(node.args.get("group"), items, nodes, inner)
    having = _condition(node.args.get("having"), replace(inner, aggregates=aggregates, clause="HAVING clause"))
    distinct = _distinct(node, items)
    order = order_by(node.args.get("order"), names, items, replace(listing, clause="ORDER BY"), distinct=bool(distinct))
    if groups is not None or aggregates or having:
        _check(node, nodes, names, items, groups or Groups(), listing)
    listed = ", ".join(f"{item.sql} AS c{number}" for number, item in enumerate(_carried(items)))
    sql = f"SELECT {distinct}{listed}{source.sql}{where}{groups.sql if groups else ''}{having}{order}{limits(node)}"
    columns = tuple(Column(name, item.type) for name, item in zip(names, items, strict=True))
    return Relation(sql, columns)


def _carried(items: Iterable[Expr]) -> list[Expr]:
    """A bare NULL needs a type to be carried."""
    return [replace(item, sql=f"CAST({item.sql} AS INTEGER)") if item.type == t.UNKNOWN else item for item in items]


def _condition(clause: exp.Expr | None, context: Context) -> str:
    if clause is None:
        return ""
    word = "WHERE" if isinstance(clause, exp.Where) else "HAVING"
    return f" {word} {boolean(clause.this, context, f'{word} clause').sql}"


def _distinct(node: exp.Select, items: list[Expr]) -> str:
    distinct = node.args.get("distinct")
    if distinct is None:
        return ""
    if distinct.args.get("on"):
        raise fail("SYNTAX_ERROR", "mismatched input 'ON'", node)
    for item in items:
        if not t.is_comparable(item.type):
            raise not_supported(f"SELECT DISTINCT of {item.type} values", *place(node))
    return "DISTINCT "


def _select_list(node: exp.Select, source: Source, context: Context) -> tuple[list[str], list[Expr], list[exp.Expr]]:
    names: list[str] = []
    items: list[Expr] = []
    nodes: list[exp.Expr] = []
    for item in node.expressions:
        relation = _star(item)
        if relation is not None:
            found = [field for field in source.visible if relation in ("", field.relation)]
            if not found:
                raise fail(
                    "TABLE_NOT_FOUND" if relation else "COLUMN_NOT_FOUND",
                    f"Unable to resolve reference {relation or '*'}",
                    item,
                )
            for field in found:
                names.append(field.name or f"_col{len(names)}")
                items.append(Expr(field.sql, field.type))
                nodes.append(exp.Null())
            continue
        inner = item.this if isinstance(item, exp.Alias) else item
        names.append(item.alias if isinstance(item, exp.Alias) else _name(inner, len(names)))
        items.append(compile_expression(inner, context))
        nodes.append(inner)
    return names, items, nodes


def _star(item: exp.Expr) -> str | None:
    """The relation of `r.*`, "" for `*`, None for anything else."""
    if isinstance(item, exp.Star):
        parts(item)
        return ""
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        parts(item, "this", "table")
        parts(item.this)
        return item.table.lower()
    return None


def _name(node: exp.Expr, position: int) -> str:
    """What an item without alias is called: a column keeps its name, the rest is numbered."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier):
        return node.name
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name
    return f"_col{position}"


def _check(
    node: exp.Select, nodes: list[exp.Expr], names: list[str], items: list[Expr], groups: Groups, context: Context
) -> None:
    """Every column that is selected, or used in HAVING and ORDER BY, must be grouped or aggregated."""
    for name, item, listed in zip(names, items, nodes, strict=True):
        if isinstance(listed, exp.Null) and item.type != t.UNKNOWN:
            if item.sql not in groups.keys:
                problem = f"'{name}' must be an aggregate expression or appear in GROUP BY clause"
                raise fail("EXPRESSION_NOT_AGGREGATE", problem, node)
            continue
        check_grouped(listed, groups, context)
    if node.args.get("having"):
        check_grouped(node.args["having"].this, groups, context)
    known = {name.lower() for name in names}
    for ordered in node.args["order"].expressions if node.args.get("order") else ():
        plain = isinstance(ordered.this, exp.Literal)
        if not plain and not any(column.name.lower() in known for column in ordered.this.find_all(exp.Column)):
            check_grouped(ordered.this, groups, context)
