"""Events: "Event notification types and destinations", "Event message structure", "Using EventBridge" of the S3 User
Guide; PutBucketNotificationConfiguration of the API Reference.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

import pytest

from tests.contract.localstack_process import wait_for
from tests.contract.s3.asking import md5, multipart_etag, refused, upload


class Queue:
    """A queue that S3 or EventBridge may send to."""

    def __init__(self, store: Any) -> None:
        self.sqs = store.client("sqs")
        self.url = self.sqs.create_queue(QueueName=f"q-{uuid4().hex[:12]}")["QueueUrl"]
        which = {"QueueUrl": self.url, "AttributeNames": ["QueueArn"]}
        self.arn = self.sqs.get_queue_attributes(**which)["Attributes"]["QueueArn"]
        self.seen: list[dict[str, Any]] = []

    def look(self) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            self.seen.append(json.loads(message["Body"]))
        return self.seen

    def wait(self, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        return wait_for(lambda: enough(self.look()) and self.seen)


@pytest.fixture
def queue(store: Any) -> Queue:
    return Queue(store)


def notify(s3: Any, bucket: str, queue: Queue, *events: str, **rest: Any) -> None:
    configuration = {"QueueConfigurations": [{"Id": "mine", "QueueArn": queue.arn, "Events": list(events), **rest}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def records(queue: Queue, count: int) -> list[dict[str, Any]]:
    """So many records, without the test event that S3 sends when it is configured."""
    messages = queue.wait(lambda seen: sum("Records" in message for message in seen) >= count)
    return [message["Records"][0] for message in messages if "Records" in message]


def test_the_configuration_is_kept(s3: Any, bucket: str, queue: Queue) -> None:
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    rules = [{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]
    notify(s3, bucket, queue, "s3:ObjectCreated:*", Filter={"Key": {"FilterRules": rules}})

    (kept,) = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]

    assert (kept["Id"], kept["QueueArn"], kept["Events"]) == ("mine", queue.arn, ["s3:ObjectCreated:*"])
    found = kept["Filter"]["Key"]["FilterRules"]
    assert [(rule["Name"].lower(), rule["Value"]) for rule in found] == [("prefix", "in/"), ("suffix", ".csv")]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_the_configuration_is_tried(s3: Any, bucket: str, queue: Queue) -> None:
    notify(s3, bucket, queue, "s3:ObjectCreated:*")

    (tried,) = queue.wait(bool)

    assert (tried["Event"], tried["Bucket"]) == ("s3:TestEvent", bucket)


def test_no_such_queue(s3: Any, bucket: str, queue: Queue) -> None:
    queue.arn += "-never"
    with refused("InvalidArgument", 400):
        notify(s3, bucket, queue, "s3:ObjectCreated:*")
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_what_a_record_says(s3: Any, bucket: str, queue: Queue) -> None:
    notify(s3, bucket, queue, "s3:ObjectCreated:*")
    s3.put_object(Bucket=bucket, Key="a b/dt=1/é", Body=b"content")

    (record,) = records(queue, 1)

    assert (record["eventName"], record["eventSource"]) == ("ObjectCreated:Put", "aws:s3")
    assert (record["awsRegion"], record["s3"]["configurationId"]) == ("us-east-1", "mine")
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    about = record["s3"]["object"]
    assert unquote_plus(about["key"]) == "a b/dt=1/é"
    assert " " not in about["key"]
    assert (about["size"], about["eTag"]) == (7, md5(b"content"))
    assert about["sequencer"]
    assert "versionId" not in about


def test_each_way_to_create_and_delete(s3: Any, versioned: str, queue: Queue) -> None:
    notify(s3, versioned, queue, "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    put = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    copy = s3.copy_object(Bucket=versioned, Key="copy", CopySource=f"{versioned}/k")["VersionId"]
    parts = upload(s3, versioned, "parts", {1: b"123"})["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=put)
    s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "copy", "VersionId": copy}]})

    found = {(one["eventName"], one["s3"]["object"]["versionId"]): one["s3"]["object"] for one in records(queue, 6)}

    assert found.keys() == {
        ("ObjectCreated:Put", put),
        ("ObjectCreated:Copy", copy),
        ("ObjectCreated:CompleteMultipartUpload", parts),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", put),
        ("ObjectRemoved:Delete", copy),
    }
    whole = found["ObjectCreated:CompleteMultipartUpload", parts]
    assert (whole["size"], whole["eTag"]) == (3, multipart_etag(b"123").strip('"'))


def test_tags_tell_too(s3: Any, bucket: str, queue: Queue) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    notify(s3, bucket, queue, "s3:ObjectTagging:*")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="k")

    assert {one["eventName"] for one in records(queue, 2)} == {"ObjectTagging:Put", "ObjectTagging:Delete"}


def test_what_the_filter_leaves(s3: Any, bucket: str, queue: Queue) -> None:
    rules = [{"Name": "prefix", "Value": "dt="}, {"Name": "suffix", "Value": ".csv"}]
    notify(s3, bucket, queue, "s3:ObjectCreated:Put", Filter={"Key": {"FilterRules": rules}})
    for key in ("dt=1.txt", "other.csv", "dt=1.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3.copy_object(Bucket=bucket, Key="dt=2.csv", CopySource=f"{bucket}/dt=1.csv")
    s3.put_object(Bucket=bucket, Key="dt=3.csv", Body=b"1")

    assert {unquote_plus(one["s3"]["object"]["key"]) for one in records(queue, 2)} == {"dt=1.csv", "dt=3.csv"}


def test_a_failed_write_is_no_event(s3: Any, bucket: str, queue: Queue) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    notify(s3, bucket, queue, "s3:ObjectCreated:*")
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"22", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"333")

    assert [one["s3"]["object"]["size"] for one in records(queue, 1)] == [3]


def test_eventbridge(store: Any, s3: Any, versioned: str, queue: Queue) -> None:
    events, rule = store.client("events"), f"r-{uuid4().hex[:12]}"
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [versioned]}}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": queue.arn}])
    s3.put_bucket_notification_configuration(
        Bucket=versioned, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert s3.get_bucket_notification_configuration(Bucket=versioned)["EventBridgeConfiguration"] == {}
    put = s3.put_object(Bucket=versioned, Key="a b=é", Body=b"content")
    s3.copy_object(Bucket=versioned, Key="copy", CopySource={"Bucket": versioned, "Key": "a b=é"})
    upload(s3, versioned, "parts", {1: b"123"})
    s3.delete_object(Bucket=versioned, Key="copy")
    s3.delete_object(Bucket=versioned, Key="a b=é", VersionId=put["VersionId"])

    messages = queue.wait(lambda seen: len(seen) >= 5)

    found = {
        (message["detail-type"], message["detail"]["reason"], message["detail"]["object"]["key"]): message
        for message in messages
    }
    assert found.keys() == {
        ("Object Created", "PutObject", "a b=é"),
        ("Object Created", "CopyObject", "copy"),
        ("Object Created", "CompleteMultipartUpload", "parts"),
        ("Object Deleted", "DeleteObject", "copy"),
        ("Object Deleted", "DeleteObject", "a b=é"),
    }
    created = found["Object Created", "PutObject", "a b=é"]
    assert (created["source"], created["resources"]) == ("aws.s3", [f"arn:aws:s3:::{versioned}"])
    about = created["detail"]["object"]
    assert (about["size"], about["etag"], about["version-id"]) == (7, md5(b"content"), put["VersionId"])
    marker, gone = found["Object Deleted", "DeleteObject", "copy"], found["Object Deleted", "DeleteObject", "a b=é"]
    assert marker["detail"]["deletion-type"] == "Delete Marker Created"
    assert gone["detail"]["deletion-type"] == "Permanently Deleted"
