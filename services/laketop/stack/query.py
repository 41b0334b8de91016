"""Runs a query on Athena and fetches all its rows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laketop.stack.messages import StackError

WORK_GROUP = "laketop-local"
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Result:
    """A query's answer.

    Attributes:
        header: the columns' names.
        rows: the values as Athena's text; None is a null.
        milliseconds: Athena's engine time.
        scanned: bytes.
        types: the columns' types in Athena's words, e.g. `bigint`.
    """

    header: list[str]
    rows: list[list[str | None]]
    milliseconds: int
    scanned: int
    types: list[str]


def run(
    athena: Any, statement: str, database: str, work_group: str = WORK_GROUP, parameters: Sequence[str] = ()
) -> Result:
    """Run a statement and wait for its rows.

    Args:
        athena: a boto3 client.
        statement: Athena SQL.
        database: the database of the query's context.
        work_group: the work group, which says where results go.
        parameters: SQL literals for the `?` of the statement, in order.

    Raises:
        StackError: Athena refused the statement, or it failed; the cause is Athena's.
    """
    request: dict[str, Any] = {
        "QueryString": statement,
        "QueryExecutionContext": {"Database": database},
        "WorkGroup": work_group,
    }
    if parameters:
        request["ExecutionParameters"] = list(parameters)
    try:
        identifier = athena.start_query_execution(**request)["QueryExecutionId"]
        execution = _wait(athena, identifier)
        if execution["Status"]["State"] != "SUCCEEDED":
            cause = execution["Status"].get("StateChangeReason", execution["Status"]["State"])
            raise StackError("query", " ".join(cause.split()), f"query execution {identifier}")
        return _fetch(athena, identifier, execution)
    except ClientError as error:
        message = " ".join(error.response["Error"]["Message"].split())
        raise StackError("athena", f"{error.response['Error']['Code']}: {message}") from error
    except BotoCoreError as error:
        raise StackError("athena", str(error), "`make status` tells whether the lake is ready") from error


def _wait(athena: Any, identifier: str) -> dict[str, Any]:
    pause = 0.02
    while True:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
        if execution["Status"]["State"] in FINAL:
            return execution
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _cells(data: list[dict[str, str]], width: int) -> list[str | None]:
    """A row's values; DESCRIBE gives its three columns as one text with tabs between."""
    found = [cell.get("VarCharValue") for cell in data]
    if len(found) == width:
        return found
    parts = "\t".join(text or "" for text in found).split("\t")
    return [part.strip() for part in (parts + [""] * width)[:width]]


def _fetch(athena: Any, identifier: str, execution: dict[str, Any]) -> Result:
    rows: list[list[str | None]] = []
    header: list[str] = []
    types: list[str] = []
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=identifier):
        columns = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        header, types = [column["Name"] for column in columns], [column["Type"] for column in columns]
        rows += [_cells(row["Data"], len(header)) for row in page["ResultSet"]["Rows"]]
    # Athena repeats the column names as the first row of a SELECT, and of nothing else.
    if execution.get("StatementType") == "DML" and rows and rows[0] == header:
        rows = rows[1:]
    statistics = execution.get("Statistics", {})
    return Result(
        header, rows, statistics.get("EngineExecutionTimeInMillis", 0), statistics.get("DataScannedInBytes", 0), types
    )
