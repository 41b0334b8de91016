"""CREATE TABLE AS: a new Parquet table of what a query gives.

Follows AWS's "CREATE TABLE AS", "Considerations and limitations for CTAS queries" and Trino's messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from laketop.athena.catalog_client import PARQUET_SERDE, GlueCatalog
from laketop.athena.engine.job import Output
from laketop.athena.hive_types import hive_type, trino_type
from laketop.athena.results.files import split_location
from laketop.athena.scan.objects import Objects
from laketop.athena.scan.paths import folder
from laketop.athena.scan.plan import check_key
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Relation, Table
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.grammar.writing import CreateTableAs, Property
from laketop.athena.sql.translate import Translation, translate
from laketop.athena.statements import insert
from laketop.athena.statements.views import check_columns, located, shown

_FORMATS = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": PARQUET_SERDE, "Parameters": {"serialization.format": "1"}},
}
# Athena's properties that this server has not, besides those in `_read`.
_REFUSED = frozenset(
    [
        "bucket_count", "bucketed_by", "field_delimiter", "format_version", "location", "orc_compression",
        "partitioning", "vacuum_max_metadata_files_to_keep", "vacuum_max_snapshot_age_seconds",
        "vacuum_min_snapshots_to_keep", "write_target_data_file_size_bytes", "optimize_rewrite_delete_file_threshold",
        "optimize_rewrite_data_file_threshold",
    ]
)  # fmt: skip
_ENFORCED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property to an "
    "Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


@dataclass(frozen=True)
class Properties:
    """What WITH says.

    Attributes:
        location: where the table's files go, None for the place that Athena chooses.
        partitioned_by: the partition columns.
        parameters: the properties that the table keeps.
    """

    location: str | None = None
    partitioned_by: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A table to be made, and the query whose rows it gets; there is neither where it exists and may."""

    definition: Mapping[str, Any]
    table: Table
    translation: Translation
    output: Output


def planned(
    statement: CreateTableAs, catalog: GlueCatalog, objects: Objects, files: str, default: str, *, enforced: bool
) -> Plan | None:
    """What a CREATE TABLE AS makes; None where there is nothing to do.

    Args:
        objects: the lake's, for whether the location is empty.
        files: the folder for the files before they are uploaded.
        default: the location where the statement names none.
        enforced: whether the work group decides where results go.

    Raises:
        SqlError: the query is wrong, or a table cannot be made of it.
    """
    database, name = located(statement.target, catalog)
    if catalog.find(database, name) is not None:
        if statement.unless_exists:
            return None
        problem = f"Destination table '{shown(database, name)}' already exists"
        raise SqlError("TABLE_ALREADY_EXISTS", problem, *statement.start)
    said = read(statement.properties)
    if said.location and enforced:
        raise SqlError("GENERIC_USER_ERROR", _ENFORCED)
    translation = translate(statement.query, catalog, finish=lambda relation: _kept(relation, statement))
    columns = [Column(column.name.lower(), column.type) for column in translation.columns]
    first = len(columns) - _keys(columns, said.partitioned_by)
    location = said.location or default
    _check_empty(objects, location, f"{database}.{name}")
    definition = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", **said.parameters},
        "PartitionKeys": [_column(column) for column in columns[first:]],
        "StorageDescriptor": {
            "Columns": [_column(column) for column in columns[:first]],
            "Location": location,
            **_FORMATS,
        },
    }
    table = Table(database, name, tuple(columns), len(columns) - first, definition)
    for key in columns[first:]:
        check_key(key)
    return Plan(definition, table, translation, insert.output(table, files, said.parameters))


def read(properties: Mapping[str, Property]) -> Properties:
    """The properties of WITH.

    Raises:
        SqlError: INVALID_TABLE_PROPERTY for what Athena has not, NOT_SUPPORTED for what this server has not.
    """
    left = dict(properties)
    for name in left:
        if name in _REFUSED:
            raise not_supported(f"The property {name} of CREATE TABLE AS")
    for name, only in (("table_type", "HIVE"), ("format", "PARQUET")):
        value = _text(left, name, only)
        if value.upper() != only:
            raise not_supported(f"CREATE TABLE AS with {name} = '{value}'")
    if left.pop("is_external", True) is not True:
        raise not_supported("CREATE TABLE AS with is_external = false")
    partitioned = left.pop("partitioned_by", ())
    if not isinstance(partitioned, tuple):
        raise _invalid("partitioned_by", partitioned)
    location = _text(left, "external_location", "") or None
    if location is not None:
        location = _location(location)
    parameters = _compression(left)
    for name in left:
        problem = f"Catalog 'awsdatacatalog' table property '{name}' does not exist"
        raise SqlError("INVALID_TABLE_PROPERTY", problem)
    return Properties(
        location, tuple(name.lower() for name in partitioned), {"classification": "parquet", **parameters}
    )


