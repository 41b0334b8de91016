"""The processed zone as curated jobs read it: Parquet files by path, typed by the contract, no catalog needed."""

from collections.abc import Mapping
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from lakehouse import contracts, s3_helper
from lakehouse.contracts import Contract


def contract_of(s3: Any, folder: str, dataset: str) -> Contract:
    """A dataset's contract from the folder (an S3 address with a slash at its end) where Terraform publishes them.

    Raises:
        contracts.ContractError: it is not a usable contract.
        botocore.exceptions.ClientError: there is no such object.
    """
    return contracts.loads(s3_helper.read_bytes(s3, f"{folder}{dataset}.json"))


def dataset(spark: SparkSession, s3: Any, arguments: Mapping[str, str], name: str) -> DataFrame:
    """All rows of a dataset, by a job's arguments `contracts` and `processed`; see `contract_of` and `read`."""
    return read(spark, contract_of(s3, arguments["contracts"], name), arguments["processed"])


def read(spark: SparkSession, contract: Contract, processed: str) -> DataFrame:
    """All rows of a dataset in the processed zone.

    Args:
        spark: a session.
        contract: the dataset's contract.
        processed: address of the zone's folder, with a slash at its end; the dataset's is `<processed><dataset>/`.

    Returns:
        the contract's columns in its order; no row where the folder is not there yet, or is empty.
    """
    schema = ", ".join(f"`{column.name}` {column.type}" for column in contract.columns)
    try:
        frame = spark.read.schema(schema).parquet(f"{processed}{contract.dataset}/")
    except AnalysisException as error:
        if error.getCondition() != "PATH_NOT_FOUND":
            raise
        return spark.createDataFrame([], schema)
    return frame.select(*(column.name for column in contract.columns))
