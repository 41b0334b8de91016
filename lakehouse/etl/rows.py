"""What becomes of each row: typed, checked by the contract's columns, and deduplicated by its key."""

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from lakehouse.contracts import Column, Contract
from lakehouse.etl.files import CORRUPT, IN_BATCH, SOURCE
from lakehouse.etl.hive_types import base, text_pattern

REASON, REASON_COLUMN = "reason", "reason_column"
TOUCHED = "_touched"
AS_READ = "as_read"
DUPLICATE = "DUPLICATE"
_FAULT = "_fault"
# In the name of a partition's folder, Spark and Hive write these as %xx, and not every reader undoes it.
_NOT_IN_FOLDERS = r"""[\x00-\x1f"#%'*/:=?\\\x7f{\[\]^]"""


def _whole(pattern: str) -> str:
    # Not ^ and $: in Java, $ also matches before a line end that is the last character.
    return rf"\A(?:{pattern})\z"


def _of_type(column: Column, text: Expression, typed: Expression) -> Expression | None:
    pattern = text_pattern(column.type)
    if pattern is None:
        return None
    wrong = ~text.rlike(_whole(pattern)) | (text.isNotNull() & typed.isNull())
    if base(column.type) in ("float", "double"):
        wrong |= typed.isin(float("inf"), float("-inf"))  # what a number too large for the type becomes
    return wrong


def faults(column: Column) -> list[tuple[Expression, str]]:
    """What may be wrong with a landing column's text, in the order in which it is said: conditions with their reasons.

    Reasons: MISSING_VALUE, BAD_TYPE, BAD_LENGTH, BAD_PATTERN, NOT_ALLOWED, OUT_OF_RANGE. A NULL breaks nothing but
    `required`.

    Raises:
        ContractError: values of the column's type have no text.
    """
    text, typed = f.col(column.name), f.col(column.name).try_cast(column.type)
    tests: list[tuple[Expression | None, str]] = [
        (text.isNull() if column.required else None, "MISSING_VALUE"),
        (_of_type(column, text, typed), "BAD_TYPE"),
        (None if column.min_length is None else f.length(text) < column.min_length, "BAD_LENGTH"),
        (None if column.max_length is None else f.length(text) > column.max_length, "BAD_LENGTH"),
        (~text.rlike(_whole(column.pattern)) if column.pattern else None, "BAD_PATTERN"),
        (~text.isin(*column.allowed) if column.allowed else None, "NOT_ALLOWED"),
        (None if column.minimum is None else typed < f.lit(column.minimum), "OUT_OF_RANGE"),
        (None if column.maximum is None else typed > f.lit(column.maximum), "OUT_OF_RANGE"),
        (None if column.above is None else typed <= f.lit(column.above), "OUT_OF_RANGE"),
    ]
    return [(wrong, reason) for wrong, reason in tests if wrong is not None]


def _answer(reason: str, column: str | None) -> Expression:
    return f.struct(f.lit(reason).alias(REASON), f.lit(column).cast("string").alias(REASON_COLUMN))


def _first_fault(contract: Contract) -> Expression:
    """The first fault of a row of text, as a struct of reason and column, or NULL."""
    cases = [f.when(f.col(CORRUPT).isNotNull(), _answer("MALFORMED_ROW", None))]
    for column in contract.landing:
        cases += [f.when(wrong, _answer(reason, column.name)) for wrong, reason in faults(column)]
    return f.coalesce(*cases)


def _typed_faults(column: Column) -> list[tuple[Expression, str]]:
    """What may be wrong with a typed value: that a derivation gave none, or that it names no partition."""
    value = f.col(column.name)
    found = []
    if column.partition or (column.derived and column.required):
        found.append((value.isNull(), "MISSING_VALUE"))
    if column.partition:
        text = value.cast("string")
        found += [(text == "", "MISSING_VALUE"), (text.rlike(_NOT_IN_FOLDERS), "BAD_PATTERN")]
    return found


def transform(frame: DataFrame, contract: Contract) -> DataFrame:
    """Type, check and deduplicate the rows of landing files.

    Args:
        frame: the rows as `files.read_files` gives them.
        contract: what the rows have to be.

    Returns:
        every row of the frame: the table's columns, typed; `reason`, NULL for a row that is to be written, else why
        not, and `reason_column`; `source_file`, `_corrupt_record`, and the row `as_read` (a struct of text); and
        `_touched`, whether the row's key occurs in the batch. Of the good rows with one key the one with the greatest
        `latest_by` is written; then that of the latest file; then by content, so that the same rows always give the
        same answer.

    Raises:
        ContractError: values of a landing column's type have no text.
    """
    typed = frame.select(
        *(f.col(column.name).try_cast(column.type).alias(column.name) for column in contract.landing),
        f.struct(*contract.header).alias(AS_READ),
        _first_fault(contract).alias(_FAULT),
        SOURCE,
        CORRUPT,
        IN_BATCH,
    )
    for column in contract.columns:
        if column.derived:
            # Of good rows only: what is no value of its type could make an expression fail.
            value = f.when(f.isnull(_FAULT), f.expr(column.derived)).cast(column.type)
            typed = typed.withColumn(column.name, value)
    cases = [
        f.when(wrong, _answer(reason, column.name))
        for column in contract.columns
        for wrong, reason in _typed_faults(column)
    ]
    typed = typed.withColumn(_FAULT, f.coalesce(_FAULT, *cases))
    same_key = Window.partitionBy(f.isnull(_FAULT), *contract.key)
    latest_first = same_key.orderBy(*(f.desc(name) for name in (contract.latest_by, SOURCE, AS_READ)))
    superseded = f.when(f.row_number().over(latest_first) > 1, f.lit(DUPLICATE))
    return typed.select(
        *(column.name for column in contract.columns),
        f.coalesce(f"{_FAULT}.{REASON}", superseded).alias(REASON),
        f.col(f"{_FAULT}.{REASON_COLUMN}").alias(REASON_COLUMN),
        SOURCE,
        CORRUPT,
        AS_READ,
        f.max(IN_BATCH).over(same_key).alias(TOUCHED),
    )
