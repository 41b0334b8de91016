"""CopyObject of the API Reference; "Copying, moving, and renaming objects" of the S3 User Guide."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.s3.asking import fresh, md5, read, refused

PAST = datetime.now(UTC) - timedelta(days=1)
ALL_TAGS = [{"Key": "a", "Value": "1"}]


@pytest.fixture
def source(s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(
        Bucket=bucket,
        Key="source",
        Body=b"content",
        Metadata={"color": "red"},
        ContentType="text/csv",
        CacheControl="max-age=1",
        Tagging="a=1",
    )
    return {"Bucket": bucket, "Key": "source"}


def about(s3: Any, bucket: str, key: str = "copy") -> tuple[Any, ...]:
    head = s3.head_object(Bucket=bucket, Key=key)
    return head["Metadata"], head["ContentType"], head.get("CacheControl")


def test_all_that_the_source_says(s3: Any, bucket: str, source: Any) -> None:
    answer = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)

    assert answer["CopyObjectResult"]["ETag"] == f'"{md5(b"content")}"'
    assert read(s3, bucket, "copy") == b"content"
    assert about(s3, bucket) == ({"color": "red"}, "text/csv", "max-age=1")
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == ALL_TAGS


def test_metadata_of_the_request_is_ignored_unless_it_replaces(s3: Any, bucket: str, source: Any) -> None:
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, Metadata={"size": "l"}, MetadataDirective="COPY")

    assert about(s3, bucket)[0] == {"color": "red"}


def test_metadata_is_replaced_as_a_whole(s3: Any, bucket: str, source: Any) -> None:
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=source,
        Metadata={"size": "l"},
        ContentType="text/plain",
        MetadataDirective="REPLACE",
    )

    assert about(s3, bucket) == ({"size": "l"}, "text/plain", None)


def test_onto_itself(s3: Any, bucket: str, source: Any) -> None:
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="source", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="source", CopySource=source, Metadata={"n": "1"}, MetadataDirective="REPLACE")

    assert read(s3, bucket, "source") == b"content"
    assert about(s3, bucket, "source")[0] == {"n": "1"}


def test_onto_itself_in_another_storage_class(s3: Any, bucket: str, source: Any) -> None:
    s3.copy_object(Bucket=bucket, Key="source", CopySource=source, StorageClass="STANDARD_IA")

    assert s3.head_object(Bucket=bucket, Key="source")["StorageClass"] == "STANDARD_IA"
    assert read(s3, bucket, "source") == b"content"
    assert about(s3, bucket, "source")[0] == {"color": "red"}


def test_the_storage_class_is_not_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"1", StorageClass="STANDARD_IA")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")

    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="copy")


def test_to_another_bucket(s3: Any, bucket: str, source: Any) -> None:
    other = fresh(s3)
    s3.copy_object(Bucket=other, Key="copy", CopySource=source)
    s3.delete_object(**source)

    assert read(s3, other, "copy") == b"content"


def test_a_copy_is_apart_from_its_source(s3: Any, bucket: str, source: Any) -> None:
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    s3.put_object(**source, Body=b"changed")

    assert read(s3, bucket, "copy") == b"content"


@pytest.mark.parametrize("directive", ["COPY", "REPLACE"])
def test_tags(s3: Any, bucket: str, source: Any, directive: str) -> None:
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, Tagging="b=2", TaggingDirective=directive)

    expected = ALL_TAGS if directive == "COPY" else [{"Key": "b", "Value": "2"}]
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == expected


def test_checksum_comes_along(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="source", Body=b"content", ChecksumAlgorithm="SHA256")
    answer = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")

    assert answer["CopyObjectResult"]["ChecksumSHA256"] == put["ChecksumSHA256"]
    head = s3.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == put["ChecksumSHA256"]


GOOD, BAD = f'"{md5(b"content")}"', f'"{md5(b"other")}"'


@pytest.mark.parametrize(
    ("conditions", "passes"),
    [
        ({"CopySourceIfMatch": GOOD}, True),
        ({"CopySourceIfMatch": BAD}, False),
        ({"CopySourceIfNoneMatch": BAD}, True),
        ({"CopySourceIfNoneMatch": GOOD}, False),
        ({"CopySourceIfModifiedSince": PAST}, True),
        ({"CopySourceIfUnmodifiedSince": PAST}, False),
        ({"CopySourceIfNoneMatch": GOOD, "CopySourceIfModifiedSince": PAST}, False),
    ],
)
def test_only_if_the_source(s3: Any, bucket: str, source: Any, conditions: dict[str, Any], passes: bool) -> None:
    if passes:
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, **conditions)
        assert read(s3, bucket, "copy") == b"content"
        return
    with refused("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, **conditions)
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="copy")


def test_a_source_that_is_not_there(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/never")
    with refused("NoSuchBucket", 404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"never-{bucket}/k")


def test_a_source_that_is_deleted(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]

    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=versioned, Key="copy", CopySource=f"{versioned}/k")
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=versioned, Key="copy", CopySource=f"{versioned}/k?versionId={marker}")
