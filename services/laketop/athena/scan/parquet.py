"""Texts of DuckDB SQL over lists of Parquet files, the same for every kind of table."""

from collections.abc import Iterable, Sequence

from laketop.athena.sql import text


def listed(values: Iterable[str]) -> str:
    """Texts as a list."""
    return "[" + ", ".join(text.string(value) for value in values) + "]"


def reader(urls: Iterable[str]) -> str:
    """What to write after FROM for the rows of files (paths or URLs) of one schema."""
    return f"read_parquet({listed(urls)}, hive_partitioning=false, union_by_name=false)"


def of_file(values: Sequence[str], kind: str) -> str:
    """A value that each file has one of, for the file that a row comes from.

    Args:
        values: for each file of the reader a DuckDB literal.
        kind: their DuckDB type.
    """
    if len(set(values)) == 1:
        return f"CAST({values[0]} AS {kind})"
    return f"CAST(list_extract(CAST([{', '.join(values)}] AS {kind}[]), CAST(file_index + 1 AS BIGINT)) AS {kind})"
