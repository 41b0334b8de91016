"""Objects and what they say: PutObject, GetObject, HeadObject of the API Reference; "Working with object metadata" and
"Using server-side encryption with customer-provided keys (SSE-C)" of the S3 User Guide.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.s3.asking import MIB, b64, md5, path, read, refused, send

KEY, WRONG = b"k" * 32, b"w" * 32


@pytest.mark.parametrize("size", [0, 1, 65_536, 8 * MIB + 1])
def test_content(s3: Any, bucket: str, size: int) -> None:
    content = (bytes(range(256)) * (size // 256 + 1))[:size]

    assert s3.put_object(Bucket=bucket, Key="k", Body=content)["ETag"] == f'"{md5(content)}"'

    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["ContentLength"], answer["ETag"]) == (size, f'"{md5(content)}"')
    assert answer["Body"].read() == content


def test_metadata(s3: Any, bucket: str) -> None:
    expires = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    said = {
        "ContentType": "text/csv",
        "ContentLanguage": "de",
        "ContentEncoding": "gzip",
        "ContentDisposition": 'attachment; filename="x"',
        "CacheControl": "max-age=60",
        "Metadata": {"color": "red", "Upper": "Case kept"},
    }
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", Expires=expires, **said)

    said["Metadata"] = {"color": "red", "upper": "Case kept"}
    for answer in (s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")):
        assert {name: answer[name] for name in said} == said
        assert abs(answer["LastModified"] - datetime.now(UTC)) < timedelta(seconds=60)
        assert answer["ExpiresString"] == expires.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_the_type_nobody_said(store: Any, s3: Any, bucket: str) -> None:
    send(store, "PUT", path(bucket, "k"), {}, b"1")

    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "binary/octet-stream"


def test_overwritten_as_a_whole(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", Metadata={"a": "1"}, StorageClass="STANDARD_IA")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")

    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"2", {})
    assert "StorageClass" not in answer


def test_not_there(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404) as answer:
        s3.get_object(Bucket=bucket, Key="never")
    assert answer["Error"]["Key"] == "never"
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="never")
    with refused("NoSuchBucket", 404):
        s3.get_object(Bucket=f"never-{bucket}", Key="k")


def test_redirect_of_a_website(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", WebsiteRedirectLocation="/other")

    assert s3.head_object(Bucket=bucket, Key="k")["WebsiteRedirectLocation"] == "/other"


@pytest.fixture
def encrypted(s3: Any, bucket: str) -> dict[str, str]:
    # The SDK encodes the key itself.
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", SSECustomerAlgorithm="AES256", SSECustomerKey=KEY)
    return {"Bucket": bucket, "Key": "k"}


def test_a_customers_key_reads(s3: Any, encrypted: Any) -> None:
    answer = s3.get_object(**encrypted, SSECustomerAlgorithm="AES256", SSECustomerKey=KEY)

    assert answer["Body"].read() == b"secret"
    assert answer["SSECustomerAlgorithm"] == "AES256"
    assert answer["SSECustomerKeyMD5"] == b64(hashlib.md5(KEY).digest())
    head = s3.head_object(**encrypted, SSECustomerAlgorithm="AES256", SSECustomerKey=KEY)
    assert head["ContentLength"] == 6


def test_without_the_key(s3: Any, encrypted: Any) -> None:
    with refused("InvalidRequest", 400):
        s3.get_object(**encrypted)
    with refused("400", 400):
        s3.head_object(**encrypted)


def test_with_another_key(s3: Any, encrypted: Any) -> None:
    with refused("AccessDenied", 403):
        s3.get_object(**encrypted, SSECustomerAlgorithm="AES256", SSECustomerKey=WRONG)
    with refused("403", 403):
        s3.head_object(**encrypted, SSECustomerAlgorithm="AES256", SSECustomerKey=WRONG)


def test_copied_from_one_key_to_another(s3: Any, bucket: str, encrypted: Any) -> None:
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=encrypted,
        CopySourceSSECustomerAlgorithm="AES256",
        CopySourceSSECustomerKey=KEY,
        SSECustomerAlgorithm="AES256",
        SSECustomerKey=WRONG,
    )

    assert read(s3, bucket, "copy", SSECustomerAlgorithm="AES256", SSECustomerKey=WRONG) == b"secret"
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="second", CopySource=encrypted)
