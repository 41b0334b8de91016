"""Versions of objects: "Retaining multiple versions of objects with S3 Versioning" and "Working with delete markers"
of the S3 User Guide, ListObjectVersions of the API Reference.
"""

from typing import Any

import pytest

from tests.contract.s3.asking import fresh, read, refused, send


def put(s3: Any, bucket: str, key: str, *contents: str) -> list[str]:
    """The versions' ids, the oldest first."""
    return [s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"] for content in contents]


def switch(s3: Any, bucket: str, status: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def listed(s3: Any, bucket: str, **settings: Any) -> list[tuple[str, str, bool]]:
    answer = s3.list_object_versions(Bucket=bucket, **settings)
    return [(version["Key"], version["VersionId"], version["IsLatest"]) for version in answer.get("Versions", [])]


def markers(s3: Any, bucket: str) -> list[tuple[str, str, bool]]:
    found = s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", [])
    return [(marker["Key"], marker["VersionId"], marker["IsLatest"]) for marker in found]


def test_a_new_bucket_was_never_versioned(s3: Any, bucket: str) -> None:
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"1")

    assert "VersionId" not in answer
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert listed(s3, bucket) == [("k", "null", True)]


def test_the_status_is_as_it_was_put(s3: Any, bucket: str) -> None:
    for status in ("Enabled", "Suspended", "Enabled"):
        switch(s3, bucket, status)
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_each_version_stays(s3: Any, versioned: str) -> None:
    first, second = put(s3, versioned, "k", "one", "second")

    assert first != second
    assert read(s3, versioned, "k") == b"second"
    assert read(s3, versioned, "k", VersionId=first) == b"one"
    assert s3.head_object(Bucket=versioned, Key="k")["VersionId"] == second
    head = s3.head_object(Bucket=versioned, Key="k", VersionId=first)
    assert (head["VersionId"], head["ContentLength"]) == (first, 3)


def test_a_version_can_be_copied(s3: Any, versioned: str) -> None:
    first, second = put(s3, versioned, "k", "one", "two")

    source = {"Bucket": versioned, "Key": "k", "VersionId": first}
    answer = s3.copy_object(Bucket=versioned, Key="copy", CopySource=source)

    assert answer["CopySourceVersionId"] == first
    assert answer["VersionId"] not in {first, second}
    assert read(s3, versioned, "copy") == b"one"
    assert read(s3, versioned, "k") == b"two"


def test_deleting_leaves_a_marker(s3: Any, versioned: str) -> None:
    (version,) = put(s3, versioned, "k", "one")

    answer = s3.delete_object(Bucket=versioned, Key="k")

    marker = answer["VersionId"]
    assert answer["DeleteMarker"] is True
    assert marker != version
    assert markers(s3, versioned) == [("k", marker, True)]
    assert listed(s3, versioned) == [("k", version, False)]
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    assert read(s3, versioned, "k", VersionId=version) == b"one"


def test_a_deleted_object_says_that_it_is_a_marker(s3: Any, versioned: str) -> None:
    put(s3, versioned, "k", "one")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]

    for ask, code in ((s3.get_object, "NoSuchKey"), (s3.head_object, "404")):
        with refused(code, 404) as answer:
            ask(Bucket=versioned, Key="k")
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)


def test_a_marker_can_not_be_read(s3: Any, versioned: str) -> None:
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]

    for ask, code in ((s3.get_object, "MethodNotAllowed"), (s3.head_object, "405")):
        with refused(code, 405):
            ask(Bucket=versioned, Key="k", VersionId=marker)


def test_deleting_the_marker_brings_the_object_back(s3: Any, versioned: str) -> None:
    (version,) = put(s3, versioned, "k", "one")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]

    answer = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker)

    assert (answer["DeleteMarker"], answer["VersionId"]) == (True, marker)
    assert read(s3, versioned, "k") == b"one"
    assert listed(s3, versioned) == [("k", version, True)]


def test_markers_pile_up(s3: Any, versioned: str) -> None:
    first = s3.delete_object(Bucket=versioned, Key="never")["VersionId"]
    second = s3.delete_object(Bucket=versioned, Key="never")["VersionId"]

    assert markers(s3, versioned) == [("never", second, True), ("never", first, False)]


def test_a_deleted_version_is_gone(s3: Any, versioned: str) -> None:
    first, second = put(s3, versioned, "k", "one", "two")

    answer = s3.delete_object(Bucket=versioned, Key="k", VersionId=second)

    assert answer["VersionId"] == second
    assert "DeleteMarker" not in answer
    assert read(s3, versioned, "k") == b"one"
    assert listed(s3, versioned) == [("k", first, True)]
    with refused("NoSuchVersion", 404):
        read(s3, versioned, "k", VersionId=second)


