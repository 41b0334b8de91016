"""What each meter reads from AWS's answers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lakehouse.cost import Quantity, Span, Work, measure, meters, reading

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = "arn:aws:states:us-east-1:000000000000:execution:shop-transform:r"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


WORK = Work("a run", (RUN,), (Span(at(-600), at(-570)), Span(at(0), at(90))))


def amounts(found: Any) -> dict[str, Decimal | None]:
    listed = list(found)
    assert max(Counter(one.item for one in listed).values(), default=0) <= 1
    return {one.item: one.amount for one in listed}


def test_state_machines(aws: Any) -> None:
    def event(id_: int, type_: str, second: float, **details: Any) -> dict[str, Any]:
        return {"id": id_, "type": type_, "previousEventId": id_ - 1, "timestamp": at(second)} | details

    def scheduled(resource: str, parameters: str) -> dict[str, Any]:
        service, operation = resource.split(":")
        return {
            "taskScheduledEventDetails": {
                "resourceType": service, "resource": operation, "region": "us-east-1", "parameters": parameters,
            }
        }  # fmt: skip

    history = [
        event(1, "ExecutionStarted", 0),
        event(2, "TaskStateEntered", 1),
        event(3, "TaskScheduled", 1, **scheduled("sns:publish", "{}")),
        event(4, "TaskFailed", 2),
        event(5, "TaskScheduled", 3, **scheduled("sns:publish", "{}")),
        event(6, "TaskStateEntered", 4),
        event(7, "TaskScheduled", 4, **scheduled("events:putEvents", '{"Entries": [{}, {}, {}]}')),
        event(8, "PassStateEntered", 200),
    ]
    aws.answers("stepfunctions", "get_execution_history", {"events": history[:4], "nextToken": "more"})
    aws.answers("stepfunctions", "get_execution_history", {"events": history[4:]}, executionArn=RUN, nextToken="more")
    assert amounts(meters.stepfunctions(aws.connect, "shop", WORK)) == {
        "states.transition": 3,  # what came after the run's time is not in it
        "sns.publish": 2,
        "events.event": 3,
    }


def job_run(name: str, second: float, **more: Any) -> dict[str, Any]:
    return {
        "Id": name, "JobName": "shop-etl", "StartedOn": at(second), "CompletedOn": at(second + 70),
        "ExecutionTime": 70, "MaxCapacity": 2.0, "GlueVersion": "6.0", "LogGroupName": "/aws-glue/jobs",
    } | more  # fmt: skip


def test_glue(aws: Any) -> None:
    jobs = [{"Name": "shop-etl"}, {"Name": "shopping-etl"}]
    runs = [
        job_run("jr_after", 100),
        job_run("jr_1", 5),
        job_run("jr_2", 5, ExecutionClass="FLEX", DPUSeconds=99.5),
        job_run("jr_between", -300),
        job_run("jr_before", -700),
        job_run("jr_long_before", -9000),
    ]
    aws.answers("glue", "get_jobs", {"Jobs": jobs})
    aws.answers("glue", "get_job_runs", {"JobRuns": runs, "NextToken": "more"}, JobName="shop-etl")
    for run in ("jr_1", "jr_2"):
        for kind, text in (("output", "1234"), ("error", "12"), ("logs-v2", None)):
            group = {"logGroupName": f"/aws-glue/jobs/{kind}"}
            if text is None:
                aws.refuses("logs", "describe_log_streams", "ResourceNotFoundException")
                continue
            names = [run, f"{run}_g-1"]
            listed = [{"logStreamName": name} for name in names]
            aws.answers("logs", "describe_log_streams", {"logStreams": listed}, **group, logStreamNamePrefix=run)
            event = {"timestamp": 0, "message": text}
            aws.answers("logs", "filter_log_events", {"events": [event]}, **group, logStreamNames=names)
    assert amounts(meters.glue(aws.connect, "shop", WORK)) == {
        "glue.dpu_second": 140,
        "glue.flex_dpu_second": Decimal("99.5"),
        "logs.megabyte": Decimal(2 * (4 + 2 + 2 * 26)) / 10**6,
    }


def test_a_job_run_that_has_not_ended_is_unknown(aws: Any) -> None:
    running = job_run("jr_1", 5)
    del running["CompletedOn"]
    aws.answers("glue", "get_jobs", {"Jobs": [{"Name": "shop-etl"}]})
    aws.answers("glue", "get_job_runs", {"JobRuns": [running]})
    found = [one for one in meters.glue(aws.connect, "shop", WORK) if one.item == "glue.dpu_second"]
    assert [one.amount for one in found] == [0, None]
    assert "1 job run not ended yet" in found[1].note


def logged(second: float, message: str) -> dict[str, Any]:
    return {"timestamp": int(at(second).timestamp() * 1000), "message": message}


def report(milliseconds: int, memory: int = 512) -> str:
    return (
        f"REPORT RequestId: r\tDuration: 1.00 ms\tBilled Duration: {milliseconds} ms\tMemory Size: {memory} MB\t"
        "Max Memory Used: 9 MB\t\n"
    )


def test_functions(aws: Any) -> None:
    functions = [
        {"FunctionName": "shop-load", "Architectures": ["x86_64"]},
        {"FunctionName": "shop-arm", "Architectures": ["arm64"], "LoggingConfig": {"LogGroup": "/elsewhere"}},
        {"FunctionName": "another"},
    ]
    aws.answers("lambda", "list_functions", {"Functions": functions})
    # an event may come two seconds late, and an invocation may take a quarter of an hour
    times = (at(-600), at(-570 + 2 + 900), at(0), at(90 + 2 + 900))
    milliseconds = [int(one.timestamp() * 1000) for one in times]
    first = {"logGroupName": "/aws/lambda/shop-load", "startTime": milliseconds[0], "endTime": milliseconds[1]}
    second = {"logGroupName": "/aws/lambda/shop-load", "startTime": milliseconds[2], "endTime": milliseconds[3]}
    # the first began in the first span; the second between the spans, and is nobody's; the third in the second span,
    # though it ended long after it
    lines = [logged(-560, report(20_000)), logged(-10, report(1000))]
    aws.answers("logs", "filter_log_events", {"events": lines}, **first)
    late = [logged(50, "hello"), logged(60, report(2000, 1024)), logged(500, report(420_000, 1024))]
    aws.answers("logs", "filter_log_events", {"events": late}, **second)
    arm = [logged(10, report(100, 128))]
    aws.answers("logs", "filter_log_events", {"events": []})
    aws.answers("logs", "filter_log_events", {"events": arm}, **second | {"logGroupName": "/elsewhere"})
    found = amounts(meters.functions(aws.connect, "shop", WORK))
    assert found["lambda.gb_second"] == 20 * Decimal("0.5") + 2 + 420
    assert found["lambda.arm_gb_second"] == Decimal("0.1") / 8
    assert found["lambda.request"] == 4
    inside = [late[0], late[1], arm[0]]
    assert found["logs.megabyte"] == Decimal(sum(len(one["message"]) + 26 for one in inside)) / 10**6


def test_a_log_event_that_comes_late_is_not_counted_twice(aws: Any) -> None:
    """Two spans, a second apart: what is logged in between may belong to either."""
    work = Work("", (), (Span(at(0), at(10)), Span(at(11), at(20))))
    aws.answers("lambda", "list_functions", {"Functions": [{"FunctionName": "shop-load"}]})
    lines = [logged(9, report(1000)), logged(10.5, "late"), logged(11.5, report(200)), logged(12, report(600))]
    times = {"startTime": int(at(0).timestamp() * 1000), "endTime": int(at(20 + 2 + 900).timestamp() * 1000)}
    aws.answers("logs", "filter_log_events", {"events": lines}, logGroupName="/aws/lambda/shop-load", **times)
    found = amounts(meters.functions(aws.connect, "shop", work))
    assert found["lambda.request"] == 3
    assert found["logs.megabyte"] == Decimal(sum(len(one["message"]) + 26 for one in lines)) / 10**6


def machine(aws: Any, level: str) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:shop-ingest"
    listed = {"stateMachineArn": arn, "name": "shop-ingest", "type": "STANDARD", "creationDate": NOON}
    aws.answers("stepfunctions", "list_state_machines", {"stateMachines": [listed]})
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/shop-ingest:*"
    logging = {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    more = {"definition": "{}", "roleArn": "arn:aws:iam::000000000000:role/r", "loggingConfiguration": logging}
    aws.answers("stepfunctions", "describe_state_machine", listed | more)


def test_state_machines_without_logs_say_nothing_of_them(aws: Any) -> None:
    machine(aws, "OFF")
    assert list(meters.machine_logs(aws.connect, "shop", WORK)) == []


def test_logs_of_state_machines(aws: Any) -> None:
    machine(aws, "ERROR")
    aws.answers("logs", "filter_log_events", {"events": []})
    aws.answers("logs", "filter_log_events", {"events": [logged(1, "1234"), logged(100, "1234")]})
    found = list(meters.machine_logs(aws.connect, "shop", WORK))
    assert found == [Quantity("logs.megabyte", Decimal(30) / 10**6, "of the state machines")]


def test_logs_that_should_be_there_and_are_not_are_unknown(aws: Any) -> None:
    machine(aws, "ALL")
    for _ in WORK.spans:
        aws.answers("logs", "filter_log_events", {"events": []})
    found = list(meters.machine_logs(aws.connect, "shop", WORK))
    assert [one.amount for one in found] == [None]
    assert "/aws/vendedlogs/states/shop-ingest" in found[0].note


def asked_query(name: str, second: float, megabytes: int, kind: str = "DML", state: str = "SUCCEEDED") -> Any:
    return {
        "QueryExecutionId": name, "StatementType": kind, "WorkGroup": "shop",
        "Status": {"State": state, "SubmissionDateTime": at(second)},
        "Statistics": {"DataScannedInBytes": megabytes * 10**6},
    }  # fmt: skip


def test_athena(aws: Any) -> None:
    pages = [
        [asked_query("after", 200, 999), asked_query("a", 50, 25), asked_query("b", 40, 1)],
        [asked_query("view", 30, 0, "DDL"), asked_query("failed", 20, 70, state="FAILED"),
         asked_query("between", -100, 999), asked_query("c", -580, 11)],
        [asked_query("before", -700, 999)],
    ]  # fmt: skip
    for number, page in enumerate(pages):
        ids = [one["QueryExecutionId"] for one in page]
        more = {"NextToken": str(number + 1)}
        token = {"NextToken": str(number)} if number else {}
        aws.answers("athena", "list_query_executions", {"QueryExecutionIds": ids} | more, WorkGroup="shop", **token)
        aws.answers("athena", "batch_get_query_execution", {"QueryExecutions": page}, QueryExecutionIds=ids)
    found = list(meters.athena(aws.connect, "shop", WORK))
    assert [(one.item, one.amount) for one in found] == [("athena.megabyte", 25 + 10 + 11)]
    assert found[0].note == "3 queries of at least 10 MB; 2 free of charge"


def test_a_query_that_runs_is_unknown(aws: Any) -> None:
    aws.answers("athena", "list_query_executions", {"QueryExecutionIds": ["a"]})
    page = [asked_query("a", 1, 0, state="RUNNING")]
    aws.answers("athena", "batch_get_query_execution", {"QueryExecutions": page})
    found = list(meters.athena(aws.connect, "shop", WORK))
    assert [one.amount for one in found] == [0, None]


def metric_answer(wanted: tuple[str, ...], values: dict[str, list[float]]) -> Any:
    """Answers a GetMetricData that asks for `wanted`; no datum where `values` has none."""
    results = [
        {"Id": f"m{place}", "Label": name, "Timestamps": [NOON] * len(numbers), "Values": numbers}
        for place, name in enumerate(wanted)
        for numbers in (values.get(name, []),)
    ]
    return {"MetricDataResults": results}


def test_s3(aws: Any) -> None:
    buckets = [{"Name": name} for name in ("shop-raw", "shop-curated", "other-raw")]
    aws.answers("s3", "list_buckets", {"Buckets": buckets})
    configurations = [{"Id": "logs", "Filter": {"Prefix": "logs/"}}, {"Id": "all"}]
    aws.answers("s3", "list_bucket_metrics_configurations", {"MetricsConfigurationList": configurations})
    aws.answers("s3", "list_bucket_metrics_configurations", {"MetricsConfigurationList": configurations[:1]})
    assert meters.S3_METRICS == ("AllRequests", "DeleteRequests", "ListRequests", "PostRequests", "PutRequests")
    asked = [
        {
            "Id": f"m{place}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/S3",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "BucketName", "Value": "shop-raw"}, {"Name": "FilterId", "Value": "all"}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for place, metric in enumerate(meters.S3_METRICS)
    ]
    first = metric_answer(meters.S3_METRICS, {"AllRequests": [100.0], "DeleteRequests": [4.0], "ListRequests": [6.0]})
    second = metric_answer(
        meters.S3_METRICS,
        {"AllRequests": [20.0, 3.0], "ListRequests": [3.0], "PostRequests": [2.0], "PutRequests": [10.0]},
    )
    times = {"StartTime": at(-600), "EndTime": at(-540)}
    aws.answers("cloudwatch", "get_metric_data", first, MetricDataQueries=asked, **times)
    times = {"StartTime": at(0), "EndTime": at(120)}
    aws.answers("cloudwatch", "get_metric_data", second, MetricDataQueries=asked, **times)
    found = list(meters.s3(aws.connect, "shop", WORK))
    # PUT, POST, LIST: 10 + 2 + 9; the rest of 123 but for 4 deletions
    assert [(one.item, one.amount) for one in found] == [
        ("s3.put", 21), ("s3.put", None), ("s3.get", 98), ("s3.get", None),
    ]  # fmt: skip
    assert all("shop-curated" in one.note for one in found if one.amount is None)


def test_a_minute_that_two_spans_touch_counts_once() -> None:
    work = Work("", (), (Span(at(1), at(10)), Span(at(20), at(70)), Span(at(130), at(140))))
    assert reading.periods(work) == (Span(at(0), at(180)),)
    assert reading.periods(Work("", (), (Span(at(0), at(59.9)),))) == (Span(at(0), at(60)),)
    assert reading.periods(Work("", (), (Span(at(60), at(60)),))) == (Span(at(60), at(120)),)


def test_queues(aws: Any) -> None:
    aws.answers("sqs", "list_queues", {"QueueUrls": ["https://sqs/0/shop-dead"]}, QueueNamePrefix="shop-")
    sums = {metric: [1.0] for metric in meters.SQS_METRICS}
    for _ in WORK.spans:
        aws.answers("cloudwatch", "get_metric_data", metric_answer(meters.SQS_METRICS, sums))
    assert amounts(meters.sqs(aws.connect, "shop", WORK)) == {"sqs.request": 8}


def test_without_queues_there_is_nothing_to_pay(aws: Any) -> None:
    aws.answers("sqs", "list_queues", {})
    assert list(meters.sqs(aws.connect, "shop", WORK)) == []


def test_what_is_refused_is_unknown_and_says_why(aws: Any) -> None:
    aws.refuses("glue", "get_jobs", "AccessDeniedException")
    aws.refuses("lambda", "list_functions", "AccessDeniedException")
    aws.answers("stepfunctions", "get_execution_history", {"events": []})
    aws.refuses("stepfunctions", "list_state_machines", "AccessDeniedException")
    aws.refuses("athena", "list_query_executions", "InvalidRequestException")
    aws.answers("s3", "list_buckets", {"Buckets": []})
    aws.answers("sqs", "list_queues", {})
    found = measure(aws.connect, "shop", WORK)
    known = {one.item for one in found if one.amount is not None}
    assert known == {"states.transition", "sns.publish"}
    unknown = {one.item: one.note for one in found if one.amount is None}
    assert "AccessDeniedException" in unknown["glue.dpu_second"]
    assert "InvalidRequestException" in unknown["athena.megabyte"]
    assert {"events.event", "glue.catalog_request", "kms.request"} <= set(unknown)
