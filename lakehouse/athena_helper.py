"""Run a query on Athena: start it, wait for its end, and have its rows.

`run` does all of it. `start` and `wait` are its halves, for queries that run side by side.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.athena_results import QueryResult, ResultColumn
from lakehouse.athena_types import literal
from lakehouse.waiting import Clock, Sleep, WaitTimeoutError, patiently, until

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

__all__ = [
    "QueryFailedError",
    "QueryResult",
    "QueryTimeoutError",
    "ResultColumn",
    "literal",
    "run",
    "start",
    "stop",
    "wait",
]

TIMEOUT = 1800.0  # seconds; Athena itself ends a DML query after 30 minutes ("Service Quotas")
_RUNNING = frozenset({"QUEUED", "RUNNING"})


class QueryFailedError(RuntimeError):
    """A query ended FAILED or CANCELLED; the message has its id and Athena's reason.

    Attributes:
        id: the query execution's id.
        state: FAILED or CANCELLED; of a query that took too long, the state that it was last seen in.
        reason: Athena's words.
        category: of the error: 1 (system), 2 (user), 3 (other), or None ("Athena error catalog").
        type: Athena's number of the error, or None.
        retryable: whether Athena says that it may go well another time.
    """

    def __init__(self, id_: str, status: Any) -> None:
        detail = status.get("AthenaError", {})
        self.id, self.state = id_, str(status["State"])
        self.reason = str(status.get("StateChangeReason") or detail.get("ErrorMessage") or "no reason given")
        self.category: int | None = detail.get("ErrorCategory")
        self.type: int | None = detail.get("ErrorType")
        self.retryable = bool(detail.get("Retryable", False))
        number = "" if self.type is None else f" (category {self.category}, type {self.type})"
        super().__init__(f"query {id_} {self.state}: {self.reason}{number}")


class QueryTimeoutError(QueryFailedError, TimeoutError):
    """A query took longer than its caller would wait, and was stopped."""


def run(
    athena: "AthenaClient",
    sql: str,
    *,
    database: str,
    work_group: str,
    parameters: Sequence[Any] | None = None,
    output: str | None = None,
    timeout: float = TIMEOUT,
    on_state: Callable[[str], Any] | None = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> QueryResult:
    """Run a query to its end. Whatever ends the waiting (time-out, Ctrl-C, an error) stops the query too.

    Args:
        athena: an Athena client.
        sql: one statement.
        database: the database of unqualified table names.
        work_group: the work group.
        parameters: values for the `?` of the statement, in order, as `literal` takes them.
        output: s3:// folder for the result; None where the work group says where.
        timeout: seconds from now.
        on_state: told each new state, e.g. QUEUED, RUNNING, SUCCEEDED.
        sleep: how to pause between two looks.
        clock: seconds from any start.

    Raises:
        QueryFailedError: the query did not succeed.
        QueryTimeoutError: it took too long.
        ClientError: Athena refused the request.
    """
    id_ = start(athena, sql, database=database, work_group=work_group, parameters=parameters, output=output)
    try:
        return wait(athena, id_, timeout=timeout, on_state=on_state, sleep=sleep, clock=clock)
    except BaseException as error:
        if not isinstance(error, QueryFailedError) or isinstance(error, QueryTimeoutError):
            # What went wrong is to be told, not that the query could not be stopped either.
            with suppress(ClientError, BotoCoreError):
                stop(athena, id_)
        raise


def start(
    athena: "AthenaClient",
    sql: str,
    *,
    database: str,
    work_group: str,
    parameters: Sequence[Any] | None = None,
    output: str | None = None,
) -> str:
    """Start a query and return its execution id; arguments and errors are those of `run`."""
    request: dict[str, Any] = {
        "QueryString": sql,
        "QueryExecutionContext": {"Database": database},
        "WorkGroup": work_group,
        "ClientRequestToken": uuid4().hex,  # a request that is repeated starts one query
    }
    if parameters:
        request["ExecutionParameters"] = [literal(value) for value in parameters]
    if output:
        request["ResultConfiguration"] = {"OutputLocation": output}
    return patiently(lambda: athena.start_query_execution(**request))["QueryExecutionId"]


def wait(
    athena: "AthenaClient",
    id_: str,
    *,
    timeout: float = TIMEOUT,
    on_state: Callable[[str], Any] | None = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> QueryResult:
    """Wait for the end of a query; it goes on where the waiting ends before.

    Raises:
        QueryFailedError: the query did not succeed.
        QueryTimeoutError: it has not ended in time.
    """
    last: Any = {"State": "QUEUED"}

    def look() -> Any:
        nonlocal last
        execution = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        last = execution["Status"]
        return execution

    try:
        execution = until(
            look,
            lambda seen: str(seen["Status"]["State"]),
            _RUNNING,
            what=f"query {id_}",
            timeout=timeout,
            on_state=on_state,
            sleep=sleep,
            clock=clock,
        )
    except WaitTimeoutError as error:
        raise QueryTimeoutError(id_, {**last, "StateChangeReason": str(error)}) from error
    if execution["Status"]["State"] != "SUCCEEDED":
        raise QueryFailedError(id_, execution["Status"])
    return QueryResult.of(athena, execution)


def stop(athena: "AthenaClient", id_: str) -> None:
    """Stop a query; one that has ended stays as it is."""
    patiently(lambda: athena.stop_query_execution(QueryExecutionId=id_))
