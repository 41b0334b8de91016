"""Data catalogs, databases and tables, as Athena shows Glue's."""

import re
from collections.abc import Mapping
from typing import Any

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.errors import InvalidRequestError, MetadataError
from laketop.athena.provider.common import Answer, Operations, Request, present, sliced
from laketop.athena.sql.errors import SqlError
from laketop.wire.service import Caller

CATALOG = "AwsDataCatalog"
_LIST = 50


class Metadata:
    """The operations on the catalog, all of them reading."""

    def __init__(self, glue: Any) -> None:
        self._glue = glue
        self.operations: Operations = {
            "ListDataCatalogs": self.list_catalogs,
            "GetDataCatalog": self.get_catalog,
            "ListDatabases": self.list_databases,
            "GetDatabase": self.get_database,
            "ListTableMetadata": self.list_tables,
            "GetTableMetadata": self.get_table,
        }

    def list_catalogs(self, _request: Request, _: Caller) -> Answer:
        """ListDataCatalogs."""
        return {"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE"}]}

    def get_catalog(self, request: Request, caller: Caller) -> Answer:
        """GetDataCatalog."""
        if request["Name"].lower() != CATALOG.lower():
            raise InvalidRequestError(f"DataCatalog {request['Name']} was not found")
        return {"DataCatalog": {"Name": CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": caller.account_id}}}

    def list_databases(self, request: Request, _: Caller) -> Answer:
        """ListDatabases."""
        found = self._read(request, lambda catalog: catalog.databases())
        page, following = sliced([_database(database) for database in found], request, _LIST)
        return present(DatabaseList=page, NextToken=following)

    def get_database(self, request: Request, _: Caller) -> Answer:
        """GetDatabase."""
        wanted = request["DatabaseName"].lower()
        for database in self._read(request, lambda catalog: catalog.databases()):
            if database["Name"].lower() == wanted:
                return {"Database": _database(database)}
        raise MetadataError(f"Database {request['DatabaseName']} not found.")

    def list_tables(self, request: Request, _: Caller) -> Answer:
        """ListTableMetadata."""
        pattern = request.get("Expression")
        found = self._read(request, lambda catalog: catalog.tables(request["DatabaseName"].lower()))
        try:
            chosen = [table for table in found if pattern is None or re.fullmatch(pattern, table["Name"])]
        except re.error as error:
            raise InvalidRequestError(f"The Expression is no regular expression: {error}") from error
        page, following = sliced([_table(table) for table in chosen], request, _LIST)
        return present(TableMetadataList=page, NextToken=following)

    def get_table(self, request: Request, _: Caller) -> Answer:
        """GetTableMetadata."""
        database, name = request["DatabaseName"].lower(), request["TableName"].lower()
        return {"TableMetadata": _table(self._read(request, lambda catalog: catalog.describe(database, name)))}

    def _read(self, request: Request, ask: Any) -> Any:
        if request["CatalogName"].lower() != CATALOG.lower():
            raise InvalidRequestError(f"Data catalog {request['CatalogName']} is not found: only {CATALOG} exists")
        try:
            return ask(GlueCatalog(self._glue))
        except SqlError as error:
            raise MetadataError(f"EntityNotFoundException: {error.message}") from error


def _database(database: Mapping[str, Any]) -> Answer:
    return present(
        Name=database["Name"],
        Description=database.get("Description"),
        Parameters=database.get("Parameters") or None,
    )


def _table(table: Mapping[str, Any]) -> Answer:
    descriptor = table.get("StorageDescriptor") or {}
    serde = descriptor.get("SerdeInfo") or {}
    parameters = {
        **(table.get("Parameters") or {}),
        "inputformat": descriptor.get("InputFormat") or "",
        "location": descriptor.get("Location") or "",
        "outputformat": descriptor.get("OutputFormat") or "",
        "serde.serialization.lib": serde.get("SerializationLibrary") or "",
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }
    return present(
        Name=table["Name"],
        CreateTime=table.get("CreateTime"),
        LastAccessTime=table.get("LastAccessTime"),
        TableType=table.get("TableType"),
        Columns=[_column(column) for column in descriptor.get("Columns") or []],
        PartitionKeys=[_column(column) for column in table.get("PartitionKeys") or []],
        Parameters=parameters,
    )


def _column(column: Mapping[str, Any]) -> Answer:
    return present(Name=column["Name"], Type=column.get("Type"), Comment=column.get("Comment"))
