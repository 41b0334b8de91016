"""Multipart uploads: "Uploading and copying objects using multipart upload" and "Checking object integrity" of the S3
User Guide; CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload,
ListParts, ListMultipartUploads of the API Reference.
"""

import base64
import hashlib
from typing import Any

import pytest

from tests.contract.s3.asking import (
    CHECKSUMS,
    PART,
    b64,
    complete,
    md5,
    multipart_etag,
    put_part,
    read,
    refused,
    upload,
)

A, B, TAIL = b"a" * PART, b"b" * PART, b"the end"


@pytest.fixture
def begun(s3: Any, bucket: str) -> str:
    """An upload's id, of the key `k`."""
    return str(s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"])


def part(number: int, content: bytes) -> dict[str, Any]:
    return {"PartNumber": number, "ETag": f'"{md5(content)}"'}


def test_parts_in_any_order(s3: Any, bucket: str) -> None:
    answer = upload(s3, bucket, "k", {7: TAIL, 3: B, 1: A})

    assert (answer["Bucket"], answer["Key"], answer["ETag"]) == (bucket, "k", multipart_etag(A, B, TAIL))
    assert read(s3, bucket, "k") == A + B + TAIL
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["ETag"]) == (2 * PART + len(TAIL), answer["ETag"])


def test_only_the_parts_named_count(s3: Any, bucket: str, begun: str) -> None:
    for number, content in ((1, A), (2, B), (3, TAIL)):
        put_part(s3, bucket, "k", begun, number, content)

    complete(s3, bucket, "k", begun, [part(1, A), part(3, TAIL)])

    assert read(s3, bucket, "k") == A + TAIL


def test_a_part_sent_again_replaces_the_first(s3: Any, bucket: str, begun: str) -> None:
    put_part(s3, bucket, "k", begun, 1, b"first")
    put_part(s3, bucket, "k", begun, 1, b"second one")

    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=begun)["Parts"]
    assert [(found["PartNumber"], found["Size"], found["ETag"]) for found in listed] == [
        (1, 10, f'"{md5(b"second one")}"')
    ]
    with refused("InvalidPart", 400):
        complete(s3, bucket, "k", begun, [part(1, b"first")])
    complete(s3, bucket, "k", begun, [part(1, b"second one")])
    assert read(s3, bucket, "k") == b"second one"


def test_pages_of_parts(s3: Any, bucket: str, begun: str) -> None:
    for number in (9, 1, 4, 7, 2):
        put_part(s3, bucket, "k", begun, number, b"%d" % number)

    pages, marker = [], 0
    while True:
        page = s3.list_parts(Bucket=bucket, Key="k", UploadId=begun, MaxParts=2, PartNumberMarker=marker)
        pages.append([found["PartNumber"] for found in page["Parts"]])
        assert (page["MaxParts"], page["PartNumberMarker"]) == (2, marker)
        if not page["IsTruncated"]:
            break
        marker = page["NextPartNumberMarker"]

    assert pages == [[1, 2], [4, 7], [9]]


def test_aborted(s3: Any, bucket: str, begun: str) -> None:
    put_part(s3, bucket, "k", begun, 1, b"1")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=begun)

    with refused("NoSuchUpload", 404):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=begun)
    with refused("NoSuchUpload", 404):
        put_part(s3, bucket, "k", begun, 2, b"2")
    with refused("NoSuchUpload", 404):
        complete(s3, bucket, "k", begun, [part(1, b"1")])
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_nothing_is_seen_before_the_end(s3: Any, bucket: str, begun: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    put_part(s3, bucket, "k", begun, 1, b"new")

    assert read(s3, bucket, "k") == b"old"
    complete(s3, bucket, "k", begun, [part(1, b"new")])
    assert read(s3, bucket, "k") == b"new"


def test_a_small_part_that_is_not_the_last(s3: Any, bucket: str, begun: str) -> None:
    put_part(s3, bucket, "k", begun, 1, b"small")
    put_part(s3, bucket, "k", begun, 2, b"last")

    with refused("EntityTooSmall", 400):
        complete(s3, bucket, "k", begun, [part(1, b"small"), part(2, b"last")])
    assert len(s3.list_parts(Bucket=bucket, Key="k", UploadId=begun)["Parts"]) == 2


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part(1, b"other")], "InvalidPart"),
        ([part(3, b"3")], "InvalidPart"),
        ([part(2, b"2"), part(1, b"1")], "InvalidPartOrder"),
    ],
    ids=["wrong ETag", "no such part", "order"],
)
def test_refused_completions(s3: Any, bucket: str, begun: str, parts: list[Any], code: str) -> None:
    put_part(s3, bucket, "k", begun, 1, b"1")
    put_part(s3, bucket, "k", begun, 2, b"2")

    with refused(code, 400):
        complete(s3, bucket, "k", begun, parts)
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("number", [0, 10_001])
def test_part_numbers_from_1_to_10000(s3: Any, bucket: str, begun: str, number: int) -> None:
    with refused("InvalidArgument", 400):
        put_part(s3, bucket, "k", begun, number, b"1")
    put_part(s3, bucket, "k", begun, 10_000, b"1")


