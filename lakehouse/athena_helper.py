"""Run one Athena query and read its rows."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

_RUNNING = ("QUEUED", "RUNNING")


class QueryFailedError(RuntimeError):
    """A query ended FAILED or CANCELLED; the message has its id and Athena's reason."""


def run_query(
    athena: "AthenaClient",
    sql: str,
    *,
    database: str,
    work_group: str,
    poll_seconds: float = 0.25,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Start a query, wait for its end and return its execution id.

    Raises:
        QueryFailedError: the query did not succeed.
    """
    query_id = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=work_group
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
        if status["State"] not in _RUNNING:
            break
        sleep(poll_seconds)
    if status["State"] != "SUCCEEDED":
        raise QueryFailedError(
            f"query {query_id} {status['State']}: {status.get('StateChangeReason', 'no reason given')}"
        )
    return query_id


def read_rows(athena: "AthenaClient", query_id: str) -> list[dict[str, str | None]]:
    """The rows of a SELECT that succeeded: a dictionary a row, column name → text, or None for NULL."""
    rows: list[list[str | None]] = []
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
        rows += [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in page["ResultSet"]["Rows"]]
    if not rows:
        return []
    header = [name or "" for name in rows[0]]
    return [dict(zip(header, row, strict=True)) for row in rows[1:]]
