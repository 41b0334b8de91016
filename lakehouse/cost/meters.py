"""Reads what the pipeline used: a meter a service, each through that service's own API or its metrics.

A meter gives quantities for `lakehouse.cost.model`. Where its API refuses, all that it would have read is unknown, and
says why.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.cost import reading, rules
from lakehouse.cost.model import Quantity
from lakehouse.cost.work import Span, Work, joined

# A log event may have the time of its arrival.
ARRIVAL = timedelta(seconds=2)
GLUE_LOGS = ("output", "error", "logs-v2")
# What is no other is taken from the sum of all: a copy is in GetRequests of its source too, and is billed once.
S3_CLASSES: Mapping[str, Mapping[str, int]] = {
    "s3.put": {"PutRequests": 1, "PostRequests": 1, "ListRequests": 1},
    "s3.get": {"AllRequests": 1, "PutRequests": -1, "PostRequests": -1, "ListRequests": -1, "DeleteRequests": -1},
}
S3_METRICS = tuple(sorted({metric for parts in S3_CLASSES.values() for metric in parts}))
SQS_METRICS = ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives")
# (service, operation) of a state machine's task → the item
BILLED_CALLS = {("sns", "publish"): "sns.publish", ("events", "putEvents"): "events.event"}
# What no API tells at all, and why.
UNKNOWABLE = (
    Quantity("events.event", None, "S3's own: no API counts those that match no rule"),
    Quantity("glue.catalog_request", None, "only CloudTrail lists them"),
    Quantity("kms.request", None, "only CloudTrail lists them"),
)

type Connect = Callable[[str], Any]
type Meter = Callable[[Connect, str, Work], Iterable[Quantity]]


def measure(connect: Connect, prefix: str, work: Work) -> list[Quantity]:
    """All that an environment used for some work.

    Args:
        connect: gives a boto3 client for a service's name.
        prefix: what the names of the environment's resources begin with, e.g. `laketop-dev`; its Athena work group's
            whole name.
        work: what is to be paid for.
    """
    found: list[Quantity] = []
    for items, meter in METERS:
        try:
            found += list(meter(connect, prefix, work))
        except (ClientError, BotoCoreError) as error:
            why = " ".join(str(error).split())
            found += [Quantity(item, None, why) for item in items]
    return [*found, *UNKNOWABLE]


def stepfunctions(connect: Connect, _prefix: str, work: Work) -> Iterator[Quantity]:
    """State transitions, and what the state machines sent themselves, by the executions' histories."""
    client = connect("stepfunctions")
    steps, sent = 0, Counter({"sns.publish": 0})
    for arn in work.executions:
        events = [event for event in reading.history(client, arn) if work.has(event["timestamp"])]
        steps += rules.transitions(events)
        for call, parameters in rules.calls(events):
            if item := BILLED_CALLS.get(call):
                sent[item] += len(parameters["Entries"]) if "Entries" in parameters else 1
    yield Quantity("states.transition", Decimal(steps), _of(len(work.executions), "execution"))
    for item, number in sent.items():
        yield Quantity(item, Decimal(number), "by the state machines")


