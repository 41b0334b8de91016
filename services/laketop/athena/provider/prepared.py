"""Prepared statements as the API has them; PREPARE, EXECUTE and DEALLOCATE PREPARE are queries (see `queries`)."""

from typing import Any

from laketop.athena.errors import MalformedQueryError, ResourceNotFoundError
from laketop.athena.prepared_statements import PreparedStatement, PreparedStatements
from laketop.athena.provider.common import Answer, Operations, Request, moment, present, sliced
from laketop.athena.queries.statement import classify
from laketop.athena.sql.errors import SqlError
from laketop.athena.workgroups import WorkGroups
from laketop.wire.service import Caller

_LIST = 50


class Prepared:
    """The operations on prepared statements."""

    def __init__(self, groups: WorkGroups, prepared: PreparedStatements) -> None:
        self._groups, self._prepared = groups, prepared
        self.operations: Operations = {
            "CreatePreparedStatement": self.create,
            "GetPreparedStatement": self.get,
            "BatchGetPreparedStatement": self.batch_get,
            "ListPreparedStatements": self.list,
            "UpdatePreparedStatement": self.update,
            "DeletePreparedStatement": self.delete,
        }

    def create(self, request: Request, _: Caller) -> Answer:
        """CreatePreparedStatement."""
        group, text = self._groups.get(request["WorkGroup"]).name, request["QueryStatement"]
        _check(text)
        self._prepared.create(group, request["StatementName"], text, request.get("Description"))
        return {}

    def get(self, request: Request, _: Caller) -> Answer:
        """GetPreparedStatement."""
        group = self._groups.get(request["WorkGroup"]).name
        return {"PreparedStatement": _shape(self._prepared.get(group, request["StatementName"]))}

    def batch_get(self, request: Request, _: Caller) -> Answer:
        """BatchGetPreparedStatement."""
        group = self._groups.get(request["WorkGroup"]).name
        found: list[Any] = []
        missing: list[Any] = []
        for name in request["PreparedStatementNames"]:
            try:
                found.append(_shape(self._prepared.get(group, name)))
            except ResourceNotFoundError as error:
                code = "STATEMENT_NOT_FOUND"
                missing.append({"StatementName": name, "ErrorCode": code, "ErrorMessage": error.message})
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def list(self, request: Request, _: Caller) -> Answer:
        """ListPreparedStatements."""
        page, following = sliced(self._prepared.all(self._groups.get(request["WorkGroup"]).name), request, _LIST)
        summaries = [{"StatementName": one.name, "LastModifiedTime": moment(one.modified)} for one in page]
        return present(PreparedStatements=summaries, NextToken=following)

    def update(self, request: Request, _: Caller) -> Answer:
        """UpdatePreparedStatement."""
        group, text = self._groups.get(request["WorkGroup"]).name, request["QueryStatement"]
        _check(text)
        self._prepared.update(group, request["StatementName"], text, request.get("Description"))
        return {}

    def delete(self, request: Request, _: Caller) -> Answer:
        """DeletePreparedStatement."""
        self._prepared.delete(self._groups.get(request["WorkGroup"]).name, request["StatementName"])
        return {}


def _check(text: str) -> None:
    try:
        classify(f"PREPARE checked FROM {text}")
    except SqlError as error:
        raise MalformedQueryError(str(error).partition(": ")[2]) from error


def _shape(statement: PreparedStatement) -> Answer:
    return present(
        StatementName=statement.name,
        QueryStatement=statement.text,
        WorkGroupName=statement.work_group,
        Description=statement.description,
        LastModifiedTime=moment(statement.modified),
    )
