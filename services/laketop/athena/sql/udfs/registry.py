"""How a Python function becomes a DuckDB function, and the one list of them.

A function sees one row's values and is never called with a NULL (its answer is then NULL), unless it says so. It
raises `SqlError` for Trino's errors, which TRY catches as it does those of DuckDB.
"""

import importlib
import inspect
import pkgutil
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from laketop.athena.sql import udfs
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.text import mark

PREFIX = "py_"


@dataclass(frozen=True)
class Udf:
    """A function for DuckDB.

    Attributes:
        name: its name there, beginning with `py_`.
        takes: DuckDB types of the arguments.
        gives: the result's DuckDB type.
        function: what computes one row.
        nulls: whether it wants to see NULLs.
        volatile: whether two calls with the same arguments may differ.
    """

    name: str
    takes: tuple[str, ...]
    gives: str
    function: Callable[..., Any]
    nulls: bool = False
    volatile: bool = False

    def batch(self, *columns: Any) -> pa.Array:
        """The function over Arrow columns of one length."""
        call = self.function if self.nulls else self._strict
        arrays = [column.to_pylist() for column in columns]
        try:
            values = [call(*row) for row in zip(*arrays, strict=True)]
        except SqlError as error:
            raise ValueError(mark(error.name, error.message)) from error
        return _held(pa.array(values, ARROW.get(self.gives)))

    def vectorized(self) -> Callable[..., pa.Array]:
        """The function for DuckDB, which counts its parameters."""

        def call(*columns: Any) -> pa.Array:
            return self.batch(*columns)

        kind = inspect.Parameter.POSITIONAL_ONLY
        parameters = [inspect.Parameter(f"a{number}", kind) for number in range(len(self.takes))]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return call

    def _strict(self, *row: Any) -> Any:
        return None if None in row else self.function(*row)


# DuckDB reads a result's text where Arrow has it, and COALESCE lets go of the array before that. A thread makes far
# fewer results for one chunk of rows.
_HELD: dict[int, deque[pa.Array]] = defaultdict(lambda: deque(maxlen=256))


def _held(result: pa.Array) -> pa.Array:
    """The result, kept until the thread has made many more."""
    _HELD[threading.get_ident()].append(result)
    return result


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

_FOUND: dict[str, Udf] = {}

# Modules that load a library of geometry, which takes a quarter of a second: looked through last.
_SLOW = {"bing", "geo", "geo_shapes", "geo_sphere", "geo_text"}


def udf[F: Callable[..., Any]](
    name: str, takes: tuple[str, ...], gives: str, *, nulls: bool = False, volatile: bool = False
) -> Callable[[F], F]:
    """Register a Python function of one row's values as a DuckDB function."""

    def register(function: F) -> F:
        if name in _FOUND or not name.startswith(PREFIX):
            raise ValueError(f"{name}: taken, or without the prefix {PREFIX}")
        _FOUND[name] = Udf(name, takes, gives, function, nulls, volatile)
        return function

    return register


def find(name: str) -> Udf:
    """The function of that name.

    Raises:
        KeyError: there is none.
    """
    if name not in _FOUND:
        modules = [module.name for module in pkgutil.iter_modules(udfs.__path__)]
        for module in sorted(modules, key=_SLOW.__contains__):
            importlib.import_module(f"{udfs.__name__}.{module}")
            if name in _FOUND:
                break
    return _FOUND[name]


def define(connection: Any, names: tuple[str, ...]) -> None:
    """Define functions in a DuckDB instance."""
    for name in names:
        found = find(name)
        connection.create_function(
            found.name,
            found.vectorized(),
            list(found.takes),
            found.gives,
            type="arrow",
            null_handling="special",
            side_effects=found.volatile,
        )
