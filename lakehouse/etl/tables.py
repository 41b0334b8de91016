"""The processed table and the rejected rows: written, and published in the catalog."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from lakehouse import glue_helper, s3_helper
from lakehouse.contracts import Contract
from lakehouse.etl.accounts import Account, Values
from lakehouse.etl.files import CORRUPT, SOURCE
from lakehouse.etl.rows import AS_READ, REASON, REASON_COLUMN

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_s3.client import S3Client

ROWS_PER_FILE = 1_000_000  # of a table without partitions: few files, and none that one task could not write
_BETWEEN = "\x1f"  # no partition's value has it


def write_partitions(result: DataFrame, contract: Contract, partitions: Iterable[Values], address: str) -> None:
    """Write the good rows of some partitions as Parquet, a folder each, replacing what these folders had.

    Args:
        result: the rows as `rows.transform` gives them.
        contract: the table; it has partition keys.
        partitions: what to write.
        address: the table's folder.
    """
    keys = [column.name for column in contract.partitions]
    wanted = [_BETWEEN.join(values) for values in partitions]
    values = f.concat_ws(_BETWEEN, *(f.col(key).cast("string") for key in keys))
    good = _good(result, contract).where(values.isin(wanted)).repartition(*keys)
    writer = _ordered(good, contract).write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
    writer.partitionBy(*keys).parquet(address)


def write_table(result: DataFrame, contract: Contract, rows: int, address: str) -> None:
    """Write all good rows as Parquet, replacing what the folder had: the way of a table without partition keys.

    Args:
        result: the rows as `rows.transform` gives them.
        contract: the table.
        rows: how many are good.
        address: the table's folder.
    """
    files = 1 + rows // ROWS_PER_FILE
    good = _good(result, contract)
    spread = good.coalesce(1) if files == 1 else good.repartition(files, *contract.key)
    _ordered(spread, contract).write.mode("overwrite").option("partitionOverwriteMode", "static").parquet(address)


def _good(result: DataFrame, contract: Contract) -> DataFrame:
    return result.where(f.col(REASON).isNull()).select(*(column.name for column in contract.columns))


def _ordered(rows: DataFrame, contract: Contract) -> DataFrame:
    # In the order of what queries filter by, so that a reader can skip parts of a file; the key makes it one order.
    keys = [column.name for column in contract.partitions]
    derived = [column.name for column in contract.columns if column.derived and not column.partition]
    return rows.sortWithinPartitions(*keys, *derived, *contract.key)


def write_rejected(result: DataFrame, address: str) -> None:
    """Write all rejected rows, as they were read and with the reason, as JSON lines, replacing the former ones.

    All of them, not those of the batch's files only: a row of an old file becomes a duplicate by a new one.

    Args:
        result: the rows as `rows.transform` gives them.
        address: the folder.
    """
    bad = result.where(f.col(REASON).isNotNull())
    columns = bad.select(SOURCE, REASON, REASON_COLUMN, CORRUPT, f"{AS_READ}.*")
    ordered = columns.coalesce(1).sortWithinPartitions(*columns.columns)
    ordered.write.mode("overwrite").json(address)


def publish(
    contract: Contract, found: Account, address: str, database: str, s3: "S3Client", glue: "GlueClient"
) -> list[Values]:
    """Make the catalog agree with what is written: new partitions added, emptied ones removed with their objects.

    Args:
        contract: the table.
        found: which partitions changed, and which of them have rows.
        address: the table's folder, `s3://…/`.
        database: the database of the table in the catalog.
        s3: an S3 client.
        glue: a Glue client.

    Returns:
        the partitions that were removed, sorted.
    """
    emptied = sorted(found.changed - found.kept)
    keys = [column.name for column in contract.partitions]
    if keys and found.kept:
        glue_helper.add_partitions(glue, database, contract.dataset, sorted(found.kept))
    if keys and emptied:
        glue_helper.remove_partitions(glue, database, contract.dataset, emptied)
        for values in emptied:
            s3_helper.delete_prefix(s3, address + glue_helper.partition_path(keys, values))
    return emptied if keys else []
