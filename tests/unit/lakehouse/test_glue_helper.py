from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto.moto_api import state_manager

from lakehouse import glue_helper
from lakehouse.glue_helper import CrawlerFailedError, JobRunFailedError, WaitTimeoutError
from tests.contract.lakehouse.clients import Clients
from tests.contract.lakehouse.glue_cases import *  # noqa: F403


def test_partition_path() -> None:
    assert glue_helper.partition_path(["year", "month"], ["2026", "01"]) == "year=2026/month=01/"
    with pytest.raises(ValueError, match="shorter"):
        glue_helper.partition_path(["year", "month"], ["2026"])


def test_another_refusal_is_an_error(scripted: tuple[Any, Stubber]) -> None:
    client, stubber = scripted
    table = {"Name": "sales", "PartitionKeys": [{"Name": "day"}], "StorageDescriptor": {"Location": "s3://lake/s"}}
    stubber.add_response("get_table", {"Table": table})
    detail = {"ErrorCode": "ResourceNumberLimitExceededException", "ErrorMessage": "too many"}
    stubber.add_response(
        "batch_create_partition", {"Errors": [{"PartitionValues": ["2026-01-01"], "ErrorDetail": detail}]}
    )
    with pytest.raises(RuntimeError, match=r"sales, partition 2026-01-01: ResourceNumberLimit.*: too many"):
        glue_helper.add_partitions(client, "shop", "sales", [["2026-01-01"]])


