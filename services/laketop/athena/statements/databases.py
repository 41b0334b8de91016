"""CREATE DATABASE, DROP DATABASE and DROP TABLE: the catalog alone, no object is deleted.

Follows AWS's pages of these names, and Hive's messages.
"""

from collections.abc import Mapping
from typing import Any

from laketop.athena.catalog_client import GlueCatalog, is_iceberg
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.hive import CreateDatabase, DropDatabase, NamedTable
from laketop.athena.statements.failures import execution_failed, failed, semantic, table_not_found
from laketop.athena.statements.views import VIEW, located


def create(statement: CreateDatabase, catalog: GlueCatalog) -> None:
    """CREATE DATABASE.

    Raises:
        SqlError: it exists, and IF NOT EXISTS was not said.
    """
    if any(database["Name"] == statement.name for database in catalog.databases()):
        if statement.unless_exists:
            return
        raise execution_failed(f"Database {statement.name} already exists")
    definition: dict[str, Any] = {"Name": statement.name}
    if statement.comment is not None:
        definition["Description"] = statement.comment
    if statement.location is not None:
        definition["LocationUri"] = statement.location
    if statement.properties:
        definition["Parameters"] = dict(statement.properties)
    catalog.create_database(definition)


def drop(statement: DropDatabase, catalog: GlueCatalog) -> None:
    """DROP DATABASE.

    Raises:
        SqlError: there is none, or there are tables in it and CASCADE was not said.
    """
    try:
        tables = catalog.tables(statement.name)
    except SqlError as error:
        if error.name != "SCHEMA_NOT_FOUND":
            raise
        if statement.if_exists:
            return
        raise semantic(10072, f"Database does not exist: {statement.name}") from error
    if tables and not statement.cascade:
        problem = f"Database {statement.name} is not empty. One or more tables exist."
        raise execution_failed(f"InvalidOperationException(message:{problem})")
    for table in tables:
        _check_droppable(table, f"{statement.name}.{table['Name']}")
    catalog.delete_database(statement.name)


def drop_table(statement: NamedTable, catalog: GlueCatalog) -> None:
    """DROP TABLE.

    Raises:
        SqlError: there is none and IF EXISTS was not said, or it is a view.
    """
    database, name = located(statement.target, catalog)
    found = catalog.find(database, name)
    if found is None:
        if statement.if_exists:
            return
        raise table_not_found(database, name)
    if found.get("TableType") == VIEW:
        raise failed("SemanticException Cannot drop a view with DROP TABLE")
    _check_droppable(found, f"{database}.{name}")
    catalog.delete_table(database, name)


def _check_droppable(table: Mapping[str, Any], name: str) -> None:
    """Raises SqlError: NOT_SUPPORTED for a table that is more than its entry in the catalog."""
    if is_iceberg(table):
        raise not_supported(f"DROP TABLE of the iceberg table {name} (its objects would be deleted)")
