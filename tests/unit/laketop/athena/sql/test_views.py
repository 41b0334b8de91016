"""Views: compiled where they are named, in their own database, with the types that they declare."""

import base64
import json
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from laketop.athena.catalog_client import PARQUET_SERDE, GlueCatalog
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate


def _view(sql: str, columns: list[tuple[str, str]], schema: str = "shop") -> dict[str, Any]:
    said = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": schema,
        "columns": [{"name": name, "type": type_} for name, type_ in columns],
    }
    text = base64.b64encode(json.dumps(said).encode()).decode()
    return {"TableType": "VIRTUAL_VIEW", "ViewOriginalText": f"/* Presto View: {text} */"}


_SALES = {
    "StorageDescriptor": {
        "Columns": [{"Name": "a", "Type": "int"}],
        "SerdeInfo": {"SerializationLibrary": PARQUET_SERDE},
        "Location": "s3://lake/sales/",
    }
}
_TABLES = {
    ("shop", "sales"): _SALES,
    ("shop", "doubled"): _view("SELECT a * 2 AS b FROM sales", [("b", "bigint")]),
    ("shop", "twice"): _view("SELECT x.b FROM doubled x JOIN doubled y ON x.b = y.b", [("b", "bigint")]),
    ("shop", "short"): _view(
        "SELECT 'abc' AS s, ROW(1, 'x') AS r", [("s", "varchar(2)"), ("r", "row(n integer, s varchar)")]
    ),
    ("shop", "loop_a"): _view("SELECT * FROM loop_b", [("x", "integer")]),
    ("shop", "loop_b"): _view("SELECT * FROM loop_a", [("x", "integer")]),
    ("shop", "broken"): _view("SELECT nope FROM sales", [("x", "integer")]),
    ("shop", "wider"): _view("SELECT 1, 2", [("x", "integer")]),
    ("shop", "spark"): {"TableType": "VIRTUAL_VIEW", "ViewOriginalText": "SELECT 1"},
    ("shop", "odd"): {"TableType": "VIRTUAL_VIEW", "ViewOriginalText": "/* Presto View: e30= */"},
}


class _Glue:
    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:  # noqa: N803 - Glue's names
        found = _TABLES.get((DatabaseName, Name))
        if found is None:
            raise ClientError({"Error": {"Code": "EntityNotFoundException", "Message": ""}}, "GetTable")
        return {"Table": {"DatabaseName": DatabaseName, "Name": Name, **found}}

    def get_database(self, Name: str) -> dict[str, Any]:  # noqa: N803 - Glue's names
        return {"Database": {"Name": Name}}


def _answer(sql: str) -> tuple[tuple[Column, ...], list[Any]]:
    # another database than the view's
    found = translate(sql, GlueCatalog(_Glue(), "other"))
    with duckdb.connect() as connection:
        for scan in found.scans:
            connection.execute(f"CREATE VIEW {scan.view} AS SELECT * FROM (VALUES (1), (5)) AS v(c0)")
        for macro in found.macros:
            connection.execute(macro)
        return found.columns, connection.execute(found.sql).fetchall()


def test_a_view_is_its_query_in_its_own_database_with_its_declared_types() -> None:
    columns, rows = _answer("SELECT b, b + 1 FROM shop.doubled ORDER BY b")
    assert rows == [(2, 3), (10, 11)]
    assert columns[0] == Column("b", t.BIGINT)


def test_views_of_views_and_a_view_used_twice() -> None:
    assert sorted(_answer("SELECT x.b FROM shop.twice x, shop.doubled y WHERE x.b = y.b")[1]) == [(2,), (10,)]


def test_values_are_cast_to_the_declared_types() -> None:
    columns, rows = _answer("SELECT s, r.n FROM shop.short")
    assert (columns[0].type, rows) == (t.Varchar(2), [("ab", 1)])


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("loop_a", "VIEW_IS_RECURSIVE"),
        ("broken", "INVALID_VIEW"),
        ("wider", "VIEW_IS_STALE"),
        ("spark", "NOT_SUPPORTED"),
        ("odd", "HIVE_INVALID_VIEW_DATA"),
    ],
)
def test_views_that_cannot_be_read(name: str, error: str) -> None:
    with pytest.raises(SqlError) as caught:
        _answer(f"SELECT * FROM shop.{name}")
    assert caught.value.name == error
    if error not in ("NOT_SUPPORTED", "HIVE_INVALID_VIEW_DATA"):
        assert (caught.value.line, caught.value.column) == (1, 15)
