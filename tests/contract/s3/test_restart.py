"""What a stop and a start, expected or not, leave of everything: all of it ("Amazon S3 data consistency model" of the
S3 User Guide: an acknowledged write is there).
"""

import json
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.localstack_process import LocalStack, wait_for
from tests.contract.s3.asking import PART, complete, md5, put_part, read, refused, signed
from tests.contract.s3.keeping import State, answers, make

pytestmark = pytest.mark.files_only
SENT = 300_000


@dataclass
class Restarted:
    state: State
    before: dict[str, Any]
    after: dict[str, Any]


def half_sent(store: LocalStack, target: str) -> socket.socket:
    """A PUT of which the body's second half has not come yet."""
    headers = signed(store, "PUT", target, {"Content-Length": str(2 * SENT)}, "UNSIGNED-PAYLOAD")
    connection = socket.create_connection(("127.0.0.1", store.port), 10)
    lines = [f"PUT {target} HTTP/1.1", f"Host: 127.0.0.1:{store.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + b"n" * SENT)
    return connection


def make_queue(store: LocalStack, name: str) -> tuple[str, str]:
    """Its URL and ARN."""
    sqs = store.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


@pytest.fixture(scope="module", params=[signal.SIGKILL, signal.SIGTERM], ids=lambda by: by.name)
def restarted(
    request: pytest.FixtureRequest, store: LocalStack, s3: Any, another: Any, europe: Any, control: Any
) -> Restarted:
    state = State(s3, another, europe, control, f"q-{uuid4().hex[:12]}")
    make(state, make_queue(store, state.queue_name)[1])
    before = answers(state)
    part = f"/{state.plain}/begun?partNumber=1&uploadId={state.upload_id}"
    for target in (f"/{state.plain}/old", f"/{state.plain}/new", part):
        half_sent(store, target).close()
    # A server that is asked to end may wait for the requests it has; one that is killed has them still.
    running = (f"/{state.plain}/old", part) if request.param == signal.SIGKILL else ()
    with ExitStack() as connections:
        for target in running:
            connections.enter_context(half_sent(store, target))
        store.restart(request.param)
    return Restarted(state, before, answers(state))


def test_every_answer_is_as_it_was(restarted: Restarted) -> None:
    before, after = restarted.before, restarted.after

    changed = {
        (question, member): (before[question].get(member), after[question].get(member))
        for question in before.keys() & after.keys()
        for member in before[question].keys() | after[question].keys()
        if before[question].get(member) != after[question].get(member)
    }
    assert list(before) == list(after)
    assert not changed, "\n".join(f"{what}: {one}\n  is now {other}" for what, (one, other) in changed.items())
    assert len(before) > 300


def test_the_answers_are_no_errors_alone(restarted: Restarted) -> None:
    """What is asked about the state has answers, so that their likeness means something."""
    answered = {question.split()[1] for question, answer in restarted.after.items() if answer["status"] < 300}

    assert {
        "GetBucketAcl",
        "GetBucketCors",
        "GetBucketEncryption",
        "GetBucketLifecycleConfiguration",
        "GetBucketLocation",
        "GetBucketLogging",
        "GetBucketNotificationConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicy",
        "GetBucketRequestPayment",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectLegalHold",
        "GetObjectLockConfiguration",
        "GetObjectRetention",
        "GetObjectTagging",
        "GetPublicAccessBlock",
        "HeadBucket",
        "HeadObject",
        "ListMultipartUploads",
        "ListObjectVersions",
        "ListObjects",
        "ListObjectsV2",
        "ListParts",
        "tags",
    } <= answered


def test_an_upload_goes_on(restarted: Restarted) -> None:
    state = restarted.state
    about = (state.s3, state.plain, "begun", state.upload_id)
    listed = state.s3.list_parts(Bucket=state.plain, Key="begun", UploadId=state.upload_id)
    etags = {found["PartNumber"]: found["ETag"] for found in listed["Parts"]}
    etags[2] = put_part(*about, 2, b"b" * PART)

    complete(*about, [{"PartNumber": number, "ETag": etag} for number, etag in sorted(etags.items())])

    assert read(state.s3, state.plain, "begun") == b"a" * PART + b"b" * PART + b"the end"
    head = state.s3.head_object(Bucket=state.plain, Key="begun")
    assert (head["Metadata"], head["ContentType"]) == ({"color": "red"}, "text/csv")
    tags = state.s3.get_object_tagging(Bucket=state.plain, Key="begun")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_a_body_cut_in_the_middle_changed_nothing(restarted: Restarted) -> None:
    state = restarted.state

    assert read(state.s3, state.plain, "old") == b"old"
    assert state.s3.head_object(Bucket=state.plain, Key="old")["Metadata"] == {"a": "1"}
    tags = state.s3.get_object_tagging(Bucket=state.plain, Key="old")["TagSet"]
    assert tags == [{"Key": "t", "Value": "1"}]
    with refused("404", 404):
        state.s3.head_object(Bucket=state.plain, Key="new")
    (listed,) = [
        answer
        for question, answer in restarted.after.items()
        if "ListParts" in question and state.upload_id in question
    ]
    assert [(part["PartNumber"], part["ETag"]) for part in listed["Parts"]] == [
        (1, f'"{md5(b"a" * PART)}"'),
        (3, f'"{md5(b"the end")}"'),
    ]


def test_versions_are_in_order_and_new_ones_come_first(restarted: Restarted) -> None:
    s3, bucket = restarted.state.s3, restarted.state.versioned
    expected = [b"%d" % number for number in reversed(range(5))] + [b"null"]
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["VersionId"]

    versions = s3.list_object_versions(Bucket=bucket, Prefix="k")["Versions"]

    assert [read(s3, bucket, "k", VersionId=found["VersionId"]) for found in versions] == [b"new", *expected]
    assert [found["VersionId"] for found in versions if found["IsLatest"]] == [new]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=new)
    assert read(s3, bucket, "k") == b"4"


