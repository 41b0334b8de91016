"""A query execution as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from laketop.athena.queries.states import State


@dataclass(frozen=True)
class Statistics:
    """What a query cost; times in milliseconds.

    Attributes:
        manifest: the s3:// address of the list of files that it wrote, None where it writes none.
    """

    scanned_bytes: int = 0
    engine_ms: int = 0
    total_ms: int = 0
    queue_ms: int = 0
    planning_ms: int = 0
    service_ms: int = 0
    manifest: str | None = None


@dataclass(frozen=True)
class Execution:
    """One query execution.

    Attributes:
        id: Athena's id, a UUID.
        text: the statement as it was sent, parameters not yet in place.
        parameters: the execution parameters, SQL texts.
        kind: `DML`, `DDL` or `UTILITY`; `substatement` is Athena's, e.g. `SELECT`.
        output: the s3:// address of the result file, or what the names of its manifest and metadata begin with.
        configuration: the result configuration (`EncryptionConfiguration`, `AclConfiguration`), as it applies.
        submitted, completed: seconds since the epoch.
        sequence: how many states it has been in, for the events' order.
        columns: the result's `ColumnInfo`s, once it has one.
        error: (category, type, message), where it failed.
        updated: how many rows it wrote into a table; None for a statement that has a result instead.
    """

    id: str
    text: str
    work_group: str
    kind: str
    substatement: str
    database: str | None
    catalog: str | None
    output: str
    submitted: float
    parameters: tuple[str, ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.QUEUED
    reason: str | None = None
    completed: float | None = None
    sequence: int = 1
    statistics: Statistics = Statistics()
    columns: tuple[Mapping[str, Any], ...] = ()
    rows: int = 0
    error: tuple[int, int, str] | None = None
    updated: int | None = None
