"""Runs queued executions: a thread and a worker process a slot.

A state change that loses against StopQueryExecution is dropped: what was stopped stays CANCELLED, whatever its thread
still does.
"""

import dataclasses
import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from laketop.athena.catalog_client import GlueCatalog
from laketop.athena.engine.job import Failed, Job
from laketop.athena.engine.pool import Worker
from laketop.athena.errors import InvalidRequestError, ResourceNotFoundError
from laketop.athena.prepared_statements import PreparedStatements
from laketop.athena.queries import utilities
from laketop.athena.queries.model import Execution, Statistics
from laketop.athena.queries.parameters import substitute
from laketop.athena.queries.statement import Statement, classify
from laketop.athena.queries.states import State
from laketop.athena.queries.store import Executions
from laketop.athena.results import files
from laketop.athena.results.columns import column_info
from laketop.athena.scan.objects import Objects, lake_objects
from laketop.athena.scan.plan import plan
from laketop.athena.sql import types as t
from laketop.athena.sql.cache import Translations
from laketop.athena.sql.core import Column
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.grammar.hive import Definition
from laketop.athena.sql.grammar.writing import CreateTableAs, Insert, Writing
from laketop.athena.sql.translate import Translation
from laketop.athena.statements import create_table_as, definitions, insert
from laketop.athena.statements.publication import Publisher

SLOTS = 2
ROWS = (column_info(Column("rows", t.BIGINT)),)

_log = logging.getLogger("laketop.athena.queries")


@dataclasses.dataclass(frozen=True)
class GroupLimits:
    """What a work group says about its running queries; `enforced`: whether it decides where their results go."""

    metrics: bool = True
    cutoff_bytes: int | None = None
    enforced: bool = False


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a successful execution brought.

    Attributes:
        output, manifest: where a statement that wrote a table has its output and the list of its files; one that has a
            result has neither.
        updated: how many rows it wrote; None for one that has a result.
    """

    columns: tuple[dict[str, Any], ...]
    rows: int
    scanned_bytes: int = 0
    planning_ms: int = 0
    engine_ms: int = 0
    output: str | None = None
    manifest: str | None = None
    updated: int | None = None


@dataclasses.dataclass(frozen=True)
class Task:
    """What a statement works with while it runs: the catalog, the lake's objects, a folder and a worker of its own."""

    catalog: GlueCatalog
    objects: Objects
    folder: Path
    worker: Worker


