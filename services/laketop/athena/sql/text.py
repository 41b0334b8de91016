"""How values are written into DuckDB SQL: the only place that quotes, and the only way to raise an error from SQL."""

import re

from laketop.athena.sql.errors import SWALLOWED

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


_PASSING = re.compile(rf"CAST\((?='laketop!(?!(?:{'|'.join(sorted(SWALLOWED))})!))")
_BRACKET = re.compile(r"'(?:[^']|'')*'|[()]")


def past_try(sql: str) -> str:
    """DuckDB SQL for the inside of TRY: errors that it does not swallow are raised by a function that notes them."""
    found = _PASSING.search(sql)
    if found is None:
        return sql
    end = _closing(sql, found.end())
    message = sql[found.end() : end].rpartition(" AS ")[0]
    return f"{sql[: found.start()]}py_past_try({past_try(message)}){past_try(sql[end + 1 :])}"


def _closing(sql: str, start: int) -> int:
    """Where the bracket is closed that was opened before a place."""
    depth = 1
    for found in _BRACKET.finditer(sql, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise ValueError(sql)
