"""Typed values of Parquet files as the text that a CSV file would have."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.contracts import Contract
from lakehouse.etl.hive_types import base

_NANOS = re.compile(r"int64 (\S+) \(TIMESTAMP\(NANOS,")
_THREADS = 16  # a footer is small: what costs is the way there and back


def by_schema(spark: SparkSession, addresses: list[str]) -> dict[str, list[str]]:
    """Files by the text of their Parquet schema, from their footers; without a Spark job.

    Raises:
        py4j.protocol.Py4JJavaError: a file is not there or is no Parquet.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        schemas = list(pool.map(partial(_schema, spark), addresses))
    groups: dict[str, list[str]] = {}
    for schema, address in zip(schemas, addresses, strict=True):
        groups.setdefault(schema, []).append(address)
    return groups


def _schema(spark: SparkSession, address: str) -> str:
    hadoop, reader = spark._jvm.org.apache.hadoop, spark._jvm.org.apache.parquet.hadoop
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    file = reader.util.HadoopInputFile.fromPath(hadoop.fs.Path(address), configuration)
    footer = reader.ParquetFileReader.open(file)
    try:
        return str(footer.getFileMetaData().getSchema().toString())
    finally:
        footer.close()


def texts(frame: DataFrame, contract: Contract, schema: str) -> dict[str, Expression] | None:
    """The landing columns as text, by name.

    Args:
        frame: rows of files with one schema, read with nanoseconds as numbers.
        contract: the landing columns.
        schema: the text of the files' Parquet schema.

    Returns:
        None where the frame has a column that is none of the contract's, or whose type has no text.
    """
    nanos = set(_NANOS.findall(schema))
    types = dict(frame.dtypes)
    if not types.keys() <= set(contract.header):
        return None
    found: dict[str, Expression] = {}
    for column in contract.landing:
        kind = "nanoseconds" if column.name in nanos else base(types.get(column.name, "void"))
        if kind not in _TEXTS:
            return None
        found[column.name] = _TEXTS[kind](f.col(column.name) if column.name in types else f.lit(None))
    return found


def _text(value: Expression) -> Expression:
    return value.cast("string")


def _nanoseconds(value: Expression) -> Expression:
    rest = f.pmod(value, f.lit(1000))
    micros = f.call_function("div", value - rest, f.lit(1000))  # in whole numbers: `/` gives a double
    seconds = f.date_format(f.timestamp_micros(micros), "yyyy-MM-dd HH:mm:ss.SSSSSS")
    # Where nanoseconds are left, all nine digits are shown, so that the checks refuse what they could only round.
    return f.when(rest == 0, f.timestamp_micros(micros).cast("string")).otherwise(
        f.concat(seconds, f.lpad(rest.cast("string"), 3, "0"))
    )


# Spark's type of a file's column → its text.
_TEXTS: dict[str, Callable[[Expression], Expression]] = {
    **dict.fromkeys(("void", "string", "boolean", "tinyint", "smallint", "int", "bigint"), _text),
    **dict.fromkeys(("date", "timestamp", "timestamp_ntz"), _text),
    **dict.fromkeys(("float", "double", "decimal"), _text),
    "nanoseconds": _nanoseconds,
}
