"""Queries: WITH, set operations, VALUES and SELECT, compiled to DuckDB queries whose columns are c0, c1, …

User names never reach DuckDB, so its own rules for names (aliases in WHERE, duplicate columns) cannot change an answer.
Follows Trino's page "SELECT".
"""

from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import (
    Column,
    Context,
    Expr,
    Field,
    Relation,
    Scope,
    compile_expression,
    fail,
    parts,
)
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place
from laketop.athena.sql.select import compile_select

_SET_WORDS: dict[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def compile_query(node: exp.Expr, context: Context) -> Relation:
    """Compile a query.

    Args:
        node: Select, SetOperation, Values, Table (`TABLE x`) or Subquery.
        context: the names around it: scope of the outer query (None at the top) and WITH relations.

    Returns:
        The relation; its order is the query's where it has an ORDER BY.

    Raises:
        SqlError: the query is wrong, or not supported.
    """
    context = _with(node, context)
    if isinstance(node, exp.Select):
        return compile_select(node, context)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, context)
    if isinstance(node, exp.Values):
        return _values(node, context)
    if isinstance(node, exp.Subquery):
        inner, *_ = parts(node, "this", "with_", "order", "limit", "offset")
        relation = compile_query(inner, context)
        return _ordered(node, relation, context)
    raise not_supported(f"The query {type(node).__name__.upper()}", *place(node))


def subquery(node: exp.Expr, context: Context) -> Relation:
    """A query inside of an expression: it sees the columns of the query around it."""
    inner = (
        node.this
        if isinstance(node, exp.Subquery)
        and not any(node.args.get(part) for part in ("order", "limit", "offset", "with_"))
        else node
    )
    if isinstance(node, exp.Subquery) and node.args.get("alias"):
        raise not_supported("A name for a subquery in an expression", *place(node))
    return compile_query(inner, replace(context, aggregates=None, windows=False, named_windows={}))


def _with(node: exp.Expr, context: Context) -> Context:
    clause = node.args.get("with_")
    if clause is None:
        return context
    expressions, recursive = parts(clause, "expressions", "recursive")
    if recursive:
        raise not_supported("WITH RECURSIVE", *place(node))
    known, named = dict(context.ctes), set[str]()
    for cte in expressions:
        query, alias = parts(cte, "this", "alias")
        name = alias.this.name.lower()
        if name in named:
            raise fail("DUPLICATE_NAMED_QUERY", f"WITH query name '{name}' specified more than once", cte)
        named.add(name)
        relation = compile_query(query, replace(context, ctes=known))
        known[name] = renamed(relation, [column.name for column in alias.args.get("columns") or []], cte)
    return replace(context, ctes=known)


def renamed(relation: Relation, names: list[str], node: exp.Expr) -> Relation:
    """The relation under new column names; none means that it keeps its own.

    Raises:
        SqlError: MISMATCHED_COLUMN_ALIASES where the numbers differ.
    """
    if not names:
        return relation
    if len(names) != len(relation.columns):
        problem = f"Column alias list has {len(names)} entries but relation has {len(relation.columns)} columns"
        raise fail("MISMATCHED_COLUMN_ALIASES", problem, node)
    columns = tuple(Column(name, column.type) for name, column in zip(names, relation.columns, strict=True))
    return replace(relation, columns=columns)


def _set_operation(node: exp.SetOperation, context: Context) -> Relation:
    parts(node, "this", "expression", "distinct", "with_", "order", "limit", "offset")
    word = _SET_WORDS[type(node)]
    if word != "UNION" and not node.args.get("distinct"):
        raise not_supported(f"{word} ALL", *place(node))
    left, right = compile_query(node.this, context), compile_query(node.expression, context)
    if len(left.columns) != len(right.columns):
        raise fail(
            "TYPE_MISMATCH",
            f"{word} query has different number of fields: {len(left.columns)}, {len(right.columns)}",
            node,
        )
    columns = []
    for number, (a, b) in enumerate(zip(left.columns, right.columns, strict=True), 1):
        target = common(a.type, b.type)
        if target is None:
            problem = f"column {number} in {word} query has incompatible types: {a.type}, {b.type}"
            raise fail("TYPE_MISMATCH", problem, node)
        columns.append(Column(a.name, target))
    every = "" if node.args.get("distinct") else " ALL"
    sides = [_coerced(side, columns) for side in (left, right)]
    relation = Relation(f"({sides[0]}) {word}{every} ({sides[1]})", tuple(columns))
    return _ordered(node, relation, context)


def _coerced(relation: Relation, columns: list[Column]) -> str:
    items = [
        f"{coerce(Expr(f'c{number}', have.type), want.type).sql} AS c{number}"
        for number, (have, want) in enumerate(zip(relation.columns, columns, strict=True))
    ]
    return f"SELECT {', '.join(items)} FROM ({relation.sql}) AS s"  # noqa: S608 - parts are compiled or quoted


def _values(node: exp.Values, context: Context) -> Relation:
    rows_node, *_ = parts(node, "expressions", "alias", "order", "limit", "offset", "with_")
    rows = []
    for row in rows_node:
        items = row.expressions if isinstance(row, exp.Tuple) else [row]
        rows.append([compile_expression(item, replace(context, clause="VALUES")) for item in items])
    if len({len(row) for row in rows}) != 1:
        raise fail("TYPE_MISMATCH", "Values rows have mismatched sizes", node)
    types: list[t.Type] = [t.UNKNOWN] * len(rows[0])
    for row in rows:
        for number, value in enumerate(row):
            target = common(types[number], value.type)
            if target is None:
                raise fail("TYPE_MISMATCH", f"Values rows have mismatched types: {types[number]} vs {value.type}", node)
            types[number] = target
    lines = [
        "(" + ", ".join(_typed(value, type_) for value, type_ in zip(row, types, strict=True)) + ")" for row in rows
    ]
    names = ", ".join(f"c{number}" for number in range(len(types)))
    columns = tuple(Column(f"_col{number}", type_) for number, type_ in enumerate(types))
    return Relation(f"SELECT * FROM (VALUES {', '.join(lines)}) AS v({names})", columns)  # noqa: S608 - parts are compiled or quoted


def _typed(value: Expr, type_: t.Type) -> str:
    sql = coerce(value, type_).sql
    return f"CAST({sql} AS {t.duckdb_type(type_)})" if value.type == t.UNKNOWN else sql


def _ordered(node: exp.Expr, relation: Relation, context: Context) -> Relation:
    """ORDER BY, OFFSET and LIMIT of a set operation or of a query in parentheses: only its own columns are seen."""
    from laketop.athena.sql.ordering import limits, order_by

    order = node.args.get("order")
    tail = limits(node)
    if order is None and not tail:
        return relation
    fields = tuple(
        Field(column.name, None, f"q.c{number}", column.type) for number, column in enumerate(relation.columns)
    )
    scope = Scope(fields, context.scope)
    items = [Expr(field.sql, field.type) for field in fields]
    clause = order_by(
        order, [column.name for column in relation.columns], items, replace(context, scope=scope, clause="ORDER BY")
    )
    return replace(relation, sql=f"SELECT * FROM ({relation.sql}) AS q{clause}{tail}")  # noqa: S608 - parts are compiled or quoted
