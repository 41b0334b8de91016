"""Asks Athena the pipeline's named queries, and remembers the answers for a while: for dashboards.

A query's text comes from Athena by the query's id; its parameters are bound. What was asked a moment ago, of the same
data, is not asked again: a query scans what it scans, however many people look at its answer.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse import athena_helper

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient

KEPT = 128

type Rows = list[dict[str, Any]]


class UnknownQueryError(LookupError):
    """The work group has no named query of that name: it is not deployed, or an older release of it."""

    def __init__(self, name: str, work_group: str) -> None:
        super().__init__(f"work group {work_group} has no named query {name}: deploy the environment")


@dataclass(frozen=True)
class Question:
    """A named query with the values of its parameters, in order."""

    name: str
    parameters: tuple[str | int, ...] = ()


def listed(client: "AthenaClient", work_group: str) -> dict[str, str]:
    """Name → id of a work group's named queries.

    Raises:
        ClientError: there is no such work group, or nobody may look at it.
    """
    found: dict[str, str] = {}
    for page in client.get_paginator("list_named_queries").paginate(WorkGroup=work_group):
        if ids := page.get("NamedQueryIds"):
            answer = client.batch_get_named_query(NamedQueryIds=ids)
            found |= {query["Name"]: query["NamedQueryId"] for query in answer["NamedQueries"]}
    return found


@dataclass
class NamedQueries:
    """The named queries of a work group; one object serves any number of threads.

    Attributes:
        client: an Athena client.
        ids: name of a query → its id.
        work_group: the work group.
        version: tells which state the data is in; an answer of another state is not used again.
        timeout: seconds that the queries of one `ask` may take.
        max_age: seconds that an answer is used again.
        clock: seconds from any start.
    """

    client: Any
    ids: Mapping[str, str]
    work_group: str
    version: Callable[[], str]
    timeout: float
    max_age: float
    clock: Callable[[], float] = time.monotonic
    _texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    _answers: "OrderedDict[tuple[Question, str], tuple[float, Rows]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, *questions: Question) -> list[Rows]:
        """The rows of each question; Athena works on all of them at a time.

        Raises:
            QueryFailedError: a query failed, or (QueryTimeoutError) takes too long.
            UnknownQueryError: there is no query of that name.
            ClientError: Athena refused a request.
        """
        version, began = self.version(), self.clock()
        known = {question: self._remembered(question, version) for question in questions}
        started: dict[Question, str] = {}
        try:
            for question, rows in known.items():
                if rows is None:
                    started[question] = self._start(question)
            for question, id_ in started.items():
                left = max(self.timeout - (self.clock() - began), 0.1)
                rows = athena_helper.wait(self.client, id_, timeout=left).rows()
                self._keep(question, version, rows)
                known[question] = rows
        except BaseException:
            self._stop(started.values())
            raise
        return [known[question] or [] for question in questions]

    def _start(self, question: Question) -> str:
        database, text = self._text(question.name)
        return athena_helper.start(
            self.client, text, database=database, work_group=self.work_group, parameters=question.parameters
        )

    def _text(self, name: str) -> tuple[str, str]:
        """Database and text of a query; a named query never changes, another text has another id."""
        if name not in self.ids:
            raise UnknownQueryError(name, self.work_group)
        if name not in self._texts:
            found = self.client.get_named_query(NamedQueryId=self.ids[name])["NamedQuery"]
            self._texts[name] = (found["Database"], found["QueryString"])
        return self._texts[name]

    def _remembered(self, question: Question, version: str) -> Rows | None:
        with self._lock:
            found = self._answers.get((question, version))
        return found[1] if found and self.clock() - found[0] < self.max_age else None

    def _keep(self, question: Question, version: str, rows: Rows) -> None:
        with self._lock:
            self._answers[question, version] = (self.clock(), rows)
            self._answers.move_to_end((question, version))
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)

    def _stop(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            # what went wrong is to be told, not that a query could not be stopped either
            with suppress(ClientError, BotoCoreError):
                athena_helper.stop(self.client, id_)
