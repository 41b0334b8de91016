"""Queries: WITH, set operations, VALUES and SELECT, compiled to DuckDB queries whose columns are c0, c1, …

User names never reach DuckDB, so its own rules for names (aliases in WHERE, duplicate columns) cannot change an answer.
Follows Trino's page "SELECT".
"""

import re
from collections.abc import Sequence
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
from laketop.athena.sql.correlation import Use, check_correlation
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.ordering import arranged, limits, order_keys
from laketop.athena.sql.parse import place
from laketop.athena.sql.select import compile_select
from laketop.athena.sql.setops import combined

_SET_WORDS: dict[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}
_OUTER = re.compile(r"\bt([0-9]+)\.[cf]")


def compile_query(node: exp.Expr, context: Context) -> Relation:
    """Compile a query.

    Args:
        node: Select, SetOperation, Values or Subquery.
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
        inner, *_ = parts(node, "this", "with_", "order", "limit", "offset", "alias", "joins", "sample")
        return _ordered(node, compile_query(inner, context), context)
    raise not_supported(f"The query {type(node).__name__.upper()}", *place(node))


def subquery(node: exp.Expr, use: Use, context: Context) -> Relation:
    """A query inside of an expression: it sees the columns of the query around it.

    Raises:
        SqlError: NOT_SUPPORTED where it uses them in a way that Trino cannot run.
    """
    inner = (
        node.this
        if isinstance(node, exp.Subquery)
        and not any(node.args.get(part) for part in ("order", "limit", "offset", "with_"))
        else node
    )
    if isinstance(node, exp.Subquery) and node.args.get("alias"):
        raise not_supported("A name for a subquery in an expression", *place(node))
    inside = replace(context, aggregates=None, windows=False, named_windows={}, grouped={}, keys=None)
    relation = compile_query(inner, inside)
    check_correlation(node, use, context.scope, context)
    return relation


def _with(node: exp.Expr, context: Context) -> Context:
    clause = node.args.get("with_")
    if clause is None:
        return context
    from laketop.athena.sql.recursion import compile_recursive

    expressions, recursive = parts(clause, "expressions", "recursive")
    known, named = dict(context.ctes), set[str]()
    for cte in expressions:
        query, alias = parts(cte, "this", "alias")
        name = alias.this.name.lower()
        if name in named:
            raise fail("DUPLICATE_NAMED_QUERY", f"WITH query name '{name}' specified more than once", cte)
        named.add(name)
        inner = replace(context, ctes=known, aggregates=None, windows=False, named_windows={}, grouped={}, keys=None)
        listed = alias.args.get("columns") or []
        names = [column.name for column in listed]
        for number, column in enumerate(listed):
            if column.name.lower() in [name.lower() for name in names[:number]]:
                problem = f"Column name '{column.name}' specified more than once"
                raise fail("DUPLICATE_COLUMN_NAME", problem, column)
        relation = compile_recursive(name, names, query, inner, cte) if recursive else None
        if relation is None:
            before = context.session.counter
            relation = _hoisted(compile_query(query, inner), before, inner)
        known[name] = renamed(relation, names, cte)
    return replace(context, ctes=known)


def _hoisted(relation: Relation, before: int, context: Context) -> Relation:
    """A named query once for all of its uses; one that uses columns from around it stays where it is used.

    Args:
        before: the last number that a name had when its compilation began.
    """
    if any(int(number) <= before for number in _OUTER.findall(relation.sql)):
        return replace(relation, hidden=())
    name = context.session.fresh("w")
    context.session.ctes.append(f"{name} AS ({relation.sql})")
    return Relation(f"SELECT * FROM {name}", relation.columns)  # noqa: S608 - parts are compiled or quoted


def renamed(relation: Relation, names: Sequence[str], node: exp.Expr) -> Relation:
    """The relation under new column names; none means that it keeps its own.

    Raises:
        SqlError: MISMATCHED_COLUMN_ALIASES where the numbers differ.
    """
    if not names:
        return relation
    if len(names) != len(relation.columns):
        problem = f"Column alias list has {len(names)} entries but relation has {len(relation.columns)} columns"
        raise fail("MISMATCHED_COLUMN_ALIASES", problem, (node.args["alias"].args.get("columns") or [node])[0])
    columns = tuple(Column(name, column.type) for name, column in zip(names, relation.columns, strict=True))
    return replace(relation, columns=columns)


def _set_operation(node: exp.SetOperation, context: Context) -> Relation:
    known = ("this", "expression", "distinct", "with_", "order", "limit", "offset")
    parts(node, *known)
    word = _SET_WORDS[type(node)]
    left, right = compile_query(node.this, context), compile_query(node.expression, context)
    if len(left.columns) != len(right.columns):
        problem = f"{word} query has different number of fields: {len(left.columns)}, {len(right.columns)}"
        raise fail("TYPE_MISMATCH", problem, node)
    columns = []
    for number, (a, b) in enumerate(zip(left.columns, right.columns, strict=True), 1):
        target = common(a.type, b.type)
        if target is None:
            problem = f"column {number} in {word} query has incompatible types: {a.type}, {b.type}"
            raise fail("TYPE_MISMATCH", problem, node)
        columns.append(Column(a.name, target, a.anonymous))
    sides = (coerced(left, columns), coerced(right, columns))
    sql = combined(word, sides, [column.type for column in columns], node, every=not node.args.get("distinct"))
    return _ordered(node, Relation(sql, tuple(columns)), context)


def coerced(relation: Relation, columns: Sequence[Column]) -> str:
    """The relation's SQL with its columns in the types of these."""
    if all(have.type == want.type for have, want in zip(relation.columns, columns, strict=True)):
        return relation.sql
    items = [
        f"{coerce(Expr(f'c{number}', have.type), want.type).sql} AS c{number}"
        for number, (have, want) in enumerate(zip(relation.columns, columns, strict=True))
    ]
    return f"SELECT {', '.join(items)} FROM ({relation.sql}) AS s"  # noqa: S608 - parts are compiled or quoted