def test_delete_markers_still_hide(restarted: Restarted) -> None:
    s3, bucket = restarted.state.s3, restarted.state.versioned
    listed = s3.list_object_versions(Bucket=bucket)
    assert [marker["Key"] for marker in listed["DeleteMarkers"]] == ["deleted", "deleted"]
    with refused("NoSuchKey", 404):
        read(s3, bucket, "deleted")
    for marker in listed["DeleteMarkers"]:
        s3.delete_object(Bucket=bucket, Key="deleted", VersionId=marker["VersionId"])
    assert read(s3, bucket, "deleted") == b"1"


def test_locked_is_locked(restarted: Restarted) -> None:
    state = restarted.state
    locked = [
        question.split()[0] for question, answer in restarted.after.items() if "ObjectLockConfiguration" in answer
    ]
    (bucket,) = set(locked)
    for version in state.s3.list_object_versions(Bucket=bucket)["Versions"]:
        with refused("AccessDenied", 403):
            state.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_events_go_on(store: LocalStack, restarted: Restarted) -> None:
    """Queues do not outlive LocalStack: one of the same name takes the place."""
    state, sqs = restarted.state, store.client("sqs")
    url, _ = make_queue(store, state.queue_name)
    for key in ("out/1", "in/1"):
        state.s3.put_object(Bucket=state.notified, Key=key, Body=b"1")

    def records() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [record for message in messages for record in json.loads(message["Body"]).get("Records", [])]

    assert [record["s3"]["object"]["key"] for record in wait_for(records)] == ["in/1"]


def test_a_deleted_bucket_stays_deleted(restarted: Restarted) -> None:
    state = restarted.state
    with refused("404", 404):
        state.s3.head_bucket(Bucket=state.gone)
    assert state.gone not in [found["Name"] for found in state.s3.list_buckets()["Buckets"]]
    state.another.create_bucket(Bucket=state.gone)
    assert "Contents" not in state.another.list_objects_v2(Bucket=state.gone)


def test_names_are_still_taken(restarted: Restarted) -> None:
    state = restarted.state
    with refused("BucketAlreadyExists", 409):
        state.another.create_bucket(Bucket=state.plain)
