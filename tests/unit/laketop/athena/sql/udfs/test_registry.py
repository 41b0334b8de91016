"""Python functions inside of DuckDB: their results stay where DuckDB reads them."""

import duckdb
import pytest

from laketop.athena.sql.udfs.registry import define, find


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    define(found, ("py_sha512", "py_to_base32"))
    return found


def test_results_outlive_coalesce(connection: duckdb.DuckDBPyConnection) -> None:
    # DuckDB 1.5 lets go of the first function's result before the second reads it
    query = """
        SELECT n, py_to_base32(coalesce(py_sha512(encode('a text ' || n)), encode('none'))) FROM range(20) AS t (n)"""
    sha512, base32 = find("py_sha512").function, find("py_to_base32").function
    expected = [(n, base32(sha512(f"a text {n}".encode()))) for n in range(20)]
    for _ in range(50):
        assert sorted(connection.execute(query).fetchall()) == expected


def test_an_unknown_function_is_an_error() -> None:
    with pytest.raises(KeyError):
        find("py_no_such_function")
