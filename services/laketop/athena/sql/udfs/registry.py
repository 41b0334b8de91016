"""The Python functions that DuckDB is given, and the one list of them.

A function sees one row's values and is never called with a NULL (its answer is then NULL), unless it says so. It
raises `SqlError` for Trino's errors, which TRY catches as it does those of DuckDB; `PAST_TRY` keeps those that it must
not catch.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from laketop.athena.sql import udfs
from laketop.athena.sql.errors import SqlError

PREFIX = "py_"
TRIED = "py_tried_"  # before the rest of a function's name inside of TRY


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


# Errors inside of the running query's TRY that it does not swallow; DuckDB's swallows all.
PAST_TRY: list[SqlError] = []

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
    """The function of that name, or of the name that it has inside of TRY.

    Raises:
        KeyError: there is none.
    """
    if name.startswith(TRIED):
        return replace(find(PREFIX + name.removeprefix(TRIED)), name=name)
    if name not in _FOUND:
        modules = [module.name for module in pkgutil.iter_modules(udfs.__path__)]
        for module in sorted(modules, key=_SLOW.__contains__):
            importlib.import_module(f"{udfs.__name__}.{module}")
            if name in _FOUND:
                break
    return _FOUND[name]


def define(connection: Any, names: tuple[str, ...]) -> None:
    """Define functions in a DuckDB instance."""
    if not names:
        return
    # Arrow takes 40 MB, which most queries do not need
    from laketop.athena.sql.udfs.vectors import vectorized

    for name in names:
        found = find(name)
        connection.create_function(
            found.name,
            vectorized(found),
            list(found.takes),
            found.gives,
            type="arrow",
            null_handling="special",
            side_effects=found.volatile,
        )
