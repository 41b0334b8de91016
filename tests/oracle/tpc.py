"""The TPC-H and TPC-DS queries in Trino's dialect, over tables that DuckDB's extensions make.

The texts come from the extensions, in DuckDB's dialect; sqlglot says them in Trino's, after the few places are put
right that no dialect of SQL but DuckDB's allows (each checked by asking a Trino to validate the result).
"""

import re
from collections.abc import Callable, Sequence

import duckdb
import sqlglot

from laketop.athena.engine.instance import extension
from laketop.athena.engine.worker import prepare, with_care
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Scan, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate

GENERATORS = {"tpch": "dbgen", "tpcds": "dsdgen"}
_SIMPLE = {"INTEGER": t.INTEGER, "BIGINT": t.BIGINT, "VARCHAR": t.VARCHAR, "DATE": t.DATE, "DOUBLE": t.DOUBLE}


def _dates(text: str) -> str:
    """Strings that are compared with dates become dates."""
    return re.sub(r"(?<!cast\()('\d{4}-\d\d-\d\d')", r"DATE \1", text)


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: re.sub(old, new, text)


_ORDERED = _replaced(r"WHEN grouping\(\w+\)\+grouping\(\w+\) = 0 THEN", "WHEN lochierarchy = 0 THEN")
_ADJUSTED: dict[str, Callable[[str], str]] = {
    "tpch-15": _replaced(r"GROUP BY\s+supplier_no", "GROUP BY l_suppkey"),
    "tpcds-70": _ORDERED,
    "tpcds-86": _ORDERED,
    "tpcds-72": _replaced(r"d_date \+ 5", "d_date + INTERVAL '5' DAY"),
} | {f"tpcds-{number}": _dates for number in (16, 32, 58, 83, 92, 94, 95)}


def database(benchmark: str, scale: float) -> duckdb.DuckDBPyConnection:
    """A DuckDB instance with a benchmark's tables.

    Args:
        benchmark: `tpch` or `tpcds`.
        scale: the scale factor; `tpcds` needs 0.01 at least.
    """
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension(benchmark)}'")
    connection.execute(f"CALL {GENERATORS[benchmark]}(sf={scale})")
    return connection


def queries(connection: duckdb.DuckDBPyConnection, benchmark: str) -> dict[int, tuple[str, str]]:
    """The benchmark's queries by number: (DuckDB's own text, Trino's)."""
    found = connection.execute(f"SELECT query_nr, query FROM {benchmark}_queries()").fetchall()
    return {number: (query, in_trino(f"{benchmark}-{number}", query)) for number, query in found}


def in_trino(name: str, query: str) -> str:
    """A query of DuckDB's text in Trino's dialect."""
    [text] = sqlglot.transpile(_ADJUSTED.get(name, str)(query), read="duckdb", write="trino")
    return text


class Tables:
    """The catalog of a DuckDB instance's tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ordinal_position"
        ).fetchall()
        self._columns: dict[str, list[Column]] = {}
        for table, column, type_ in rows:
            self._columns.setdefault(table, []).append(Column(column, _type(type_)))

    def table(self, database: str | None, name: str) -> Table:
        """The table of that name."""
        if name not in self._columns:
            raise SqlError("TABLE_NOT_FOUND", f"Table '{name}' does not exist")
        return Table(database or "default", name, tuple(self._columns[name]), 0, name)


def _type(spelled: str) -> t.Type:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", spelled)
    return t.Decimal(int(decimal[1]), int(decimal[2])) if decimal else _SIMPLE[spelled]


def offer(connection: duckdb.DuckDBPyConnection, scans: Sequence[Scan]) -> None:
    """Define the views that a translated query reads."""
    for scan in scans:
        listed = ", ".join(f"{column.name} AS c{number}" for number, column in enumerate(scan.table.columns))
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {scan.view} AS SELECT {listed} FROM {scan.table.source}")


def run(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[list[tuple[str, t.Type]], list[tuple[object, ...]]]:
    """Our answer to a query over the instance's tables: columns, and rows as DuckDB gives them."""
    found = translate(text, Tables(connection))
    cursor = connection.cursor()
    offer(cursor, found.scans)
    prepare(cursor, found.udfs, found.macros)
    try:
        rows = with_care(found.sql, found.careful, lambda sql: cursor.execute(sql).fetchall())
    finally:
        for name in found.udfs:  # they are the instance's, which the next query shares
            cursor.remove_function(name)
    return [(column.name, column.type) for column in found.columns], rows
