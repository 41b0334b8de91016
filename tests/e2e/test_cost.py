"""What a run cost: `laketop cost` against counts by other ways: histories, LocalStack's own log, AWS's prices by hand.

Two files through the lake, in minutes that nobody else uses.
"""

import json
import math
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import botocore.session
import pytest

from tests.e2e.pipeline import ROOT, Pipeline, generate

pytestmark = pytest.mark.local  # it reads the lake's own log

# USD for one, as AWS's pricing pages have it for us-east-1
PRICES = {
    "glue.dpu_second": Decimal("0.44") / 3600,
    "lambda.gb_second": Decimal("0.0000166667"),
    "lambda.request": Decimal("0.0000002"),
    "states.transition": Decimal("0.000025"),
    "athena.megabyte": Decimal("0.000005"),
    "s3.put": Decimal("0.000005"),
    "s3.get": Decimal("0.0000004"),
    "sns.publish": Decimal("0.0000005"),
    "logs.megabyte": Decimal("0.0005"),
}
# The states that a good file, and a run, visit; besides two for each job, three for each dataset, one for each view.
OF_A_FILE = ("Validate", "Verdict", "RouteToRaw", "WasItTheFirst", "Accepted")
OF_A_RUN = (
    "Open", "IsThereAnything", "Datasets", "MergeMasterData", "ListViews", "Views", "Close", "NotifyDone",
)  # fmt: skip
MEMORY_GB = Decimal("0.5")
S3 = botocore.session.get_session().get_service_model("s3")
REQUEST = re.compile(r"^(\S{16}):\S+ .* AWS s3\.(\w+) => \d+")  # the minute, the operation


@dataclass(frozen=True)
class Paid:
    """A run, and what `laketop cost` says of it.

    Attributes:
        output: of the transform.
        histories: the events of each execution, by its ARN.
        requests: S3's operations by minute, from LocalStack's log, before the bill was asked for.
        bill: as JSON.
    """

    output: dict[str, Any]
    histories: dict[str, list[dict[str, Any]]]
    requests: Counter[tuple[str, str]]
    bill: dict[str, Any]

    def amount(self, item: str) -> Decimal:
        """How much of an item was used, as the bill has it, without what is unknown."""
        found = [line["quantity"] for line in self.bill["lines"] if line["item"] == item and line["quantity"]]
        return sum(map(Decimal, found), Decimal(0))

    def events(self, type_: str) -> list[dict[str, Any]]:
        """The events of a type in all histories."""
        return [event for events in self.histories.values() for event in events if event["type"] == type_]


def buckets(pipeline: Pipeline) -> list[str]:
    return [one["Name"] for one in pipeline.s3.list_buckets()["Buckets"] if one["Name"].startswith("laketop-local-")]


@pytest.fixture(scope="module")
def counted(pipeline: Pipeline) -> None:
    """Every bucket has request metrics, from the beginning of a minute on."""
    without = [
        bucket
        for bucket in buckets(pipeline)
        if not pipeline.s3.list_bucket_metrics_configurations(Bucket=bucket).get("MetricsConfigurationList")
    ]
    for bucket in without:
        pipeline.s3.put_bucket_metrics_configuration(Bucket=bucket, Id="cost", MetricsConfiguration={"Id": "cost"})
    if without:
        time.sleep(60 - time.time() % 60)


def logged(pipeline: Pipeline) -> Counter[tuple[str, str]]:
    """LocalStack's own log: how many requests of each S3 operation each minute had."""
    lines = pipeline.lake.laketop("logs", "--part", "localstack", "--lines", "1000000").stdout.splitlines()
    return Counter((found[1], found[2]) for line in lines if (found := REQUEST.match(line)))


