"""Buckets of accounts and regions: CreateBucket, HeadBucket, ListBuckets, GetBucketLocation, DeleteBucket of the API
Reference; "General purpose bucket naming rules" of the S3 User Guide.
"""

from typing import Any
from uuid import uuid4

import pytest

from tests.contract.s3.asking import EUROPE, fresh, read, refused


def names(s3: Any, **settings: Any) -> list[str]:
    return [found["Name"] for found in s3.list_buckets(**settings)["Buckets"]]


def test_names_are_global(s3: Any, another: Any, europe: Any, bucket: str) -> None:
    with refused("BucketAlreadyExists", 409):
        another.create_bucket(Bucket=bucket)
    with refused("BucketAlreadyOwnedByYou", 409):
        europe.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": EUROPE})
    assert bucket not in names(another)
    assert bucket in names(s3)
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"


def test_created_again_in_us_east_1(s3: Any, bucket: str) -> None:
    """As ever, and with no harm to what is in it."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")

    s3.create_bucket(Bucket=bucket)

    assert read(s3, bucket, "k") == b"1"


def test_a_name_is_free_again(s3: Any, another: Any, bucket: str) -> None:
    s3.delete_bucket(Bucket=bucket)
    another.create_bucket(Bucket=bucket)

    assert bucket in names(another)
    assert bucket not in names(s3)


def test_buckets_of_an_account(s3: Any, another: Any, europe: Any) -> None:
    ours, theirs = fresh(s3), fresh(another)
    far = f"a-{uuid4().hex[:16]}"
    europe.create_bucket(Bucket=far, CreateBucketConfiguration={"LocationConstraint": EUROPE})

    listed = names(s3)
    assert {ours, far} <= set(listed)
    assert theirs not in listed
    assert listed == sorted(listed)
    assert theirs in names(another)
    assert not {ours, far} & set(names(another))


def test_pages_of_buckets(s3: Any) -> None:
    prefix = f"page-{uuid4().hex[:8]}-"
    made = [f"{prefix}{letter}" for letter in "dbcae"]
    for name in made:
        s3.create_bucket(Bucket=name)

    found, token = [], {}
    while True:
        page = s3.list_buckets(Prefix=prefix, MaxBuckets=2, **token)
        assert len(page["Buckets"]) <= 2
        found += [one["Name"] for one in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        token = {"ContinuationToken": page["ContinuationToken"]}

    assert found == sorted(made)


def test_a_region(s3: Any, europe: Any) -> None:
    name = fresh(europe, CreateBucketConfiguration={"LocationConstraint": EUROPE})

    assert europe.get_bucket_location(Bucket=name)["LocationConstraint"] == EUROPE
    assert europe.head_bucket(Bucket=name)["BucketRegion"] == EUROPE
    assert name in names(s3, BucketRegion=EUROPE)
    assert name not in names(s3, BucketRegion="us-east-1")
    europe.put_object(Bucket=name, Key="k", Body=b"1")
    assert read(europe, name, "k") == b"1"


def test_the_first_region_has_no_constraint(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"


def test_the_constraint_is_the_region(s3: Any, europe: Any) -> None:
    name = f"b-{uuid4().hex[:16]}"
    with refused("IllegalLocationConstraintException", 400):
        europe.create_bucket(Bucket=name)
    with refused("IllegalLocationConstraintException", 400):
        europe.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    with refused("404", 404):
        s3.head_bucket(Bucket=name)


@pytest.mark.parametrize("name", ["Upper", "a_b", "ab", "-ab", "a..b", "x" * 64])
def test_names_that_no_bucket_has(s3: Any, name: str) -> None:
    with refused("InvalidBucketName", 400):
        s3.create_bucket(Bucket=name)


def test_a_bucket_that_is_not_empty(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    assert read(s3, bucket, "k") == b"1"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    for operation, code in ((s3.head_bucket, "404"), (s3.list_objects_v2, "NoSuchBucket")):
        with refused(code, 404):
            operation(Bucket=bucket)
    with refused("NoSuchBucket", 404):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")


def test_created_anew_it_is_empty(s3: Any, versioned: str) -> None:
    version = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    s3.delete_bucket(Bucket=versioned)
    s3.create_bucket(Bucket=versioned)

    assert "Status" not in s3.get_bucket_versioning(Bucket=versioned)
    assert "Versions" not in s3.list_object_versions(Bucket=versioned)
