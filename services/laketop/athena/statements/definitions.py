"""The statements that change the catalog alone, and those that show what it says of them."""

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.grammar.writing import CreateView, NamedView, Writing
from laketop.athena.statements import views


def answer(kind: str, statement: Writing, catalog: GlueCatalog) -> tuple[list[Column], list[str]]:
    """Do what a statement says.

    Args:
        kind: its SubstatementType.

    Returns:
        The columns and lines of its result; most have none.

    Raises:
        SqlError: it cannot be done.
    """
    match kind, statement:
        case "CREATE_VIEW", CreateView():
            views.create(statement, catalog)
        case "DROP_VIEW", NamedView():
            views.drop(statement, catalog)
        case "SHOW_CREATE_VIEW", NamedView():
            return [Column("Create View", t.VARCHAR)], views.show_create(statement, catalog)
        case _:
            raise AssertionError(kind)
    return [], []
