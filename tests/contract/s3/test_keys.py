"""Unusual keys: "Naming Amazon S3 objects" of the S3 User Guide."""

from typing import Any

import pytest

from tests.contract.s3.asking import fresh, read, refused, send, upload

KEYS = [
    "a b",
    " leading and trailing ",
    "a+b",
    "100%",
    "a%20b",
    "%2F",
    "a&b=c?d#e",
    "a'b\"c<d>e",
    "a;b,c:d@e",
    "zürich/ß/日本/🦆",
    "e\u0301",
    "\u00e9",
    "a//b",
    "/a",
    "a/",
    "dt=2026-01-01/part-0.parquet",
    "back\\slash",
    "*?[]{}|^~`",
    "x" * 1024,
    "é" * 512,
    "/".join("abc" * 85),
    "CON/nul.txt",
    ".hidden",
    "UPPER",
    "upper",
    "-rf",
    "tab\there",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:12].encode().hex())
def test_an_unusual_key(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"a": "1"})

    assert read(s3, bucket, key) == key.encode()
    assert s3.head_object(Bucket=bucket, Key=key)["Metadata"] == {"a": "1"}
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert read(s3, bucket, "copy") == key.encode()
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert [found["Key"] for found in deleted["Deleted"]] == [key]
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key=key)


def test_all_of_them_beside_each_other(s3: Any, bucket: str) -> None:
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())

    listed = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(KEYS, key=str.encode)
    assert [read(s3, bucket, key) for key in KEYS] == [key.encode() for key in KEYS]


def test_a_key_and_what_would_be_under_it(s3: Any, bucket: str) -> None:
    keys = ["a", "a/", "a/b", "a/b/", "a/b/c"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())

    assert [read(s3, bucket, key) for key in keys] == [key.encode() for key in keys]
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a/b/")
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/", "a/b", "a/b/c"]
    assert read(s3, bucket, "a/b/c") == b"a/b/c"


@pytest.mark.parametrize("key", ["a/../b", "a/./b", "a/.."])
def test_dots_are_characters(store: Any, s3: Any, bucket: str, key: str) -> None:
    """As segments of a path that stays inside of the bucket."""
    s3.put_object(Bucket=bucket, Key=key, Body=b"1")

    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert read(s3, bucket, key) == b"1"


def test_no_key_leads_out_of_its_bucket(store: Any, s3: Any, bucket: str) -> None:
    other = fresh(s3)
    s3.put_object(Bucket=other, Key="secret", Body=b"secret")
    for key in ("../" + other + "/secret", "a/../../" + other + "/secret", "%2e%2e/" + other + "/secret"):
        answer = send(store, "GET", f"/{bucket}/{key}")
        assert answer.status in {400, 403, 404}
        send(store, "PUT", f"/{bucket}/{key}", {}, b"changed")
        send(store, "DELETE", f"/{bucket}/{key}")

    assert read(s3, other, "secret") == b"secret"


@pytest.mark.parametrize("key", ["x" * 1025, "é" * 513])
def test_a_key_of_more_than_1024_bytes(s3: Any, bucket: str, key: str) -> None:
    with refused("KeyTooLongError", 400):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_an_unusual_key_in_parts(s3: Any, bucket: str) -> None:
    key = "a b+c%20/é//"
    answer = upload(s3, bucket, key, {1: b"1"})

    assert answer["Key"] == key
    assert read(s3, bucket, key) == b"1"
