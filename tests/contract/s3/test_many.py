"""More keys than one answer has: ListObjectsV2, ListObjects, ListObjectVersions, DeleteObjects of the API Reference."""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.contract.localstack_process import LocalStack
from tests.contract.s3.asking import fresh, path

KEYS = [f"part={number % 7}/{number:05}" for number in range(2300)]


@pytest.fixture(scope="module")
def many(store: LocalStack, s3: Any) -> str:
    """Written without the SDK, which would take twice the time."""
    name = fresh(s3)

    def write(keys: list[str]) -> None:
        connection = HTTPConnection("127.0.0.1", store.port, timeout=30)
        for key in keys:
            connection.request("PUT", path(name, key), b"")
            with connection.getresponse() as answer:
                answer.read()
                assert answer.status == 200
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, (KEYS[start::4] for start in range(4))))
    return name


def test_a_thousand_a_page(s3: Any, many: str) -> None:
    pages = [
        [found["Key"] for found in page["Contents"]]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=many)
    ]

    assert [len(page) for page in pages] == [1000, 1000, 300]
    assert [key for page in pages for key in page] == sorted(KEYS)


@pytest.mark.files_only
@pytest.mark.parametrize(("operation", "member"), [("list_objects", "Contents"), ("list_object_versions", "Versions")])
def test_a_thousand_a_page_of_the_older_operations(s3: Any, many: str, operation: str, member: str) -> None:
    pages = [[found["Key"] for found in page[member]] for page in s3.get_paginator(operation).paginate(Bucket=many)]

    assert [len(page) for page in pages] == [1000, 1000, 300]
    assert [key for page in pages for key in page] == sorted(KEYS)


@pytest.mark.files_only
def test_never_more_than_a_thousand(s3: Any, many: str) -> None:
    answer = s3.list_objects_v2(Bucket=many, MaxKeys=5000)

    assert (len(answer["Contents"]), answer["KeyCount"], answer["IsTruncated"]) == (1000, 1000, True)


def test_prefixes_of_many_count_once(s3: Any, many: str) -> None:
    answer = s3.list_objects_v2(Bucket=many, Delimiter="/")

    assert [found["Prefix"] for found in answer["CommonPrefixes"]] == [f"part={number}/" for number in range(7)]
    assert (answer["KeyCount"], answer["IsTruncated"]) == (7, False)


def test_pages_of_a_prefix(s3: Any, many: str) -> None:
    found, token = [], {}
    while True:
        page = s3.list_objects_v2(Bucket=many, Prefix="part=3/", MaxKeys=100, **token)
        found += [one["Key"] for one in page["Contents"]]
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}

    assert found == sorted(key for key in KEYS if key.startswith("part=3/"))


def test_a_page_goes_on_where_keys_came_and_went(s3: Any) -> None:
    bucket = fresh(s3)
    for key in "aceg":
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=2)
    for key in "bd":
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    s3.delete_object(Bucket=bucket, Key="c")
    s3.delete_object(Bucket=bucket, Key="e")

    rest = s3.list_objects_v2(Bucket=bucket, ContinuationToken=page["NextContinuationToken"])

    assert [found["Key"] for found in rest["Contents"]] in (["d", "g"], ["g"])
    # "e" may be the one the token names: then the page starts there.


def test_deleting_a_thousand_at_once(s3: Any, many: str) -> None:
    objects = [{"Key": f"never/{number}"} for number in range(1000)]

    assert len(s3.delete_objects(Bucket=many, Delete={"Objects": objects})["Deleted"]) == 1000
