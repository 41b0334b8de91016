"""Glue job: transactions from the raw zone to the processed zone, typed, deduplicated and partitioned.

The batch is the set of notes that the router left. Every run reads all raw files, so that the latest report of a
transaction holds whatever order files come in; but it writes only the partitions that the batch touches, and closes
the batch last. A run that fails half-way is simply repeated: the same notes give the same objects.

Nothing is lost: for each file, rows read = rows written + rows rejected, each with one reason; and rows read is checked
against what the validator counted. Rejected rows are kept as they came.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from lakehouse import contracts, glue_helper, s3_helper
from lakehouse.contracts import Column, Contract
from lakehouse.logger import log

ARGUMENTS = ["JOB_NAME", "contract", "raw", "processed", "rejected", "database", "table"]
SOURCE = "source_file"
CORRUPT = "_corrupt_record"
REASON, REASON_COLUMN = "reason", "reason_column"
IN_BATCH, TOUCHED = "_in_batch", "_touched"
AS_READ = "as_read"
DUPLICATE = "DUPLICATE"
OPEN, CLOSED = "open", "closed"
READERS = 16  # notes are small objects: what costs is the way there and back

# A number written with more digits than its type has would be rounded by a cast, silently: the text decides first.
_TEXT = {
    "int": r"^[+-]?\d{1,10}$",
    "bigint": r"^[+-]?\d{1,19}$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
}


class BatchError(RuntimeError):
    """The files of a batch are not what its notes say; the message names file and counts."""


@dataclass(frozen=True)
class Note:
    """What the router noted about a raw file: its key, its address, its rows, and whether its batch is still open."""

    key: str
    raw: str
    rows: int
    open: bool


def _text_pattern(column: Column) -> str | None:
    if column.type.startswith("decimal"):
        precision, scale = (int(part) for part in column.type.removeprefix("decimal(").rstrip(")").split(","))
        fraction = rf"(\.\d{{1,{scale}}})?" if scale else ""
        return rf"^[+-]?\d{{1,{precision - scale}}}{fraction}$"
    return _TEXT.get(column.type)


def _faults(column: Column) -> list[tuple[Expression, str]]:
    """What may be wrong with a value, in the order in which it is said."""
    text, typed = f.col(column.name), f.col(column.name).try_cast(column.type)
    faults = []
    if column.required:
        faults.append((text.isNull(), "MISSING_VALUE"))
    if pattern := _text_pattern(column):
        faults.append((~text.rlike(pattern) | (text.isNotNull() & typed.isNull()), "BAD_TYPE"))
    if column.pattern:
        faults.append((~text.rlike(f"^(?:{column.pattern})$"), "BAD_PATTERN"))
    if column.allowed:
        faults.append((~text.isin(*column.allowed), "NOT_ALLOWED"))
    if column.minimum is not None:
        faults.append((typed < f.lit(column.minimum), "OUT_OF_RANGE"))
    if column.maximum is not None:
        faults.append((typed > f.lit(column.maximum), "OUT_OF_RANGE"))
    return faults


def _first_fault(contract: Contract) -> Expression:
    """The first fault of a row as a struct of reason and column, or NULL."""

    def answer(reason: str, column: str | None) -> Expression:
        return f.struct(f.lit(reason).alias(REASON), f.lit(column).cast("string").alias(REASON_COLUMN))

    cases = [f.when(f.col(CORRUPT).isNotNull(), answer("MALFORMED_ROW", None))]
    for column in contract.landing:
        cases += [f.when(wrong, answer(reason, column.name)) for wrong, reason in _faults(column)]
    return f.coalesce(*cases)


def transform(frame: DataFrame, contract: Contract) -> DataFrame:
    """Type, check and deduplicate the rows of landing files.

    Args:
        frame: the landing columns as text (NULL for empty), `source_file` (later files sort later), `_corrupt_record`
            (the line, where it has too few or too many columns, else NULL) and `_in_batch` (boolean).
        contract: what the rows have to be.

    Returns:
        every row of the frame: the table's columns, typed; `reason`, NULL for a row that is to be written, else why
        not, and `reason_column`; `source_file`, `_corrupt_record`, and the row `as_read` (a struct of text); and
        `_touched`, whether the row's key occurs in the batch. Of the good rows with one key the one with the greatest
        `latest_by` is written; then that of the latest file; then by content, so that the same rows always give the
        same answer.
    """
    typed = frame.select(
        *(f.col(column.name).try_cast(column.type).alias(column.name) for column in contract.landing),
        f.struct(*contract.header).alias(AS_READ),
        _first_fault(contract).alias("_fault"),
        SOURCE,
        CORRUPT,
        IN_BATCH,
    )
    for column in contract.columns:
        if column.derived:
            typed = typed.withColumn(column.name, f.expr(column.derived).cast(column.type))
    same_key = Window.partitionBy(f.isnull("_fault"), *contract.key)
    latest_first = same_key.orderBy(*(f.desc(name) for name in (contract.latest_by, SOURCE, AS_READ)))
    superseded = f.when(f.row_number().over(latest_first) > 1, f.lit(DUPLICATE))
    return typed.select(
        *(column.name for column in contract.columns),
        f.coalesce(f"_fault.{REASON}", superseded).alias(REASON),
        f.col(f"_fault.{REASON_COLUMN}").alias(REASON_COLUMN),
        SOURCE,
        CORRUPT,
        AS_READ,
        f.max(IN_BATCH).over(same_key).alias(TOUCHED),
    )


def read_files(spark: SparkSession, contract: Contract, notes: Iterable[Note]) -> DataFrame:
    """The rows of raw files as `transform` takes them.

    Raises:
        py4j.protocol.Py4JJavaError: (when it is computed) a file is not there or has another header.
    """
    schema = ", ".join(f"`{name}` string" for name in (*contract.header, CORRUPT))
    # With pruning on, a row is only parsed as far as a query needs, and a row of the wrong length goes unseen.
    spark.conf.set("spark.sql.csv.parser.columnPruning.enabled", "false")
    files = spark.read.csv(
        [note.raw for note in notes],
        schema=schema,
        header=True,
        enforceSchema=False,
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=CORRUPT,
        escape='"',
    )
    in_batch = [note.raw for note in notes if note.open]
    return files.select(
        *(f.nullif(f.col(name), f.lit("")).alias(name) for name in contract.header),
        CORRUPT,
        f.col("_metadata.file_path").alias(SOURCE),
        f.col("_metadata.file_path").isin(in_batch).alias(IN_BATCH),
    )


def check_counts(notes: Iterable[Note], read: Counter[str]) -> None:
    """Compare the rows read of each file with what the validator counted.

    Raises:
        BatchError: they differ, so that a row would be lost or made up.
    """
    for note in notes:
        if read[note.raw] != note.rows:
            raise BatchError(f"{note.raw}: {read[note.raw]} rows read, but the validator counted {note.rows}")


def read_notes(s3: Any, raw: str, dataset: str) -> list[Note]:
    """All notes of a dataset, in the order of arrival; `raw` is the raw zone's address, with a slash at its end."""
    prefix = f"{raw}batches/{dataset}/"
    bucket, _ = s3_helper.split_uri(raw)

    def read(key: str) -> Note:
        document = json.loads(s3_helper.read_bytes(s3, f"s3://{bucket}/{key}"))
        return Note(key=key, raw=document["raw"], rows=document["rows"], open=f"/{OPEN}/" in key)

    with ThreadPoolExecutor(READERS) as pool:
        notes = pool.map(read, list(s3_helper.list_keys(s3, prefix)))
    # An open note beside a closed one of the same file is an event delivered twice: the file is read once, as open.
    unique = {note.raw: note for note in sorted(notes, key=lambda note: note.open)}
    return sorted(unique.values(), key=lambda note: note.raw)