def glue(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """DPU-seconds by job runs, and the bytes of their logs."""
    logs = connect("logs")
    seconds = {"glue.dpu_second": Decimal(0), "glue.flex_dpu_second": Decimal(0)}
    ended = running = read = 0
    for run in reading.job_runs(connect("glue"), prefix, work):
        if "CompletedOn" not in run:
            running += 1
            continue
        ended += 1
        item = "glue.flex_dpu_second" if run.get("ExecutionClass") == "FLEX" else "glue.dpu_second"
        seconds[item] += rules.billed_dpu_seconds(run)
        for kind in GLUE_LOGS:
            read += rules.ingested_bytes(reading.streams(logs, f"{run['LogGroupName']}/{kind}", run["Id"]))
    yield from _used(seconds, _of(ended, "job run"))
    if running:
        yield Quantity("glue.dpu_second", None, f"{_of(running, 'job run')} not ended yet")
    yield Quantity("logs.megabyte", _megabytes(read), "of the job runs")


def functions(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """GB-seconds and requests by the REPORT lines of the functions' logs, and the bytes of those logs."""
    logs = connect("logs")
    seconds = {"lambda.gb_second": Decimal(0), "lambda.arm_gb_second": Decimal(0)}
    requests = read = 0
    for function in reading.functions(connect("lambda"), prefix):
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}"
        item = "lambda.arm_gb_second" if "arm64" in function.get("Architectures", ()) else "lambda.gb_second"
        for span in _logged(work):
            for logged, text in reading.events(logs, group, span):
                if logged <= span.end:
                    read += rules.ingested_bytes([text])
                report = rules.report(text)
                if report and span.has(report.began(logged)) and work.has(report.began(logged)):
                    requests += 1
                    seconds[item] += report.gb_seconds
    yield from _used(seconds)
    yield Quantity("lambda.request", Decimal(requests))
    yield Quantity("logs.megabyte", _megabytes(read), "of the functions")


def machine_logs(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """The bytes of the state machines' logs, where they write any."""
    states, logs = connect("stepfunctions"), connect("logs")
    read, silent = 0, []
    for arn in reading.machines(states, prefix):
        logging = states.describe_state_machine(stateMachineArn=arn).get("loggingConfiguration", {})
        if logging.get("level", "OFF") == "OFF":
            continue
        for destination in logging["destinations"]:
            group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1].removesuffix(":*")
            lines = (
                text
                for span in _logged(work)
                for logged, text in reading.events(logs, group, span)
                if logged <= span.end
            )
            took = rules.ingested_bytes(lines)
            read += took
            silent += [] if took else [group]
    if read:
        yield Quantity("logs.megabyte", _megabytes(read), "of the state machines")
    if silent:
        yield Quantity("logs.megabyte", None, f"of state machines: nothing is in {', '.join(sorted(silent))}")


def athena(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """Megabytes scanned by the queries of the environment's work group."""
    billed, free, running = [], 0, 0
    for query in reading.queries(connect("athena"), prefix, work):
        if query["Status"]["State"] in ("QUEUED", "RUNNING"):
            running += 1
        elif number := rules.billed_bytes(query):
            billed.append(number)
        else:
            free += 1
    note = f"{_of(len(billed), 'query', 'queries')} of at least 10 MB; {free} free of charge"
    yield Quantity("athena.megabyte", _megabytes(sum(billed)), note)
    if running:
        yield Quantity("athena.megabyte", None, f"{_of(running, 'query', 'queries')} not ended yet")


def s3(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """Requests by class, from the request metrics of the environment's buckets."""
    client = connect("s3")
    configured = {name: reading.metrics_configuration(client, name) for name in reading.buckets(client, prefix)}
    counted = {bucket: one for bucket, one in configured.items() if one}
    series = [
        reading.Series("AWS/S3", metric, (("BucketName", bucket), ("FilterId", one)))
        for bucket, one in counted.items()
        for metric in S3_METRICS
    ]
    sums = reading.sums(connect("cloudwatch"), series, work)
    silent = ", ".join(bucket for bucket, one in configured.items() if not one)
    for item, parts in S3_CLASSES.items():
        if counted:
            amount = sum((factor * sums[metric] for metric, factor in parts.items()), Decimal(0))
            yield Quantity(item, max(Decimal(0), amount), f"to {_of(len(counted), 'bucket')}")
        if silent:
            yield Quantity(item, None, f"to buckets without request metrics: {silent}")


def sqs(connect: Connect, prefix: str, work: Work) -> Iterator[Quantity]:
    """Requests to the environment's queues, from their metrics; a batch counts as many as its messages."""
    queues = reading.queues(connect("sqs"), prefix)
    series = [reading.Series("AWS/SQS", metric, (("QueueName", queue),)) for queue in queues for metric in SQS_METRICS]
    if queues:
        sums = reading.sums(connect("cloudwatch"), series, work)
        yield Quantity("sqs.request", sum(sums.values(), Decimal(0)), f"to {_of(len(queues), 'queue')}")


# what a meter reads at least, and the meter
METERS: tuple[tuple[tuple[str, ...], Meter], ...] = (
    (("glue.dpu_second", "logs.megabyte"), glue),
    (("lambda.gb_second", "lambda.request", "logs.megabyte"), functions),
    (("states.transition", "sns.publish"), stepfunctions),
    (("logs.megabyte",), machine_logs),
    (("athena.megabyte",), athena),
    (("s3.put", "s3.get"), s3),
    (("sqs.request",), sqs),
)


def _logged(work: Work) -> tuple[Span, ...]:
    """When its log events may have been written; apart from each other, so that none is counted twice."""
    return joined(Span(span.start, span.end + ARRIVAL) for span in work.spans)


def _used(amounts: Mapping[str, Decimal], note: str = "") -> Iterator[Quantity]:
    """The first of some amounts, and of the others those that are not nothing."""
    for place, (item, amount) in enumerate(amounts.items()):
        if amount or not place:
            yield Quantity(item, amount, note)


def _megabytes(number: int) -> Decimal:
    return Decimal(number) / rules.MEGABYTE


def _of(number: int, thing: str, things: str = "") -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {things or thing + 's'}"
