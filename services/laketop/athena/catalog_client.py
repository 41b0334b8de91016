"""The catalog as queries see it: Glue's databases, tables and partitions, asked at every query.

Nothing is kept from one query to the next: adding a partition does not change a table's version. A table that cannot be
read rightly (partition projection, another file format) is refused by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laketop.athena import stored_views
from laketop.athena.hive_types import trino_type
from laketop.athena.scan.objects import lake_objects
from laketop.athena.sql.core import Column, Table, Version
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.hidden import PATH

PARQUET_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
DEFAULT_DATABASE = "default"
_BATCH, _DELETED = 100, 25  # partitions in one request
ICEBERG_CURRENT = "iceberg.field.current"
ICEBERG_TABLES = frozenset(("files", "history", "manifests", "partitions", "properties", "refs", "snapshots"))


@dataclass(frozen=True)
class Partition:
    """A partition of a table: its key values as the catalog has them, and where its files are."""

    values: tuple[str, ...]
    location: str


class GlueCatalog:
    """Tables of the lake's Glue catalog.

    Args:
        glue: a boto3 Glue client.
        database: the database for names without one, from the query's context.
    """

    def __init__(self, glue: Any, database: str | None = None) -> None:
        self._glue = glue
        self._database = (database or DEFAULT_DATABASE).lower()

    def table(self, database: str | None, name: str, version: Version | None = None, /) -> Table:
        """The table of that name, typed; what the catalog said is its `source`.

        Args:
            version: which state of it, None for the current one.

        Raises:
            SqlError: SCHEMA_NOT_FOUND, TABLE_NOT_FOUND, NOT_SUPPORTED for a kind of table that cannot be read or has no
                versions, INVALID_ARGUMENTS for a version that it has not.
        """
        schema = database or self._database
        plain, dollar, about = name.partition("$")
        found = self.describe(schema, plain if about in ICEBERG_TABLES else name)
        if dollar and about in ICEBERG_TABLES:
            return _about(schema, name, about, found, version)
        if version is not None and not is_iceberg(found):
            raise not_supported(f"A version of {schema}.{name}, which is no Iceberg table,")
        if found.get("TableType") == "VIRTUAL_VIEW":
            view, declared = stored_views.read(found, f"{schema}.{name}")
            return Table(schema, name, declared, 0, found, view)
        if is_iceberg(found):
            return _iceberg(schema, name, found, version)
        _check_readable(found, f"{schema}.{name}")
        data = found.get("StorageDescriptor", {}).get("Columns", [])
        keys = found.get("PartitionKeys") or []
        columns = tuple(Column(column["Name"].lower(), trino_type(column["Type"])) for column in [*data, *keys])
        return Table(schema, name, columns, len(keys), found)

    def describe(self, database: str, name: str) -> Mapping[str, Any]:
        """A table as Glue has it, without the columns that an Iceberg table has no more.

        Raises:
            SqlError: SCHEMA_NOT_FOUND or TABLE_NOT_FOUND, in Trino's words.
        """
        found = self.find(database, name)
        if found is not None:
            return _current(found)
        try:
            self._call("get_database", Name=database)
        except _NotFoundError as error:
            raise SqlError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist") from error
        raise _no_table(database, name)

    def partitions(self, table: Table, filters: Sequence[str]) -> Iterator[Partition]:
        """The partitions that meet all of the filters; every one where there are none.

        Args:
            filters: conditions in the language of GetPartitions' Expression.
        """
        token: dict[str, str] = {}
        if filters:
            token["Expression"] = " AND ".join(f"({condition})" for condition in filters)
        while True:
            page = self._call(
                "get_partitions", DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True, **token
            )
            for partition in page["Partitions"]:
                descriptor = partition["StorageDescriptor"]
                _check_serde(descriptor, f"a partition of {table.database}.{table.name}")
                yield Partition(tuple(partition["Values"]), descriptor["Location"])
            if not page.get("NextToken"):
                return
            token["NextToken"] = page["NextToken"]

    def partition_locations(self, table: Table, values: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
        """Where the partitions with these values are, as far as there are such.

        Raises:
            SqlError: NOT_SUPPORTED for a partition in another format than Parquet.
        """
        found: dict[tuple[str, ...], str] = {}
        for start in range(0, len(values), _BATCH):
            wanted = [{"Values": list(value)} for value in values[start : start + _BATCH]]
            answer = self._call(
                "batch_get_partition", DatabaseName=table.database, TableName=table.name, PartitionsToGet=wanted
            )
            for partition in answer["Partitions"]:
                _check_serde(partition["StorageDescriptor"], f"a partition of {table.database}.{table.name}")
                found[tuple(partition["Values"])] = partition["StorageDescriptor"]["Location"]
        return found

    def partition_values(self, table: Table) -> Iterator[tuple[str, ...]]:
        """The values of all partitions of a table, whatever its format.

        Raises:
            SqlError: HIVE_METASTORE_ERROR.
        """
        names = {"DatabaseName": table.database, "TableName": table.name}
        for partition in self._pages("get_partitions", "Partitions", ExcludeColumnSchema=True, **names):
            yield tuple(partition["Values"])

    def create_partitions(self, table: Table, places: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
        """Add partitions to a table, each like the table itself but for its place.

        Args:
            places: values → location.

        Returns:
            The values of those that were not made, with Glue's error code.

        Raises:
            SqlError: HIVE_METASTORE_ERROR.
        """
        descriptor = table.source["StorageDescriptor"]
        inputs = [
            {"Values": list(values), "StorageDescriptor": {**descriptor, "Location": location}}
            for values, location in places.items()
        ]
        failed: dict[tuple[str, ...], str] = {}
        for start in range(0, len(inputs), _BATCH):
            answer = self._call(
                "batch_create_partition",
                DatabaseName=table.database,
                TableName=table.name,
                PartitionInputList=inputs[start : start + _BATCH],
            )
            for error in answer.get("Errors") or []:
                failed[tuple(error["PartitionValues"])] = error["ErrorDetail"]["ErrorCode"]
        return failed

    def delete_partitions(self, table: Table, values: Sequence[Sequence[str]]) -> None:
        """Take partitions out of the catalog; those that are not there are left out.

        Raises:
            SqlError: HIVE_METASTORE_ERROR.
        """
        for start in range(0, len(values), _DELETED):
            wanted = [{"Values": list(value)} for value in values[start : start + _DELETED]]
            self._call(
                "batch_delete_partition", DatabaseName=table.database, TableName=table.name, PartitionsToDelete=wanted
            )

    def find(self, database: str, name: str) -> Mapping[str, Any] | None:
        """A table or view as Glue has it, None where there is none.

        Raises:
            SqlError: HIVE_METASTORE_ERROR.
        """
        try:
            return dict(self._call("get_table", DatabaseName=database, Name=name)["Table"])
        except _NotFoundError:
            return None

    def create_table(self, database: str, definition: Mapping[str, Any]) -> None:
        """Put a table or a view into the catalog.

        Raises:
            SqlError: NOT_FOUND where there is no such database, HIVE_METASTORE_ERROR for any other refusal of Glue's.
        """
        try:
            self._call("create_table", DatabaseName=database, TableInput=dict(definition))
        except _NotFoundError as error:
            raise SqlError("NOT_FOUND", f"Schema {database} not found") from error

    def update_table(self, database: str, definition: Mapping[str, Any]) -> None:
        """Change a table or a view.

        Raises:
            SqlError: TABLE_NOT_FOUND, HIVE_METASTORE_ERROR.
        """
        try:
            self._call("update_table", DatabaseName=database, TableInput=dict(definition))
        except _NotFoundError as error:
            raise _no_table(database, str(definition["Name"])) from error

    def delete_table(self, database: str, name: str) -> None:
        """Take a table or a view out of the catalog; its objects stay.

        Raises:
            SqlError: TABLE_NOT_FOUND, HIVE_METASTORE_ERROR.
        """
        try:
            self._call("delete_table", DatabaseName=database, Name=name)
        except _NotFoundError as error:
            raise _no_table(database, name) from error

    def create_database(self, definition: Mapping[str, Any]) -> None:
        """Make a database.

        Raises:
            SqlError: HIVE_METASTORE_ERROR.
        """
        self._call("create_database", DatabaseInput=dict(definition))

    def delete_database(self, name: str) -> None:
        """Delete a database with the tables in it.

        Raises:
            SqlError: SCHEMA_NOT_FOUND, HIVE_METASTORE_ERROR.
        """
        try:
            self._call("delete_database", Name=name)
        except _NotFoundError as error:
            raise SqlError("SCHEMA_NOT_FOUND", f"Schema '{name}' does not exist") from error

    def databases(self) -> list[Mapping[str, Any]]:
        """All databases."""
        return list(self._pages("get_databases", "DatabaseList"))

    def tables(self, database: str) -> list[Mapping[str, Any]]:
        """All tables of a database.

        Raises:
            SqlError: SCHEMA_NOT_FOUND.
        """
        try:
            return [_current(table) for table in self._pages("get_tables", "TableList", DatabaseName=database)]
        except _NotFoundError as error:
            raise SqlError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist") from error

    @property
    def default(self) -> str:
        """The database for names without one."""
        return self._database

    def _pages(self, operation: str, member: str, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        while True:
            page = self._call(operation, **arguments)
            yield from page[member]
            if not page.get("NextToken"):
                return
            arguments["NextToken"] = page["NextToken"]

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._glue, operation)(**arguments)
            return answer
        except ClientError as error:
            if error.response["Error"]["Code"] == "EntityNotFoundException":
                raise _NotFoundError from error
            raise SqlError("HIVE_METASTORE_ERROR", str(error)) from error
        except BotoCoreError as error:
            raise SqlError("HIVE_METASTORE_ERROR", f"the Glue catalog does not answer: {error}") from error


class _NotFoundError(Exception):
    """Glue knows no such database or table."""


def _no_table(database: str, name: str) -> SqlError:
    return SqlError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{database}.{name}' does not exist")


def is_iceberg(table: Mapping[str, Any]) -> bool:
    """Whether a table of Glue's is an Iceberg table."""
    parameters = {key.lower(): str(value) for key, value in (table.get("Parameters") or {}).items()}
    return parameters.get("table_type", "").lower() == "iceberg"


