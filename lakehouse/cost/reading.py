"""Lists what an environment has and what was in a stretch of time, through AWS's APIs.

Each function gives what it finds and raises botocore's ClientError where the API refuses.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from lakehouse.cost.work import Span, Work, joined

# An invocation may end, and be logged, after the execution that it belongs to: a function has 15 minutes at most.
LATE = timedelta(minutes=15)
MOST_QUERIES = 500  # of a GetMetricData
MOST_STREAMS = 100  # of a FilterLogEvents


class Series(NamedTuple):
    """A metric of CloudWatch: namespace, name, dimensions (name, value)."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]


def machines(states: Any, prefix: str) -> list[str]:
    """The ARNs of an environment's state machines."""
    pages = states.get_paginator("list_state_machines").paginate()
    found = [one for page in pages for one in page["stateMachines"]]
    return [one["stateMachineArn"] for one in found if one["name"].startswith(f"{prefix}-")]


def history(states: Any, execution: str) -> list[Any]:
    """The events of an execution, the oldest first."""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def functions(client: Any, prefix: str) -> list[Any]:
    """The configurations of an environment's functions."""
    pages = client.get_paginator("list_functions").paginate()
    return [one for page in pages for one in page["Functions"] if one["FunctionName"].startswith(f"{prefix}-")]


def buckets(s3: Any, prefix: str) -> list[str]:
    """The names of an environment's buckets."""
    return [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith(f"{prefix}-")]


def metrics_configuration(s3: Any, bucket: str) -> str | None:
    """The id of a bucket's metrics configuration that is about all its requests, if it has one."""
    found = s3.list_bucket_metrics_configurations(Bucket=bucket).get("MetricsConfigurationList", ())
    return next((one["Id"] for one in found if not one.get("Filter")), None)


def queues(sqs: Any, prefix: str) -> list[str]:
    """The names of an environment's queues."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{prefix}-")
    return [url.rpartition("/")[2] for page in pages for url in page.get("QueueUrls", ())]


def job_runs(glue: Any, prefix: str, work: Work) -> Iterator[Any]:
    """The runs of an environment's jobs that began in that time. Glue lists a job's latest run first."""
    for jobs in glue.get_paginator("get_jobs").paginate():
        for job in jobs["Jobs"]:
            if job["Name"].startswith(f"{prefix}-"):
                yield from _runs(glue, job["Name"], work)


def _runs(glue: Any, job: str, work: Work) -> Iterator[Any]:
    for page in glue.get_paginator("get_job_runs").paginate(JobName=job):
        for run in page["JobRuns"]:
            if run["StartedOn"] < work.spans[0].start:
                return
            if work.has(run["StartedOn"]):
                yield run


def queries(athena: Any, work_group: str, work: Work) -> Iterator[Any]:
    """A work group's queries that were submitted in that time. Athena lists the latest first, nearly in order."""
    for page in athena.get_paginator("list_query_executions").paginate(WorkGroup=work_group):
        if not page["QueryExecutionIds"]:
            return
        found = athena.batch_get_query_execution(QueryExecutionIds=page["QueryExecutionIds"])["QueryExecutions"]
        yield from (one for one in found if work.has(one["Status"]["SubmissionDateTime"]))
        if all(one["Status"]["SubmissionDateTime"] < work.spans[0].start for one in found):
            return


def events(logs: Any, group: str, span: Span) -> Iterator[tuple[datetime, str]]:
    """Time and text of a log group's events in a span, and of those that came `LATE`; none where there is no group."""
    times = {"startTime": _milliseconds(span.start), "endTime": _milliseconds(span.end + LATE)}
    for event in _listed(logs, "filter_log_events", "events", logGroupName=group, **times):
        yield datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"]


def streams(logs: Any, group: str, prefix: str) -> Iterator[str]:
    """The texts of all events of a log group's streams with a prefix; none where there is no group."""
    found = _listed(logs, "describe_log_streams", "logStreams", logGroupName=group, logStreamNamePrefix=prefix)
    for names in itertools.batched((one["logStreamName"] for one in found), MOST_STREAMS, strict=False):
        for event in _listed(logs, "filter_log_events", "events", logGroupName=group, logStreamNames=list(names)):
            yield event["message"]


def _listed(logs: Any, operation: str, member: str, **request: Any) -> Iterator[Any]:
    try:
        for page in logs.get_paginator(operation).paginate(**request):
            yield from page[member]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def sums(cloudwatch: Any, series: list[Series], work: Work) -> dict[str, Decimal]:
    """Metric → its sum over all its series, in the periods that the work touches; no datum is 0."""
    found = {one.metric: Decimal(0) for one in series}
    for span in periods(work):
        for first in range(0, len(series), MOST_QUERIES):
            some = series[first : first + MOST_QUERIES]
            asked = [_query(place, one, work.period) for place, one in enumerate(some)]
            pages = cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=asked, StartTime=span.start, EndTime=span.end
            )
            for result in (result for page in pages for result in page["MetricDataResults"]):
                metric = some[int(result["Id"].removeprefix("m"))].metric
                found[metric] += sum((Decimal(str(value)) for value in result["Values"]), Decimal(0))
    return found


def periods(work: Work) -> tuple[Span, ...]:
    """The whole periods that some work touches; a span's end is the beginning of the first that is not among them."""

    def floor(moment: datetime) -> datetime:
        return datetime.fromtimestamp(moment.timestamp() // work.period * work.period, UTC)

    length = timedelta(seconds=work.period)
    return joined(Span(floor(span.start), floor(span.end) + length) for span in work.spans)


def _query(place: int, series: Series, period: int) -> dict[str, Any]:
    metric = {
        "Namespace": series.namespace,
        "MetricName": series.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
    }
    return {"Id": f"m{place}", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}