def _values(node: exp.Values, context: Context) -> Relation:
    rows_node, *_ = parts(node, "expressions", "alias", "order", "limit", "offset", "with_", "joins", "sample")
    rows = [_row(row, replace(context, clause="VALUES")) for row in rows_node]
    for row in rows:
        if len(row) != len(rows[0]):
            problem = f"Values rows have mismatched sizes: {len(rows[0])} vs {len(row)}"
            raise fail("TYPE_MISMATCH", problem, node)
    types: list[t.Type] = [t.UNKNOWN] * len(rows[0])
    for row in rows:
        for number, value in enumerate(row):
            target = common(types[number], value.type)
            if target is None:
                kinds = [", ".join(str(kind) for kind in kept) for kept in (types, [item.type for item in row])]
                problem = f"Values rows have mismatched types: row({kinds[0]}) vs row({kinds[1]})"
                raise fail("TYPE_MISMATCH", problem, node)
            types[number] = target
    lines = [
        "(" + ", ".join(_typed(value, type_) for value, type_ in zip(row, types, strict=True)) + ")" for row in rows
    ]
    names = ", ".join(f"c{number}" for number in range(len(types)))
    columns = tuple(Column(f"_col{number}", type_, anonymous=True) for number, type_ in enumerate(types))
    relation = Relation(f"SELECT * FROM (VALUES {', '.join(lines)}) AS v({names})", columns)  # noqa: S608 - parts are compiled or quoted
    return _ordered(node, relation, context)


def _row(node: exp.Expr, context: Context) -> list[Expr]:
    """The columns of a row of VALUES; a value that is a row by itself is one as well."""
    while (isinstance(node, exp.Tuple) and len(node.expressions) == 1) or isinstance(node, exp.Paren):
        node = node.expressions[0] if isinstance(node, exp.Tuple) else node.this
    if isinstance(node, exp.Tuple):
        return [compile_expression(item, context) for item in node.expressions]
    value = compile_expression(node, context)
    if isinstance(value.type, t.Row):
        return [
            Expr(f"struct_extract({value.sql}, 'f{number}')", type_)
            for number, (_, type_) in enumerate(value.type.fields)
        ]
    return [value]


def _typed(value: Expr, type_: t.Type) -> str:
    sql = coerce(value, type_).sql
    return f"CAST({sql} AS {t.duckdb_type(type_)})" if value.type == t.UNKNOWN else sql


def _ordered(node: exp.Expr, relation: Relation, context: Context) -> Relation:
    """ORDER BY, OFFSET and LIMIT of a set operation or of a query in parentheses: only its own columns are seen."""
    order = node.args.get("order")
    if order is None and node.args.get("limit") is None and node.args.get("offset") is None:
        return relation
    limits(node)
    fields = tuple(
        Field(None if column.anonymous else column.name, None, f"q.c{number}", column.type)
        for number, column in enumerate(relation.columns)
    )
    values = [Expr(field.sql, field.type) for field in fields]
    inner = replace(context, scope=Scope(fields, context.scope), clause="ORDER BY clause")
    keys = order_keys(order, [field.name for field in fields], values, inner)
    return replace(relation, sql=arranged(node, values, keys, f" FROM ({relation.sql}) AS q"))
