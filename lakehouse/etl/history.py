"""Slowly changing dimensions of type 2: every state that an entity had, with the time from which to which it held.

A version is valid from `valid_from` (inclusive) to `valid_to` (exclusive; NULL while it is current). Both are times of
the data, never of the clock, so that a run that is repeated ends in the same rows. A key has at most one version for
each `valid_from`: what changes without any later data corrects that version instead of following it. An entity that
vanishes has its version closed; one that comes back gets a new one.
"""

import datetime
from dataclasses import dataclass

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.etl import iceberg
from lakehouse.etl.iceberg import Table, Zone

HASH = "row_hash"
VALIDITY = iceberg.columns("""
    row_hash   | string    | Fingerprint of the attributes: another one means another version.
    valid_from | timestamp | From when it held, UTC, by the data's own time.
    valid_to   | timestamp | Until when it held, UTC, exclusive; empty while it is current.
    is_current | boolean   | Whether it holds now.
""")
_ACTION, _MATCH, _OLD = "_action", "_match", "_old_"
CLOSE, CORRECT, INSERT = "close", "correct", "insert"


@dataclass(frozen=True)
class Changes:
    """What a merge did: versions that were closed, corrected in place and inserted."""

    closed: int = 0
    corrected: int = 0
    inserted: int = 0


def attributes(table: Table) -> list[str]:
    """The table's columns without those of the validity."""
    return [name for name in table.names if name not in {column.name for column in VALIDITY}]


def fingerprint(frame: DataFrame, table: Table) -> DataFrame:
    """The table's attributes of a frame, of its types, and `row_hash`, the SHA-256 of them as JSON."""
    kinds = {column.name: column.type for column in table.columns}
    typed = frame.select(*(f.col(name).cast(kinds[name]).alias(name) for name in attributes(table)))
    return typed.withColumn(HASH, f.sha2(f.to_json(f.struct(*attributes(table))), 256))


def latest(spark: SparkSession, zone: Zone, table: Table) -> datetime.datetime | None:
    """The latest moment in the table's history, UTC without a zone; None while it is empty. Creates the table."""
    rows = iceberg.read(spark, iceberg.create(spark, zone, table))
    row = rows.agg(f.max("valid_from").alias("opened"), f.max("valid_to").alias("closed")).first()
    return max((moment for moment in row or () if moment is not None), default=None)


def stage(held: DataFrame, frame: DataFrame, table: Table, as_of: datetime.datetime) -> DataFrame:
    """What has to be done to the table, a row an action.

    Args:
        held: the table's rows.
        frame: the entities as they are now, as `fingerprint` gives them; the first attribute is the key.
        table: the table.
        as_of: when they are so; no moment in the table's history is later.

    Returns:
        the table's columns, `_action` (`close`, `correct` or `insert`) and `_match`, the `valid_from` of the version
        that is closed or corrected. A version that is followed by another gives two rows.
    """
    key = attributes(table)[0]
    moment = f.lit(as_of).cast("timestamp_ntz")
    # At most one row a key: a version that begins at this moment follows on all others of its key.
    open_ones = held.where(f.col("is_current") | (f.col("valid_from") == moment))
    old = open_ones.select(*(f.col(name).alias(_OLD + name) for name in (key, HASH, "valid_from", "is_current")))
    joined = frame.join(old, f.col(key) == f.col(_OLD + key), "full_outer")
    rows = joined.withColumn(_ACTION, f.explode(_actions(key, moment)))
    closing = f.col(_ACTION) == CLOSE
    values = {name: f.col(name) for name in (*attributes(table), HASH)}
    values[key] = f.coalesce(key, _OLD + key)
    validity = {
        "valid_from": f.when(closing, f.col(f"{_OLD}valid_from")).otherwise(moment),
        "valid_to": f.when(closing, moment),
        "is_current": ~closing,
    }
    match = f.when(f.col(_ACTION) != INSERT, f.col(f"{_OLD}valid_from"))
    named = (value.alias(name) for name, value in (values | validity).items())
    return rows.select(*named, _ACTION, match.alias(_MATCH))


def _actions(key: str, moment: Expression) -> Expression:
    """The actions that a pair of an entity (or none) and its open version (or none) needs, as an array of text."""
    gone, unknown = f.col(key).isNull(), f.col(_OLD + key).isNull()
    held, same = f.col(f"{_OLD}is_current"), f.col(HASH) == f.col(_OLD + HASH)
    begins_now = f.col(f"{_OLD}valid_from") == moment
    return (
        f.when(unknown, f.array(f.lit(INSERT)))
        .when(gone & held, f.array(f.lit(CLOSE)))
        .when(gone | (held & same), f.array().cast("array<string>"))
        .when(begins_now, f.array(f.lit(CORRECT)))
        .otherwise(f.array(f.lit(CLOSE), f.lit(INSERT)))
    )


def merge(spark: SparkSession, zone: Zone, table: Table, frame: DataFrame, as_of: datetime.datetime) -> Changes:
    """Bring the table's history up to a moment, in one atomic commit; in none where nothing changed.

    Args:
        spark: a session with the catalog `glue_catalog`.
        zone: where the table is.
        table: the table, whose last columns are `VALIDITY` and whose first is the key.
        frame: all entities as they are now, one row a key, as `fingerprint` gives them.
        as_of: when they are so, UTC without a zone; not before `latest`.

    Returns:
        how many versions were closed, corrected and inserted.
    """
    name = iceberg.create(spark, zone, table)
    # A checkpoint, for Spark can't plan a MERGE whose source is a view of the target.
    staged = stage(iceberg.read(spark, name), frame, table, as_of).localCheckpoint()
    counts = {row[_ACTION]: row["count"] for row in staged.groupBy(_ACTION).count().collect()}
    if counts:
        view = f"staged_{table.name}"
        staged.createOrReplaceTempView(view)
        spark.sql(_statement(name, view, table, frozenset(counts)))
        spark.catalog.dropTempView(view)
    return Changes(counts.get(CLOSE, 0), counts.get(CORRECT, 0), counts.get(INSERT, 0))


def _statement(name: str, view: str, table: Table, actions: frozenset[str]) -> str:
    """The MERGE for some actions: one that only inserts needs to read no file for rewriting."""
    key = attributes(table)[0]
    listed = ", ".join(f"`{column}`" for column in table.names)
    values = ", ".join(f"s.`{column}`" for column in table.names)
    settings = ", ".join(f"t.`{column}` = s.`{column}`" for column in table.names)
    clauses = {
        CLOSE: "WHEN MATCHED AND s.{0} = '{1}' THEN UPDATE SET t.valid_to = s.valid_to, t.is_current = false",
        CORRECT: f"WHEN MATCHED AND s.{{0}} = '{{1}}' THEN UPDATE SET {settings}",
        INSERT: f"WHEN NOT MATCHED AND s.{{0}} = '{{1}}' THEN INSERT ({listed}) VALUES ({values})",  # noqa: S608 - names are the declared table's
    }
    chosen = " ".join(clause.format(_ACTION, action) for action, clause in clauses.items() if action in actions)
    return f"MERGE INTO {name} t USING {view} s ON t.`{key}` = s.`{key}` AND t.valid_from = s.{_MATCH} {chosen}"
