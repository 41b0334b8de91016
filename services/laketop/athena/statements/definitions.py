"""The statements that change the catalog alone, and those that show what it says of them."""

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.scan.objects import Objects
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.grammar.hive import ChangePartitions, CreateDatabase, Definition, DropDatabase, NamedTable
from laketop.athena.sql.grammar.writing import CreateView, NamedView, Writing
from laketop.athena.statements import databases, partitions, views

type Answer = tuple[list[Column], list[str]]


def answer(kind: str, statement: Writing | Definition, catalog: GlueCatalog, objects: Objects) -> Answer:
    """Do what a statement says.

    Args:
        kind: its SubstatementType.
        objects: the lake's.

    Returns:
        The columns and lines of its result; most have none.

    Raises:
        SqlError: it cannot be done.
    """
    match kind, statement:
        case "SHOW_CREATE_VIEW", NamedView():
            return [Column("Create View", t.VARCHAR)], views.show_create(statement, catalog)
        case "MSCK_REPAIR_TABLE", NamedTable():
            return [Column("result", t.VARCHAR)], partitions.repair(statement, catalog, objects)
        case "ALTER_TABLE_ADD_PARTITION", ChangePartitions():
            partitions.add(statement, catalog)
        case "ALTER_TABLE_DROP_PARTITION", ChangePartitions():
            partitions.drop(statement, catalog)
        case _:
            _define(statement, catalog)
    return [], []


def _define(statement: Writing | Definition, catalog: GlueCatalog) -> None:
    match statement:
        case CreateView():
            views.create(statement, catalog)
        case NamedView():
            views.drop(statement, catalog)
        case NamedTable():
            databases.drop_table(statement, catalog)
        case CreateDatabase():
            databases.create(statement, catalog)
        case DropDatabase():
            databases.drop(statement, catalog)
        case _:
            raise AssertionError(statement)
