"""Tags: "Categorizing your objects using tags" of the S3 User Guide; PutObjectTagging, PutBucketTagging of the API
Reference; TagResource, UntagResource, ListTagsForResource of S3 Control.
"""

from typing import Any

import pytest

from tests.contract.s3.asking import ACCOUNT, refused

ONE, TWO = {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "zwei + 2/é"}


def by_key(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(tags, key=lambda tag: tag["Key"])


@pytest.fixture
def key(s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    return {"Bucket": bucket, "Key": "k"}


def tags_of(s3: Any, **which: Any) -> list[dict[str, str]]:
    return by_key(s3.get_object_tagging(**which)["TagSet"])


def test_an_object(s3: Any, key: Any) -> None:
    assert tags_of(s3, **key) == []
    s3.put_object_tagging(**key, Tagging={"TagSet": [ONE, TWO]})
    assert tags_of(s3, **key) == [ONE, TWO]
    assert s3.get_object(**key)["TagCount"] == 2
    s3.put_object_tagging(**key, Tagging={"TagSet": [TWO]})
    assert tags_of(s3, **key) == [TWO]
    s3.delete_object_tagging(**key)
    assert tags_of(s3, **key) == []
    assert "TagCount" not in s3.get_object(**key)


def test_written_with_the_object(s3: Any, key: Any) -> None:
    s3.put_object(**key, Body=b"2", Tagging="a=1&b=zwei%20%2B%202%2F%C3%A9")
    assert tags_of(s3, **key) == [ONE, TWO]
    s3.put_object(**key, Body=b"3")
    assert tags_of(s3, **key) == []


def test_a_version(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="a=1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]

    answer = s3.put_object_tagging(Bucket=versioned, Key="k", VersionId=first, Tagging={"TagSet": [TWO]})

    assert answer["VersionId"] == first
    assert tags_of(s3, Bucket=versioned, Key="k", VersionId=first) == [TWO]
    assert tags_of(s3, Bucket=versioned, Key="k") == tags_of(s3, Bucket=versioned, Key="k", VersionId=second) == []
    s3.delete_object_tagging(Bucket=versioned, Key="k", VersionId=first)
    assert tags_of(s3, Bucket=versioned, Key="k", VersionId=first) == []


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([ONE, ONE], "InvalidTag"),
        ([{"Key": "aws:mine", "Value": "1"}], "InvalidTag"),
    ],
    ids=["twice", "aws:"],
)
def test_tags_that_an_object_can_not_have(s3: Any, key: Any, tags: Any, code: str) -> None:
    s3.put_object_tagging(**key, Tagging={"TagSet": [TWO]})
    with refused(code, 400):
        s3.put_object_tagging(**key, Tagging={"TagSet": tags})
    assert tags_of(s3, **key) == [TWO]


def test_no_object_no_tags(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        s3.get_object_tagging(Bucket=bucket, Key="never")
    with refused("NoSuchKey", 404):
        s3.put_object_tagging(Bucket=bucket, Key="never", Tagging={"TagSet": [ONE]})


def test_a_bucket(s3: Any, bucket: str) -> None:
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [ONE, TWO]})
    assert by_key(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == [ONE, TWO]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [TWO]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [TWO]
    s3.delete_bucket_tagging(Bucket=bucket)
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)


def test_a_bucket_as_a_resource(s3: Any, control: Any, bucket: str) -> None:
    which = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{bucket}"}
    assert control.list_tags_for_resource(**which)["Tags"] == []
    control.tag_resource(**which, Tags=[ONE])
    control.tag_resource(**which, Tags=[TWO])
    assert by_key(control.list_tags_for_resource(**which)["Tags"]) == [ONE, TWO]
    assert by_key(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == [ONE, TWO]
    control.untag_resource(**which, TagKeys=["a", "never"])
    assert control.list_tags_for_resource(**which)["Tags"] == [TWO]


def test_both_ways_to_a_buckets_tags(s3: Any, control: Any, bucket: str) -> None:
    which = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{bucket}"}
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [ONE]})
    assert control.list_tags_for_resource(**which)["Tags"] == [ONE]
    control.tag_resource(**which, Tags=[{"Key": "a", "Value": "other"}])
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "other"}]


def test_a_resource_that_is_not_there(control: Any, bucket: str) -> None:
    which = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::never-{bucket}"}
    with refused("NoSuchResource", 404):
        control.list_tags_for_resource(**which)


def test_tags_end_with_the_bucket(s3: Any, bucket: str) -> None:
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [ONE]})
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
