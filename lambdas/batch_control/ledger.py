"""The table `pipeline_runs`: a row for each run of the transform and one for each of its steps."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from lakehouse import athena_helper
from lakehouse.athena_helper import literal

from .history import Step

RUN = "(run)"
_REASON = 2000  # characters of an error that are kept


@cache
def _athena() -> Any:
    return boto3.client("athena")


def record(
    run_id: str,
    execution: str,
    state: str,
    started_at: str,
    ended_at: datetime,
    steps: Iterable[Step],
    reason: str,
) -> None:
    """Write a run down, unless it is there already.

    Args:
        run_id, execution: the run's name and the ARN of its execution.
        state: SUCCEEDED or FAILED.
        started_at: ISO, UTC.
        ended_at: UTC.
        steps: its steps.
        reason: why it failed, or "".

    Raises:
        lakehouse.athena_helper.QueryFailedError: Athena could not write.
    """
    database, group = os.environ["RESULTS_DATABASE"], os.environ["WORK_GROUP"]
    known = f"SELECT count(*) AS n FROM pipeline_runs WHERE run_id = {literal(run_id)} AND step = {literal(RUN)}"  # noqa: S608
    if athena_helper.run(_athena(), known, database=database, work_group=group).rows()[0]["n"]:
        return
    sql = insert(run_id, execution, state, datetime.fromisoformat(started_at), ended_at, steps, reason)
    athena_helper.run(_athena(), sql, database=database, work_group=group)


def insert(
    run_id: str,
    execution: str,
    state: str,
    started_at: datetime,
    ended_at: datetime,
    steps: Iterable[Step],
    reason: str,
) -> str:
    """The INSERT for a run and its steps, in the order of the table's columns."""
    rows = [Step(RUN, state, started_at, ended_at, reason), *steps]
    values = ",\n    ".join(_row(run_id, execution, number, step) for number, step in enumerate(rows))
    return f"INSERT INTO pipeline_runs VALUES\n    {values}"


def _row(run_id: str, execution: str, number: int, step: Step) -> str:
    ended = timestamp(step.ended_at) if step.ended_at else "CAST(NULL AS timestamp)"
    took = f"{(step.ended_at - step.started_at).total_seconds():E}" if step.ended_at else "CAST(NULL AS double)"
    error = literal(step.error[:_REASON]) if step.error else "CAST(NULL AS varchar)"
    month = literal(step.started_at.astimezone(UTC).strftime("%Y-%m"))
    parts = (
        literal(run_id), literal(execution), str(number), literal(step.name), literal(step.state),
        timestamp(step.started_at), ended, took, error, month,
    )  # fmt: skip
    return f"({', '.join(parts)})"


def timestamp(moment: datetime) -> str:
    """A SQL timestamp in UTC, with milliseconds."""
    utc = moment.astimezone(UTC)
    return f"TIMESTAMP '{utc.strftime('%Y-%m-%d %H:%M:%S')}.{utc.microsecond // 1000:03d}'"