def close_notes(s3: Any, raw: str, dataset: str, notes: Iterable[Note]) -> None:
    """Move the batch's notes from open to closed; repeated, it ends in the same."""
    bucket, _ = s3_helper.split_uri(raw)
    for note in notes:
        closed = f"batches/{dataset}/{CLOSED}/{note.key.rsplit('/', 1)[-1]}"
        s3.copy_object(Bucket=bucket, Key=closed, CopySource={"Bucket": bucket, "Key": note.key})
        s3.delete_object(Bucket=bucket, Key=note.key)


@dataclass(frozen=True)
class Account:
    """What became of the rows.

    Attributes:
        rows: how many of each file by reason (None: written).
        changed: values of the partition key whose rows may have changed.
        kept: those of them that have rows to write.
    """

    rows: Counter[tuple[str, str | None]]
    changed: frozenset[str]
    kept: frozenset[str]

    def by_file(self) -> Counter[str]:
        """Rows read of each file."""
        count: Counter[str] = Counter()
        for (source, _), rows in self.rows.items():
            count[source] += rows
        return count

    def by_reason(self, source: str | None = None) -> Counter[str | None]:
        """Rows by reason, None for those written; of one file or of all."""
        count: Counter[str | None] = Counter()
        for (name, reason), rows in self.rows.items():
            if source in (None, name):
                count[reason] += rows
        return count


