"""S3's request metrics: what counts as what, for whom, and what becomes of counts that cannot be sent."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from laketop_localstack.s3 import memory, requests
from laketop_localstack.s3.requests import COUNTED, METRIC_OF, RequestMetrics

S3 = botocore.session.get_session().get_service_model("s3")
# the verb that "Metrics and dimensions" names for each metric; listings are GETs of a bucket
VERBS = {
    "GetRequests": "GET",
    "HeadRequests": "HEAD",
    "PutRequests": "PUT",
    "PostRequests": "POST",
    "DeleteRequests": "DELETE",
    "ListRequests": "GET",
}
# "This metric also includes DeleteObjects requests"
OTHER_VERB = {"DeleteObjects"}
# what LocalStack does not have; AWS counts a Select as SelectRequests
ABSENT = {"SelectObjectContent", "RenameObject", "UpdateObjectEncryption"}


@pytest.mark.parametrize("metric", COUNTED)
def test_a_metric_counts_requests_of_its_verb(metric: str) -> None:
    for operation in set(COUNTED[metric]) - OTHER_VERB - {"PostObject"}:
        assert S3.operation_model(operation).http["method"] == VERBS[metric], operation


def test_every_operation_on_an_object_is_counted_as_something() -> None:
    on_objects = {
        name
        for name in S3.operation_names
        if "Key" in (getattr(S3.operation_model(name).input_shape, "members", None) or {})
    }
    assert on_objects - ABSENT - set(METRIC_OF) == set()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A lake with three buckets, and what is sent: (bucket, configuration, metric, minute) → count."""
    configurations: dict[str, dict[str, Any]] = {
        "all": {"every": {"Id": "every"}},
        "some": {"logs": {"Id": "logs", "Filter": {"Prefix": "logs/"}}, "every": {"Id": "every"}},
        "none": {},
    }

    def bucket(name: str) -> Any:
        if name not in configurations:
            return None
        found = {"bucket_account_id": "1", "bucket_region": "us-east-1", "metric_configurations": configurations[name]}
        return SimpleNamespace(**found)

    monkeypatch.setattr(memory, "bucket", bucket)
    found: Counter[tuple[Any, ...]] = Counter()
    clock = SimpleNamespace(
        now=1_000_000_020.5,  # half a second into a minute
        broken=False,
    )

    def put(account: str, region: str, data: list[dict[str, Any]]) -> None:
        if clock.broken:
            raise ConnectionError("CloudWatch is away")
        assert len(data) <= 1000
        for one in data:
            dimensions = {item["Name"]: item["Value"] for item in one["Dimensions"]}
            place = (dimensions["BucketName"], dimensions["FilterId"], one["MetricName"], one["Timestamp"])
            found[place] += one["StatisticValues"]["Sum"]

    metrics = RequestMetrics(put, lambda: clock.now)
    return SimpleNamespace(metrics=metrics, found=found, clock=clock)


def of_bucket(found: Counter[tuple[Any, ...]], bucket: str, configuration: str = "every") -> dict[str, int]:
    return {key[2]: count for key, count in found.items() if key[:2] == (bucket, configuration)}


def test_requests_are_counted_by_kind(sent: Any) -> None:
    for operation, request in [
        ("PutObject", {"Bucket": "all", "Key": "a"}),
        ("GetObject", {"Bucket": "all", "Key": "a"}),
        ("GetObject", {"Bucket": "all", "Key": "b"}),
        ("HeadObject", {"Bucket": "all", "Key": "a"}),
        ("ListObjectsV2", {"Bucket": "all"}),
        ("DeleteObjects", {"Bucket": "all", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}}),
        ("GetBucketLocation", {"Bucket": "all"}),
        ("CreateMultipartUpload", {"Bucket": "all", "Key": "c"}),
        ("GetObject", {"Bucket": "none", "Key": "a"}),
        ("GetObject", {"Bucket": "gone", "Key": "a"}),
        ("ListBuckets", {}),
        ("DeleteBucket", {"Bucket": "all"}),
    ]:
        sent.metrics.note(operation, request)
    sent.metrics.send()
    assert of_bucket(sent.found, "all") == {
        "AllRequests": 8,
        "PutRequests": 1,
        "GetRequests": 2,
        "HeadRequests": 1,
        "ListRequests": 1,
        "DeleteRequests": 1,
        "PostRequests": 1,
    }
    assert {key[0] for key in sent.found} == {"all"}


@pytest.mark.parametrize("source", ["all/a%20b", "/all/a%20b", "all/a%20b?versionId=xyz"])
def test_a_copy_is_a_put_of_one_bucket_and_a_get_of_the_other(sent: Any, source: str) -> None:
    sent.metrics.note("CopyObject", {"Bucket": "some", "Key": "logs/x", "CopySource": source})
    sent.metrics.send()
    assert of_bucket(sent.found, "all") == {"GetRequests": 1}
    assert of_bucket(sent.found, "some") == {"AllRequests": 1, "PutRequests": 1}


def test_a_filter_counts_its_prefix_only(sent: Any) -> None:
    for key in ("logs/1", "logs/2", "data/1"):
        sent.metrics.note("PutObject", {"Bucket": "some", "Key": key})
    sent.metrics.note("ListObjectsV2", {"Bucket": "some", "Prefix": "logs/"})
    sent.metrics.send()
    assert of_bucket(sent.found, "some", "logs") == {"AllRequests": 2, "PutRequests": 2}
    assert of_bucket(sent.found, "some") == {"AllRequests": 4, "PutRequests": 3, "ListRequests": 1}


def test_counts_are_of_the_minute_of_the_request(sent: Any) -> None:
    sent.metrics.note("GetObject", {"Bucket": "all", "Key": "a"})
    sent.clock.now += 59.4  # still the same minute
    sent.metrics.note("GetObject", {"Bucket": "all", "Key": "a"})
    sent.metrics.send()
    sent.clock.now += 0.1
    sent.metrics.note("GetObject", {"Bucket": "all", "Key": "a"})
    sent.metrics.send()
    minutes = {key[3]: count for key, count in sent.found.items() if key[2] == "GetRequests"}
    assert minutes == {1_000_000_020: 2, 1_000_000_080: 1}


def test_what_could_not_be_sent_is_sent_later_and_once(sent: Any, caplog: pytest.LogCaptureFixture) -> None:
    sent.clock.broken = True
    sent.metrics.note("GetObject", {"Bucket": "all", "Key": "a"})
    sent.metrics.send()
    assert "could not be sent" in caplog.text
    sent.clock.broken = False
    sent.metrics.note("GetObject", {"Bucket": "all", "Key": "a"})
    sent.metrics.send()
    sent.metrics.send()
    assert of_bucket(sent.found, "all") == {"AllRequests": 2, "GetRequests": 2}


def test_only_s3_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Any]] = []
    monkeypatch.setattr(requests._metrics, "note", lambda operation, request: seen.append((operation, request)))

    def context(service: str | None, operation: str | None, request: Any) -> Any:
        return SimpleNamespace(
            service=service and SimpleNamespace(service_name=service),
            operation=operation and SimpleNamespace(name=operation),
            service_request=request,
        )

    for one in (context(None, None, None), context("sqs", "SendMessage", {}), context("s3", "ListBuckets", None)):
        requests.count(None, one, None)
    assert seen == [("ListBuckets", {})]
