"""How values are written into DuckDB SQL: the only place that quotes, and the only way to raise an error from SQL."""

import re

RAISED = re.compile(r"laketop!([A-Z_]+)!(.*?)!laketop", re.DOTALL)


def string(value: str) -> str:
    """A DuckDB string literal."""
    if "\0" in value:
        head, *rest = value.split("\0")
        return "(" + string(head) + "".join(f" || chr(0) || {string(part)}" for part in rest) + ")"
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A DuckDB identifier."""
    return '"' + value.replace('"', '""') + '"'


def mark(error: str, message: str) -> str:
    """The text by which an error of Trino's is known again when DuckDB reports it."""
    return f"laketop!{error}!{message}!laketop"


def raising(error: str, message: str, duckdb_type: str) -> str:
    """A DuckDB expression that fails with one of Trino's errors when, and only when, it is evaluated.

    A failing cast, because DuckDB's `error()` counts as volatile: it would switch off TRY and the optimizer.

    Args:
        error: Trino's error name.
        message: a DuckDB expression of type VARCHAR, NULL-free. It must hang on a value of the row: a constant that
            fails would be evaluated for rows that never get there.
        duckdb_type: the type that the expression pretends to have.
    """
    marked = f"CAST('laketop!{error}!' || {message} || '!laketop' AS INTEGER)"
    # text becomes every type; as a condition of CASE the optimizer would evaluate a constant at once
    return f"CAST(CAST({marked} AS VARCHAR) AS {duckdb_type})"
