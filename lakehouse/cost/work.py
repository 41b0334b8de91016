"""Which executions are paid for together, and when they were at work.

A run is an execution of the state machine `<prefix>-transform` with those of `<prefix>-ingest` whose files it took up:
an ingest belongs to the first transform that started after it had ended.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

TRANSFORM, INGEST = "transform", "ingest"
MINUTE, HOUR = 60, 3600
# No execution takes longer: the state machines' own time-outs are two hours.
LONGEST = timedelta(days=1)


class NoRunError(LookupError):
    """Nothing has run yet; the message says what was looked for."""


@dataclass(frozen=True)
class Span:
    """A stretch of time, its ends included."""

    start: datetime
    end: datetime

    def has(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment <= self.end


@dataclass(frozen=True)
class Work:
    """What is to be paid for.

    Attributes:
        title: what it is, for people.
        executions: ARNs.
        spans: when it was at work, in order, apart from each other. What happened then belongs to it.
        period: seconds that metrics are to be added up by: a minute, or an hour where the spans are full hours.
    """

    title: str
    executions: tuple[str, ...]
    spans: tuple[Span, ...]
    period: int = MINUTE

    def has(self, moment: datetime) -> bool:
        """Whether a moment belongs to it."""
        return any(span.has(moment) for span in self.spans)


@dataclass(frozen=True)
class Execution:
    """An execution: ARN, when it began and, where it has, ended."""

    arn: str
    started: datetime
    stopped: datetime | None


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as spans in order that do not meet."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def last_run(stepfunctions: "SFNClient", prefix: str) -> Work:
    """The last run that has ended, well or not.

    Args:
        stepfunctions: a Step Functions client.
        prefix: what the state machines' names begin with, e.g. `laketop-dev`.

    Raises:
        NoRunError: there is no such state machine, or none of its executions has ended.
    """
    machines = _machines(stepfunctions, prefix)
    for name in (TRANSFORM, INGEST):
        if name not in machines:
            raise NoRunError(f"there is no state machine {prefix}-{name}")
    executions = _executions(stepfunctions, machines[TRANSFORM])
    run = next((one for one in executions if one.stopped), None)
    if run is None or run.stopped is None:
        raise NoRunError(f"no execution of {prefix}-{TRANSFORM} has ended")
    before = next(executions, None)
    ingests = list(
        _between(_executions(stepfunctions, machines[INGEST]), before.started if before else None, run.started)
    )
    spans = [Span(run.started, run.stopped)]
    spans += [Span(one.started, one.stopped) for one in ingests if one.stopped]
    name = run.arn.rpartition(":")[2]
    title = f"run {name} of {run.started:%Y-%m-%d %H:%M:%S} UTC, with {_plural(len(ingests), 'ingested file')}"
    return Work(title, (run.arn, *(one.arn for one in ingests)), joined(spans))


def last_days(stepfunctions: "SFNClient", prefix: str, days: int, now: datetime) -> Work:
    """The last days, from a full hour on until now; arguments as those of `last_run`.

    Args:
        stepfunctions: a Step Functions client.
        prefix: what the state machines' names begin with.
        days: how many.
        now: the present time, with its zone.

    Raises:
        NoRunError: there is no state machine of that prefix.
    """
    machines = _machines(stepfunctions, prefix)
    if not machines:
        raise NoRunError(f"there is no state machine {prefix}-…")
    end = now.astimezone(UTC)
    span = Span(end.replace(minute=0, second=0, microsecond=0) - timedelta(days=days), end)
    found = [
        one.arn
        for machine in machines.values()
        for one in _since(_executions(stepfunctions, machine), span.start - LONGEST)
        if one.started <= span.end and (one.stopped is None or one.stopped >= span.start)
    ]
    title = f"{_plural(len(found), 'execution')} since {span.start:%Y-%m-%d %H:%M} UTC"
    return Work(title, tuple(found), (span,), HOUR)


def _machines(stepfunctions: "SFNClient", prefix: str) -> dict[str, str]:
    pages = stepfunctions.get_paginator("list_state_machines").paginate()
    found = [machine for page in pages for machine in page["stateMachines"]]
    return {
        one["name"].removeprefix(f"{prefix}-"): one["stateMachineArn"]
        for one in found
        if one["name"].startswith(f"{prefix}-")
    }


def _executions(stepfunctions: "SFNClient", machine: str) -> Iterator[Execution]:
    """The executions of a state machine, the latest first ("ListExecutions")."""
    for page in stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for one in page["executions"]:
            yield Execution(one["executionArn"], _utc(one["startDate"]), _utc(one.get("stopDate")))


def _between(executions: Iterable[Execution], after: datetime | None, until: datetime) -> Iterator[Execution]:
    for one in executions if after is None else _since(executions, after - LONGEST):
        if one.stopped and (after is None or one.stopped > after) and one.stopped <= until:
            yield one


def _since(executions: Iterable[Execution], start: datetime) -> Iterator[Execution]:
    return itertools.takewhile(lambda one: one.started >= start, executions)


def _utc(moment: Any) -> Any:
    return moment and moment.astimezone(UTC)


def _plural(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
