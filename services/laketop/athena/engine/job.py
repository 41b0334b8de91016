"""What a worker is told, and what it answers."""

from dataclasses import dataclass

from laketop.athena.scan.plan import ScanPlan
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError


@dataclass(frozen=True)
class Output:
    """Parquet files that a query writes instead of a result.

    Attributes:
        folder: where to, a path that does not exist yet.
        columns: the data columns.
        keys: the partition columns, behind the data columns in the query.
        compression: pyarrow's name of a codec.
        level: its level, None for its default.
    """

    folder: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    compression: str
    level: int | None = None


@dataclass(frozen=True)
class Written:
    """A file that a query wrote, and the values of the partition that it belongs to."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One query to run.

    Attributes:
        sql: DuckDB SQL with columns c0, c1, …
        macros: statements that define what the query uses.
        scans: the views that it reads.
        columns: the result's columns.
        result: the path of the CSV file to write, empty where it has an `output`.
        udfs: the Python functions that the query uses.
        scratch: a folder of the query's own for what does not fit into memory.
        careful: the same query for the case that 64 bits are too few for a product in `sql`.
        cutoff_bytes: the most that the query may scan, None for no limit.
        output: the Parquet files to write in the place of `result`.
    """

    sql: str
    macros: tuple[str, ...]
    scans: tuple[ScanPlan, ...]
    columns: tuple[Column, ...]
    result: str
    scratch: str
    udfs: tuple[str, ...] = ()
    cutoff_bytes: int | None = None
    careful: str | None = None
    output: Output | None = None


@dataclass(frozen=True)
class Done:
    """A query that ran.

    Attributes:
        rows: how many rows the result has.
        scanned_bytes: the compressed bytes of the columns that it read.
        planning_ms: the time until the query itself began.
        running_ms: the time that the query took, with writing its result.
        files: what it wrote where the job has an `output`.
    """

    rows: int
    scanned_bytes: int
    planning_ms: int
    running_ms: int
    files: tuple[Written, ...] = ()


@dataclass(frozen=True)
class Failed:
    """A query that failed, by its own fault or by what it read."""

    error: SqlError
    scanned_bytes: int = 0