def _location(database: str, name: str, found: Mapping[str, Any]) -> str:
    location = found["Parameters"].get("metadata_location")
    if not location:
        problem = f"The Iceberg table {database}.{name} has no metadata_location in the Glue catalog"
        raise SqlError("ICEBERG_INVALID_METADATA", problem)
    return str(location)


def _iceberg(database: str, name: str, found: Mapping[str, Any], version: Version | None) -> Table:
    from laketop.athena.scan.iceberg.source import source

    with lake_objects(None) as objects:
        read = source(objects, _location(database, name, found), version)
    columns = tuple(Column(field.name, field.type) for field in read.schema.fields)
    prunable = frozenset(column.name for column in columns)
    return Table(database, name, columns, 0, read, prunable=prunable, hidden=frozenset({PATH}))


def _about(database: str, name: str, about: str, found: Mapping[str, Any], version: Version | None) -> Table:
    """A metadata table of an Iceberg table."""
    from laketop.athena.scan.iceberg.about import rows

    if not is_iceberg(found):
        raise SqlError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{database}.{name}' does not exist")
    if version is not None:
        raise not_supported(f"A version of the metadata table {name}")
    with lake_objects(None) as objects:
        columns, read = rows(objects, _location(database, name, found), about)
    return Table(database, name, columns, 0, read, hidden=frozenset())