@pytest.fixture(scope="module")
def paid(pipeline: Pipeline, counted: None, tmp_path_factory: pytest.TempPathFactory) -> Paid:
    folder = tmp_path_factory.mktemp("cost")
    files = {
        f"landing/{dataset}/cost.csv": generate(folder, dataset, "csv", 300, "--seed", "8301")
        for dataset in ("reviews", "transactions")
    }
    if pipeline.executions("transform"):
        pipeline.transform()  # takes up what earlier tests have left
    known = pipeline.executions("ingest")
    pipeline.ingest(files)
    execution = pipeline.transform()
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    histories = {
        arn: [event for page in pages for event in page["events"]]
        for arn in [execution["executionArn"], *(pipeline.executions("ingest") - known)]
        for pages in (pipeline.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn),)
    }
    requests = logged(pipeline)
    answer = pipeline.lake.laketop("cost", "--format", "json")
    return Paid(json.loads(execution["output"]), histories, requests, json.loads(answer.stdout))


def test_the_bill_is_of_the_run_and_its_files(paid: Paid) -> None:
    assert len(paid.histories) == 3
    assert set(paid.bill["executions"]) == set(paid.histories)


def test_state_transitions(paid: Paid) -> None:
    runs = paid.output["batch"]["runs"]
    datasets = [check["dataset"] for run in runs for check in run["checks"]]
    assert {"reviews", "transactions"} <= set(datasets)
    views = len(list((ROOT / "sql" / "views").glob("*.sql")))
    steps = 2 * len(OF_A_FILE) + len(OF_A_RUN) + 2 * len(runs) + 3 * len(datasets) + views
    retries = sum(1 for event in paid.events("TaskFailed"))
    assert paid.amount("states.transition") == steps + retries


def of_service(events: Iterable[dict[str, Any]], details: str, service: str) -> list[dict[str, Any]]:
    return [event for event in events if event[details]["resourceType"] == service]


def test_lambda_requests_and_durations(paid: Paid) -> None:
    scheduled = of_service(paid.events("TaskScheduled"), "taskScheduledEventDetails", "lambda")
    assert paid.amount("lambda.request") == len(scheduled)
    begun = {
        (arn, event["id"]): event["timestamp"]
        for arn, events in paid.histories.items()
        for event in events
        if event["type"] == "TaskScheduled"
    }
    seconds = Decimal(0)
    for arn, events in paid.histories.items():
        by_id = {event["id"]: event for event in events}
        for end in of_service(
            (event for event in events if event["type"] == "TaskSucceeded"), "taskSucceededEventDetails", "lambda"
        ):
            origin = end
            while origin["type"] != "TaskScheduled":
                origin = by_id[origin["previousEventId"]]
            seconds += Decimal(str((end["timestamp"] - begun[arn, origin["id"]]).total_seconds()))
    # a function is at work for less time than its state machine waits for it
    assert seconds * MEMORY_GB / 10 < paid.amount("lambda.gb_second") < seconds * MEMORY_GB


def test_glue_dpu_seconds(paid: Paid) -> None:
    ends = of_service(paid.events("TaskSucceeded"), "taskSucceededEventDetails", "glue")
    seconds = [json.loads(end["taskSucceededEventDetails"]["output"])["ExecutionTime"] for end in ends]
    assert len(seconds) == len(paid.output["batch"]["runs"]) + 1
    assert paid.amount("glue.dpu_second") == sum(2 * max(60, one) for one in seconds)


def test_athena_megabytes(pipeline: Pipeline, paid: Paid) -> None:
    ids = [
        one
        for page in pipeline.athena.get_paginator("list_query_executions").paginate(WorkGroup="laketop-local")
        for one in page["QueryExecutionIds"]
    ]
    start, end = (paid.histories[paid.bill["executions"][0]][place]["timestamp"] for place in (0, -1))
    megabytes, views = 0, 0
    for first in range(0, len(ids), 50):
        found = pipeline.athena.batch_get_query_execution(QueryExecutionIds=ids[first : first + 50])["QueryExecutions"]
        for one in found:
            if not start <= one["Status"]["SubmissionDateTime"] <= end:
                continue
            assert one["Status"]["State"] == "SUCCEEDED"
            if one["StatementType"] == "DML":
                megabytes += max(10, math.ceil(one["Statistics"]["DataScannedInBytes"] / 10**6))
            else:
                views += 1
    assert views == len(list((ROOT / "sql" / "views").glob("*.sql")))
    assert megabytes > 0
    assert paid.amount("athena.megabyte") == megabytes


