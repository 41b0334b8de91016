"""Queries as values: EXISTS, and a query in parentheses.

Follows Trino's page "SELECT" (Subqueries).
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, parts, rule
from laketop.athena.sql.correlation import Use, is_correlated
from laketop.athena.sql.query import subquery


@rule(exp.Exists)
def _exists(node: exp.Exists, context: Context) -> Expr:
    return Expr(f"EXISTS ({subquery(parts(node, 'this')[0], Use.EXISTS, context).sql})", t.BOOLEAN)


@rule(exp.Subquery)
def _scalar(node: exp.Subquery, context: Context) -> Expr:
    relation = subquery(node, Use.SCALAR, context)
    if len(relation.columns) == 1:
        return Expr(f"({relation.sql})", relation.columns[0].type)
    row = t.Row(tuple((None if column.anonymous else column.name, column.type) for column in relation.columns))
    packed = ", ".join(f'"f{number}" := c{number}' for number in range(len(relation.columns)))
    sql = f"(SELECT struct_pack({packed}) FROM ({relation.sql}) AS s)"  # noqa: S608 - parts are compiled or quoted
    if is_correlated(node, context.scope, context):
        return Expr(sql, row)
    # without rows it is a row of NULLs where Trino can compute it once
    return Expr(f"coalesce({sql}, CAST({_nulls(len(relation.columns))} AS {t.duckdb_type(row)}))", row)


def _nulls(count: int) -> str:
    return f"struct_pack({', '.join(f'"f{number}" := NULL' for number in range(count))})"