def _current(table: Mapping[str, Any]) -> dict[str, Any]:
    """Iceberg's writers leave dropped columns in the catalog, marked."""
    if not is_iceberg(table) or "StorageDescriptor" not in table:
        return dict(table)
    descriptor = dict(table["StorageDescriptor"])
    descriptor["Columns"] = [
        column
        for column in descriptor.get("Columns") or []
        if (column.get("Parameters") or {}).get(ICEBERG_CURRENT, "true") != "false"
    ]
    return {**table, "StorageDescriptor": descriptor}


def _check_readable(table: Mapping[str, Any], name: str) -> None:
    parameters = {key.lower(): str(value).lower() for key, value in (table.get("Parameters") or {}).items()}
    if parameters.get("table_type") in ("delta", "hudi"):
        raise not_supported(f"The {parameters['table_type']} table {name}: this table format")
    if parameters.get("projection.enabled") == "true":
        raise not_supported(f"The table {name}: partition projection")
    _check_serde(table.get("StorageDescriptor", {}), f"the table {name}")


def _check_serde(descriptor: Mapping[str, Any], what: str) -> None:
    serde = (descriptor.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    if serde != PARQUET_SERDE:
        raise not_supported(f"The SerDe '{serde}' of {what}: a format other than Parquet")
    if not str(descriptor.get("Location") or "").startswith(("s3://", "s3a://", "s3n://")):
        raise SqlError("HIVE_INVALID_METADATA", f"{what} has no S3 location: {descriptor.get('Location')!r}")
