"""INSERT INTO a Parquet table of the catalog, partitioned or not.

Follows AWS's "INSERT INTO" and "Use compression in Athena".
"""

from collections.abc import Mapping
from typing import Any

from laketop.athena.catalog_client import GlueCatalog, is_iceberg
from laketop.athena.engine.job import Output
from laketop.athena.scan.plan import check_key
from laketop.athena.sql.assignment import assigned
from laketop.athena.sql.core import Relation, Table
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.writing import Insert
from laketop.athena.sql.translate import Translation, translate

DEFAULT_COMPRESSION = "gzip"  # AWS's "Use compression in Athena": of Parquet, in engine version 3
_CODECS = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "none", "UNCOMPRESSED": "none"}
_PROPERTIES = ("write.compression", "parquet.compression")
_ZSTD_LEVELS = range(1, 23)
_ZSTD_LEVEL = 3


def prepared(insert: Insert, catalog: GlueCatalog, folder: str) -> tuple[Translation, Table, Output]:
    """What an INSERT runs, where its rows go, and as what they are written.

    Args:
        folder: the folder for the files.

    Raises:
        SqlError: the query is wrong, does not fit the table, or the table cannot be written to.
    """
    database = insert.target.database or catalog.default
    described = catalog.find(database, insert.target.name)
    if described is not None and described.get("TableType") == "VIRTUAL_VIEW":
        raise SqlError("NOT_SUPPORTED", "Inserting into views is not supported")
    if described is not None and is_iceberg(described):
        raise not_supported(f"INSERT INTO the iceberg table {database}.{insert.target.name}")
    target: list[Table] = []

    def finish(relation: Relation) -> Relation:
        table = catalog.table(database, insert.target.name)
        _check_writable(table)
        target.append(table)
        return assigned(relation, table.columns, insert.columns)

    translation = translate(insert.query, catalog, finish=finish)
    return translation, target[0], output(target[0], folder, target[0].source.get("Parameters") or {})


def output(table: Table, folder: str, parameters: Mapping[str, Any]) -> Output:
    """How the rows of a table are written.

    Args:
        parameters: the table's properties.

    Raises:
        SqlError: NOT_SUPPORTED for a compression that Athena cannot write.
    """
    first = len(table.columns) - table.partition_keys
    codec, level = compression(parameters)
    return Output(folder, table.columns[:first], table.columns[first:], codec, level)


def compression(parameters: Mapping[str, Any]) -> tuple[str, int | None]:
    """pyarrow's codec and level for a table's properties.

    Raises:
        SqlError: NOT_SUPPORTED for a compression that Athena cannot write, or a level that there is not.
    """
    said = {str(key).lower(): str(value) for key, value in parameters.items()}
    name = next((said[key] for key in _PROPERTIES if key in said), None)
    codec = DEFAULT_COMPRESSION if name is None else _CODECS.get(name.upper())
    if codec is None:
        raise SqlError("NOT_SUPPORTED", f"Compression codec {name} is not supported for Parquet")
    if codec != "zstd":
        return codec, None
    level = said.get("compression_level", str(_ZSTD_LEVEL))
    if not level.isdigit() or int(level) not in _ZSTD_LEVELS:
        raise SqlError("NOT_SUPPORTED", f"Compression level {level} is not supported for ZSTD")
    return codec, int(level)


def _check_writable(table: Table) -> None:
    """Raises SqlError: NOT_SUPPORTED for a table that can be read, but not written to."""
    descriptor = table.source.get("StorageDescriptor") or {}
    if descriptor.get("BucketColumns") or (descriptor.get("NumberOfBuckets") or 0) > 0:
        problem = f"Inserting into bucketed tables is not supported: {table.database}.{table.name}"
        raise SqlError("NOT_SUPPORTED", problem)
    if (descriptor.get("SkewedInfo") or {}).get("SkewedColumnNames"):
        raise not_supported(f"INSERT INTO the skewed table {table.database}.{table.name}")
    for key in table.columns[len(table.columns) - table.partition_keys :]:
        check_key(key)
