"""Checksums: "Checking object integrity in Amazon S3" of the S3 User Guide; "Signature Calculations for the
Authorization Header: Transferring Payload in Multiple Chunks" and PutObject of the API Reference.
"""

import hashlib
import hmac
from typing import Any

import pytest

from tests.contract.s3.asking import CHECKSUMS, b64, path, read, refused, send, signed

CONTENT = b"The quick brown fox jumps over the lazy dog." * 50
TRAILING = [algorithm for algorithm in CHECKSUMS if algorithm != "CRC32C"]
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def stored(s3: Any, bucket: str, algorithm: str) -> tuple[Any, Any]:
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    return head.get(f"Checksum{algorithm}"), head.get("ChecksumType")


def test_the_algorithms_themselves() -> None:
    """The check values of "123456789" in the catalogue of CRC algorithms."""
    assert CHECKSUMS["CRC32"](b"123456789") == b64(bytes.fromhex("cbf43926"))
    assert CHECKSUMS["CRC32C"](b"123456789") == b64(bytes.fromhex("e3069283"))
    assert CHECKSUMS["CRC64NVME"](b"123456789") == b64(bytes.fromhex("ae8b14860a799888"))


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_in_a_header(s3: Any, bucket: str, algorithm: str) -> None:
    member, value = f"Checksum{algorithm}", CHECKSUMS[algorithm](CONTENT)

    answer = s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, **{member: value})

    assert answer[member] == value
    assert stored(s3, bucket, algorithm) == (value, "FULL_OBJECT")
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (got[member], got["Body"].read()) == (value, CONTENT)
    told = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum"])["Checksum"]
    assert told == {member: value, "ChecksumType": "FULL_OBJECT"}


def test_a_checksum_is_told_only_if_asked_for(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumAlgorithm="SHA256")

    assert "ChecksumSHA256" not in s3.head_object(Bucket=bucket, Key="k")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (["SHA256"], "FULL_OBJECT")


def test_without_any_it_is_crc64nvme(store: Any, s3: Any, bucket: str) -> None:
    target = path(bucket, "k")
    answer = send(store, "PUT", target, signed(store, "PUT", target, {}), CONTENT)

    assert answer.status == 200
    assert stored(s3, bucket, "CRC64NVME") == (CHECKSUMS["CRC64NVME"](CONTENT), "FULL_OBJECT")


def put_with_trailer(store: Any, bucket: str, algorithm: str, checksum: str, content: bytes = CONTENT) -> Any:
    """A body in chunks of 1,000 bytes with the checksum after it."""
    header = f"x-amz-checksum-{algorithm.lower()}"
    chunks = [content[start : start + 1000] for start in range(0, len(content), 1000)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    body += f"0\r\n{header}:{checksum}\r\n\r\n".encode()
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(content)),
        "X-Amz-Trailer": header,
    }
    target = path(bucket, "k")
    return send(store, "PUT", target, signed(store, "PUT", target, headers, UNSIGNED_TRAILER), body)


@pytest.mark.parametrize("algorithm", TRAILING)
def test_a_checksum_after_the_body(store: Any, s3: Any, bucket: str, algorithm: str) -> None:
    value = CHECKSUMS[algorithm](CONTENT)

    answer = put_with_trailer(store, bucket, algorithm, value)

    assert answer.status == 200, answer.text

    assert read(s3, bucket, "k") == CONTENT
    assert stored(s3, bucket, algorithm) == (value, "FULL_OBJECT")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ContentLength"] == len(CONTENT)
    assert "ContentEncoding" not in head


@pytest.mark.files_only
def test_crc32c_after_the_body(store: Any, s3: Any, bucket: str) -> None:
    value = CHECKSUMS["CRC32C"](CONTENT)

    assert put_with_trailer(store, bucket, "CRC32C", CHECKSUMS["CRC32C"](b"other")).status == 400
    assert put_with_trailer(store, bucket, "CRC32C", value).status == 200

    assert stored(s3, bucket, "CRC32C") == (value, "FULL_OBJECT")


