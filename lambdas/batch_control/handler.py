"""Begins and ends a run of the transform: one at a time, every new file taken up, every step written down.

`control/transform.json` in the raw bucket says who has the lake (an execution and when its claim expires), which
datasets are still to be brought to the curated zone, and whether every table has been made yet. It is only ever changed
by conditional writes, so two executions cannot both believe to have it. A run that a crash interrupted is found by the
next one, which writes it down as FAILED and takes up what it left.
"""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse import s3_helper
from lakehouse.logger import lambda_scope, log

from . import ledger
from .history import steps

RUNNING, DONE, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
_TRIES = 5


class LockHeldError(RuntimeError):
    """Another run has the lake; the message names it and says until when."""


@cache
def _client(service: str) -> Any:
    return boto3.client(service)


def _now() -> datetime:
    return datetime.now(UTC)


def _state_uri() -> str:
    return f"s3://{os.environ['RAW_BUCKET']}/control/transform.json"


def _read() -> tuple[dict[str, Any], str | None]:
    """What is written down, and its ETag; nothing and None before the first run."""
    bucket, key = s3_helper.split_uri(_state_uri())
    try:
        found = _client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return {}, None
    return json.loads(found["Body"].read()), found["ETag"]


def _write(state: dict[str, Any], etag: str | None) -> bool:
    """Write the state where nobody has written since; whether that was so."""
    body = json.dumps(state, indent=2).encode()
    if etag is None:
        return s3_helper.put_if_absent(_client("s3"), _state_uri(), body) is not None
    return s3_helper.put_if_match(_client("s3"), _state_uri(), body, etag) is not None


def is_held(state: dict[str, Any], execution: str, now: datetime, alive: bool) -> bool:
    """Whether another execution than this one still has the lake.

    Args:
        state: what is written down.
        execution: the ARN of the one that asks.
        now: the present time.
        alive: whether the owner's execution is known to be running.
    """
    if state.get("state") != RUNNING or state["owner"] == execution:
        return False
    return alive and now < datetime.fromisoformat(state["expires_at"])


def _is_alive(execution: str) -> bool:
    try:
        return bool(_client("stepfunctions").describe_execution(executionArn=execution)["status"] == RUNNING)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return False


def _new_files() -> dict[str, int]:
    """Dataset → how many of its files wait in the open batch."""
    found = {}
    for dataset in sorted(json.loads(os.environ["JOBS"])):
        uri = f"s3://{os.environ['RAW_BUCKET']}/batches/{dataset}/open/"
        if count := sum(1 for _ in s3_helper.list_keys(_client("s3"), uri)):
            found[dataset] = count
    return found


def plan(datasets: Iterable[str], jobs: dict[str, str]) -> list[dict[str, Any]]:
    """The Glue runs of a batch: of each job its datasets, once.

    Args:
        datasets: those with something to do.
        jobs: dataset → Glue job.

    Returns:
        `job`, `datasets` (comma separated, as the job takes them) and `checks` ([{dataset}]), sorted by job.
    """
    grouped: dict[str, list[str]] = {}
    for dataset in sorted(set(datasets) & set(jobs)):
        grouped.setdefault(jobs[dataset], []).append(dataset)
    return [
        {"job": job, "datasets": ",".join(names), "checks": [{"dataset": name} for name in names]}
        for job, names in sorted(grouped.items())
    ]


def _open(event: dict[str, Any]) -> dict[str, Any]:
    """Take the lake for one execution.

    Raises:
        LockHeldError: another execution has it.
    """
    execution, run_id = event["execution"], event["run_id"]
    for _ in range(_TRIES):
        now = _now()
        before, etag = _read()
        if is_held(before, execution, now, alive=before.get("state") == RUNNING and _is_alive(before["owner"])):
            held = f"run {before['run_id']} ({before['owner']}) has the lake until {before['expires_at']}"
            raise LockHeldError(f"{held}; wait for its end, or stop that execution")
        files = _new_files()
        # the first run with work does all, so that every curated table is there for the views
        complete = before.get("complete", False)
        left = before.get("datasets", ()) if complete or not files else json.loads(os.environ["JOBS"])
        state = {
            "state": RUNNING,
            "owner": execution,
            "run_id": run_id,
            "started_at": event["started_at"],
            "expires_at": (now + timedelta(seconds=int(os.environ["LOCK_SECONDS"]))).isoformat(),
            "datasets": sorted({*files, *left}),
            "complete": complete,
        }
        # before the claim, so that a crash between the two loses nothing
        _write_down_interrupted(before, execution)
        if _write(state, etag):
            runs = plan(state["datasets"], json.loads(os.environ["JOBS"]))
            answer = {"run_id": run_id, "files": sum(files.values()), "taken_up": sorted(left), "runs": runs}
            log("transform opened", execution=execution, **answer)
            return answer | {"nothing_to_do": not runs}
    raise LockHeldError(f"{_state_uri()} was changed by others {_TRIES} times in a row; try again")


def _write_down_interrupted(before: dict[str, Any], execution: str) -> None:
    """Note a run that never came to its end."""
    if before.get("state") != RUNNING or before["owner"] == execution:
        return
    log("an interrupted run is taken up", level="WARNING", execution=execution, interrupted=before["run_id"])
    reason = f"interrupted: it never ended; execution {execution} took up its batch"
    found = _steps(before["owner"])
    ledger.record(before["run_id"], before["owner"], FAILED, before["started_at"], _now(), found, reason)


def _steps(execution: str) -> list[Any]:
    pages = _client("stepfunctions").get_paginator("get_execution_history")
    try:
        return steps(event for page in pages.paginate(executionArn=execution) for event in page["events"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return []  # it is so long ago that its history is gone


def _close(event: dict[str, Any]) -> dict[str, Any]:
    """Give the lake back and write the run's steps down."""
    execution, status = event["execution"], event["status"]
    state, etag = _read()
    if state.get("owner") != execution:
        log("the run had lost the lake", level="WARNING", execution=execution, owner=state.get("owner"))
        return {"status": status, "recorded": False}
    if not event.get("idle"):
        reason = json.dumps(event["error"], ensure_ascii=False) if event.get("error") else ""
        found = [step for step in _steps(execution) if not step.name.startswith("Close")]
        ledger.record(event["run_id"], execution, status, event["started_at"], _now(), found, reason)
    left = [] if status == DONE else state["datasets"]
    complete = state.get("complete", False) or (status == DONE and not event.get("idle"))
    released = state | {"state": status, "datasets": left, "complete": complete, "ended_at": _now().isoformat()}
    if not _write(released, etag):
        raise LockHeldError(f"{_state_uri()} was changed while run {event['run_id']} closed it; try again")
    log("transform closed", execution=execution, status=status, left=left)
    return {"status": status, "recorded": not event.get("idle")}


_ACTIONS = {"open": _open, "close": _close}


def _handle(event: dict[str, Any]) -> dict[str, Any]:
    return _ACTIONS[event["action"]](event)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Open or close a run.

    Args:
        event: `action` (open or close), `execution` (the ARN), `run_id` (the execution's name), `started_at` (ISO,
            UTC); to close also `status` (SUCCEEDED or FAILED), `error` where it failed, and `idle` where there was
            nothing to do, which is not written down.

    Returns:
        open: `run_id`, `files` (how many new ones), `taken_up` (datasets that an earlier run left), `runs` (see `plan`)
        and `nothing_to_do`; close: `status` and `recorded`.

    Raises:
        LockHeldError: another run has the lake.
        KeyError: there is no such action.
    """
    with lambda_scope(context, event):
        return _handle(event)
