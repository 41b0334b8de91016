"""S3's request metrics in CloudWatch: how many requests of which kind a bucket got, by the minute.

Only of buckets with a metrics configuration, under that configuration's id, as on AWS. Counting is a few additions in
memory; what came together is sent every few seconds, and nothing where nothing came. As on AWS the figures are a good
account, not a book: what was not sent yet ends with the process.

AWS: "Metrics and dimensions", "CloudWatch metrics configurations" of the Amazon S3 User Guide.
"""

import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from localstack.aws.connect import connect_to

LOG = logging.getLogger(__name__)

NAMESPACE = "AWS/S3"
MINUTE = 60
SEND_SECONDS = 10
# "PutMetricData": at most 1000 metrics a request
MOST_METRICS = 1000

# metric → the operations that it counts. Requests for a bucket's own settings are in AllRequests alone.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "GetRequests": (
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectLegalHold",
        "GetObjectRetention",
        "GetObjectTagging",
        "GetObjectTorrent",
    ),
    "HeadRequests": ("HeadBucket", "HeadObject"),
    "PutRequests": (
        "CopyObject",
        "PutObject",
        "PutObjectAcl",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
        "UploadPart",
        "UploadPartCopy",
    ),
    "PostRequests": ("CompleteMultipartUpload", "CreateMultipartUpload", "PostObject", "RestoreObject"),
    "DeleteRequests": ("AbortMultipartUpload", "DeleteObject", "DeleteObjects", "DeleteObjectTagging"),
    "ListRequests": ("ListMultipartUploads", "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListParts"),
}
METRIC_OF: Mapping[str, str] = {operation: metric for metric, names in COUNTED.items() for operation in names}
# a bucket that a request makes or ends has no metrics yet, or no more
UNCOUNTED = frozenset({"CreateBucket", "DeleteBucket"})


class Series(NamedTuple):
    """What a count is of: whose metric it is, and its minute (seconds since 1970)."""

    account: str
    region: str
    bucket: str
    configuration: str
    metric: str
    minute: int


class Filtered(NamedTuple):
    """A bucket's metrics configuration: its id, and the prefix of the keys that it is about ("" for all requests)."""

    configuration: str
    prefix: str


def filters(configurations: Mapping[str, Mapping[str, Any]]) -> list[Filtered]:
    """The metrics configurations of a bucket, as `S3Bucket.metric_configurations` has them."""
    return [Filtered(name, (one.get("Filter") or {}).get("Prefix") or "") for name, one in configurations.items()]


def keys(request: Mapping[str, Any]) -> list[str]:
    """The keys that a request names."""
    if "Key" in request:
        return [request["Key"]]
    return [one["Key"] for one in (request.get("Delete") or {}).get("Objects") or ()]


def copied_from(request: Mapping[str, Any]) -> tuple[str, str] | None:
    """Bucket and key that a copy reads; None where the request is no copy from a bucket's name."""
    source = request.get("CopySource")
    if not isinstance(source, str):
        return None
    bucket, _, key = unquote(source.split("?versionId=")[0]).removeprefix("/").partition("/")
    return bucket, key


def counts(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """What a request adds one to: (bucket, metrics, the keys that a filter looks at).

    A copy is a PUT of its destination and a GET of its source; it is one request.
    """
    bucket = request.get("Bucket")
    if not bucket or operation in UNCOUNTED:
        return
    metric = METRIC_OF.get(operation)
    yield bucket, ("AllRequests", metric) if metric else ("AllRequests",), keys(request)
    if source := copied_from(request):
        yield source[0], ("GetRequests",), [source[1]]


class RequestMetrics:
    """Counts requests, and sends the counts to CloudWatch.

    Args:
        put: sends the metrics of one account and region: (account, region, MetricData); may raise.
        clock: seconds since 1970.
    """

    def __init__(self, put: Callable[[str, str, list[dict[str, Any]]], None], clock: Callable[[], float]) -> None:
        self._put, self._clock = put, clock
        self._counted: Counter[Series] = Counter()
        self._lock = threading.Lock()

    def note(self, operation: str, request: Mapping[str, Any]) -> None:
        """Count a request.

        Args:
            operation: its name in S3's API.
            request: its parameters.
        """
        # Imported here: it brings LocalStack's S3, which is loaded when it is first asked for something.
        from laketop_localstack.s3 import memory

        for name, metrics, named in counts(operation, request):
            bucket = memory.bucket(name)
            if bucket is None or not bucket.metric_configurations:
                continue
            minute = int(self._clock()) // MINUTE * MINUTE
            place = (bucket.bucket_account_id, bucket.bucket_region, name)
            with self._lock:
                for configuration, prefix in filters(bucket.metric_configurations):
                    if not prefix or any(key.startswith(prefix) for key in named):
                        self._counted.update(Series(*place, configuration, metric, minute) for metric in metrics)

    def send(self) -> None:
        """Send what was counted since the last time; what CloudWatch does not take is sent with the next."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        for some in batches(counted):
            try:
                self._put(some[0].account, some[0].region, [datum(one, counted[one]) for one in some])
            except Exception:
                LOG.exception("S3's request metrics could not be sent; they go with the next")
                with self._lock:
                    self._counted.update({one: counted[one] for one in some})

    def send_for_ever(self) -> None:
        """Send every few seconds; does not return."""
        while True:
            time.sleep(SEND_SECONDS)
            self.send()


def datum(series: Series, count: int) -> dict[str, Any]:
    """A count as PutMetricData takes it: so many samples of one request each."""
    return {
        "MetricName": series.metric,
        "Dimensions": [
            {"Name": "BucketName", "Value": series.bucket},
            {"Name": "FilterId", "Value": series.configuration},
        ],
        "Timestamp": series.minute,
        "StatisticValues": {"SampleCount": count, "Sum": count, "Minimum": 1, "Maximum": 1},
        "Unit": "Count",
    }


def batches(series: Iterable[Series]) -> Iterator[list[Series]]:
    """What one request each takes: series of one account and region, not too many."""
    for _, group in itertools.groupby(sorted(series), key=lambda one: (one.account, one.region)):
        for some in itertools.batched(group, MOST_METRICS, strict=False):
            yield list(some)


def to_cloudwatch(account: str, region: str, data: list[dict[str, Any]]) -> None:
    """Send metrics to LocalStack's CloudWatch."""
    client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
    client.put_metric_data(Namespace=NAMESPACE, MetricData=data)


_metrics = RequestMetrics(to_cloudwatch, time.time)


def count(_chain: Any, context: Any, _response: Any) -> None:
    """A handler for `run_custom_response_handlers`: it sees a request when it is answered, well or not."""
    if context.service and context.operation and context.service.service_name == "s3":
        _metrics.note(context.operation.name, context.service_request or {})


def start() -> None:
    """Begin to send."""
    threading.Thread(target=_metrics.send_for_ever, name="s3-request-metrics", daemon=True).start()
