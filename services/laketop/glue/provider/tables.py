"""Operations on tables. Source: "Table API" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.catalog.model import Table
from laketop.glue.catalog.service import MOST_ENTRIES, Catalog
from laketop.glue.errors import GlueError, InvalidInput, NotSupported
from laketop.glue.provider.common import Answer, Request, check, detail, only
from laketop.settings import ACCOUNT_ID
from laketop.wire.service import Caller, Operation

_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}
# What AWS answers where the storage descriptor left it out.
_STORAGE_DEFAULTS = {"Compressed": False, "NumberOfBuckets": 0, "SortColumns": [], "StoredAsSubDirectories": False}


class Tables:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.operations: dict[str, Operation] = {
            "CreateTable": self.create,
            "GetTable": self.get,
            "GetTables": self.list,
            "GetTableVersions": self.versions,
            "UpdateTable": self.update,
            "DeleteTable": self.delete,
            "BatchDeleteTable": self.delete_batch,
            "GetPartitionIndexes": self.partition_indexes,
            "GetUserDefinedFunctions": self.functions,
        }

    def create(self, request: Request, _: Caller) -> None:
        """CreateTable."""
        if request.get("OpenTableFormatInput"):
            why = "a Glue job with --datalake-formats iceberg creates Iceberg tables"
            raise NotSupported("OpenTableFormatInput", why)
        check(request, "PartitionIndexes", "Name")
        self._catalog.create_table(request["DatabaseName"], _input(request))

    def get(self, request: Request, _: Caller) -> Answer:
        """GetTable."""
        check(request)
        return {"Table": _chosen(request, self._catalog.table(request["DatabaseName"], request["Name"]))}

    def list(self, request: Request, _: Caller) -> Answer:
        """GetTables."""
        check(request)
        limit = request.get("MaxResults", MOST_ENTRIES)
        page = self._catalog.tables(request["DatabaseName"], request.get("Expression"), request.get("NextToken"), limit)
        return page.answer("TableList", lambda table: _chosen(request, table))

    def versions(self, request: Request, _: Caller) -> Answer:
        """GetTableVersions."""
        check(request)
        limit = request.get("MaxResults", MOST_ENTRIES)
        page = self._catalog.table_versions(
            request["DatabaseName"], request["TableName"], request.get("NextToken"), limit
        )
        return page.answer("TableVersions", lambda one: {"Table": shape(one), "VersionId": str(one.version)})

    def update(self, request: Request, _: Caller) -> None:
        """UpdateTable."""
        check(request, "UpdateOpenTableFormatInput", "ViewUpdateAction", "Force", "Name")
        self._catalog.update_table(
            request["DatabaseName"],
            _input(request),
            expected_version=request.get("VersionId"),
            archive=not request.get("SkipArchive"),
        )

    def delete(self, request: Request, _: Caller) -> None:
        """DeleteTable."""
        check(request)
        self._catalog.delete_table(request["DatabaseName"], request["Name"])

    def delete_batch(self, request: Request, _: Caller) -> Answer:
        """BatchDeleteTable."""
        check(request)
        self._catalog.database(request["DatabaseName"])
        errors = []
        for name in request["TablesToDelete"]:
            try:
                self._catalog.delete_table(request["DatabaseName"], name)
            except GlueError as error:
                errors.append({"TableName": name, "ErrorDetail": detail(error)})
        return {"Errors": errors}

    def partition_indexes(self, request: Request, _: Caller) -> Answer:
        """GetPartitionIndexes: none, since CreateTable refuses them."""
        check(request)
        self._catalog.table(request["DatabaseName"], request["TableName"])
        return {"PartitionIndexDescriptorList": []}

    def functions(self, request: Request, _: Caller) -> Answer:
        """GetUserDefinedFunctions: none, since none can be created."""
        check(request)
        if "DatabaseName" in request:
            self._catalog.database(request["DatabaseName"])
        return {"UserDefinedFunctions": []}


def shape(table: Table) -> dict[str, Any]:
    """A table as the API has it."""
    answer: dict[str, Any] = {
        "Retention": 0,
        **table.definition,
        "Name": table.name,
        "DatabaseName": table.database,
        "CreateTime": table.created,
        "UpdateTime": table.updated,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": ACCOUNT_ID,
        "VersionId": str(table.version),
    }
    if "StorageDescriptor" in answer:
        answer["StorageDescriptor"] = _STORAGE_DEFAULTS | answer["StorageDescriptor"]
    return answer


def _chosen(request: Request, table: Table) -> dict[str, Any]:
    attributes = request.get("AttributesToGet")
    return only(shape(table), [_ATTRIBUTES[name] for name in attributes]) if attributes else shape(table)


def _input(request: Request) -> dict[str, Any]:
    if "TableInput" not in request:
        raise InvalidInput("TableInput is required.")
    return dict(request["TableInput"])
