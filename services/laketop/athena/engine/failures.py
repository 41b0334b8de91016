"""DuckDB's errors in Trino's words.

What the translator raises itself carries its name; the rest are a few errors of arithmetic and of memory. Anything else
is a hole of ours and says so.
"""

import re

import duckdb

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.text import RAISED

_RANGE, _SPLIT = "NUMERIC_VALUE_OUT_OF_RANGE", "HIVE_CANNOT_OPEN_SPLIT"

# (pattern of DuckDB's message, Trino's name, message; \\1 is the pattern's first group), the first that fits
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"Overflow in (\w+) of [\w()]+ \((.*?)\)", _RANGE, r"\1 overflow: \2"),
    (r"Overflow in (\w+) of", _RANGE, r"\1 overflow"),
    (r"Could not cast value .* to DECIMAL|Failed to cast decimal value", _RANGE, "Decimal overflow"),
    (r"out of range|[Oo]verflow", _RANGE, "Value out of range"),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (
        r"must appear in the GROUP BY clause|must be part of an aggregate",
        "EXPRESSION_NOT_AGGREGATE",
        "an expression must be an aggregate expression or appear in GROUP BY clause",
    ),
    (
        r"Out of Memory|failed to allocate|failed to pin block",
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exceeded the memory limit of a worker",
    ),
    (r"No magic bytes|too small to be a Parquet file|Invalid footer", "HIVE_BAD_DATA", "Not valid Parquet file"),
    (
        r"HTTP (?:GET|HEAD) error|Could not establish connection|Unable to connect|HTTP Error",
        _SPLIT,
        "Error opening Hive split: the object could not be read",
    ),
)


def translate(error: duckdb.Error) -> SqlError:
    """The Trino error that a DuckDB error stands for."""
    message = str(error)
    raised = RAISED.search(message)
    if raised:
        return SqlError(raised.group(1), raised.group(2))
    for pattern, name, template in _KNOWN:
        found = re.search(pattern, message)
        if found:
            return SqlError(name, found.expand(template) if "\\" in template else template)
    kind = type(error).__name__
    return SqlError("NOT_SUPPORTED", f"The query is not supported by Laketop ({kind}: {message.splitlines()[0]})")
