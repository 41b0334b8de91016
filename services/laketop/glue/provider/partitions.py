"""Operations on partitions. Source: "Partition API" of the AWS Glue Developer Guide."""

from typing import Any

from laketop.glue.catalog.model import Partition
from laketop.glue.catalog.service import MOST_PARTITIONS, Catalog
from laketop.glue.errors import GlueError
from laketop.glue.provider.common import Answer, Request, check, detail
from laketop.settings import ACCOUNT_ID
from laketop.wire.service import Caller, Operation

_WHOLE = {"SegmentNumber": 0, "TotalSegments": 1}


class Partitions:
    """The operations, by their AWS names in `operations`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.operations: dict[str, Operation] = {
            "CreatePartition": self.create,
            "BatchCreatePartition": self.create_batch,
            "GetPartition": self.get,
            "BatchGetPartition": self.get_batch,
            "GetPartitions": self.list,
            "UpdatePartition": self.update,
            "BatchUpdatePartition": self.update_batch,
            "DeletePartition": self.delete,
            "BatchDeletePartition": self.delete_batch,
        }

    def create(self, request: Request, _: Caller) -> None:
        """CreatePartition."""
        check(request)
        self._catalog.create_partition(*_owner(request), request["PartitionInput"])

    def create_batch(self, request: Request, _: Caller) -> Answer:
        """BatchCreatePartition."""
        check(request)
        failed = self._catalog.create_partitions(*_owner(request), request["PartitionInputList"])
        return {"Errors": [_failure(definition.get("Values", []), error) for definition, error in failed]}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetPartition."""
        check(request)
        return {"Partition": shape(self._catalog.partition(*_owner(request), request["PartitionValues"]))}

    def get_batch(self, request: Request, _: Caller) -> Answer:
        """BatchGetPartition; partitions that do not exist are left out, as on AWS."""
        check(request)
        wanted = [one["Values"] for one in request["PartitionsToGet"]]
        found = self._catalog.partitions_of(*_owner(request), wanted)
        return {"Partitions": [shape(partition) for partition in found], "UnprocessedKeys": []}

    def list(self, request: Request, _: Caller) -> Answer:
        """GetPartitions."""
        check(request)
        segment = request.get("Segment") or _WHOLE
        page = self._catalog.partitions(
            *_owner(request),
            expression=request.get("Expression"),
            segment=(segment["SegmentNumber"], segment["TotalSegments"]),
            token=request.get("NextToken"),
            limit=request.get("MaxResults", MOST_PARTITIONS),
        )
        columns = not request.get("ExcludeColumnSchema")
        return page.answer("Partitions", lambda partition: shape(partition, columns=columns))

    def update(self, request: Request, _: Caller) -> None:
        """UpdatePartition."""
        check(request)
        self._catalog.update_partition(*_owner(request), request["PartitionValueList"], request["PartitionInput"])

    def update_batch(self, request: Request, _: Caller) -> Answer:
        """BatchUpdatePartition."""
        check(request)
        entries = [(entry["PartitionValueList"], entry["PartitionInput"]) for entry in request["Entries"]]
        failed = self._catalog.update_partitions(*_owner(request), entries)
        errors = [{"PartitionValueList": list(values), "ErrorDetail": detail(error)} for values, error in failed]
        return {"Errors": errors}

    def delete(self, request: Request, _: Caller) -> None:
        """DeletePartition."""
        check(request)
        self._catalog.delete_partition(*_owner(request), request["PartitionValues"])

    def delete_batch(self, request: Request, _: Caller) -> Answer:
        """BatchDeletePartition."""
        check(request)
        self._catalog.table(*_owner(request))
        errors = []
        for entry in request["PartitionsToDelete"]:
            try:
                self._catalog.delete_partition(*_owner(request), entry["Values"])
            except GlueError as error:
                errors.append(_failure(entry["Values"], error))
        return {"Errors": errors}


def shape(partition: Partition, *, columns: bool = True) -> dict[str, Any]:
    """A partition as the API has it; without its columns where they are not wanted."""
    answer: dict[str, Any] = {
        **partition.definition,
        "Values": list(partition.values),
        "DatabaseName": partition.database,
        "TableName": partition.table,
        "CreationTime": partition.created,
        "CatalogId": ACCOUNT_ID,
    }
    if not columns and "StorageDescriptor" in answer:
        storage = answer["StorageDescriptor"]
        answer["StorageDescriptor"] = {name: value for name, value in storage.items() if name != "Columns"}
    return answer


def _owner(request: Request) -> tuple[str, str]:
    return request["DatabaseName"], request["TableName"]


def _failure(values: Any, error: GlueError) -> Answer:
    return {"PartitionValues": list(values), "ErrorDetail": detail(error)}
