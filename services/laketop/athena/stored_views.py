"""Views as the Glue catalog stores them: `/* Presto View: … */` around base64 around JSON.

The JSON says the query (`originalSql`), the catalog and schema it was made in, and its columns with Trino's types.
Follows what Athena writes into a table's ViewOriginalText (AWS's "Work with views").
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.casts import type_of
from laketop.athena.sql.core import Column, View
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import parse

_STORED = re.compile(r"/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/", re.DOTALL)
_CATALOG = "awsdatacatalog"


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
