"""Asks Athena the pipeline's named queries, and remembers the answers for a while.

A query's text comes from Athena by the query's id; its parameters are bound. What was asked a moment ago, of the same
data, is not asked again: a query scans what it scans, however many people look at its answer.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse import athena_helper
from lakehouse.athena_helper import QueryFailedError

from .messages import ApiError

TIMEOUT = 24.0  # seconds; API Gateway waits for 29
MAX_AGE = 60.0  # seconds that an answer is used again
KEPT = 128

type Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """A named query with the values of its parameters, in order."""

    name: str
    parameters: tuple[str | int, ...] = ()


@dataclass
class Athena:
    """The named queries of a work group.

    Attributes:
        client: an Athena client.
        ids: name of a query → its id.
        work_group: the work group.
        version: tells which state the data is in; an answer of another state is not used again.
        clock: seconds from any start.
    """

    client: Any
    ids: Mapping[str, str]
    work_group: str
    version: Callable[[], str]
    clock: Callable[[], float] = time.monotonic
    _texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    _answers: "OrderedDict[tuple[Question, str], tuple[float, Rows]]" = field(default_factory=OrderedDict)

    def ask(self, *questions: Question) -> list[Rows]:
        """The rows of each question; Athena works on all of them at a time.

        Raises:
            ApiError: 503, the pipeline has not made the tables yet; 504, Athena takes too long.
            QueryFailedError: a query failed.
        """
        version, began = self.version(), self.clock()
        known = {question: self._remembered(question, version) for question in questions}
        started: dict[Question, str] = {}
        try:
            for question, rows in known.items():
                if rows is None:
                    started[question] = self._start(question)
            for question, id_ in started.items():
                left = max(TIMEOUT - (self.clock() - began), 0.1)
                rows = athena_helper.wait(self.client, id_, timeout=left).rows()
                self._keep(question, version, rows)
                known[question] = rows
        except BaseException as error:
            self._stop(started.values())
            if isinstance(error, QueryFailedError):
                raise _told(error) from error
            raise
        return [known[question] or [] for question in questions]

    def _start(self, question: Question) -> str:
        database, text = self._text(question.name)
        return athena_helper.start(
            self.client, text, database=database, work_group=self.work_group, parameters=question.parameters
        )

    def _text(self, name: str) -> tuple[str, str]:
        """Database and text of a query; a named query never changes, another text has another id."""
        if name not in self._texts:
            found = self.client.get_named_query(NamedQueryId=self.ids[name])["NamedQuery"]
            self._texts[name] = (found["Database"], found["QueryString"])
        return self._texts[name]

    def _remembered(self, question: Question, version: str) -> Rows | None:
        found = self._answers.get((question, version))
        return found[1] if found and self.clock() - found[0] < MAX_AGE else None

    def _keep(self, question: Question, version: str, rows: Rows) -> None:
        self._answers[question, version] = (self.clock(), rows)
        self._answers.move_to_end((question, version))
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)

    def _stop(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            # what went wrong is to be told, not that a query could not be stopped either
            with suppress(ClientError, BotoCoreError):
                athena_helper.stop(self.client, id_)


def _told(error: QueryFailedError) -> Exception:
    """What a failed query is for the caller."""
    if isinstance(error, TimeoutError):
        later = {"Retry-After": "5"}
        return ApiError(504, "TooSlow", "the answer takes too long; ask for fewer days, or again later", headers=later)
    if "TABLE_NOT_FOUND" in error.reason or "SCHEMA_NOT_FOUND" in error.reason:
        later = {"Retry-After": "30"}
        message = "there are no figures yet: they are there when the pipeline has run for the first time"
        return ApiError(503, "NoDataYet", message, headers=later)
    return error
