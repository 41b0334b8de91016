"""SHOW and DESCRIBE, answered from the catalog.

Follows "SHOW DATABASES" … "DESCRIBE" of "DDL statements" in the Athena user guide; the output is text, a row a line.
"""

import re
from collections.abc import Callable

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.queries.statement import Statement
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate

type Answer = tuple[list[Column], list[str]]


def answer(statement: Statement, catalog: GlueCatalog) -> Answer:
    """The columns and lines of a utility statement's result.

    Raises:
        SqlError: the database or table does not exist.
    """
    return _ANSWERS[statement.substatement](statement, catalog)


def _matches(name: str, pattern: str | None) -> bool:
    """Hive's patterns: `*` for any characters, `|` for a choice."""
    if pattern is None:
        return True
    choices = [".*".join(map(re.escape, choice.split("*"))) for choice in pattern.split("|")]
    return re.fullmatch("|".join(choices), name) is not None


def _databases(statement: Statement, catalog: GlueCatalog) -> Answer:
    names = sorted(database["Name"] for database in catalog.databases())
    return [_text("database_name")], [name for name in names if _matches(name, statement.arguments[0])]


def _tables(statement: Statement, catalog: GlueCatalog) -> Answer:
    database, pattern = statement.arguments
    names = sorted(table["Name"] for table in catalog.tables(database or catalog.default))
    return [_text("tab_name")], [name for name in names if _matches(name, pattern)]


def _views(statement: Statement, catalog: GlueCatalog) -> Answer:
    database, pattern = statement.arguments
    found = catalog.tables(database or catalog.default)
    names = sorted(table["Name"] for table in found if table.get("TableType") == "VIRTUAL_VIEW")
    return [_text("views")], [name for name in names if _matches(name, pattern)]


def _partitions(statement: Statement, catalog: GlueCatalog) -> Answer:
    database, name = statement.arguments
    found = catalog.describe(database or catalog.default, str(name))
    keys = [key["Name"] for key in found.get("PartitionKeys") or []]
    if not keys:
        raise SqlError("GENERIC_USER_ERROR", f"Table {found['DatabaseName']}.{name} is not a partitioned table")
    table = Table(found["DatabaseName"], str(name), (), 0)
    lines = [
        "/".join(f"{key}={value}" for key, value in zip(keys, partition.values, strict=True))
        for partition in catalog.partitions(table, ())
    ]
    return [_text("partition")], lines


def _columns(statement: Statement, catalog: GlueCatalog) -> Answer:
    database, name = statement.arguments
    found = catalog.describe(database or catalog.default, str(name))
    columns = [*found.get("StorageDescriptor", {}).get("Columns", []), *(found.get("PartitionKeys") or [])]
    return [_text("field")], [f"{column['Name']:<20}" for column in columns]


def _describe(statement: Statement, catalog: GlueCatalog) -> Answer:
    database, name = statement.arguments
    found = catalog.describe(database or catalog.default, str(name))
    keys = found.get("PartitionKeys") or []
    lines = [_described(column) for column in [*found.get("StorageDescriptor", {}).get("Columns", []), *keys]]
    if keys:
        lines += ["\t \t ", "# Partition Information\t \t ", _padded("# col_name", "data_type", "comment"), "\t \t "]
        lines += [_described(key) for key in keys]
    return [_text("col_name"), _text("data_type"), _text("comment")], lines


def _explain(statement: Statement, catalog: GlueCatalog) -> Answer:
    """EXPLAIN (TYPE VALIDATE): true, or the error that the query has."""
    translate(str(statement.arguments[0]), catalog)
    return [Column("Valid", t.BOOLEAN)], ["true"]


def _described(column: dict[str, str]) -> str:
    return _padded(column["Name"], column["Type"], column.get("Comment") or "")


def _padded(*parts: str) -> str:
    return "\t".join(f"{part:<20}" for part in parts)


def _text(name: str) -> Column:
    return Column(name, t.VARCHAR)


_ANSWERS: dict[str, Callable[[Statement, GlueCatalog], Answer]] = {
    "SHOW_DATABASES": _databases,
    "SHOW_TABLES": _tables,
    "SHOW_VIEWS": _views,
    "SHOW_PARTITIONS": _partitions,
    "SHOW_COLUMNS": _columns,
    "DESCRIBE_TABLE": _describe,
    "EXPLAIN": _explain,
}
