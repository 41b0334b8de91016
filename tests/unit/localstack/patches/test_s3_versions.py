import sys
import threading

import pytest
from laketop_localstack.patches.s3_versions import pop_version, set_version
from laketop_localstack.s3.context import current
from localstack.services.s3.models import S3DeleteMarker, S3Object, VersionedKeyStore


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> VersionedKeyStore:
    monkeypatch.setattr(VersionedKeyStore, "set", set_version)
    monkeypatch.setattr(VersionedKeyStore, "pop", pop_version)
    current.begin(None)
    return VersionedKeyStore()


def test_a_new_null_version_is_the_newest(versions: VersionedKeyStore) -> None:
    first, second, third = (S3Object("k", version_id=version) for version in ("null", "v2", "null"))
    for one in (first, second, third):
        versions.set("k", one)
    assert versions.get("k") is third
    assert versions.values(with_versions=True) == [second, third]
    assert (second.is_current, third.is_current) == (False, True)
    assert first.position < second.position < third.position


def test_a_marker_is_the_current_version_until_it_goes(versions: VersionedKeyStore) -> None:
    found, marker = S3Object("k", version_id="v1"), S3DeleteMarker("k", "v2")
    versions.set("k", found)
    versions.set("k", marker)
    versions.set("other", S3Object("other", version_id="v1"))
    assert versions.get("k") is marker
    assert (found.is_current, marker.is_current) == (False, True)
    assert versions.pop("k", "v2") is marker
    assert versions.get("k") is found
    assert found.is_current


def test_the_operation_is_told_what_it_made(versions: VersionedKeyStore) -> None:
    versions.set("k", S3Object("k", version_id="v1"))
    versions.set("k", S3DeleteMarker("k", "null"))
    assert current.versions == {("k", "v1"), ("k", "null")}


def test_what_one_deletes_no_other_brings_back(versions: VersionedKeyStore) -> None:
    """One thread replaces the null version again and again, another one makes versions and deletes them."""
    rounds, back, missing = 3000, [], []
    versions.set("k", S3Object("k", version_id="null"))

    def replace() -> None:
        for _ in range(rounds):
            versions.set("k", S3Object("k", version_id="null"))

    def make_and_delete() -> None:
        for number in range(rounds):
            versions.set("k", S3Object("k", version_id=f"v{number}"))
            versions.pop("k", f"v{number}")
            if versions.get("k", f"v{number}"):
                back.append(number)
            if versions.get("k", "null") is None:
                missing.append(number)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for work in (replace, make_and_delete)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert (back, missing) == ([], [])
    assert list(versions._store["k"]) == ["null"]
