"""ORDER BY, OFFSET and LIMIT.

Names in ORDER BY mean columns of the result first, then of the source; NULLs come last whichever way it goes (as in
DuckDB's present default, but written out). Follows Trino's page "SELECT".
"""

from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression, fail, parts
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place


def order_by(
    order: exp.Order | None, names: list[str], items: list[Expr], context: Context, *, distinct: bool = False
) -> str:
    """An ORDER BY clause with a space in front, or nothing.

    Args:
        names, items: the result's columns.
        distinct: whether the query is a SELECT DISTINCT, which can only be ordered by what it selects.

    Raises:
        SqlError: INVALID_COLUMN_REFERENCE for a position outside of the result, EXPRESSION_NOT_IN_DISTINCT.
    """
    if order is None:
        return ""
    outputs = tuple(Field(name, None, item.sql, item.type) for name, item in zip(names, items, strict=True))
    # an output name hides the same name of the source
    scope = Scope(outputs, context.scope)
    keys = []
    for node in parts(order, "expressions")[0]:
        value = _key(node, items, replace(context, scope=scope))
        position = next((number for number, item in enumerate(items, 1) if item.sql == value.sql), None)
        if distinct and position is None:
            problem = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise fail("EXPRESSION_NOT_IN_DISTINCT", problem, node)
        keys.append(f"{position or value.sql}{direction(node)}")
    return " ORDER BY " + ", ".join(keys)


def direction(node: exp.Ordered) -> str:
    """` ASC NULLS LAST` and its three sisters."""
    _, descending, nulls_first, fill = parts(node, "this", "desc", "nulls_first", "with_fill")
    if fill:
        raise not_supported("WITH FILL", *place(node))
    return f" {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


def _key(node: exp.Ordered, items: list[Expr], context: Context) -> Expr:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        if not inner.this.isdigit() or not 1 <= int(inner.this) <= len(items):
            problem = f"ORDER BY position {inner.this} is not in select list"
            raise fail("INVALID_COLUMN_REFERENCE", problem, node)
        return items[int(inner.this) - 1]
    value = compile_expression(inner, context)
    if not t.is_comparable(value.type):
        raise not_supported(f"ORDER BY of {value.type} values", *place(node))
    return value


def limits(node: exp.Expr) -> str:
    """` LIMIT n OFFSET m`, or nothing.

    Raises:
        SqlError: NOT_SUPPORTED for anything but whole numbers.
    """
    offset, limit = node.args.get("offset"), node.args.get("limit")
    clause = ""
    if isinstance(limit, exp.Fetch):
        _, count, options = parts(limit, "direction", "count", "limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise not_supported("FETCH with PERCENT or WITH TIES", *place(node))
        clause += f" LIMIT {_count(count, 'FETCH FIRST')}" if count else " LIMIT 1"
    elif limit is not None:
        everything = limit.expression.sql().upper() == "ALL"
        if limit.args.get("expressions") or limit.args.get("offset"):
            raise fail("SYNTAX_ERROR", "mismatched input in LIMIT", node)
        if not everything:
            clause += f" LIMIT {_count(limit.expression, 'LIMIT')}"
    if offset is not None:
        clause += f" OFFSET {_count(offset.expression, 'OFFSET')}"
    return clause


def _count(node: exp.Expr, what: str) -> str:
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Literal) or node.is_string or not node.this.isdigit():
        raise fail("SYNTAX_ERROR", f"{what} needs a whole number, got {node.sql(dialect='trino')}", node)
    return str(int(node.this))
