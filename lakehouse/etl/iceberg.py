"""Curated tables: Iceberg tables of format version 2 in the catalog `glue_catalog`.

A table is declared once, in the job that fills it, with a comment for every column; the job creates it where it is
missing. What `glue_catalog` is (the Glue Data Catalog, its file system, its warehouse) say the job's `--conf`
arguments, as in "Using the Iceberg framework in AWS Glue" of the AWS Glue Developer Guide.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.logger import log

CATALOG = "glue_catalog"

# Athena's `timestamp` is Iceberg's without a zone; Spark's plain `timestamp` would be one with a zone there.
_STORED = {"timestamp": "timestamp_ntz"}
_PROPERTIES = {
    "format-version": "2",
    # Readers need no delete files, and a merge rewrites only the files that it touches.
    "write.merge.mode": "copy-on-write",
    # Each commit leaves a metadata file; these keep their number in bounds.
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}
_SIDE, _PART = "_side", "_part"


@dataclass(frozen=True)
class Column:
    """A column of a curated table.

    Attributes:
        name: column name, lower case.
        type: Athena's type text, e.g. `decimal(12,2)`; a `timestamp` is in UTC.
        comment: what it means, one sentence.
    """

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A curated table.

    Attributes:
        name: table name.
        comment: what a row is, one sentence.
        columns: the columns in order.
        partition: the text column that is the partition key, or None.
        month_of: the timestamp column whose month is the (hidden) partition, or None.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    partition: str | None = None
    month_of: str | None = None

    @property
    def names(self) -> list[str]:
        """The names of the columns in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Zone:
    """Where the curated tables are.

    Attributes:
        database: name of the Glue database.
        warehouse: address of the folder of the tables' folders, with a slash at its end.
    """

    database: str
    warehouse: str

    def name_of(self, table: str) -> str:
        """A table's full name in Spark SQL."""
        return f"{CATALOG}.`{self.database}`.`{table}`"


def columns(text: str) -> tuple[Column, ...]:
    """Columns from lines of `name | type | comment`; empty lines are skipped.

    Raises:
        ValueError: a line has not three parts.
    """
    rows = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    for row in rows:
        if len(row) != len(("name", "type", "comment")):
            raise ValueError(f"column {' | '.join(row)!r}: a line is `name | type | comment`")
    return tuple(Column(*row) for row in rows)


def create(spark: SparkSession, zone: Zone, table: Table) -> str:
    """Have the table in the catalog, with an empty snapshot at first, and return its full name."""
    name = zone.name_of(table.name)
    listed = ", ".join(f"`{one.name}` {_stored(one.type)} COMMENT {_text(one.comment)}" for one in table.columns)
    parts = f"months(`{table.month_of}`)" if table.month_of else f"`{table.partition}`"
    partitioned = f" PARTITIONED BY ({parts})" if table.month_of or table.partition else ""
    properties = ", ".join(f"{_text(key)}={_text(value)}" for key, value in _PROPERTIES.items())
    spark.sql(
        f"CREATE TABLE IF NOT EXISTS {name} ({listed}) USING iceberg{partitioned}"
        f" COMMENT {_text(table.comment)} LOCATION {_text(zone.warehouse + table.name)} TBLPROPERTIES ({properties})"
    )
    return name


def conform(frame: DataFrame, table: Table) -> DataFrame:
    """The table's columns of a frame, in its order and of its types; a number that does not fit is Spark's error."""
    return frame.select(*(f.col(one.name).cast(_stored(one.type)).alias(one.name) for one in table.columns))


def read(spark: SparkSession, name: str) -> DataFrame:
    """All rows of a table as of now, by its full name."""
    return spark.read.table(name)


def replace(spark: SparkSession, zone: Zone, table: Table, frame: DataFrame) -> list[str]:
    """Make the table's rows those of a frame, in one commit, rewriting only the partitions whose rows differ.

    Args:
        spark: a session with the catalog `glue_catalog`.
        zone: where the table is; it is created where it is missing.
        table: the table.
        frame: all rows that it shall have, as `conform` gives them; read twice, so keep it persisted.

    Returns:
        the rewritten partitions (`yyyy-mm` or the key's text; `all` for a table without partitions), sorted; empty
        where nothing differs, and then nothing is committed. Partitions that are not in the frame are emptied.
    """
    name = create(spark, zone, table)
    changed = _differing(read(spark, name), frame, table)
    if changed:
        rows = frame.where(_part(table).isin(changed)).sortWithinPartitions(*table.names)
        rows.writeTo(name).overwrite(_condition(table, changed))
    return changed


def replace_all(spark: SparkSession, zone: Zone, frames: Iterable[tuple[Table, DataFrame]], run_id: str) -> None:
    """`replace` tables one after the other, and log which partitions of each were written."""
    for table, frame in frames:
        changed = replace(spark, zone, table, frame)
        log("table written", run_id=run_id, table=table.name, partitions=changed)


def _differing(old: DataFrame, new: DataFrame, table: Table) -> list[str]:
    """The partitions in which a row is in one of the frames more often than in the other."""
    both = new.withColumn(_SIDE, f.lit(1)).unionAll(old.select(*table.names).withColumn(_SIDE, f.lit(-1)))
    rows = both.groupBy(*table.names).agg(f.sum(_SIDE).alias(_SIDE)).where(f.col(_SIDE) != 0)
    return sorted(row[_PART] for row in rows.select(_part(table).alias(_PART)).distinct().collect())


def _part(table: Table) -> Expression:
    if table.month_of:
        return f.date_format(table.month_of, "yyyy-MM")
    return f.col(table.partition) if table.partition else f.lit("all")


def _condition(table: Table, changed: Sequence[str]) -> Expression:
    """The rows of some partitions, in a form by which Iceberg drops whole files without reading them."""
    if table.month_of:
        return reduce(or_, _month_ranges(table.month_of, changed))
    return f.col(table.partition).isin(list(changed)) if table.partition else f.lit(True)


def _month_ranges(column: str, months: Iterable[str]) -> list[Expression]:
    ranges = []
    for month in months:
        first = datetime.date.fromisoformat(f"{month}-01")
        after = (first + datetime.timedelta(days=31)).replace(day=1)
        first_moment, next_moment = (f"TIMESTAMP_NTZ'{day} 00:00:00'" for day in (first, after))
        ranges.append(f.expr(f"`{column}` >= {first_moment} AND `{column}` < {next_moment}"))
    return ranges


def _stored(kind: str) -> str:
    return _STORED.get(kind, kind)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