@pytest.fixture
def scripted() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("glue", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def run(state: str, **more: Any) -> dict[str, Any]:
    return {"Id": "jr_1", "JobName": "etl", "JobRunState": state, "ExecutionTime": 12, **more}


ASKED = {"JobName": "etl", "RunId": "jr_1"}
FAILED = run("FAILED", ErrorMessage="ValueError: no rows", LogGroupName="/aws-glue/jobs")


def test_a_run_that_failed(scripted: tuple[Any, Stubber]) -> None:
    client, stubber = scripted
    stubber.add_response("start_job_run", {"JobRunId": "jr_1"}, {"JobName": "etl", "Arguments": {}})
    stubber.add_response("get_job_run", {"JobRun": run("RUNNING")}, ASKED)
    stubber.add_response("get_job_run", {"JobRun": FAILED}, ASKED)
    with pytest.raises(JobRunFailedError, match=r"job etl, run jr_1 FAILED: ValueError: no rows$") as caught:
        glue_helper.run_job(client, "etl", sleep=lambda _: None)
    found = caught.value.run
    assert (found.job, found.id, found.state, found.seconds) == ("etl", "jr_1", "FAILED", 12)
    assert caught.value.log == ()


def test_the_end_of_the_error_log(scripted: tuple[Any, Stubber], clients: Clients) -> None:
    client, stubber = scripted
    group = {"logGroupName": "/aws-glue/jobs/error"}
    clients.logs.create_log_group(**group)
    clients.logs.create_log_stream(**group, logStreamName="jr_1")
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [{"timestamp": now + number, "message": f"line {number}\n"} for number in range(30)]
    clients.logs.put_log_events(**group, logStreamName="jr_1", logEvents=events)
    stubber.add_response("get_job_run", {"JobRun": FAILED}, ASKED)
    with pytest.raises(JobRunFailedError, match=r"line 29$") as caught:
        glue_helper.wait_job(client, "etl", "jr_1", logs=clients.logs)
    assert caught.value.log == tuple(f"line {number}" for number in range(10, 30))


def test_a_run_without_a_log_and_one_that_cannot_be_read(scripted: tuple[Any, Stubber], clients: Clients) -> None:
    client, stubber = scripted
    stubber.add_response("get_job_run", {"JobRun": run("TIMEOUT")}, ASKED)
    with pytest.raises(JobRunFailedError, match=r"run jr_1 TIMEOUT: no reason given$"):
        glue_helper.wait_job(client, "etl", "jr_1", logs=clients.logs)
    stubber.add_response("get_job_run", {"JobRun": FAILED}, ASKED)
    with Stubber(clients.logs) as refusing:
        refusing.add_client_error("get_log_events", "AccessDeniedException", "not yours")
        with pytest.raises(JobRunFailedError, match=r"no rows\n.*error/jr_1 could not be read: .*not yours"):
            glue_helper.wait_job(client, "etl", "jr_1", logs=clients.logs)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the callback's")])
def test_what_ends_the_waiting_stops_the_run(scripted: tuple[Any, Stubber], error: BaseException) -> None:
    client, stubber = scripted
    stubber.add_response("start_job_run", {"JobRunId": "jr_1"})
    stubber.add_response("get_job_run", {"JobRun": run("RUNNING")})
    stubber.add_response("batch_stop_job_run", {}, {"JobName": "etl", "JobRunIds": ["jr_1"]})

    def interrupt(_: str) -> None:
        raise error

    with pytest.raises(type(error)):
        glue_helper.run_job(client, "etl", on_state=interrupt)


def test_a_run_that_takes_too_long(scripted: tuple[Any, Stubber]) -> None:
    client, stubber = scripted
    stubber.add_response("get_job_run", {"JobRun": run("WAITING")})
    with pytest.raises(WaitTimeoutError, match="job etl, run jr_1 is still WAITING after 0 s"):
        glue_helper.wait_job(client, "etl", "jr_1", timeout=0)


@pytest.mark.parametrize(
    ("runs", "error"),
    [
        ([], None),
        ([run("RUNNING")], None),
        ([run("SUCCEEDED")], None),
        ([FAILED], "ValueError: no rows"),
        ([run("STOPPED")], "STOPPED: no reason given"),
    ],
)
def test_last_error(scripted: tuple[Any, Stubber], runs: list[dict[str, Any]], error: str | None) -> None:
    client, stubber = scripted
    stubber.add_response("get_job_runs", {"JobRuns": runs}, {"JobName": "etl", "MaxResults": 1})
    assert glue_helper.last_error(client, "etl") == error


@pytest.fixture
def crawls_end_at_once() -> Iterator[None]:
    state_manager.set_transition("glue::crawl", {"progression": "immediate"})
    yield
    state_manager.unset_transition("glue::crawl")


def test_a_crawler_to_its_end(clients: Clients, crawls_end_at_once: None) -> None:
    clients.glue.create_crawler(Name="c", Role="r", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://lake"}]})
    with pytest.raises(LookupError, match="crawler c has never crawled"):
        glue_helper.wait_crawler(clients.glue, "c")
    found = glue_helper.run_crawler(clients.glue, "c", timeout=5)
    assert (found.crawler, found.status, found.error) == ("c", "COMPLETED", None)
    assert found.log_group == "/aws-glue/crawlers"


def crawler(state: str, **last: str) -> dict[str, Any]:
    return {"Crawler": {"Name": "c", "State": state, **({"LastCrawl": last} if last else {})}}


def test_a_crawl_that_failed(scripted: tuple[Any, Stubber]) -> None:
    client, stubber = scripted
    # While a crawler runs, its last crawl is the one before.
    for answer in (
        crawler("RUNNING", Status="SUCCEEDED"),
        crawler("STOPPING", Status="SUCCEEDED"),
        crawler("READY", Status="FAILED", ErrorMessage="Access denied", LogGroup="/g", LogStream="c"),
    ):
        stubber.add_response("get_crawler", answer, {"Name": "c"})
    states: list[str] = []
    with pytest.raises(CrawlerFailedError, match="crawler c FAILED: Access denied; see /g/c") as caught:
        glue_helper.wait_crawler(client, "c", on_state=states.append, sleep=lambda _: None)
    assert states == ["RUNNING", "STOPPING", "READY"]
    assert caught.value.crawl.error == "Access denied"
