"""The errors of statements that Athena gives to Hive, in Hive's words."""

from laketop.athena.sql.errors import SqlError


def failed(message: str) -> SqlError:
    """`FAILED: …`."""
    return SqlError("FAILED", message)


def semantic(code: int, message: str) -> SqlError:
    """What Hive finds before it does anything, with Hive's number of it."""
    return failed(f"SemanticException [Error {code}]: {message}")


def execution_failed(message: str) -> SqlError:
    """What the catalog says no to."""
    return failed(f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}")


def table_not_found(database: str, name: str) -> SqlError:
    """There is no such table."""
    return semantic(10001, f"Table not found {database}.{name}")
