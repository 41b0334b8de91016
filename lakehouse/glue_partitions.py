"""Partitions of a Glue table, registered and removed as a job writes them.

A crawler would find them too, but later and by guessing; the job knows exactly which ones it wrote.
"""

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient

_CREATE_LIMIT = 100  # BatchCreatePartition takes no more in one request
_DELETE_LIMIT = 25  # BatchDeletePartition likewise


def partition_path(names: Sequence[str], values: Sequence[str]) -> str:
    """The folder of a partition below its table, in Hive's form, e.g. `day=2026-01-31/`."""
    return "".join(f"{name}={value}/" for name, value in zip(names, values, strict=True))


def add_partitions(glue: "GlueClient", database: str, table: str, partitions: Iterable[Sequence[str]]) -> int:
    """Register partitions below the table's location; those that the table already has stay as they are.

    Args:
        glue: a Glue client.
        database: the database's name.
        table: the table's name.
        partitions: the values of the partition keys, as text, in the order of the keys.

    Returns:
        how many were new.

    Raises:
        RuntimeError: Glue refused a partition for another reason than that it exists.
    """
    description = glue.get_table(DatabaseName=database, Name=table)["Table"]
    names = [key["Name"] for key in description.get("PartitionKeys", ())]
    storage: dict[str, Any] = dict(description["StorageDescriptor"])
    location = str(storage["Location"]).rstrip("/") + "/"
    count = 0
    for batch in batched(partitions, _CREATE_LIMIT, strict=False):
        inputs: Any = [
            {
                "Values": list(values),
                "StorageDescriptor": storage | {"Location": location + partition_path(names, values)},
            }
            for values in batch
        ]
        answer = glue.batch_create_partition(DatabaseName=database, TableName=table, PartitionInputList=inputs)
        errors = answer.get("Errors", [])
        _refuse(errors, table, but="AlreadyExistsException")
        count += len(batch) - len(errors)
    return count


def remove_partitions(glue: "GlueClient", database: str, table: str, partitions: Iterable[Sequence[str]]) -> None:
    """Remove partitions from the table; those that it does not have are skipped. The objects stay.

    Raises:
        RuntimeError: Glue refused for another reason than that a partition is not there.
    """
    for batch in batched(partitions, _DELETE_LIMIT, strict=False):
        answer = glue.batch_delete_partition(
            DatabaseName=database, TableName=table, PartitionsToDelete=[{"Values": list(values)} for values in batch]
        )
        _refuse(answer.get("Errors", []), table, but="EntityNotFoundException")


def _refuse(errors: Iterable[Any], table: str, but: str) -> None:
    for error in errors:
        detail = error.get("ErrorDetail", {})
        if detail.get("ErrorCode") != but:
            values = "/".join(error.get("PartitionValues", ()))
            raise RuntimeError(f"{table}, partition {values}: {detail.get('ErrorCode')}: {detail.get('ErrorMessage')}")
