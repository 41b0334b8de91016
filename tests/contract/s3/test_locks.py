"""Object Lock: "Locking objects with Object Lock" of the S3 User Guide; PutObjectRetention, PutObjectLegalHold,
PutObjectLockConfiguration of the API Reference.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.s3.asking import fresh, read, refused

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)


@pytest.fixture
def lockable(s3: Any) -> str:
    return fresh(s3, ObjectLockEnabledForBucket=True)


def put(s3: Any, bucket: str, **settings: Any) -> dict[str, str]:
    """The version's address."""
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"1", **settings)["VersionId"]
    return {"Bucket": bucket, "Key": "k", "VersionId": version}


def held(mode: str) -> dict[str, Any]:
    return {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": TOMORROW}


def test_a_lockable_bucket_has_versions(s3: Any, lockable: str, bucket: str) -> None:
    assert s3.get_bucket_versioning(Bucket=lockable)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=lockable)["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled"
    }
    with refused("InvalidBucketState", 409):
        s3.put_bucket_versioning(Bucket=lockable, VersioningConfiguration={"Status": "Suspended"})
    with refused("ObjectLockConfigurationNotFoundError", 404):
        s3.get_object_lock_configuration(Bucket=bucket)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_retained_version(s3: Any, lockable: str, mode: str) -> None:
    version = put(s3, lockable, **held(mode))

    head = s3.head_object(**version)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == (mode, TOMORROW)
    with refused("AccessDenied", 403):
        s3.delete_object(**version)
    s3.delete_object(Bucket=lockable, Key="k")
    assert read(s3, lockable, "k", VersionId=version["VersionId"]) == b"1"


def test_governance_can_be_bypassed(s3: Any, lockable: str) -> None:
    version = put(s3, lockable, **held("GOVERNANCE"))

    s3.delete_object(**version, BypassGovernanceRetention=True)

    with refused("404", 404):
        s3.head_object(Bucket=lockable, Key="k")


def test_compliance_can_not(s3: Any, lockable: str) -> None:
    version = put(s3, lockable, **held("COMPLIANCE"))

    with refused("AccessDenied", 403):
        s3.delete_object(**version, BypassGovernanceRetention=True)
    shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": TOMORROW - timedelta(hours=1)}
    with refused("AccessDenied", 403):
        s3.put_object_retention(**version, Retention=shorter, BypassGovernanceRetention=True)
    longer = {"Mode": "COMPLIANCE", "RetainUntilDate": TOMORROW + timedelta(hours=1)}
    s3.put_object_retention(**version, Retention=longer)
    assert s3.get_object_retention(**version)["Retention"] == longer


def test_retention_of_a_version(s3: Any, lockable: str) -> None:
    first, second = put(s3, lockable), put(s3, lockable)
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": TOMORROW}

    s3.put_object_retention(**first, Retention=retention)

    assert s3.get_object_retention(**first)["Retention"] == retention
    with refused("NoSuchObjectLockConfiguration", 404):
        s3.get_object_retention(**second)
    with refused("AccessDenied", 403):
        s3.put_object_retention(**first, Retention={})
    s3.put_object_retention(**first, Retention={}, BypassGovernanceRetention=True)
    s3.delete_object(**first)


def test_legal_hold(s3: Any, lockable: str) -> None:
    version = put(s3, lockable, ObjectLockLegalHoldStatus="ON")

    assert s3.get_object_legal_hold(**version)["LegalHold"] == {"Status": "ON"}
    assert s3.head_object(**version)["ObjectLockLegalHoldStatus"] == "ON"
    with refused("AccessDenied", 403):
        s3.delete_object(**version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**version, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(**version)["LegalHold"] == {"Status": "OFF"}
    s3.delete_object(**version)


def test_a_buckets_default(s3: Any, lockable: str) -> None:
    configuration = {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}},
    }
    s3.put_object_lock_configuration(Bucket=lockable, ObjectLockConfiguration=configuration)
    version = put(s3, lockable)

    assert s3.get_object_lock_configuration(Bucket=lockable)["ObjectLockConfiguration"] == configuration
    head = s3.head_object(**version)
    assert head["ObjectLockMode"] == "GOVERNANCE"
    assert abs(head["ObjectLockRetainUntilDate"] - head["LastModified"] - timedelta(days=2)) < timedelta(seconds=5)
    with refused("AccessDenied", 403):
        s3.delete_object(**version)


def test_what_can_not_be_locked(s3: Any, bucket: str, lockable: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with refused("InvalidRequest", 400):
        s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})
    yesterday = {"Mode": "GOVERNANCE", "RetainUntilDate": TOMORROW - timedelta(days=2)}
    with refused("InvalidArgument", 400):
        s3.put_object_retention(**put(s3, lockable), Retention=yesterday)