def test_what_was_there_before_is_the_null_version(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    switch(s3, bucket, "Enabled")
    (version,) = put(s3, bucket, "k", "after")

    assert listed(s3, bucket) == [("k", version, True), ("k", "null", False)]
    assert read(s3, bucket, "k", VersionId="null") == b"before"
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert listed(s3, bucket) == [("k", version, True)]


def test_a_suspended_bucket_overwrites_the_null_version_only(s3: Any, versioned: str) -> None:
    (version,) = put(s3, versioned, "k", "version")
    switch(s3, versioned, "Suspended")
    for content in (b"null one", b"null two"):
        s3.put_object(Bucket=versioned, Key="k", Body=content)

    assert listed(s3, versioned) == [("k", "null", True), ("k", version, False)]
    assert read(s3, versioned, "k", VersionId="null") == b"null two"
    assert read(s3, versioned, "k", VersionId=version) == b"version"


def test_a_suspended_bucket_deletes_the_null_version(s3: Any, versioned: str) -> None:
    (version,) = put(s3, versioned, "k", "version")
    switch(s3, versioned, "Suspended")
    s3.put_object(Bucket=versioned, Key="k", Body=b"null")

    answer = s3.delete_object(Bucket=versioned, Key="k")

    assert (answer["DeleteMarker"], answer["VersionId"]) == (True, "null")
    assert markers(s3, versioned) == [("k", "null", True)]
    assert listed(s3, versioned) == [("k", version, False)]


def test_versioning_on_again(s3: Any, versioned: str) -> None:
    (first,) = put(s3, versioned, "k", "first")
    switch(s3, versioned, "Suspended")
    s3.put_object(Bucket=versioned, Key="k", Body=b"null")
    switch(s3, versioned, "Enabled")
    (last,) = put(s3, versioned, "k", "last")

    assert listed(s3, versioned) == [("k", last, True), ("k", "null", False), ("k", first, False)]
    assert read(s3, versioned, "k", VersionId="null") == b"null"


def test_versions_by_key_and_the_newest_first(s3: Any, versioned: str) -> None:
    put(s3, versioned, "b", "1")
    a = put(s3, versioned, "a", *"12345")
    b = [version for key, version, _ in listed(s3, versioned) if key == "b"] + put(s3, versioned, "b", "2")

    expected = [("a", version, version == a[-1]) for version in reversed(a)]
    expected += [("b", version, version == b[-1]) for version in reversed(b)]
    assert listed(s3, versioned) == expected
    assert listed(s3, versioned, Prefix="b") == expected[5:]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_versions(s3: Any, versioned: str, size: int) -> None:
    for key in ("a", "b", "c"):
        put(s3, versioned, key, "1", "2")
        s3.delete_object(Bucket=versioned, Key=key)
    found, pages, start = [], [], {}
    while True:
        page = s3.list_object_versions(Bucket=versioned, MaxKeys=size, **start)
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        pages.append(len(entries))
        found += [(entry["Key"], entry["VersionId"]) for entry in entries]
        if not page["IsTruncated"]:
            break
        start = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    whole = s3.list_object_versions(Bucket=versioned)
    every = {(entry["Key"], entry["VersionId"]) for entry in whole["Versions"] + whole["DeleteMarkers"]}
    assert len(every) == len(found) == 9
    assert set(found) == every
    assert pages == [size] * (9 // size) + ([9 % size] if 9 % size else [])


def test_versions_under_a_delimiter(s3: Any, versioned: str) -> None:
    put(s3, versioned, "a/1", "1", "2")
    put(s3, versioned, "b", "1")

    answer = s3.list_object_versions(Bucket=versioned, Delimiter="/")

    assert [prefix["Prefix"] for prefix in answer["CommonPrefixes"]] == ["a/"]
    assert [version["Key"] for version in answer["Versions"]] == ["b"]


def test_versions_and_markers_as_elements(store: Any, s3: Any, versioned: str) -> None:
    put(s3, versioned, "k", "1")
    s3.delete_object(Bucket=versioned, Key="k")
    put(s3, versioned, "k", "2")

    text = send(store, "GET", f"/{versioned}?versions").text

    assert text.count("<Version>") == 2
    assert text.count("<DeleteMarker>") == 1


def test_a_bucket_of_versions_is_not_empty(s3: Any, versioned: str) -> None:
    (version,) = put(s3, versioned, "k", "1")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]

    for left in (version, marker):
        with refused("BucketNotEmpty", 409):
            s3.delete_bucket(Bucket=versioned)
        s3.delete_object(Bucket=versioned, Key="k", VersionId=left)
    s3.delete_bucket(Bucket=versioned)
    with refused("404", 404):
        s3.head_bucket(Bucket=versioned)


def test_deleting_what_is_not_there(s3: Any, bucket: str) -> None:
    answer = s3.delete_object(Bucket=bucket, Key="never")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "DeleteMarker" not in answer
    assert not listed(s3, bucket)


def test_versions_of_two_buckets_are_apart(s3: Any, versioned: str) -> None:
    other = fresh(s3)
    switch(s3, other, "Enabled")
    (version,) = put(s3, versioned, "k", "1")
    put(s3, other, "k", "2")

    with refused("NoSuchVersion", 404):
        read(s3, other, "k", VersionId=version)
