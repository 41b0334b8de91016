"""The rows of raw files, whatever their format: the landing columns as text, as a CSV file would have them.

One form for all formats means one set of checks, and rejected rows that read alike.
"""

import re
from collections.abc import Callable, Iterable
from itertools import groupby

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lakehouse.contracts import Contract
from lakehouse.etl import parquet
from lakehouse.etl.notes import BatchError, Note

SOURCE = "source_file"
CORRUPT = "_corrupt_record"
IN_BATCH = "_in_batch"
_PATH = "_metadata.file_path"
_LINE, _PARSED = "_line", "_parsed"

# JSON's grammar for an object without nested values; possessive, so that no line can make it search for long.
_ESCAPE = (
    r'\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})'
)
_STRING = rf'"[^"\\\x00-\x1f]*+(?:{_ESCAPE}[^"\\\x00-\x1f]*+)*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
_SPACE = r"[ \t]*+"
# Up to a number outside of strings: what is before it, and the number.
_UNQUOTED = rf"\G((?:{_STRING}|[^\"0-9-]++)*+)({_NUMBER})"


def _flat_object(names: Iterable[str]) -> str:
    """A pattern of the lines that are one JSON object with these members only, none of them nested."""
    member = rf'"(?:{"|".join(map(re.escape, names))})"{_SPACE}:{_SPACE}(?:{_STRING}|{_NUMBER}|true|false|null){_SPACE}'
    return rf"\A{_SPACE}\{{{_SPACE}(?:{member}(?:,{_SPACE}{member})*+)?+\}}{_SPACE}\z"


def read_csv(spark: SparkSession, contract: Contract, addresses: list[str]) -> DataFrame:
    """Rows of CSV files with the contract's header; a row of the wrong length is corrupt."""
    schema = ", ".join(f"`{name}` string" for name in (*contract.header, CORRUPT))
    # With pruning on, a row is only parsed as far as a query needs, and a row of the wrong length goes unseen.
    spark.conf.set("spark.sql.csv.parser.columnPruning.enabled", "false")
    return spark.read.csv(
        addresses,
        schema=schema,
        header=True,
        enforceSchema=False,
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=CORRUPT,
        escape='"',
    ).select(*contract.header, CORRUPT, f.col(_PATH).alias(SOURCE))


def read_jsonl(spark: SparkSession, contract: Contract, addresses: list[str]) -> DataFrame:
    """Rows of files with a JSON object a line: numbers as they are written, booleans as `true` and `false`.

    Corrupt is a line that is no object, has nested values, or a member that the contract does not know. Blank lines
    are no rows.
    """
    lines = spark.read.text(addresses).select(f.col("value").alias(_LINE), f.col(_PATH).alias(SOURCE))
    lines = lines.where(f.col(_LINE).rlike(r"[^\x00-\x20]"))
    # Numbers become strings first: a JSON parser would give back 10.00 as 10.0.
    quoted = f.when(f.col(_LINE).rlike(_flat_object(contract.header)), f.regexp_replace(_LINE, _UNQUOTED, '$1"$2"'))
    schema = ", ".join(f"`{name}` string" for name in (*contract.header, CORRUPT))
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT}
    parsed = lines.withColumn(_PARSED, f.from_json(quoted, schema, options))
    whole = f.col(_PARSED).isNotNull() & f.col(f"{_PARSED}.{CORRUPT}").isNull()
    return parsed.select(
        *(f.col(f"{_PARSED}.{name}").alias(name) for name in contract.header),
        f.when(~whole, f.col(_LINE)).alias(CORRUPT),
        SOURCE,
    )


def read_parquet(spark: SparkSession, contract: Contract, addresses: list[str]) -> DataFrame:
    """Rows of Parquet files, their typed values as text; see `parquet.texts`.

    All rows of a file are corrupt (and kept as JSON) where it has a column that the contract does not know, or one
    whose type has no text. A column that a file does not have is NULL.
    """
    # Nanoseconds, as pandas writes them, have no type in Spark; as numbers they can be turned into text without loss.
    spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
    frames = []
    for schema, same in parquet.by_schema(spark, addresses).items():
        frame = spark.read.parquet(*same)
        texts = parquet.texts(frame, contract, schema)
        if texts is None:
            columns = [f.lit(None).cast("string").alias(name) for name in contract.header]
            corrupt: Expression = f.to_json(f.struct(*(f.col(f"`{name}`") for name in frame.columns)))
        else:
            columns = [texts[name].alias(name) for name in contract.header]
            corrupt = f.lit(None).cast("string")
        frames.append(frame.select(*columns, corrupt.alias(CORRUPT), f.col(_PATH).alias(SOURCE)))
    return _union(frames)


READERS: dict[str, Callable[[SparkSession, Contract, list[str]], DataFrame]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


def read_files(spark: SparkSession, contract: Contract, notes: Iterable[Note]) -> DataFrame:
    """The rows of raw files as `rows.transform` takes them.

    Args:
        spark: a session.
        contract: what the files have to be.
        notes: the files, at least one; formats may differ.

    Returns:
        the landing columns as text, NULL for empty; `_corrupt_record` (text: the row where it is malformed, else NULL);
        `source_file` (text: the note's `raw`); `_in_batch` (boolean: whether the note is open).

    Raises:
        BatchError: a format has no reader.
        py4j.protocol.Py4JJavaError: (also when rows are computed) a file is not there, or a CSV's header is another.
    """
    notes = sorted(notes, key=lambda note: (note.format, note.raw))
    frames = []
    for name, group in groupby(notes, key=lambda note: note.format):
        addresses = [note.raw for note in group]
        if name not in READERS:
            raise BatchError(
                f"{addresses[0]}: there is no reader for the format {name!r}, only for {', '.join(READERS)}: "
                "correct its note's `format`"
            )
        frames.append(READERS[name](spark, contract, addresses))
    in_batch = [note.raw for note in notes if note.open]
    return _union(frames).select(
        *(f.nullif(f.col(name), f.lit("")).alias(name) for name in contract.header),
        CORRUPT,
        SOURCE,
        f.col(SOURCE).isin(in_batch).alias(IN_BATCH),
    )


def _union(frames: list[DataFrame]) -> DataFrame:
    first, *others = frames
    for other in others:
        first = first.unionByName(other)
    return first
