"""What the Data Catalog holds: databases, tables, partitions.

Each keeps the caller's input as it came (`definition`) and beside it what the catalog adds, so that a definition can be
read back exactly.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Database:
    """A database; `name` is folded to lower case, `definition` is the DatabaseInput."""

    name: str
    definition: Mapping[str, Any]
    created: datetime


@dataclass(frozen=True)
class Table:
    """One version of a table; `definition` is the TableInput, the first `version` is 0."""

    database: str
    name: str
    version: int
    definition: Mapping[str, Any]
    created: datetime
    updated: datetime

    @property
    def partition_keys(self) -> list[dict[str, Any]]:
        """The columns (Name, Type) by which the table is partitioned, in order."""
        return list(self.definition.get("PartitionKeys") or ())


@dataclass(frozen=True)
class Partition:
    """A partition; `values` in the order of the table's partition keys, `definition` is the PartitionInput."""

    database: str
    table: str
    values: tuple[str, ...]
    definition: Mapping[str, Any]
    created: datetime

    @property
    def key(self) -> str:
        """The values as one text: the partition's identity and its place in listings."""
        return partition_key(self.values)


def partition_key(values: tuple[str, ...]) -> str:
    """The text that identifies a partition of a table: its values as JSON, in ASCII."""
    return json.dumps(values, separators=(",", ":"))