def kind(operation: str) -> str:
    """What AWS bills a request as: PUT, COPY, POST and LIST; DELETE, which is free; GET and all others."""
    method = "POST" if operation == "PostObject" else S3.operation_model(operation).http["method"]
    if operation == "DeleteObjects" or operation == "AbortMultipartUpload" or method == "DELETE":
        return "free"
    listing = operation.startswith(("ListObject", "ListMultipart", "ListParts"))
    on_object = "Key" in S3.operation_model(operation).input_shape.members if operation != "PostObject" else True
    return "s3.put" if listing or (on_object and method in ("PUT", "POST")) else "s3.get"


def test_s3_requests(pipeline: Pipeline, paid: Paid) -> None:
    minutes = set()
    for span in paid.bill["spans"]:
        start, end = (datetime.fromisoformat(span[name]).timestamp() for name in ("start", "end"))
        minutes |= {
            datetime.fromtimestamp(60 * minute, UTC).isoformat()[:16]
            for minute in range(int(start) // 60, int(end) // 60 + 1)
        }
    expected: Counter[str] = Counter()
    for (minute, operation), number in paid.requests.items():
        if minute in minutes and operation != "ListBuckets":
            expected[kind(operation)] += number
    assert expected["s3.put"] > 20
    assert paid.amount("s3.put") == expected["s3.put"]
    # the bill itself asks each bucket for its configuration, maybe in the same minute
    assert 0 <= paid.amount("s3.get") - expected["s3.get"] <= len(buckets(pipeline))


def test_messages_and_logs(paid: Paid) -> None:
    published = of_service(paid.events("TaskScheduled"), "taskScheduledEventDetails", "sns")
    assert paid.amount("sns.publish") == len(published) >= 1
    # three lines of the platform, of about 250 bytes, for each invocation
    assert paid.amount("logs.megabyte") * 10**6 > 250 * paid.amount("lambda.request")


def test_the_total_by_hand(paid: Paid) -> None:
    items = {line["item"] for line in paid.bill["lines"] if line["quantity"] and Decimal(line["quantity"])}
    assert items - {"sqs.request"} == set(PRICES)
    total = sum(paid.amount(item) * price for item, price in PRICES.items())
    assert abs(Decimal(paid.bill["total_usd"]) - total - paid.amount("sqs.request") * Decimal("0.0000004")) < Decimal(
        "0.00000001"
    )


def test_what_cannot_be_known_is_said(pipeline: Pipeline, paid: Paid) -> None:
    unknown = {line["item"]: line["note"] for line in paid.bill["lines"] if line["usd"] is None}
    assert {"events.event", "glue.catalog_request", "kms.request", "s3.get"} <= set(unknown)
    answer = pipeline.lake.laketop("cost")
    rows = {tuple(re.split(r"\s{2,}", line)[:3]) for line in answer.stdout.splitlines()}
    assert ("AWS Glue", "Data Catalog requests", "unknown") in rows
    assert "without what is unknown" in answer.stderr


def test_the_last_day_has_at_least_the_last_run(pipeline: Pipeline, paid: Paid) -> None:
    answer = pipeline.lake.laketop("cost", "--days", "1", "--format", "json")
    day = Paid(paid.output, paid.histories, paid.requests, json.loads(answer.stdout))
    assert set(paid.bill["executions"]) <= set(day.bill["executions"])
    for item in PRICES:
        assert day.amount(item) >= paid.amount(item), item
