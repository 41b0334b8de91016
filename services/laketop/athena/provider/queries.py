"""StartQueryExecution to GetQueryResults."""

import json
import time
import uuid
from typing import Any

from laketop.athena.errors import InvalidRequestError, MalformedQueryError
from laketop.athena.provider.common import Answer, Operations, Request, moment, number, present, token
from laketop.athena.queries.executor import Executor
from laketop.athena.queries.model import Execution
from laketop.athena.queries.parameters import substitute
from laketop.athena.queries.statement import Statement, classify
from laketop.athena.queries.states import State
from laketop.athena.queries.store import Executions, TokenReusedError
from laketop.athena.results import files
from laketop.athena.sql.errors import SqlError
from laketop.athena.workgroups import ENGINE, PRIMARY, WorkGroup, WorkGroups, check_results
from laketop.wire.service import Caller

_PAGE, _LIST = 1000, 50
_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)


class Queries:
    """The operations on query executions."""

    def __init__(self, executions: Executions, executor: Executor, groups: WorkGroups, s3: Any) -> None:
        self._executions, self._executor, self._groups, self._s3 = executions, executor, groups, s3
        self.operations: Operations = {
            "StartQueryExecution": self.start,
            "StopQueryExecution": self.stop,
            "GetQueryExecution": self.get,
            "BatchGetQueryExecution": self.batch_get,
            "ListQueryExecutions": self.list,
            "GetQueryResults": self.results,
            "GetQueryRuntimeStatistics": self.statistics,
        }

    def start(self, request: Request, _: Caller) -> Answer:
        """StartQueryExecution."""
        group = self._groups.get(request.get("WorkGroup") or PRIMARY)
        if group.state != "ENABLED":
            raise InvalidRequestError(f"WorkGroup {group.name} is disabled.")
        execution = _new(request, group)
        shown = json.dumps({key: value for key, value in request.items() if key != "ClientRequestToken"}, default=str)
        try:
            kept, new = self._executions.add(execution, request.get("ClientRequestToken"), shown)
        except TokenReusedError as error:
            raise InvalidRequestError("Idempotent parameters do not match") from error
        if new:
            self._executor.submit(kept.id)
        return {"QueryExecutionId": kept.id}

    def stop(self, request: Request, _: Caller) -> Answer:
        """StopQueryExecution."""
        self._executor.cancel(self._find(request["QueryExecutionId"]).id)
        return {}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetQueryExecution."""
        return {"QueryExecution": shape(self._find(request["QueryExecutionId"]))}

    def batch_get(self, request: Request, _: Caller) -> Answer:
        """BatchGetQueryExecution."""
        found, missing = [], []
        for identifier in request["QueryExecutionIds"]:
            execution = self._executions.get(identifier)
            if execution is None:
                problem = f"QueryExecution {identifier} was not found"
                missing.append({"QueryExecutionId": identifier, "ErrorCode": "INVALID_INPUT", "ErrorMessage": problem})
            else:
                found.append(shape(execution))
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def list(self, request: Request, _: Caller) -> Answer:
        """ListQueryExecutions."""
        group = self._groups.get(request.get("WorkGroup") or PRIMARY)
        size = request.get("MaxResults") or _LIST
        identifiers, following = self._executions.page(group.name, number(request.get("NextToken")), size)
        return present(QueryExecutionIds=identifiers, NextToken=token(following))

    def results(self, request: Request, _: Caller) -> Answer:
        """GetQueryResults."""
        execution = self._find(request["QueryExecutionId"])
        if execution.state in (State.QUEUED, State.RUNNING):
            raise InvalidRequestError(f"Query has not yet finished. Current state: {execution.state}")
        if execution.state != State.SUCCEEDED:
            problem = f"Query did not finish successfully. Final query state: {execution.state}"
            raise InvalidRequestError(problem)
        size = request.get("MaxResults") or _PAGE
        rows: list[list[str | None]] = []
        following = None
        if execution.updated is None:
            rows, following = files.page(self._s3, execution.output, request.get("NextToken"), size)
        shaped = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
        metadata = {"ColumnInfo": [dict(column) for column in execution.columns]}
        answer = {"UpdateCount": execution.updated or 0, "ResultSet": {"Rows": shaped, "ResultSetMetadata": metadata}}
        return {**answer, "NextToken": following} if following else answer

    def statistics(self, request: Request, _: Caller) -> Answer:
        """GetQueryRuntimeStatistics."""
        execution = self._find(request["QueryExecutionId"])
        measured = execution.statistics
        timeline = {
            "QueryQueueTimeInMillis": measured.queue_ms,
            "QueryPlanningTimeInMillis": measured.planning_ms,
            "EngineExecutionTimeInMillis": measured.engine_ms,
            "ServiceProcessingTimeInMillis": measured.service_ms,
            "TotalExecutionTimeInMillis": measured.total_ms,
        }
        rows = {"InputBytes": measured.scanned_bytes, "OutputRows": execution.rows}
        return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}}

    def _find(self, identifier: str) -> Execution:
        execution = self._executions.get(identifier)
        if execution is None:
            raise InvalidRequestError(f"QueryExecution {identifier} was not found")
        return execution


def _new(request: Request, group: WorkGroup) -> Execution:
    """The execution that a request asks for.

    Raises:
        MalformedQueryError: the text is no statement that is supported.
        InvalidRequestError: there is no place for its result.
    """
    text, parameters = request["QueryString"], tuple(request.get("ExecutionParameters") or ())
    try:
        statement = classify(text)
        if statement.substatement == "EXECUTE":
            _check_values(statement.arguments[1:], parameters)
        elif statement.kind == "DML":
            substitute(text, parameters)
        elif statement.substatement == "CREATE_VIEW":
            substitute(text, ())
    except SqlError as error:
        raise MalformedQueryError(str(error).partition(": ")[2]) from error
    own = request.get("ResultConfiguration") or {}
    check_results(own)
    configuration = group.results if group.enforced else {**group.results, **own}
    location = configuration.get("OutputLocation")
    if not location:
        raise InvalidRequestError(_NO_OUTPUT)
    identifier = str(uuid.uuid4())
    context = request.get("QueryExecutionContext") or {}
    catalog = context.get("Catalog")
    if catalog and catalog.lower() != "awsdatacatalog":
        raise InvalidRequestError(f"Data catalog {catalog} is not found: only AwsDataCatalog exists")
    return Execution(
        id=identifier,
        text=text,
        work_group=group.name,
        kind=statement.kind,
        substatement=statement.substatement,
        database=context.get("Database"),
        catalog=catalog,
        output=_output(location.rstrip("/"), identifier, statement),
        submitted=time.time(),
        parameters=parameters,
        configuration={key: value for key, value in configuration.items() if key != "OutputLocation"},
    )


def _output(location: str, identifier: str, statement: Statement) -> str:
    """Where an execution's result is, as "Find query output files in Amazon S3" says; what writes a table has none."""
    if statement.substatement == "INSERT":
        return f"{location}/{identifier}"
    if statement.substatement == "CREATE_TABLE_AS_SELECT":
        return f"{location}/tables/{identifier}"
    return f"{location}/{identifier}.{'csv' if statement.kind == 'DML' else 'txt'}"


