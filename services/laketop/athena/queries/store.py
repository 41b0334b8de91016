"""The history of query executions in SQLite, and the events and metrics that leave with each change of state.

Athena keeps queries for 45 days; so does this. Event and metrics follow "Amazon Athena events" (EventBridge) and
"Monitor Athena queries with CloudWatch metrics".
"""

import dataclasses
import json
import sqlite3
import time
from typing import Any

from laketop.athena.queries.model import Execution, Statistics
from laketop.athena.queries.states import FINAL, MOVES, State
from laketop.sqlite import Database
from laketop.wire.outbox import Outbox

SCHEMA = (
    """
    CREATE TABLE executions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        work_group TEXT NOT NULL,
        state TEXT NOT NULL,
        submitted REAL NOT NULL,
        token TEXT,
        request TEXT NOT NULL,
        document TEXT NOT NULL CHECK (json_valid(document)),
        UNIQUE (work_group, token)
    ) STRICT
    """,
    "CREATE INDEX executions_by_group ON executions (work_group, number)",
)

KEPT_SECONDS = 45 * 86400


class TokenReusedError(Exception):
    """A client request token came again with another request."""


class Executions:
    """All query executions of the lake.

    Args:
        database: the server's; its schema includes `SCHEMA`.
        outbox: where events and metrics go.
    """

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def add(self, execution: Execution, token: str | None, request: str) -> tuple[Execution, bool]:
        """Keep a new execution, or find the one that the same token made.

        Args:
            request: what the token stands for; the same text means the same request.

        Returns:
            The execution, and whether it is new.

        Raises:
            TokenReusedError: the token was used for another request.
        """
        with self._database.transaction() as tx:
            if token is not None:
                row = tx.execute(
                    "SELECT request, document FROM executions WHERE work_group = ? AND token = ?",
                    (execution.work_group, token),
                ).fetchone()
                if row is not None:
                    if row["request"] != request:
                        raise TokenReusedError(token)
                    return _load(row["document"]), False
            tx.execute(
                "INSERT INTO executions (id, work_group, state, submitted, token, request, document) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    execution.id,
                    execution.work_group,
                    execution.state,
                    execution.submitted,
                    token,
                    request,
                    _dump(execution),
                ),
            )
            tx.execute("DELETE FROM executions WHERE submitted < ?", (time.time() - KEPT_SECONDS,))
            self._announce(tx, execution, None)
        return execution, True

    def get(self, identifier: str) -> Execution | None:
        """The execution of an id, None where there is none."""
        with self._database.read() as tx:
            row = tx.execute("SELECT document FROM executions WHERE id = ?", (identifier,)).fetchone()
        return _load(row["document"]) if row else None

    def move(self, identifier: str, state: State, *, metrics: bool = True, **changes: Any) -> Execution | None:
        """Bring an execution into a state, with what else changes.

        Args:
            metrics: whether its work group publishes metrics; they are sent with the last state.

        Returns:
            The execution as it is now; None where it cannot move there (it has ended meanwhile).
        """
        with self._database.transaction() as tx:
            row = tx.execute("SELECT document FROM executions WHERE id = ?", (identifier,)).fetchone()
            if row is None:
                return None
            before = _load(row["document"])
            if state not in MOVES[before.state]:
                return None
            after = dataclasses.replace(before, state=state, sequence=before.sequence + 1, **changes)
            tx.execute("UPDATE executions SET state = ?, document = ? WHERE id = ?", (state, _dump(after), identifier))
            self._announce(tx, after, before.state)
            if metrics and state in FINAL:
                self._measure(tx, after)
        return after

    def page(self, work_group: str, before: int | None, size: int) -> tuple[list[str], int | None]:
        """Ids of a work group's executions, latest first, and where the next page begins (None at the end)."""
        with self._database.read() as tx:
            rows = tx.execute(
                "SELECT number, id FROM executions WHERE work_group = ? AND (? IS NULL OR number < ?) "
                "ORDER BY number DESC LIMIT ?",
                (work_group, before, before, size + 1),
            ).fetchall()
        following = rows[size - 1]["number"] if len(rows) > size else None
        return [row["id"] for row in rows[:size]], following

    def unfinished(self) -> list[str]:
        """Ids of executions that have not ended: after a start, those that a stop of the server cut off."""
        with self._database.read() as tx:
            rows = tx.execute("SELECT id FROM executions WHERE state IN ('QUEUED', 'RUNNING') ORDER BY number")
            return [row["id"] for row in rows]

    def active(self, work_group: str) -> bool:
        """Whether a work group has executions at all."""
        with self._database.read() as tx:
            return (
                tx.execute("SELECT 1 FROM executions WHERE work_group = ? LIMIT 1", (work_group,)).fetchone()
                is not None
            )

    def forget(self, work_group: str) -> None:
        """Delete the history of a work group."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM executions WHERE work_group = ?", (work_group,))

    def _announce(self, tx: sqlite3.Connection, execution: Execution, previous: State | None) -> None:
        detail = {
            "versionId": "0",
            "currentState": execution.state,
            "statementType": execution.kind,
            "queryExecutionId": execution.id,
            "workgroupName": execution.work_group,
            "sequenceNumber": str(execution.sequence),
        }
        if previous is not None:
            detail["previousState"] = previous
        if execution.error is not None:
            category, type_, message = execution.error
            detail["athenaError"] = {"errorCategory": category, "errorType": type_, "errorMessage": message}  # type: ignore[assignment]
        self._outbox.add_event(
            tx, source="aws.athena", detail_type="Athena Query State Change", detail=detail, resources=[]
        )

    def _measure(self, tx: sqlite3.Connection, execution: Execution) -> None:
        measured = execution.statistics
        dimensions = {
            "QueryState": str(execution.state),
            "QueryType": execution.kind,
            "WorkGroup": execution.work_group,
        }
        for name, value, unit in (
            ("TotalExecutionTime", measured.total_ms, "Milliseconds"),
            ("EngineExecutionTime", measured.engine_ms, "Milliseconds"),
            ("QueryQueueTime", measured.queue_ms, "Milliseconds"),
            ("QueryPlanningTime", measured.planning_ms, "Milliseconds"),
            ("ServiceProcessingTime", measured.service_ms, "Milliseconds"),
            ("ProcessedBytes", measured.scanned_bytes, "Bytes"),
        ):
            self._outbox.add_metric(
                tx, namespace="AWS/Athena", name=name, value=value, unit=unit, dimensions=dimensions
            )


def _dump(execution: Execution) -> str:
    return json.dumps(dataclasses.asdict(execution))


def _load(document: str) -> Execution:
    values = json.loads(document)
    return Execution(
        **{
            **values,
            "state": State(values["state"]),
            "statistics": Statistics(**values["statistics"]),
            "parameters": tuple(values["parameters"]),
            "columns": tuple(values["columns"]),
            "error": tuple(values["error"]) if values["error"] else None,
        }
    )
