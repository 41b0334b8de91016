"""Glue as the pipeline needs it: job runs and crawlers, started and waited for; and the partitions of a table.

Partitions are those of `glue_partitions`, to be had here too.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.glue_partitions import add_partitions, partition_path, remove_partitions
from lakehouse.waiting import Clock, Sleep, WaitTimeoutError, code_of, patiently, until

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_logs.client import CloudWatchLogsClient

__all__ = [
    "CrawlResult",
    "CrawlerFailedError",
    "JobRunFailedError",
    "RunResult",
    "WaitTimeoutError",
    "add_partitions",
    "last_error",
    "partition_path",
    "remove_partitions",
    "run_crawler",
    "run_job",
    "start_crawler",
    "start_job",
    "wait_crawler",
    "wait_job",
]

TIMEOUT = 3600.0
LINES = 20  # of the error log in an exception
_RUNNING = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})  # "AWS Glue job run statuses"
_CRAWLING = frozenset({"RUNNING", "STOPPING"})
_CRAWLED = frozenset({"SUCCEEDED", "COMPLETED"})  # LastCrawlInfo has the one word, ListCrawls the other


@dataclass(frozen=True)
class RunResult:
    """A job run.

    Attributes:
        job: the job's name.
        id: the run's id.
        state: SUCCEEDED, FAILED, STOPPED, TIMEOUT, ERROR, EXPIRED, or one that passes by.
        seconds: how long it ran, without its start.
        error: Glue's message, or None.
    """

    job: str
    id: str
    state: str
    seconds: int
    error: str | None


@dataclass(frozen=True)
class CrawlResult:
    """A crawler's last crawl: its status (SUCCEEDED, FAILED, CANCELLED), Glue's message, and where its log is."""

    crawler: str
    status: str
    error: str | None
    log_group: str | None
    log_stream: str | None


class JobRunFailedError(RuntimeError):
    """A job run did not succeed; the message has Glue's, and the end of the error log where it was asked for.

    Attributes:
        run: the run.
        log: the last lines of its error log; empty where none was asked for or there is none.
    """

    def __init__(self, run: RunResult, log: tuple[str, ...] = ()) -> None:
        lines = "".join(f"\n  {line}" for line in log)
        super().__init__(f"job {run.job}, run {run.id} {run.state}: {run.error or 'no reason given'}{lines}")
        self.run, self.log = run, log


class CrawlerFailedError(RuntimeError):
    """A crawl did not succeed; `crawl` is its result."""

    def __init__(self, crawl: CrawlResult) -> None:
        where = f"; see {crawl.log_group}/{crawl.log_stream}" if crawl.log_group else ""
        super().__init__(f"crawler {crawl.crawler} {crawl.status}: {crawl.error or 'no reason given'}{where}")
        self.crawl = crawl


def start_job(glue: "GlueClient", job: str, arguments: Mapping[str, str] | None = None) -> str:
    """Start a run of a job and return its id.

    Args:
        glue: a Glue client.
        job: the job's name.
        arguments: the run's arguments besides the job's own; a name may come without its `--`.

    Raises:
        ClientError: Glue refused, e.g. ConcurrentRunsExceededException.
    """
    named = {f"--{name.removeprefix('--')}": value for name, value in (arguments or {}).items()}
    return patiently(lambda: glue.start_job_run(JobName=job, Arguments=named))["JobRunId"]


def wait_job(
    glue: "GlueClient",
    job: str,
    run_id: str,
    *,
    timeout: float = TIMEOUT,
    on_state: Callable[[str], Any] | None = None,
    logs: "CloudWatchLogsClient | None" = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> RunResult:
    """Wait for the end of a run; it goes on where the waiting ends before.

    A run that Glue makes to try again (MaxRetries) is another one, with an id of its own.

    Args:
        glue: a Glue client.
        job: the job's name.
        run_id: the run's id.
        timeout: seconds from now.
        on_state: told each new state.
        logs: a CloudWatch Logs client, where the exception of a failed run shall have the end of its error log.
        sleep: how to pause between two looks.
        clock: seconds from any start.

    Raises:
        JobRunFailedError: the run ended in another state than SUCCEEDED.
        WaitTimeoutError: it has not ended in time.
    """
    seen = until(
        lambda: glue.get_job_run(JobName=job, RunId=run_id)["JobRun"],
        lambda run: str(run["JobRunState"]),
        _RUNNING,
        what=f"job {job}, run {run_id}",
        timeout=timeout,
        on_state=on_state,
        sleep=sleep,
        clock=clock,
    )
    result = _run(seen)
    if result.state != "SUCCEEDED":
        raise JobRunFailedError(result, _log(logs, seen) if logs else ())
    return result


def run_job(
    glue: "GlueClient",
    job: str,
    arguments: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
    on_state: Callable[[str], Any] | None = None,
    logs: "CloudWatchLogsClient | None" = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> RunResult:
    """Run a job to its end: `start_job`, then `wait_job`. What ends the waiting before stops the run too."""
    run_id = start_job(glue, job, arguments)
    try:
        return wait_job(glue, job, run_id, timeout=timeout, on_state=on_state, logs=logs, sleep=sleep, clock=clock)
    except BaseException as error:
        if not isinstance(error, JobRunFailedError):
            # What went wrong is to be told, not that the run could not be stopped either.
            with suppress(ClientError, BotoCoreError):
                glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
        raise


def last_error(glue: "GlueClient", job: str) -> str | None:
    """The message of a job's latest run where it did not succeed; None where it did, still runs, or there is none.

    Raises:
        ClientError: there is no such job.
    """
    runs = glue.get_job_runs(JobName=job, MaxResults=1)["JobRuns"]  # the newest first
    if not runs or runs[0]["JobRunState"] in _RUNNING | {"SUCCEEDED"}:
        return None
    return _run(runs[0]).error or f"{runs[0]['JobRunState']}: no reason given"


def start_crawler(glue: "GlueClient", crawler: str) -> None:
    """Start a crawler.

    Raises:
        ClientError: there is none (EntityNotFoundException), or it runs already (CrawlerRunningException).
    """
    patiently(lambda: glue.start_crawler(Name=crawler))


def wait_crawler(
    glue: "GlueClient",
    crawler: str,
    *,
    timeout: float = TIMEOUT,
    on_state: Callable[[str], Any] | None = None,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
) -> CrawlResult:
    """Wait until a crawler is ready again, and return its last crawl.

    Raises:
        CrawlerFailedError: that crawl did not succeed.
        WaitTimeoutError: it has not ended in time; it goes on.
        LookupError: the crawler has never crawled.
    """
    seen = until(
        lambda: glue.get_crawler(Name=crawler)["Crawler"],
        lambda found: str(found["State"]),
        _CRAWLING,
        what=f"crawler {crawler}",
        timeout=timeout,
        on_state=on_state,
        sleep=sleep,
        clock=clock,
    )
    last = seen.get("LastCrawl")
    if not last:
        raise LookupError(f"crawler {crawler} has never crawled; start it first")
    stream = last.get("LogStream")
    result = CrawlResult(crawler, str(last["Status"]), last.get("ErrorMessage"), last.get("LogGroup"), stream)
    if result.status not in _CRAWLED:
        raise CrawlerFailedError(result)
    return result


def run_crawler(glue: "GlueClient", crawler: str, *, timeout: float = TIMEOUT) -> CrawlResult:
    """Run a crawler to its end: `start_crawler`, then `wait_crawler`."""
    start_crawler(glue, crawler)
    return wait_crawler(glue, crawler, timeout=timeout)


def _run(run: Any) -> RunResult:
    error = run.get("ErrorMessage") or None
    return RunResult(run["JobName"], run["Id"], str(run["JobRunState"]), int(run.get("ExecutionTime", 0)), error)


def _log(logs: "CloudWatchLogsClient", run: Any) -> tuple[str, ...]:
    """The end of the run's error log, e.g. of `/aws-glue/jobs/error`; nothing where it has written none."""
    group = f"{run.get('LogGroupName') or '/aws-glue/jobs'}/error"
    try:
        answer = logs.get_log_events(logGroupName=group, logStreamName=run["Id"], limit=LINES, startFromHead=False)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return ()
        return (f"(the log {group}/{run['Id']} could not be read: {error})",)
    return tuple(line for event in answer["events"] for line in event["message"].splitlines())[-LINES:]