def test_nothing_in_chunks(store: Any, s3: Any, bucket: str) -> None:
    assert put_with_trailer(store, bucket, "CRC32", CHECKSUMS["CRC32"](b""), b"").status == 200

    assert read(s3, bucket, "k") == b""


def in_signed_chunks(headers: dict[str, str], content: bytes) -> bytes:
    """The body of a request with these (signed) headers: each chunk with its signature, the last one empty."""
    date = headers["X-Amz-Date"]
    key = b"AWS4test"
    for text in (date[:8], "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, text.encode(), "sha256")
    signature = headers["Authorization"].rpartition("Signature=")[2]
    empty = hashlib.sha256().hexdigest()
    body = b""
    for chunk in (content[:1000], content[1000:], b""):
        scope = f"{date[:8]}/us-east-1/s3/aws4_request"
        hashed = hashlib.sha256(chunk).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, signature, empty, hashed])
        signature = hmac.new(key, text.encode(), "sha256").hexdigest()
        body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(chunk), signature.encode(), chunk)
    return body


def test_signed_chunks(store: Any, s3: Any, bucket: str) -> None:
    target = path(bucket, "k")
    headers = {"Content-Encoding": "aws-chunked,gzip", "X-Amz-Decoded-Content-Length": str(len(CONTENT))}
    headers = signed(store, "PUT", target, headers, SIGNED_CHUNKS)

    assert send(store, "PUT", target, headers, in_signed_chunks(headers, CONTENT)).status == 200

    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["ContentEncoding"]) == (CONTENT, "gzip")


def test_content_md5(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ContentMD5=b64(hashlib.md5(CONTENT).digest()))

    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="new", Body=CONTENT, ContentMD5=b64(hashlib.md5(b"other").digest()))
    with refused("InvalidDigest", 400):
        s3.put_object(Bucket=bucket, Key="new", Body=CONTENT, ContentMD5="no digest")
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="new")


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_wrong_checksum_in_a_header(s3: Any, bucket: str, algorithm: str) -> None:
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, **{f"Checksum{algorithm}": CHECKSUMS[algorithm](b"other")})
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("algorithm", TRAILING)
def test_a_wrong_checksum_after_the_body(store: Any, s3: Any, bucket: str, algorithm: str) -> None:
    answer = put_with_trailer(store, bucket, algorithm, CHECKSUMS[algorithm](b"other"))

    assert answer.status == 400, answer.text
    assert "<Code>BadDigest</Code>" in answer.text
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


def test_no_checksum_at_all_in_a_header(s3: Any, bucket: str) -> None:
    with refused("InvalidRequest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumSHA256="no checksum")


def wrong_md5(store: Any, s3: Any, bucket: str) -> None:
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"new", ContentMD5=b64(hashlib.md5(b"other").digest()))


def wrong_header(store: Any, s3: Any, bucket: str) -> None:
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"new", ChecksumSHA256=CHECKSUMS["SHA256"](b"other"))


def wrong_trailer(store: Any, s3: Any, bucket: str) -> None:
    assert put_with_trailer(store, bucket, "CRC32", CHECKSUMS["CRC32"](b"other"), b"new").status == 400


@pytest.mark.files_only
@pytest.mark.parametrize("attempt", [wrong_md5, wrong_header, wrong_trailer])
def test_the_old_object_is_as_it_was(store: Any, s3: Any, bucket: str, attempt: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"old", Metadata={"a": "1"}, Tagging="t=1")
    before = s3.head_object(Bucket=bucket, Key="k")

    attempt(store, s3, bucket)

    after = s3.head_object(Bucket=bucket, Key="k")
    before.pop("ResponseMetadata")
    after.pop("ResponseMetadata")
    assert after == before
    assert read(s3, bucket, "k") == b"old"
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]