def test_an_upload_that_never_was(s3: Any, bucket: str, begun: str) -> None:
    with refused("NoSuchUpload", 404):
        put_part(s3, bucket, "another key", begun, 1, b"1")
    with refused("NoSuchUpload", 404):
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId="invented")


def test_what_the_beginning_says_belongs_to_the_object(s3: Any, bucket: str) -> None:
    upload(
        s3,
        bucket,
        "k",
        {1: b"1"},
        Metadata={"color": "red"},
        ContentType="text/csv",
        CacheControl="no-store",
        Tagging="a=1&b=2",
        StorageClass="STANDARD_IA",
    )

    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["Metadata"], head["ContentType"], head["CacheControl"]) == ({"color": "red"}, "text/csv", "no-store")
    assert head["StorageClass"] == "STANDARD_IA"
    tags = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert sorted(tags, key=lambda tag: tag["Key"]) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


def test_a_version_each(s3: Any, versioned: str) -> None:
    first = upload(s3, versioned, "k", {1: b"1"})["VersionId"]
    second = upload(s3, versioned, "k", {1: b"2"})["VersionId"]

    assert first != second
    assert read(s3, versioned, "k", VersionId=first) == b"1"
    assert read(s3, versioned, "k") == b"2"


def test_a_size_that_is_wrong(s3: Any, bucket: str, begun: str) -> None:
    put_part(s3, bucket, "k", begun, 1, b"1234")

    with refused("InvalidRequest", 400):
        complete(s3, bucket, "k", begun, [part(1, b"1234")], MpuObjectSize=5)
    complete(s3, bucket, "k", begun, [part(1, b"1234")], MpuObjectSize=4)


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "CRC32"])
def test_composite_checksum(s3: Any, bucket: str, algorithm: str) -> None:
    member, summed = f"Checksum{algorithm}", CHECKSUMS[algorithm]
    begun = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType="COMPOSITE")
    assert (begun["ChecksumAlgorithm"], begun["ChecksumType"]) == (algorithm, "COMPOSITE")
    about = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    parts = []
    for number, content in ((1, A), (2, TAIL)):
        answer = s3.upload_part(**about, PartNumber=number, Body=content, **{member: summed(content)})
        assert answer[member] == summed(content)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], member: answer[member]})
    assert [found[member] for found in s3.list_parts(**about)["Parts"]] == [summed(A), summed(TAIL)]

    answer = s3.complete_multipart_upload(**about, MultipartUpload={"Parts": parts})

    digests = b"".join(base64.b64decode(summed(content)) for content in (A, TAIL))
    expected = f"{summed(digests)}-2"
    assert (answer[member], answer["ChecksumType"]) == (expected, "COMPOSITE")
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head[member], head["ChecksumType"]) == (expected, "COMPOSITE")


def full(s3: Any, bucket: str, **settings: Any) -> tuple[str, list[dict[str, Any]]]:
    """An upload with one checksum of the whole (CRC32), its two parts sent."""
    upload_id = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT", **settings
    )["UploadId"]
    about = {"Bucket": bucket, "Key": "k", "UploadId": upload_id, "ChecksumAlgorithm": "CRC32"}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**about, PartNumber=number, Body=content)["ETag"]}
        for number, content in ((1, A), (2, TAIL))
    ]
    return upload_id, parts


def test_checksum_of_the_whole(s3: Any, bucket: str) -> None:
    upload_id, parts = full(s3, bucket)
    expected = CHECKSUMS["CRC32"](A + TAIL)

    answer = complete(s3, bucket, "k", upload_id, parts, ChecksumCRC32=expected, ChecksumType="FULL_OBJECT")

    assert (answer["ChecksumCRC32"], answer["ChecksumType"]) == (expected, "FULL_OBJECT")
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumCRC32"] == expected


def test_a_wrong_checksum_of_the_whole(s3: Any, bucket: str) -> None:
    upload_id, parts = full(s3, bucket)

    with refused("BadDigest", 400):
        complete(s3, bucket, "k", upload_id, parts, ChecksumCRC32=CHECKSUMS["CRC32"](A), ChecksumType="FULL_OBJECT")
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


def test_a_part_of_another_content_than_its_md5(s3: Any, bucket: str, begun: str) -> None:
    wrong = b64(hashlib.md5(b"other").digest())

    with refused("BadDigest", 400):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=begun, PartNumber=1, Body=b"1", ContentMD5=wrong)
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="k", UploadId=begun)


