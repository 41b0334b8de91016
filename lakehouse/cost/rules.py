"""What AWS bills for what an API tells. Pure functions; each says which page its rule is from."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

MEGABYTE = 1_000_000
LEAST_BYTES = 10 * MEGABYTE
LEAST_SECONDS = 60
# "Glue version 0.9 or 1.0 … 10-minute minimum"
LEAST_SECONDS_OF_OLD = {"0.9": 600, "1.0": 600}
LOG_EVENT_OVERHEAD = 26

_REPORT = re.compile(r"^REPORT RequestId: (\S+)\t.*?Billed Duration: (\d+) ms\tMemory Size: (\d+) MB")
_BEGINS = ("Scheduled", "MapStateStarted", "ParallelStateStarted")

type Record = Mapping[str, Any]


def billed_bytes(query: Record) -> int:
    """The bytes that Athena bills for a query.

    "Amazon Athena pricing": rounded up to the megabyte, at least 10 MB; nothing for DDL, and for what failed; what was
    scanned where a query was cancelled. A result that is used again scans nothing. What is no DML (a CREATE TABLE AS is
    DDL, an EXPLAIN ANALYZE is UTILITY) is billed where it has scanned something.

    Args:
        query: a `QueryExecution` of Athena's API that has ended.
    """
    state, statistics = query["Status"]["State"], query.get("Statistics", {})
    scanned = int(statistics.get("DataScannedInBytes", 0))
    reused = statistics.get("ResultReuseInformation", {}).get("ReusedPreviousResult", False)
    free_where_nothing = state == "CANCELLED" or reused or query.get("StatementType") != "DML"
    if state == "FAILED" or (scanned == 0 and free_where_nothing):
        return 0
    return max(LEAST_BYTES, -(-scanned // MEGABYTE) * MEGABYTE)


def billed_dpu_seconds(run: Record) -> Decimal:
    """The DPU-seconds that Glue bills for a job run.

    "AWS Glue pricing": by the second, at least a minute (Glue 2.0 and later); start-up is free, so a run that never
    came to execute costs nothing. Of flexible and auto-scaled runs Glue itself tells the DPU-seconds.

    Args:
        run: a `JobRun` of Glue's API that has ended.
    """
    seconds = int(run.get("ExecutionTime", 0))
    if seconds == 0:
        return Decimal(0)
    if "DPUSeconds" in run:
        return Decimal(str(run["DPUSeconds"]))
    least = LEAST_SECONDS_OF_OLD.get(str(run.get("GlueVersion")), LEAST_SECONDS)
    return max(seconds, least) * Decimal(str(run["MaxCapacity"]))


@dataclass(frozen=True)
class Report:
    """An invocation of a function, as Lambda's log tells it.

    Attributes:
        request_id: the invocation's id.
        billed_ms: the billed duration.
        memory_mb: the memory that the function is given.
    """

    request_id: str
    billed_ms: int
    memory_mb: int

    @property
    def gb_seconds(self) -> Decimal:
        """ "AWS Lambda Pricing": memory times seconds, a GB being 1024 MB."""
        return Decimal(self.billed_ms * self.memory_mb) / (1000 * 1024)

    def began(self, logged: datetime) -> datetime:
        """About when it began, given the time of its REPORT."""
        return logged - timedelta(milliseconds=self.billed_ms)


def report(message: str) -> Report | None:
    """The report that a log event is, in text or JSON; None where it is none.

    "Sending Lambda function logs to CloudWatch Logs".
    """
    if found := _REPORT.match(message):
        return Report(found[1], int(found[2]), int(found[3]))
    if '"platform.report"' not in message:
        return None
    try:
        event = json.loads(message)
        metrics = event["record"]["metrics"]
        return Report(event["record"]["requestId"], math.ceil(metrics["billedDurationMs"]), metrics["memorySizeMB"])
    except (ValueError, KeyError, TypeError):
        return None  # a function may log such a text itself


def transitions(events: Iterable[Record]) -> int:
    """The state transitions that Step Functions bills of a standard workflow.

    "AWS Step Functions Pricing": each time a step is executed, including retries; "Transitions": a redrive is one, too.
    A step is executed where its state is entered; a retry is a begin that does not come from an entered state.

    Args:
        events: history events, all that their `previousEventId` name among them.
    """
    kept = list(events)
    entered = {event["id"] for event in kept if event["type"].endswith("StateEntered")}
    again = sum(1 for event in kept if event["type"].endswith(_BEGINS) and event.get("previousEventId") not in entered)
    return len(entered) + again + sum(1 for event in kept if event["type"] == "ExecutionRedriven")


def calls(events: Iterable[Record]) -> Iterator[tuple[tuple[str, str], Record]]:
    """The calls of other services by an execution's tasks, retries too: ((service, operation), parameters)."""
    for event in events:
        if details := event.get("taskScheduledEventDetails"):
            operation = details["resource"].partition(".")[0]  # without `.sync` and the like
            yield (details["resourceType"], operation), _parameters(details["parameters"])


def _parameters(text: str) -> Record:
    try:
        found = json.loads(text)
    except ValueError:
        return {}  # a history cuts what is long
    return found if isinstance(found, dict) else {}


def ingested_bytes(messages: Iterable[str]) -> int:
    """The bytes that CloudWatch Logs takes in with these events: their text and 26 bytes each ("PutLogEvents")."""
    return sum(len(message.encode()) + LOG_EVENT_OVERHEAD for message in messages)
