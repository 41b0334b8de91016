"""Views: the query that the catalog holds for a name, compiled where the name stands.

A view's names without a database are those of the database it was made in, and its columns have the types that it
declared. Follows AWS's "Work with views" and Trino's page "CREATE VIEW".
"""

from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql.casts import cast
from laketop.athena.sql.core import Catalog, Context, Expr, Relation, Scope, Table, Version, fail
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.parse import parse


class _Within:
    """A catalog as seen from a view: another database for names without one."""

    def __init__(self, catalog: Catalog, database: str | None) -> None:
        self._catalog, self._database = catalog, database

    def table(self, database: str | None, name: str, version: Version | None = None, /) -> Table:
        asked = (database or self._database, name)
        return self._catalog.table(*asked, version) if version else self._catalog.table(*asked)


def compile_view(table: Table, context: Context, node: exp.Expr) -> Relation:
    """The relation that a view is.

    Args:
        node: where it is named.

    Raises:
        SqlError: INVALID_VIEW where its query does not fit any more, VIEW_IS_RECURSIVE.
    """
    assert table.view is not None  # noqa: S101 - the caller asked for a view
    session, name = context.session, f"{table.database}.{table.name}"
    if name in session.views:
        raise fail("VIEW_IS_RECURSIVE", "View is recursive", node)
    outer, session.catalog = session.catalog, _Within(session.catalog, table.view.database)
    session.views.append(name)
    try:
        from laketop.athena.sql.functions.json_inlined import check, inline
        from laketop.athena.sql.query import compile_query

        tree = inline(parse(table.view.text))
        if any("json" in str(column.type) for column in table.columns):
            check(tree)  # a cast may be in the query that names the view
        relation = compile_query(tree, Context(session, Scope()))
    except SqlError as error:
        if error.name in ("NOT_SUPPORTED", "VIEW_IS_RECURSIVE"):
            raise
        problem = f"Failed analyzing stored view 'awsdatacatalog.{name}': {error.message}"
        raise fail("INVALID_VIEW", problem, node) from error
    finally:
        session.catalog = outer
        session.views.pop()
    if len(relation.columns) != len(table.columns):
        problem = f"View 'awsdatacatalog.{name}' is stale or in invalid state: a column count mismatch"
        raise fail("VIEW_IS_STALE", problem, node)
    pairs = enumerate(zip(relation.columns, table.columns, strict=True))
    found = [(Expr(f"s.c{number}", have.type), want.type) for number, (have, want) in pairs]
    values = [value if value.type == type_ else cast(value, type_, node) for value, type_ in found]
    items = ", ".join(f"{value.sql} AS c{number}" for number, value in enumerate(values))
    sql = f"SELECT {items} FROM ({relation.sql}) AS s"  # noqa: S608 - parts are compiled or quoted
    return replace(relation, sql=sql, columns=table.columns, partitions=(), database=table.database, hidden=())