def test_parts_copied_by_range(s3: Any, bucket: str, begun: str) -> None:
    content = A + B + TAIL
    s3.put_object(Bucket=bucket, Key="source", Body=content)
    source = {"Bucket": bucket, "Key": "source"}
    parts = []
    for number, (first, last) in enumerate([(10, 10 + PART - 1), (len(content) - 5, len(content) - 1)], 1):
        result = s3.upload_part_copy(
            Bucket=bucket,
            Key="k",
            UploadId=begun,
            PartNumber=number,
            CopySource=source,
            CopySourceRange=f"bytes={first}-{last}",
        )["CopyPartResult"]
        assert result["ETag"] == f'"{md5(content[first : last + 1])}"'
        parts.append({"PartNumber": number, "ETag": result["ETag"]})

    complete(s3, bucket, "k", begun, parts)

    assert read(s3, bucket, "k") == content[10 : 10 + PART] + content[-5:]


def test_a_part_copied_from_a_version(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="source", Body=b"first")["VersionId"]
    s3.put_object(Bucket=versioned, Key="source", Body=b"second")
    upload_id = s3.create_multipart_upload(Bucket=versioned, Key="k")["UploadId"]

    answer = s3.upload_part_copy(
        Bucket=versioned,
        Key="k",
        UploadId=upload_id,
        PartNumber=1,
        CopySource={"Bucket": versioned, "Key": "source", "VersionId": first},
    )

    assert answer["CopySourceVersionId"] == first
    complete(s3, versioned, "k", upload_id, [part(1, b"first")])
    assert read(s3, versioned, "k") == b"first"


def test_a_copy_is_in_one_piece(s3: Any, bucket: str) -> None:
    upload(s3, bucket, "k", {1: A, 2: TAIL}, Metadata={"a": "1"})

    answer = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})

    assert answer["CopyObjectResult"]["ETag"] == f'"{md5(A + TAIL)}"'
    assert read(s3, bucket, "copy") == A + TAIL
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"a": "1"}


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_one_part_of_an_object(s3: Any, bucket: str, operation: str) -> None:
    upload(s3, bucket, "k", {1: A, 2: TAIL})

    size = PART + len(TAIL)
    for number, (first, last) in ((1, (0, PART - 1)), (2, (PART, size - 1))):
        answer = getattr(s3, operation)(Bucket=bucket, Key="k", PartNumber=number)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["PartsCount"] == 2
        assert answer["ContentLength"] == last - first + 1
        assert answer["ContentRange"] == f"bytes {first}-{last}/{size}"
        assert answer["ETag"] == multipart_etag(A, TAIL)
    if operation == "get_object":
        assert answer["Body"].read() == TAIL


def test_a_part_that_an_object_does_not_have(s3: Any, bucket: str) -> None:
    upload(s3, bucket, "k", {1: b"1"})

    with refused("416", 416):
        s3.head_object(Bucket=bucket, Key="k", PartNumber=2)


def test_attributes_tell_the_parts(s3: Any, bucket: str) -> None:
    upload_id, parts = full(s3, bucket)
    complete(s3, bucket, "k", upload_id, parts)

    answer = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "ObjectParts"])

    assert (answer["ObjectSize"], answer["ETag"]) == (PART + len(TAIL), multipart_etag(A, TAIL).strip('"'))
    assert answer["ObjectParts"]["TotalPartsCount"] == 2


def begin(s3: Any, bucket: str, *keys: str) -> list[str]:
    return [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys]


def test_uploads_by_key_and_the_oldest_first(s3: Any, bucket: str) -> None:
    b, a1, a2, c = begin(s3, bucket, "b", "a", "a", "c/1")

    answer = s3.list_multipart_uploads(Bucket=bucket)

    assert [(found["Key"], found["UploadId"]) for found in answer["Uploads"]] == [
        ("a", a1),
        ("a", a2),
        ("b", b),
        ("c/1", c),
    ]
    assert answer["IsTruncated"] is False


def test_uploads_by_prefix_and_delimiter(s3: Any, bucket: str) -> None:
    begin(s3, bucket, "x/1", "x/2", "x", "y/1")

    under = s3.list_multipart_uploads(Bucket=bucket, Prefix="x/")
    assert [found["Key"] for found in under["Uploads"]] == ["x/1", "x/2"]
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [found["Key"] for found in grouped["Uploads"]] == ["x"]
    assert [found["Prefix"] for found in grouped["CommonPrefixes"]] == ["x/", "y/"]


def test_pages_of_uploads(s3: Any, bucket: str) -> None:
    begun = begin(s3, bucket, "a", "b", "b", "b", "c")
    found, start = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2, **start)
        assert len(page["Uploads"]) <= 2
        found += [one["UploadId"] for one in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        start = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    assert found == begun
