from typing import Any

import pytest
from laketop_localstack.s3 import memory
from localstack.aws.api.s3 import StorageClass
from localstack.services.s3.models import KeyStore, S3Bucket, S3Object, VersionedKeyStore


@pytest.mark.parametrize(
    ("attributes", "readable"),
    [
        ({}, True),
        ({"storage_class": StorageClass.STANDARD_IA}, True),
        ({"storage_class": StorageClass.GLACIER}, False),
        ({"storage_class": StorageClass.DEEP_ARCHIVE}, False),
        ({"storage_class": StorageClass.GLACIER, "restore": 'ongoing-request="false"'}, True),
        ({"sse_key_hash": "of the customer's key"}, False),
    ],
)
def test_what_a_plain_get_returns(attributes: dict[str, Any], readable: bool) -> None:
    found = S3Object("k")
    vars(found).update(attributes)
    assert memory.is_readable(found) is readable


def test_versions_of_a_key() -> None:
    bucket = S3Bucket("lake", "0", "us-east-1", {})
    assert isinstance(bucket.objects, KeyStore)
    assert memory.versions(bucket, "k") == {}
    plain = S3Object("k")
    bucket.objects.set("k", plain)
    assert memory.versions(bucket, "k") == {"null": plain}
    bucket.objects = VersionedKeyStore.from_key_store(bucket.objects)
    second = S3Object("k", version_id="v2")
    bucket.objects.set("k", second)
    assert list(memory.versions(bucket, "k").items()) == [("null", plain), ("v2", second)]
    assert memory.versions(bucket, "other") == {}


def test_a_position_is_given_once_and_grows() -> None:
    one, other = S3Object("k"), S3Object("k")
    first = memory.position(one)
    assert first == memory.position(one) < memory.position(other)


def test_no_bucket() -> None:
    assert memory.bucket("no-such-bucket-anywhere") is None
