"""Conditional requests: "Add preconditions to S3 operations with conditional requests", "How to prevent object
overwrites with conditional writes" of the S3 User Guide; GetObject, HeadObject of the API Reference.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.s3.asking import complete, md5, put_part, read, refused

GOOD, BAD = f'"{md5(b"old")}"', f'"{md5(b"other")}"'
PAST = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def old(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    return bucket


def test_written_if_nothing_is_there(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")

    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert read(s3, bucket, "k") == b"first"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.put_object(Bucket=bucket, Key="k", Body=b"third", IfNoneMatch="*")


def test_a_delete_marker_is_nothing(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=versioned, Key="k", Body=b"2", IfNoneMatch="*")
    s3.delete_object(Bucket=versioned, Key="k")

    s3.put_object(Bucket=versioned, Key="k", Body=b"2", IfNoneMatch="*")

    assert read(s3, versioned, "k") == b"2"
    assert len(s3.list_object_versions(Bucket=versioned)["Versions"]) == 2


def test_written_over_what_was_read(s3: Any, old: str) -> None:
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=old, Key="k", Body=b"new", IfMatch=BAD)
    assert read(s3, old, "k") == b"old"
    s3.put_object(Bucket=old, Key="k", Body=b"new", IfMatch=GOOD)
    assert read(s3, old, "k") == b"new"


def test_nothing_has_no_etag(s3: Any, versioned: str) -> None:
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=versioned, Key="k", Body=b"new", IfMatch=GOOD)
    s3.put_object(Bucket=versioned, Key="k", Body=b"old")
    s3.delete_object(Bucket=versioned, Key="k")
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=versioned, Key="k", Body=b"new", IfMatch=GOOD)


@pytest.mark.parametrize(("condition", "wrong"), [("IfNoneMatch", "*"), ("IfMatch", BAD)])
def test_a_completed_upload(s3: Any, old: str, condition: str, wrong: str) -> None:
    upload_id = s3.create_multipart_upload(Bucket=old, Key="k")["UploadId"]
    parts = [{"PartNumber": 1, "ETag": put_part(s3, old, "k", upload_id, 1, b"new")}]

    with refused("PreconditionFailed", 412):
        complete(s3, old, "k", upload_id, parts, **{condition: wrong})
    assert read(s3, old, "k") == b"old"

    upload_id = s3.create_multipart_upload(Bucket=old, Key="k" if condition == "IfMatch" else "free")["UploadId"]
    key, right = ("k", GOOD) if condition == "IfMatch" else ("free", "*")
    parts = [{"PartNumber": 1, "ETag": put_part(s3, old, key, upload_id, 1, b"new")}]
    complete(s3, old, key, upload_id, parts, **{condition: right})
    assert read(s3, old, key) == b"new"


def check_one_wins(s3: Any, bucket: str, write: Callable[[int, bytes], object]) -> None:
    """Sixteen write `k` at once: one is told that it did, and its content is there."""
    runners = 16
    barrier = Barrier(runners)

    def race(number: int) -> bytes | int:
        content = b"%d" % number * 5000
        barrier.wait()
        try:
            write(number, content)
        except ClientError as error:
            return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        return content

    with ThreadPoolExecutor(runners) as pool:
        ends = list(pool.map(race, range(runners)))

    winners = [end for end in ends if isinstance(end, bytes)]
    assert len(winners) == 1
    assert {end for end in ends if isinstance(end, int)} <= {409, 412}
    assert read(s3, bucket, "k") == winners[0]


def test_one_of_many_wins(s3: Any, bucket: str) -> None:
    check_one_wins(s3, bucket, lambda _, body: s3.put_object(Bucket=bucket, Key="k", Body=body, IfNoneMatch="*"))


def test_one_of_many_replaces(s3: Any, old: str) -> None:
    check_one_wins(s3, old, lambda _, body: s3.put_object(Bucket=old, Key="k", Body=body, IfMatch=GOOD))


def test_one_of_many_wins_where_versions_are_suspended(s3: Any, versioned: str) -> None:
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    check_one_wins(s3, versioned, lambda _, body: s3.put_object(Bucket=versioned, Key="k", Body=body, IfNoneMatch="*"))


@pytest.mark.files_only
def test_one_of_many_uploads_wins(s3: Any, bucket: str) -> None:
    uploads = [s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"] for _ in range(16)]

    def write(number: int, body: bytes) -> None:
        parts = [{"PartNumber": 1, "ETag": put_part(s3, bucket, "k", uploads[number], 1, body)}]
        complete(s3, bucket, "k", uploads[number], parts, IfNoneMatch="*")

    check_one_wins(s3, bucket, write)


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"IfMatch": GOOD}, 200),
        ({"IfMatch": BAD}, 412),
        ({"IfNoneMatch": BAD}, 200),
        ({"IfNoneMatch": GOOD}, 304),
        ({"IfModifiedSince": PAST}, 200),
        ({"IfUnmodifiedSince": PAST}, 412),
        ({"IfNoneMatch": GOOD, "IfModifiedSince": PAST}, 304),
    ],
)
def test_read_if(s3: Any, old: str, operation: str, conditions: dict[str, Any], status: int) -> None:
    ask = getattr(s3, operation)
    if status == 200:
        assert ask(Bucket=old, Key="k", **conditions)["ETag"] == GOOD
        return
    code = "PreconditionFailed" if (operation, status) == ("get_object", 412) else str(status)
    with refused(code, status):
        ask(Bucket=old, Key="k", **conditions)


def test_not_modified_since_it_was_written(s3: Any, old: str) -> None:
    written = s3.head_object(Bucket=old, Key="k")["LastModified"]

    with refused("304", 304):
        s3.get_object(Bucket=old, Key="k", IfModifiedSince=written)
    assert s3.get_object(Bucket=old, Key="k", IfUnmodifiedSince=written)["ETag"] == GOOD
