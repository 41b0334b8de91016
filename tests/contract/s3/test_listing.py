"""ListObjects, ListObjectsV2 of the API Reference; "Listing object keys programmatically" of the S3 User Guide."""

from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from tests.contract.s3.asking import ACCOUNT, fresh, md5, send

KEYS = ["a", "a/1", "a/2", "a/b/3", "b", "b/1", "c", "d/1/x", "d/2/y"]
WORLDWIDE = ["a", "a b", "a+b", "z", "é", "日本", "\ufffd", "𐀀"]
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def filled(s3: Any, keys: list[str]) -> str:
    name = fresh(s3)
    for key in reversed(keys):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


@pytest.fixture(scope="module")
def full(s3: Any) -> str:
    return filled(s3, KEYS)


@pytest.fixture(scope="module")
def worldwide(s3: Any) -> str:
    return filled(s3, WORLDWIDE)


def keys(answer: dict[str, Any]) -> list[str]:
    return [found["Key"] for found in answer.get("Contents", [])]


def prefixes(answer: dict[str, Any]) -> list[str]:
    return [found["Prefix"] for found in answer.get("CommonPrefixes", [])]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_in_the_order_of_utf8(s3: Any, worldwide: str, operation: str) -> None:
    """UTF-16 would have U+10000 before U+FFFD."""
    assert keys(getattr(s3, operation)(Bucket=worldwide)) == WORLDWIDE


@pytest.mark.files_only
@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 3])
def test_pages_in_the_order_of_utf8(s3: Any, worldwide: str, operation: str, size: int) -> None:
    pages = s3.get_paginator(operation).paginate(Bucket=worldwide, PaginationConfig={"PageSize": size})

    assert [found["Key"] for page in pages for found in page["Contents"]] == WORLDWIDE


@pytest.mark.parametrize("size", [1, 3])
def test_pages_of_versions_in_the_order_of_utf8(s3: Any, worldwide: str, size: int) -> None:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=worldwide, PaginationConfig={"PageSize": size})

    assert [found["Key"] for page in pages for found in page["Versions"]] == WORLDWIDE


@pytest.mark.files_only
@pytest.mark.parametrize(("after", "rest"), [("z", WORLDWIDE[4:]), ("a b", WORLDWIDE[2:]), ("𐀀", [])])
def test_start_after_in_the_order_of_utf8(s3: Any, worldwide: str, after: str, rest: list[str]) -> None:
    assert keys(s3.list_objects_v2(Bucket=worldwide, StartAfter=after)) == rest
    assert keys(s3.list_objects(Bucket=worldwide, Marker=after)) == rest


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize(
    ("asked", "found", "common"),
    [
        ({"Prefix": "a/"}, ["a/1", "a/2", "a/b/3"], []),
        ({"Prefix": "a/", "Delimiter": "/"}, ["a/1", "a/2"], ["a/b/"]),
        ({"Delimiter": "/"}, ["a", "b", "c"], ["a/", "b/", "d/"]),
        ({"Prefix": "d", "Delimiter": "/"}, [], ["d/"]),
        ({"Prefix": "d/", "Delimiter": "/"}, [], ["d/1/", "d/2/"]),
        ({"Prefix": "b", "Delimiter": "/1"}, ["b"], ["b/1"]),
        ({"Prefix": "none"}, [], []),
    ],
)
def test_prefix_and_delimiter(
    s3: Any, full: str, operation: str, asked: dict[str, str], found: list[str], common: list[str]
) -> None:
    answer = getattr(s3, operation)(Bucket=full, **asked)

    assert (keys(answer), prefixes(answer)) == (found, common)
    assert answer["IsTruncated"] is False
    if operation == "list_objects_v2":
        assert answer["KeyCount"] == len(found) + len(common)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 1000])
@pytest.mark.parametrize("asked", [{}, {"Delimiter": "/"}, {"Prefix": "a", "Delimiter": "/"}], ids=str)
def test_pages(s3: Any, full: str, asked: dict[str, str], size: int) -> None:
    whole = s3.list_objects_v2(Bucket=full, **asked)
    expected = sorted(keys(whole) + prefixes(whole), key=str.encode)
    found, token = [], {}
    while True:
        page = s3.list_objects_v2(Bucket=full, MaxKeys=size, **asked, **token)
        here = sorted(keys(page) + prefixes(page), key=str.encode)
        assert (page["MaxKeys"], page["KeyCount"]) == (size, len(here))
        found += here
        if not page["IsTruncated"]:
            break
        assert len(here) == size
        token = {"ContinuationToken": page["NextContinuationToken"]}

    assert found == expected