def _check_values(values: tuple[str | None, ...], parameters: tuple[str, ...]) -> None:
    """EXECUTE takes its values from USING or from the request, and they must be constants."""
    if values and parameters:
        raise SqlError("INVALID_PARAMETER_USAGE", "EXECUTE takes USING or execution parameters, not both")
    for value in values or parameters:
        substitute("SELECT ?", [str(value)])


def shape(execution: Execution) -> Answer:
    """An execution as the API's `QueryExecution`."""
    measured = execution.statistics
    status = present(
        State=execution.state,
        StateChangeReason=execution.reason,
        SubmissionDateTime=moment(execution.submitted),
        CompletionDateTime=moment(execution.completed),
    )
    if execution.error is not None:
        category, type_, message = execution.error
        status["AthenaError"] = {
            "ErrorCategory": category,
            "ErrorType": type_,
            "Retryable": False,
            "ErrorMessage": message,
        }
    return present(
        QueryExecutionId=execution.id,
        Query=execution.text,
        StatementType=execution.kind,
        SubstatementType=execution.substatement,
        ResultConfiguration={"OutputLocation": execution.output, **execution.configuration},
        ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {"Enabled": False}},
        QueryExecutionContext=present(Database=execution.database, Catalog=execution.catalog),
        ExecutionParameters=list(execution.parameters) or None,
        WorkGroup=execution.work_group,
        EngineVersion=dict(ENGINE),
        Status=status,
        Statistics=present(
            EngineExecutionTimeInMillis=measured.engine_ms,
            DataScannedInBytes=measured.scanned_bytes,
            DataManifestLocation=measured.manifest,
            TotalExecutionTimeInMillis=measured.total_ms,
            QueryQueueTimeInMillis=measured.queue_ms,
            QueryPlanningTimeInMillis=measured.planning_ms,
            ServiceProcessingTimeInMillis=measured.service_ms,
            ResultReuseInformation={"ReusedPreviousResult": False},
        ),
    )
