"""How a Python function of one row's values becomes a DuckDB function over Arrow columns."""

import inspect
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from laketop.athena.sql.errors import SWALLOWED, SqlError
from laketop.athena.sql.text import mark
from laketop.athena.sql.udfs.registry import PAST_TRY, TRIED, Udf

ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "SMALLINT": pa.int16(),
    "TINYINT": pa.int8(),
    "HUGEINT": pa.decimal128(38, 0),
    "DOUBLE": pa.float64(),
    "FLOAT": pa.float32(),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
    "VARCHAR[][]": pa.list_(pa.list_(pa.string())),
    "BIGINT[]": pa.list_(pa.int64()),
    "BIGINT[][]": pa.list_(pa.list_(pa.int64())),
    "DOUBLE[]": pa.list_(pa.float64()),
    "BLOB[]": pa.list_(pa.binary()),
    "MAP(DOUBLE, DOUBLE)": pa.map_(pa.float64(), pa.float64()),
    "MAP(VARCHAR, BIGINT)": pa.map_(pa.string(), pa.int64()),
    "MAP(BIGINT, SMALLINT)": pa.map_(pa.int64(), pa.int16()),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()),
    "STRUCT(t TIMESTAMP, z VARCHAR)": pa.struct([("t", pa.timestamp("us")), ("z", pa.string())]),
    "STRUCT(t TIME, o INTEGER)": pa.struct([("t", pa.time64("us")), ("o", pa.int32())]),
}

# DuckDB reads a result's text where Arrow has it, and COALESCE lets go of the array before that. A thread makes far
# fewer results for one chunk of rows.
_HELD: dict[int, deque[pa.Array]] = defaultdict(lambda: deque(maxlen=256))


def _held(result: pa.Array) -> pa.Array:
    """The result, kept until the thread has made many more."""
    _HELD[threading.get_ident()].append(result)
    return result


def vectorized(udf: Udf) -> Callable[..., pa.Array]:
    """The function for DuckDB, which counts its parameters; it takes Arrow columns of one length, and gives one."""

    def call(*columns: Any) -> pa.Array:
        arrays = [column.to_pylist() for column in columns]
        try:
            values = [
                None if not udf.nulls and None in row else udf.function(*row) for row in zip(*arrays, strict=True)
            ]
        except SqlError as error:
            if udf.name.startswith(TRIED) and error.name not in SWALLOWED:
                PAST_TRY.append(error)
            raise ValueError(mark(error.name, error.message)) from error
        return _held(pa.array(values, ARROW.get(udf.gives)))

    kind = inspect.Parameter.POSITIONAL_ONLY
    parameters = [inspect.Parameter(f"a{number}", kind) for number in range(len(udf.takes))]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call