@pytest.mark.parametrize("size", [1, 3])
def test_pages_of_version_1(s3: Any, full: str, size: int) -> None:
    """NextMarker is there with a delimiter only."""
    found, marker = [], ""
    while True:
        page = s3.list_objects(Bucket=full, MaxKeys=size, Marker=marker)
        found += keys(page)
        if not page["IsTruncated"]:
            break
        marker = keys(page)[-1]
    assert found == sorted(KEYS, key=str.encode)

    found, marker = [], ""
    while True:
        page = s3.list_objects(Bucket=full, MaxKeys=size, Marker=marker, Delimiter="/")
        found += keys(page) + prefixes(page)
        if not page["IsTruncated"]:
            break
        marker = page["NextMarker"]
    assert sorted(found) == ["a", "a/", "b", "b/", "c", "d/"]


@pytest.mark.files_only
@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_none_at_all(s3: Any, full: str, operation: str) -> None:
    answer = getattr(s3, operation)(Bucket=full, MaxKeys=0)

    assert (keys(answer), answer["IsTruncated"], answer["MaxKeys"]) == ([], False, 0)


@pytest.mark.parametrize(
    ("after", "first"), [("a", "a/1"), ("a/2", "a/b/3"), ("a/", "a/1"), ("bb", "c"), ("0", "a"), ("c0", "d/1/x")]
)
def test_start_after(s3: Any, full: str, after: str, first: str) -> None:
    answer = s3.list_objects_v2(Bucket=full, StartAfter=after, MaxKeys=1)

    assert (keys(answer), answer["StartAfter"]) == ([first], after)
    assert keys(s3.list_objects(Bucket=full, Marker=after, MaxKeys=1)) == [first]


def test_start_after_all(s3: Any, full: str) -> None:
    answer = s3.list_objects_v2(Bucket=full, StartAfter="d/2/z")

    assert (keys(answer), answer["KeyCount"], answer["IsTruncated"]) == ([], 0, False)


def test_what_an_entry_says(s3: Any, full: str) -> None:
    (entry,) = s3.list_objects_v2(Bucket=full, Prefix="a/b", FetchOwner=True)["Contents"]

    assert (entry["Size"], entry["ETag"], entry["StorageClass"]) == (5, f'"{md5(b"a/b/3")}"', "STANDARD")
    assert entry["LastModified"] == s3.head_object(Bucket=full, Key="a/b/3")["LastModified"]
    assert entry["Owner"]["ID"] == s3.list_buckets()["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=full, Prefix="a/b")["Contents"][0]
    assert "Owner" in s3.list_objects(Bucket=full, Prefix="a/b")["Contents"][0]


def test_a_token_that_is_none(s3: Any, full: str) -> None:
    with pytest.raises(s3.exceptions.ClientError) as caught:
        s3.list_objects_v2(Bucket=full, ContinuationToken="")
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"


@pytest.mark.parametrize("query", ["list-type=2", "", "versions"], ids=["v2", "v1", "versions"])
def test_keys_as_a_url_has_them(store: Any, s3: Any, query: str) -> None:
    bucket = fresh(s3)
    s3.put_object(Bucket=bucket, Key="a b/é+%/x", Body=b"1")

    text = send(store, "GET", f"/{bucket}?{query}&encoding-type=url&delimiter=%2B&prefix=a%20").text

    root = ElementTree.fromstring(text)
    assert root.findtext(f"{NAMESPACE}EncodingType") == "url"
    assert root.findtext(f"{NAMESPACE}CommonPrefixes/{NAMESPACE}Prefix") in {"a+b/%C3%A9%2B", "a%20b/%C3%A9%2B"}
    assert root.findtext(f"{NAMESPACE}Delimiter") == "%2B"
    text = send(store, "GET", f"/{bucket}?{query}").text
    assert "<Key>a b/é+%/x</Key>" in text
    assert "EncodingType" not in text


def test_control_characters_need_the_encoding(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a\x01b", Body=b"1")

    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["a\x01b"]


def test_no_such_bucket(s3: Any) -> None:
    for operation in (s3.list_objects, s3.list_objects_v2, s3.list_object_versions):
        with pytest.raises(s3.exceptions.ClientError) as caught:
            operation(Bucket=f"never-{ACCOUNT}")
        assert caught.value.response["Error"]["Code"] == "NoSuchBucket"


@pytest.mark.files_only
@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2", "list_object_versions"])
def test_fewer_than_none_is_refused(s3: Any, full: str, operation: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(s3, operation)(Bucket=full, MaxKeys=-1)
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"
