"""The Range header: GetObject, HeadObject of the API Reference ("Range"), RFC 9110."""

from typing import Any

import pytest

from tests.contract.s3.asking import path, refused, send

CONTENT = bytes(range(100))


@pytest.fixture
def key(s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT)
    return {"Bucket": bucket, "Key": "k"}


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-0", 0, 0),
        ("0-99", 0, 99),
        ("99-99", 99, 99),
        ("99-", 99, 99),
        ("0-", 0, 99),
        ("10-19", 10, 19),
        ("-1", 99, 99),
        ("-10", 90, 99),
        ("-1000", 0, 99),
        ("90-1000", 90, 99),
    ],
)
def test_a_range(s3: Any, key: Any, asked: str, first: int, last: int) -> None:
    answer = s3.get_object(**key, Range=f"bytes={asked}")

    assert answer["Body"].read() == CONTENT[first : last + 1]
    for one in (answer, s3.head_object(**key, Range=f"bytes={asked}")):
        assert one["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert one["ContentRange"] == f"bytes {first}-{last}/100"
        assert one["ContentLength"] == last - first + 1


@pytest.mark.parametrize("asked", ["100-", "100-200", "1000-", "-0"])
def test_past_the_end(s3: Any, key: Any, asked: str) -> None:
    with refused("InvalidRange", 416):
        s3.get_object(**key, Range=f"bytes={asked}")
    with refused("416", 416):
        s3.head_object(**key, Range=f"bytes={asked}")


def test_nothing_has_no_range(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")

    with refused("InvalidRange", 416):
        s3.get_object(Bucket=bucket, Key="empty", Range="bytes=0-")


@pytest.mark.parametrize("asked", ["bytes=9-3", "nonsense"])
def test_what_is_no_range_is_ignored(s3: Any, key: Any, asked: str) -> None:
    answer = s3.get_object(**key, Range=asked)

    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (200, CONTENT)


def test_a_range_of_what_matches(s3: Any, key: Any) -> None:
    etag = s3.head_object(**key)["ETag"]

    assert s3.get_object(**key, Range="bytes=0-1", IfMatch=etag)["Body"].read() == CONTENT[:2]
    with refused("PreconditionFailed", 412):
        s3.get_object(**key, Range="bytes=0-1", IfMatch='"other"')


def test_a_whole_object_takes_ranges(store: Any, key: Any) -> None:
    headers = send(store, "HEAD", path(key["Bucket"], "k")).headers

    assert (headers["accept-ranges"], headers["content-length"]) == ("bytes", "100")
    assert "content-range" not in headers


def test_ranges_at_once_of_a_large_object(s3: Any, bucket: str) -> None:
    content = b"".join(number.to_bytes(4, "big") for number in range(300_000))
    s3.put_object(Bucket=bucket, Key="large", Body=content)

    for first in (0, 65_535, 262_143, 524_289, 1_199_999):
        got = s3.get_object(Bucket=bucket, Key="large", Range=f"bytes={first}-{first + 70_000}")["Body"].read()
        assert got == content[first : first + 70_001]