def _compression(left: dict[str, Property]) -> dict[str, str]:
    own, general = _text(left, "parquet_compression", ""), _text(left, "write_compression", "")
    if own and general:
        problem = "Only one of the properties write_compression and parquet_compression may be given"
        raise SqlError("INVALID_TABLE_PROPERTY", problem)
    parameters = {"parquet.compression": (general or own or insert.DEFAULT_COMPRESSION).upper()}
    level = left.pop("compression_level", None)
    if level is not None:
        parameters["compression_level"] = str(level)
    insert.compression(parameters)
    return parameters


def _text(left: dict[str, Property], name: str, default: str) -> str:
    value = left.pop(name, default)
    if not isinstance(value, str):
        raise _invalid(name, value)
    return value


def _invalid(name: str, value: Property) -> SqlError:
    shown = list(value) if isinstance(value, tuple) else value
    problem = f"Invalid value for catalog 'awsdatacatalog' table property '{name}': {shown}"
    return SqlError("INVALID_TABLE_PROPERTY", problem)


def _location(text: str) -> str:
    try:
        split_location(text)
    except ValueError as error:
        problem = f"External location must be a valid file system URI: {text}"
        raise SqlError("INVALID_TABLE_PROPERTY", problem) from error
    return text.rstrip("/") + "/"


def _kept(relation: Relation, statement: CreateTableAs) -> Relation:
    """The query as the table's rows, its columns of types that the catalog has.

    Raises:
        SqlError: a column has no name or a type that cannot be kept.
    """
    check_columns(relation.columns, statement.start)
    for column in relation.columns:
        _check_times(column.type, column.name)
        # what cannot be read again is not written
        trino_type(str(hive_type(column.type)))
    return relation if statement.data else replace(relation, sql=f"SELECT * FROM ({relation.sql}) AS s LIMIT 0")  # noqa: S608 - compiled


def _check_times(type_: t.Type, name: str) -> None:
    """Raises SqlError: NOT_SUPPORTED for a time in another precision than that of Athena's tables."""
    match type_:
        case t.Timestamp(precision) if precision != 3:
            problem = (
                f"Incorrect timestamp precision for {type_}; the configured precision is MILLISECONDS; "
                f"column name: {name}"
            )
            raise SqlError("NOT_SUPPORTED", problem)
        case t.Array(element):
            _check_times(element, name)
        case t.Map(key, value):
            _check_times(key, name)
            _check_times(value, name)
        case t.Row(fields):
            for _, field_type in fields:
                _check_times(field_type, name)


def _keys(columns: Sequence[Column], partitioned: Sequence[str]) -> int:
    """How many of the last columns are the partition columns.

    Raises:
        SqlError: INVALID_TABLE_PROPERTY, or HIVE_COLUMN_ORDER_MISMATCH where they are not the last ones.
    """
    names = [column.name for column in columns]
    unknown = [name for name in partitioned if name not in names]
    if unknown:
        problem = f"Partition columns [{', '.join(unknown)}] not present in schema"
        raise SqlError("INVALID_TABLE_PROPERTY", problem)
    if len(partitioned) >= len(columns):
        raise SqlError("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if names[len(names) - len(partitioned) :] != list(partitioned):
        problem = (
            "Partition keys must be the last columns in the table and in the same order as the table properties: "
            f"[{', '.join(partitioned)}]"
        )
        raise SqlError("HIVE_COLUMN_ORDER_MISMATCH", problem)
    return len(partitioned)


def _check_empty(objects: Objects, location: str, name: str) -> None:
    [found] = objects.list([folder(location)])
    if found:
        problem = (
            f"Target directory for table '{name}' already exists: {location}. You may need to manually clean the data "
            f"at location '{location}' before retrying. Athena will not delete data in your account."
        )
        raise SqlError("HIVE_PATH_ALREADY_EXISTS", problem)


def _column(column: Column) -> dict[str, str]:
    return {"Name": column.name, "Type": str(hive_type(column.type))}
