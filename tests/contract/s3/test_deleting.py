"""DeleteObjects of the API Reference; "Deleting Amazon S3 objects" of the S3 User Guide."""

from typing import Any

from tests.contract.s3.asking import fresh, read, refused


def delete(s3: Any, bucket: str, *objects: dict[str, str], **settings: Any) -> dict[str, Any]:
    answer: dict[str, Any] = s3.delete_objects(Bucket=bucket, Delete={"Objects": list(objects), **settings})
    return answer


def test_each_is_told(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="b", Body=b"1")

    answer = delete(s3, bucket, {"Key": "a"}, {"Key": "never"})

    assert sorted(found["Key"] for found in answer["Deleted"]) == ["a", "never"]
    assert "Errors" not in answer
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b"]


def test_quiet(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")

    answer = delete(s3, bucket, {"Key": "a"}, {"Key": "never"}, Quiet=True)

    assert not {"Deleted", "Errors"} & answer.keys()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_marker_each(s3: Any, versioned: str) -> None:
    version = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]

    (told,) = delete(s3, versioned, {"Key": "a"})["Deleted"]

    (marker,) = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    assert told == {"Key": "a", "DeleteMarker": True, "DeleteMarkerVersionId": marker["VersionId"]}
    assert read(s3, versioned, "a", VersionId=version) == b"1"


def test_versions_and_markers(s3: Any, versioned: str) -> None:
    version = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="a")["VersionId"]

    answer = delete(s3, versioned, {"Key": "a", "VersionId": marker}, {"Key": "a", "VersionId": version})

    told = {found["VersionId"]: found for found in answer["Deleted"]}
    assert told[version] == {"Key": "a", "VersionId": version}
    assert told[marker] == {
        "Key": "a",
        "VersionId": marker,
        "DeleteMarker": True,
        "DeleteMarkerVersionId": marker,
    }
    assert not {"Versions", "DeleteMarkers"} & s3.list_object_versions(Bucket=versioned).keys()


def test_one_that_is_locked(s3: Any) -> None:
    bucket = fresh(s3, ObjectLockEnabledForBucket=True)
    locked = s3.put_object(Bucket=bucket, Key="a", Body=b"1", ObjectLockLegalHoldStatus="ON")["VersionId"]
    free = s3.put_object(Bucket=bucket, Key="b", Body=b"1")["VersionId"]

    answer = delete(s3, bucket, {"Key": "a", "VersionId": locked}, {"Key": "b", "VersionId": free}, Quiet=True)

    (error,) = answer["Errors"]
    assert (error["Key"], error["VersionId"], error["Code"]) == ("a", locked, "AccessDenied")
    assert "Deleted" not in answer
    assert read(s3, bucket, "a") == b"1"
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="b")


def test_nothing_to_delete(s3: Any, bucket: str) -> None:
    with refused("MalformedXML", 400):
        delete(s3, bucket)


def test_in_no_bucket(s3: Any, bucket: str) -> None:
    with refused("NoSuchBucket", 404):
        delete(s3, f"never-{bucket}", {"Key": "a"})
    with refused("NoSuchBucket", 404):
        s3.delete_object(Bucket=f"never-{bucket}", Key="a")