class Executor:
    """The slots.

    Args:
        executions: the history.
        glue, s3: boto3 clients.
        scratch: a folder for results before they are uploaded; emptied at the start.
        limits: work group name → its limits.
        prepared: the prepared statements.
    """

    def __init__(
        self,
        executions: Executions,
        glue: Any,
        s3: Any,
        scratch: Path,
        limits: Callable[[str], GroupLimits],
        prepared: PreparedStatements,
    ) -> None:
        self._executions = executions
        self._glue, self._s3 = glue, s3
        self._prepared = prepared
        self._scratch = scratch
        self._limits = limits
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._running: dict[str, Worker] = {}
        self._guard = threading.Lock()
        self._translations = Translations()
        self._workers = [Worker() for _ in range(SLOTS)]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to run; what an earlier server left unfinished has failed."""
        for identifier in self._executions.unfinished():
            self._fail(identifier, SqlError("GENERIC_INTERNAL_ERROR", "The Athena server was stopped"), time.time())
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        self._workers[0].start()
        for number, worker in enumerate(self._workers):
            thread = threading.Thread(target=self._serve, args=(worker,), name=f"query-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the slots; a running query is cut off and has failed at the next start."""
        for _ in self._threads:
            self._queue.put(None)
        for worker in self._workers:
            worker.kill()
        for thread in self._threads:
            thread.join(5)
        for worker in self._workers:
            worker.close()

    def submit(self, identifier: str) -> None:
        """Queue an execution."""
        self._queue.put(identifier)

    def cancel(self, identifier: str) -> None:
        """Stop an execution, running or not; one that has ended stays as it is."""
        execution = self._executions.get(identifier)
        if execution is None:
            return
        now = time.time()
        total = round((now - execution.submitted) * 1000)
        statistics = dataclasses.replace(execution.statistics, total_ms=total)
        self._executions.move(
            identifier,
            State.CANCELLED,
            metrics=self._limits(execution.work_group).metrics,
            reason="Query cancelled by user",
            completed=now,
            statistics=statistics,
        )
        with self._guard:
            worker = self._running.get(identifier)
            if worker is not None:
                worker.kill()

    def _serve(self, worker: Worker) -> None:
        while (identifier := self._queue.get()) is not None:
            try:
                self._execute(identifier, worker)
            except Exception as error:  # noqa: BLE001 - one query's accident must not take the slot with it
                _log.exception("query %s", identifier)
                problem = SqlError("GENERIC_INTERNAL_ERROR", f"{type(error).__name__}: {error}")
                self._fail(identifier, problem, time.time())

    def _execute(self, identifier: str, worker: Worker) -> None:
        started = time.time()
        found = self._executions.get(identifier)
        if found is None:
            return
        queued = round((started - found.submitted) * 1000)
        execution = self._executions.move(identifier, State.RUNNING, statistics=Statistics(queue_ms=queued))
        if execution is None:
            return  # stopped while it waited
        folder = self._scratch / identifier
        folder.mkdir()
        try:
            outcome = self._run(execution, folder / "result", worker)
            serviced = time.time()
            if self._is_running(identifier):
                if outcome.updated is None:
                    result = folder / "result"
                    files.upload(self._s3, result, execution.output, outcome.columns, execution.configuration)
                self._succeed(execution, outcome, started, serviced)
        except SqlError as error:
            self._fail(identifier, error, started)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, execution: Execution, result: Path, worker: Worker) -> Outcome:
        catalog = GlueCatalog(self._glue, execution.database)
        statement = classify(execution.text)
        if statement.kind == "DDL":
            # nothing is changed where the result could not be written
            files.put(self._s3, f"{execution.output}.metadata", files.metadata(()), execution.configuration)
        if statement.kind != "DML":
            columns, lines = self._utility(statement, execution, catalog)
            result.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            return Outcome(tuple(column_info(column) for column in columns), len(lines))
        text = self._complete(statement, execution)
        # a prepared statement is only now known, and a parameter makes another text
        if statement.substatement != "SELECT":
            statement = classify(text)
        with lake_objects(self._s3) as objects:
            task = Task(catalog, objects, result.parent, worker)
            if statement.writing is not None:
                return self._write(execution, statement.writing, task)
            begun = time.monotonic()
            translation = self._translations.get(text, catalog)
            job = self._job(execution, translation, task)
            planned = _milliseconds(begun)
            answer = self._work(execution.id, worker, dataclasses.replace(job, result=str(result)))
        columns_info = tuple(column_info(column) for column in translation.columns)
        return Outcome(columns_info, answer.rows, answer.scanned_bytes, planned + answer.planning_ms, answer.running_ms)

    def _job(self, execution: Execution, translation: Translation, task: Task) -> Job:
        scans = tuple(
            plan(scan, task.catalog, task.objects, used, hidden)
            for scan, used, hidden in zip(translation.scans, translation.used, translation.hidden, strict=True)
        )
        return Job(
            translation.sql,
            translation.macros,
            scans,
            translation.columns,
            "",
            str(task.folder),
            translation.udfs,
            self._limits(execution.work_group).cutoff_bytes,
            translation.careful,
        )

    def _write(self, execution: Execution, writing: Writing | Definition, task: Task) -> Outcome:
        """A statement that writes a table."""
        begun, files_folder = time.monotonic(), str(task.folder / "files")
        publisher = self._publisher(execution)
        if isinstance(writing, CreateTableAs):
            enforced = self._limits(execution.work_group).enforced
            made = create_table_as.planned(
                writing, task.catalog, task.objects, files_folder, f"{publisher.output}/", enforced=enforced
            )
            if made is None:
                return Outcome(ROWS, 0, output=publisher.output, updated=0)
            translation, table, output = made.translation, made.table, made.output
        else:
            assert isinstance(writing, Insert)  # noqa: S101 - the others are no DML
            translation, table, output = insert.prepared(writing, task.catalog, files_folder)
        job = self._job(execution, translation, task)
        planned = _milliseconds(begun)
        answer = self._work(execution.id, task.worker, dataclasses.replace(job, output=output))
        files.put(self._s3, f"{publisher.output}.metadata", files.metadata(ROWS), execution.configuration)
        publisher.publish(table, answer.files, task.catalog, create=isinstance(writing, CreateTableAs))
        return Outcome(
            ROWS,
            answer.rows,
            answer.scanned_bytes,
            planned + answer.planning_ms,
            answer.running_ms,
            publisher.output,
            publisher.manifest,
            answer.rows,
        )

    def _publisher(self, execution: Execution) -> Publisher:
        # what EXECUTE runs is not known when its output is announced
        output = execution.output.removesuffix(".csv")
        return Publisher(
            self._s3, execution.id, output, execution.configuration, lambda: self._is_running(execution.id)
        )

    def _utility(self, statement: Statement, execution: Execution, catalog: GlueCatalog) -> utilities.Answer:
        try:
            match statement.substatement, statement.arguments:
                case "PREPARE", (str(name), str(text)):
                    self._prepared.create(execution.work_group, name, text)
                case "DEALLOCATE_PREPARE", (str(name),):
                    self._prepared.delete(execution.work_group, name)
                case _ if statement.writing is not None:
                    with lake_objects(self._s3) as objects:
                        return definitions.answer(statement.substatement, statement.writing, catalog, objects)
                case _:
                    return utilities.answer(statement, catalog)
        except (InvalidRequestError, ResourceNotFoundError) as error:
            raise SqlError("GENERIC_USER_ERROR", error.message) from error
        return [], []

    def _complete(self, statement: Statement, execution: Execution) -> str:
        """The text of a query with its parameters in place."""
        if statement.substatement != "EXECUTE":
            return substitute(execution.text, execution.parameters)
        name, *values = (str(argument) for argument in statement.arguments)
        try:
            found = self._prepared.get(execution.work_group, name)
        except ResourceNotFoundError as error:
            raise SqlError("NOT_FOUND", f"Prepared statement not found: {name}") from error
        return substitute(found.text, values or execution.parameters)

    def _work(self, identifier: str, worker: Worker, job: Job) -> Any:
        with self._guard:
            self._running[identifier] = worker
        try:
            if not self._is_running(identifier):
                raise SqlError("USER_CANCELED", "Query was canceled")
            answer = worker.run(job)
        finally:
            with self._guard:
                del self._running[identifier]
        if isinstance(answer, Failed):
            raise answer.error
        return answer

    def _is_running(self, identifier: str) -> bool:
        execution = self._executions.get(identifier)
        return execution is not None and execution.state == State.RUNNING

    def _succeed(self, execution: Execution, outcome: Outcome, started: float, serviced: float) -> None:
        now = time.time()
        queued = execution.statistics.queue_ms
        statistics = Statistics(
            scanned_bytes=outcome.scanned_bytes,
            engine_ms=round((serviced - started) * 1000),
            total_ms=round((now - execution.submitted) * 1000),
            queue_ms=queued,
            planning_ms=outcome.planning_ms,
            service_ms=round((now - serviced) * 1000),
            manifest=outcome.manifest,
        )
        self._executions.move(
            execution.id,
            State.SUCCEEDED,
            metrics=self._limits(execution.work_group).metrics,
            completed=now,
            statistics=statistics,
            columns=outcome.columns,
            rows=outcome.rows,
            output=outcome.output or execution.output,
            updated=outcome.updated,
        )

    def _fail(self, identifier: str, error: SqlError, started: float) -> None:
        now = time.time()
        execution = self._executions.get(identifier)
        if execution is None:
            return
        statistics = dataclasses.replace(
            execution.statistics,
            engine_ms=round((now - started) * 1000),
            total_ms=round((now - execution.submitted) * 1000),
        )
        self._executions.move(
            identifier,
            State.FAILED,
            metrics=self._limits(execution.work_group).metrics,
            reason=str(error),
            completed=now,
            statistics=statistics,
            error=(error.category, error.type, str(error)),
        )


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
