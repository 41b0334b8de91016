"""CREATE VIEW, DROP VIEW, SHOW CREATE VIEW.

A view is analysed when it is made: what it names must be there, and its columns must have names and types that the
catalog can keep. Follows AWS's "CREATE VIEW", "DROP VIEW" and "SHOW CREATE VIEW", and Trino's messages.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from laketop.athena import stored_views
from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table, Version
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar.writing import CreateView, NamedView, Target
from laketop.athena.sql.translate import translate

VIEW = "VIRTUAL_VIEW"


class _Without:
    """A catalog in which a view must not be used, as it is about to be made.

    Args:
        name: (database, view).
    """

    def __init__(self, catalog: GlueCatalog, name: tuple[str, str]) -> None:
        self._catalog, self._name = catalog, name

    def table(self, database: str | None, name: str, version: Version | None = None) -> Table:
        found = self._catalog.table(database, name, version)
        if (found.database, found.name) == self._name:
            raise SqlError("VIEW_IS_RECURSIVE", "Statement would create a recursive view")
        return found


def create(statement: CreateView, catalog: GlueCatalog) -> None:
    """CREATE [OR REPLACE] VIEW.

    Raises:
        SqlError: its query is wrong, a column of it cannot be kept, or the name is taken.
    """
    database, name = located(statement.target, catalog)
    translation = translate(statement.query, _Without(catalog, (database, name)))
    check_columns(translation.columns, statement.start)
    definition = stored_views.written(name, statement.query.strip(), catalog.default, translation.columns)
    found = catalog.find(database, name)
    if found is None:
        catalog.create_table(database, definition)
        return
    view = found.get("TableType") == VIEW
    if view and statement.replace:
        catalog.update_table(database, definition)
        return
    problem = f"{'View' if view else 'Table'} already exists: '{shown(database, name)}'"
    raise SqlError("TABLE_ALREADY_EXISTS", problem, *statement.start)


def drop(statement: NamedView, catalog: GlueCatalog) -> None:
    """DROP VIEW.

    Raises:
        SqlError: GENERIC_USER_ERROR where there is no such view.
    """
    database, name = located(statement.target, catalog)
    found = catalog.find(database, name)
    if found is None and statement.if_exists:
        return
    if found is None or found.get("TableType") != VIEW:
        problem = f"View '{shown(database, name)}' does not exist"
        if found is not None:
            problem += f", but a table with that name exists. Did you mean DROP TABLE {shown(database, name)}?"
        raise SqlError("GENERIC_USER_ERROR", problem, *statement.start)
    catalog.delete_table(database, name)


def show_create(statement: NamedView, catalog: GlueCatalog) -> list[str]:
    """The lines of the statement that makes a view.

    Raises:
        SqlError: TABLE_NOT_FOUND, or NOT_SUPPORTED for a table.
    """
    database, name = located(statement.target, catalog)
    found: Mapping[str, Any] | None = catalog.find(database, name)
    if found is None:
        raise SqlError("TABLE_NOT_FOUND", f"View '{shown(database, name)}' does not exist", *statement.start)
    if found.get("TableType") != VIEW:
        problem = f"Relation '{shown(database, name)}' is a table, not a view"
        raise SqlError("NOT_SUPPORTED", problem, *statement.start)
    view, _ = stored_views.read(found, f"{database}.{name}")
    return [f"CREATE VIEW {database}.{name} AS", *view.text.splitlines()]


def located(target: Target, catalog: GlueCatalog) -> tuple[str, str]:
    """The database and the name of what a statement names."""
    return target.database or catalog.default, target.name


def shown(database: str, name: str) -> str:
    """A table's name in messages."""
    return f"awsdatacatalog.{database}.{name}"


def check_columns(columns: Sequence[Column], start: tuple[int, int]) -> None:
    """Whether the columns of a query can be those of a view or a table.

    Args:
        start: where the statement begins.

    Raises:
        SqlError: MISSING_COLUMN_NAME, DUPLICATE_COLUMN_NAME, COLUMN_TYPE_UNKNOWN.
    """
    names = set[str]()
    for number, column in enumerate(columns, 1):
        if column.anonymous:
            raise SqlError("MISSING_COLUMN_NAME", f"Column name not specified at position {number}", *start)
        if column.name.lower() in names:
            problem = f"Column name '{column.name}' specified more than once"
            raise SqlError("DUPLICATE_COLUMN_NAME", problem, *start)
        if column.type == t.UNKNOWN:
            raise SqlError("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {column.name}", *start)
        names.add(column.name.lower())
