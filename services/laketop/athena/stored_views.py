"""Views as the Glue catalog stores them: `/* Presto View: … */` around base64 around JSON; read and written here.

The JSON says the query (`originalSql`), the catalog and schema it was made in, and its columns with Trino's types.
Follows what Athena writes into a table's ViewOriginalText (AWS's "Work with views").
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from laketop.athena.hive_types import hive_type
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import type_of
from laketop.athena.sql.core import Column, View
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.lexer import RESERVED
from laketop.athena.sql.parse import parse

_STORED = re.compile(r"/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/", re.DOTALL)
_EXPANDED = "/* Presto View */"
_CATALOG = "awsdatacatalog"
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def read(table: Mapping[str, Any], name: str) -> tuple[View, tuple[Column, ...]]:
    """What a view says, and its declared columns.

    Args:
        table: the view as Glue has it.
        name: `database.view`, for messages.

    Raises:
        SqlError: NOT_SUPPORTED for a view that is not Athena's own, HIVE_INVALID_VIEW_DATA for a text that is none.
    """
    found = _STORED.fullmatch(str(table.get("ViewOriginalText") or "").strip())
    if found is None:
        raise not_supported(f"The view {name}: a view that was not made by Athena")
    try:
        said = json.loads(base64.b64decode(found.group(1)))
        text, columns = str(said["originalSql"]), [(str(one["name"]), str(one["type"])) for one in said["columns"]]
        database, catalog = said.get("schema"), str(said.get("catalog") or _CATALOG)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise SqlError("HIVE_INVALID_VIEW_DATA", f"Invalid view JSON of {name}: {error}") from error
    if catalog.lower() != _CATALOG:
        raise not_supported(f"The view {name} of the catalog {catalog}")
    typed = tuple(Column(column.lower(), _type(text_, name)) for column, text_ in columns)
    return View(text, database.lower() if database else None), typed


def _type(text: str, name: str) -> t.Type:
    try:
        found = parse(f"SELECT CAST(NULL AS {text})").find(exp.DataType)
        assert found is not None  # noqa: S101 - a cast has a type
        return type_of(found)
    except SqlError as error:
        raise not_supported(f"The column type {text} of the view {name}") from error


def written(name: str, text: str, database: str, columns: Sequence[Column]) -> dict[str, Any]:
    """A view as Glue's TableInput, as Athena makes it.

    Args:
        text: the query.
        database: the one for the names in it that have none.

    Raises:
        SqlError: NOT_SUPPORTED for a column of a type that Hive has not.
    """
    kept = [{"Name": column.name.lower(), "Type": str(hive_type(column.type))} for column in columns]
    said = {
        "originalSql": text,
        "catalog": _CATALOG,
        "schema": database,
        "columns": [{"name": column.name, "type": type_text(column.type)} for column in columns],
    }
    encoded = base64.b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": kept, "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": _EXPANDED,
    }


def type_text(type_: t.Type) -> str:
    """A type as a query may name it, the names of a row's parts in quotes where they must be."""
    match type_:
        case t.Array(element):
            return f"array({type_text(element)})"
        case t.Map(key, value):
            return f"map({type_text(key)}, {type_text(value)})"
        case t.Row(fields):
            return f"row({', '.join(f'{_name(name)}{type_text(field)}' for name, field in fields)})"
    return str(type_)


def _name(name: str | None) -> str:
    if not name:
        return ""
    plain = _PLAIN.fullmatch(name) and name.upper() not in RESERVED
    return f"{name} " if plain else '"' + name.replace('"', '""') + '" '
