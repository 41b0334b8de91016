"""A Glue job that takes datasets from the raw to the processed zone, each by its contract.

The batch is the set of open notes. Every run reads all raw files of a dataset, so that the latest report of a row holds
whatever order files come in; but it writes only the partitions that the batch touches, and closes the batch last. A run
that fails half-way is simply repeated: the same notes give the same rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

from lakehouse import contracts, s3_helper
from lakehouse.contracts import Contract, ContractError
from lakehouse.etl import tables
from lakehouse.etl.accounts import Account, Values, account, check_counts, figures
from lakehouse.etl.files import read_files
from lakehouse.etl.notes import Note, close_notes, read_notes
from lakehouse.etl.rows import transform
from lakehouse.logger import log

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_s3.client import S3Client

ARGUMENTS = (
    "JOB_NAME",
    "datasets",
    "contracts",
    "raw",
    "processed",
    "rejected",
    "database",
    "curated_database",
    "warehouse",
    "run_id",
)


@dataclass(frozen=True)
class Summary:
    """What a run did for one dataset.

    Attributes:
        dataset: its name.
        run_id: the run's identifier.
        files: addresses of the batch's files; empty where there was nothing to do, and then all figures are 0.
        rows_in: rows read of all raw files of the dataset, not only the batch's.
        rows_out: how many of them are rows of the table.
        rejected: how many are not; rows_in = rows_out + rejected.
        duplicates: how many of those rejected have a key of which another row holds.
        reasons: rejected rows by reason.
        partitions: the partitions that were written, as the values of their keys; of a table without keys one, `()`.
        removed: the partitions that have no rows any more.
    """

    dataset: str
    run_id: str
    files: tuple[str, ...] = ()
    rows_in: int = 0
    rows_out: int = 0
    rejected: int = 0
    duplicates: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    partitions: tuple[Values, ...] = ()
    removed: tuple[Values, ...] = ()


Arguments = Mapping[str, str]
After = Callable[[SparkSession, "S3Client", "GlueClient", Arguments, list[Summary]], None]


def process(
    spark: SparkSession, s3: "S3Client", glue: "GlueClient", arguments: Arguments, dataset: str | None = None
) -> Summary:
    """Process the open batch of one dataset. An empty batch costs no Spark job.

    Args:
        spark: a session.
        s3: an S3 client.
        glue: a Glue client.
        arguments: by name: `contracts` (folder of `<dataset>.json`), `raw` (`s3://bucket/`), `processed` and
            `rejected` (folders with one for each dataset), `database` (of the processed tables), `run_id`; and
            `datasets` where `dataset` is not given. Addresses end with a slash.
        dataset: which one; by default the only one that `datasets` names.

    Raises:
        BatchError: a note is wrong, or a file's rows are not as many as the validator counted; nothing was written.
        ContractError: the contract cannot be used.
    """
    contract = _contract(s3, arguments, dataset or arguments["datasets"])
    notes = read_notes(s3, arguments["raw"], contract.dataset)
    batch = [note for note in notes if note.open]
    if not batch:
        log("nothing to do: the batch is empty", dataset=contract.dataset, run_id=arguments["run_id"])
        return Summary(contract.dataset, arguments["run_id"])
    # Texts without a zone are UTC, whatever the session's own is.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    result = transform(read_files(spark, contract, notes), contract).persist()
    try:
        found = account(result, contract)
        check_counts(notes, found.by_file())
        removed = _write(result, contract, found, arguments, s3, glue)
        close_notes(s3, arguments["raw"], contract.dataset, batch)
    finally:
        result.unpersist()
    return _report(contract, batch, found, removed, arguments["run_id"])


def _contract(s3: "S3Client", arguments: Arguments, dataset: str) -> Contract:
    address = f"{arguments['contracts']}{dataset}.json"
    contract = contracts.loads(s3_helper.read_bytes(s3, address))
    if contract.dataset != dataset:
        raise ContractError(f"{address}: the contract is of {contract.dataset!r}, not of {dataset!r}: deploy it again")
    return contract


def _write(
    result: DataFrame, contract: Contract, found: Account, arguments: Arguments, s3: "S3Client", glue: "GlueClient"
) -> list[Values]:
    table = f"{arguments['processed']}{contract.dataset}/"
    rejected = f"{arguments['rejected']}{contract.dataset}/"
    count = found.by_reason()
    if contract.partitions:
        if found.kept:
            tables.write_partitions(result, contract, found.kept, table)
    elif count[None]:
        tables.write_table(result, contract, count[None], table)
    else:
        s3_helper.delete_prefix(s3, table)
    if count.total() > count[None]:
        tables.write_rejected(result, rejected)
    else:
        s3_helper.delete_prefix(s3, rejected)
    return tables.publish(contract, found, table, arguments["database"], s3, glue)


def _report(contract: Contract, batch: list[Note], found: Account, removed: list[Values], run_id: str) -> Summary:
    """Log a line for each file of the batch and one for the dataset."""
    same: dict[str, Any] = {"dataset": contract.dataset, "run_id": run_id}
    for note in batch:
        log("file accounted", **same, file=note.raw, **figures(found.by_reason(note.raw)))
    summary = Summary(
        **same,
        files=tuple(note.raw for note in batch),
        **figures(found.by_reason()),
        partitions=tuple(sorted(found.kept)),
        removed=tuple(removed),
    )
    log(
        "batch done",
        **same,
        partitions=["/".join(values) for values in summary.partitions],
        **figures(found.by_reason()),
    )
    return summary


def main(argv: Sequence[str], after: After | None = None) -> None:
    """Run as a Glue job: process each dataset in turn, then what comes after.

    Args:
        argv: the job's argument list, the script's name first; it has all of ARGUMENTS.
        after: called once with what was done for each dataset, in the order of `--datasets`. It is called even if all
            batches are empty: a run that failed in it has closed its batches, and is repeated like this.
    """
    arguments = getResolvedOptions(list(argv), list(ARGUMENTS))
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(arguments["JOB_NAME"], arguments)
    spark, s3, glue = context.spark_session, boto3.client("s3"), boto3.client("glue")
    names = [name.strip() for name in arguments["datasets"].split(",") if name.strip()]
    summaries = [process(spark, s3, glue, arguments, name) for name in names]
    if after:
        after(spark, s3, glue, arguments, summaries)
    job.commit()
