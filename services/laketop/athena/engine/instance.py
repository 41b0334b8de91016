"""A DuckDB instance for one query, closed to everything but the files that the query was planned to read.

Even where the translator had a hole, SQL could not leave the lake: `allowed_paths` is exactly the query's files and its
scratch folder, external access is off and the configuration is locked before the query's text arrives.
"""

import importlib.util
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from laketop.athena.sql.text import string

MEMORY_LIMIT = "2GB"


def extension(name: str) -> str:
    """The path of a DuckDB extension that came as a Python package."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"the package duckdb-extension-{name} is missing: run `make up`")
    folder = Path(found.submodule_search_locations[0])
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.exists():
        raise RuntimeError(f"{path.name} is not made for DuckDB {duckdb.__version__}: run `make lock`")
    return str(path)


@contextmanager
def instance(files: Iterable[str], scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty instance that can read these files, and nothing else.

    Args:
        files: paths or URLs.
        scratch: an existing folder, for what does not fit into memory.

    Raises:
        RuntimeError: a DuckDB extension is missing.
    """
    settings: dict[str, str] = {
        "python_enable_replacements": "false",  # a name in a query must not find a variable of ours
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_persistent_secrets": "false",
        "temp_directory": str(scratch),
        "memory_limit": MEMORY_LIMIT,
        "home_directory": str(scratch),
    }
    paths = list(files)
    connection = duckdb.connect(":memory:", config={"python_enable_replacements": "false"})
    try:
        for name, value in settings.items():
            connection.execute(f"SET {name} = {string(value)}")
        if any("://" in path for path in paths):
            connection.execute(f"LOAD {string(extension('httpfs'))}")
            connection.execute("SET enable_http_metadata_cache = true")
        connection.execute("SET parquet_metadata_cache = true")
        connection.execute(f"SET allowed_paths = [{', '.join(string(path) for path in paths)}]")
        connection.execute(f"SET allowed_directories = [{string(str(scratch) + '/')}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()