def account(result: DataFrame, contract: Contract) -> Account:
    """Count the rows of `transform` by file and reason, and find the partitions whose rows may have changed."""
    value = f.col(partition_of(contract)).cast("string").alias("value")
    groups = result.groupBy(SOURCE, REASON, TOUCHED, value).count().collect()
    rows: Counter[tuple[str, str | None]] = Counter()
    for group in groups:
        rows[group[SOURCE], group[REASON]] += group["count"]
    good = [group for group in groups if group[REASON] in (None, DUPLICATE)]
    changed = frozenset(group["value"] for group in good if group[TOUCHED])
    kept = frozenset(group["value"] for group in good if group[REASON] is None)
    return Account(rows=rows, changed=changed, kept=kept & changed)


def partition_of(contract: Contract) -> str:
    """The name of the table's partition key.

    Raises:
        contracts.ContractError: there is not exactly one.
    """
    if len(contract.partitions) != 1:
        raise contracts.ContractError(f"contract {contract.dataset}: this job needs exactly one partition key")
    return contract.partitions[0].name


def write(result: DataFrame, contract: Contract, values: Iterable[str], processed: str) -> None:
    """Write the good rows of some partitions as Parquet, a folder each, replacing what these folders had."""
    key = partition_of(contract)
    good = result.where(f.col(REASON).isNull() & f.col(key).cast("string").isin(*values))
    derived = [column.name for column in contract.columns if column.derived and not column.partition]
    ordered = good.select(*(column.name for column in contract.columns)).repartition(key)
    # In the order of what queries filter by, so that a reader can skip parts of a file.
    ordered = ordered.sortWithinPartitions(key, *derived, *contract.key)
    ordered.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy(key).parquet(processed)


def write_rejected(result: DataFrame, rejected: str) -> None:
    """Write all rejected rows, as they were read and with the reason, as JSON lines, replacing the former ones."""
    bad = result.where(f.col(REASON).isNotNull())
    columns = bad.select(SOURCE, REASON, REASON_COLUMN, CORRUPT, f"{AS_READ}.*")
    columns.coalesce(1).write.mode("overwrite").json(rejected)


def publish(contract: Contract, found: Account, arguments: dict[str, str], s3: Any, glue: Any) -> None:
    """Make the catalog agree with what is written: new partitions added, emptied ones removed with their objects."""
    key, database, table = partition_of(contract), arguments["database"], arguments["table"]
    glue_helper.add_partitions(glue, database, table, [[value] for value in sorted(found.kept)])
    emptied = sorted(found.changed - found.kept)
    glue_helper.remove_partitions(glue, database, table, [[value] for value in emptied])
    for value in emptied:
        s3_helper.delete_prefix(s3, arguments["processed"] + glue_helper.partition_path([key], [value]))


def run(spark: SparkSession, arguments: dict[str, str], s3: Any, glue: Any) -> None:
    """Process the open batch of a dataset.

    Args:
        spark: a session.
        arguments: `contract` (address of the contract's JSON), `raw`, `processed`, `rejected` (addresses of folders,
            with a slash at the end), `database` and `table`.
        s3: an S3 client.
        glue: a Glue client.

    Raises:
        BatchError: a file's rows are not as many as the validator counted.
    """
    contract = contracts.loads(s3_helper.read_bytes(s3, arguments["contract"]))
    notes = read_notes(s3, arguments["raw"], contract.dataset)
    batch = [note for note in notes if note.open]
    if not batch:
        log("nothing to do: the batch is empty", dataset=contract.dataset)
        return
    result = transform(read_files(spark, contract, notes), contract).persist()
    found = account(result, contract)
    check_counts(notes, found.by_file())
    write(result, contract, found.kept, arguments["processed"])
    write_rejected(result, arguments["rejected"])
    publish(contract, found, arguments, s3, glue)
    close_notes(s3, arguments["raw"], contract.dataset, batch)
    result.unpersist()
    report(contract, batch, found)


def report(contract: Contract, batch: Iterable[Note], found: Account) -> None:
    """Log a line for each file of the batch and one for the dataset."""
    for note in batch:
        log("file accounted", dataset=contract.dataset, file=note.raw, **_figures(found.by_reason(note.raw)))
    partitions = sorted(found.kept)
    log("batch done", dataset=contract.dataset, partitions=partitions, **_figures(found.by_reason()))


def _figures(reasons: Counter[str | None]) -> dict[str, Any]:
    rejected = {reason: rows for reason, rows in sorted(reasons.items(), key=str) if reason}
    return {
        "rows_in": reasons.total(),
        "rows_out": reasons[None],
        "rejected": sum(rejected.values()),
        "duplicates": rejected.get(DUPLICATE, 0),
        "reasons": rejected,
    }


def main(argv: list[str]) -> None:
    """Run as a Glue job; `argv` is the job's argument list, the script's name first."""
    arguments = getResolvedOptions(argv, ARGUMENTS)
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(arguments["JOB_NAME"], arguments)
    run(context.spark_session, arguments, boto3.client("s3"), boto3.client("glue"))
    job.commit()


if __name__ == "__main__":
    main(sys.argv)
