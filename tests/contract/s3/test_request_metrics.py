"""S3's request metrics, as a bucket's owner sees them: a configuration, requests, and their counts in CloudWatch."""

import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.localstack_process import LocalStack, wait_for
from tests.contract.s3.asking import fresh

METRICS = (
    "AllRequests", "GetRequests", "PutRequests", "ListRequests", "DeleteRequests", "HeadRequests", "PostRequests",
)  # fmt: skip


def configure(s3: Any, bucket: str, name: str = "EntireBucket", **more: Any) -> None:
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id=name, MetricsConfiguration={"Id": name} | more)


def counted(store: LocalStack, bucket: str, configuration: str = "EntireBucket") -> dict[str, int]:
    """The sums of the last quarter of an hour, in minutes, of the metrics that there are."""
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "FilterId", "Value": configuration}]
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    answer = store.client("cloudwatch").get_metric_data(
        StartTime=now - timedelta(minutes=15),
        EndTime=now + timedelta(minutes=1),
        MetricDataQueries=[
            {
                "Id": name.lower(),
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/S3", "MetricName": name, "Dimensions": dimensions},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
            for name in METRICS
        ],
    )
    sums = {found["Id"]: int(sum(found["Values"])) for found in answer["MetricDataResults"]}
    return {name: sums[name.lower()] for name in METRICS if sums[name.lower()]}


def settled(store: LocalStack, bucket: str, expected: dict[str, int], configuration: str = "EntireBucket") -> None:
    """The counts come to be these; they are sent every ten seconds, one after another."""
    deadline = time.monotonic() + 30
    while (found := counted(store, bucket, configuration)) != expected and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found == expected


def test_a_configuration_can_be_read_changed_and_deleted(s3: Any) -> None:
    bucket = fresh(s3)
    configure(s3, bucket, Filter={"Prefix": "a/"})
    configure(s3, bucket, Filter={"Prefix": "b/"})
    found = s3.get_bucket_metrics_configuration(Bucket=bucket, Id="EntireBucket")["MetricsConfiguration"]
    assert found == {"Id": "EntireBucket", "Filter": {"Prefix": "b/"}}
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"] == [found]
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="EntireBucket")
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_metrics_configuration(Bucket=bucket, Id="EntireBucket")


def test_a_filter_that_laketop_cannot_count_by_is_refused(s3: Any) -> None:
    bucket = fresh(s3)
    with pytest.raises(ClientError, match="Filter Tag is not supported") as caught:
        configure(s3, bucket, Filter={"Tag": {"Key": "team", "Value": "sales"}})
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert "MetricsConfigurationList" not in s3.list_bucket_metrics_configurations(Bucket=bucket)


def test_requests_are_counted_where_a_bucket_is_configured(store: LocalStack, s3: Any) -> None:
    bucket, source, silent = fresh(s3), fresh(s3), fresh(s3)
    s3.put_object(Bucket=bucket, Key="before", Body=b"x")  # nobody counts yet
    configure(s3, bucket)
    configure(s3, bucket, "logs", Filter={"Prefix": "logs/"})
    configure(s3, source)
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"logs/{number}", Body=b"12345")
        s3.put_object(Bucket=silent, Key=str(number), Body=b"12345")
    for _ in range(3):
        s3.get_object(Bucket=bucket, Key="logs/1")["Body"].read()
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="nothing")  # a request that fails is one, too
    s3.head_object(Bucket=bucket, Key="before")
    s3.list_objects_v2(Bucket=bucket)
    s3.put_object(Bucket=source, Key="a key", Body=b"x")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": source, "Key": "a key"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "logs/0"}]})
    s3.delete_object(Bucket=bucket, Key="before")
    expected = {
        "PutRequests": 5 + 1 + 1,  # objects, copy, part
        "GetRequests": 3 + 1,
        "HeadRequests": 1,
        "ListRequests": 1,
        "PostRequests": 1,
        "DeleteRequests": 1 + 1 + 1,  # upload, objects, object
    }
    everything = sum(expected.values()) + 2  # besides: the two that made the configurations
    settled(store, bucket, expected | {"AllRequests": everything})
    settled(store, bucket, {"AllRequests": 9, "PutRequests": 5, "GetRequests": 3, "DeleteRequests": 1}, "logs")
    # the copy reads its source; besides: the object, the configuration
    settled(store, source, {"AllRequests": 2, "PutRequests": 1, "GetRequests": 1})
    assert counted(store, silent) == {}


@pytest.mark.files_only
def test_a_configuration_outlives_a_restart(store: LocalStack, s3: Any) -> None:
    bucket = fresh(s3)
    configure(s3, bucket, Filter={"Prefix": "a/"})
    store.restart(signal.SIGKILL)
    found = s3.get_bucket_metrics_configuration(Bucket=bucket, Id="EntireBucket")["MetricsConfiguration"]
    assert found == {"Id": "EntireBucket", "Filter": {"Prefix": "a/"}}
    s3.put_object(Bucket=bucket, Key="a/1", Body=b"x")
    wait_for(lambda: counted(store, bucket).get("PutRequests") == 1, 30)
