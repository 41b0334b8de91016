"""What S3 knows of things comes back from text as it was."""

import inspect
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laketop_localstack.s3 import records
from localstack.aws.api.s3 import ChecksumAlgorithm, ChecksumType, ObjectLockMode, StorageClass
from localstack.services.s3.models import (
    KeyStore,
    S3Bucket,
    S3DeleteMarker,
    S3Multipart,
    S3Object,
    S3Part,
    VersionedKeyStore,
)

GMT = ZoneInfo("GMT")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = texts | st.sampled_from(["$moment", "$", "$$moment", "", "1"])
moments = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.just(GMT))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | moments,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)
dictionaries = st.dictionaries(names, plain, max_size=3)
# enumerations of LocalStack are texts, and come back as texts
special: dict[str, st.SearchStrategy[Any]] = {
    "key": texts,
    "name": st.from_regex(r"[a-z0-9-]{3,20}", fullmatch=True),
    "bucket_region": st.sampled_from(["us-east-1", "eu-west-1"]),
    "object_lock_enabled_for_bucket": st.booleans(),
    "storage_class": st.sampled_from([*StorageClass]),
    "lock_mode": st.sampled_from([*ObjectLockMode]),
    "checksum_algorithm": st.sampled_from([None, *ChecksumAlgorithm]),
    "checksum_type": st.sampled_from([*ChecksumType]),
    "expires": moments,
    "lock_until": moments,
    "user_metadata": st.dictionaries(names, texts, max_size=3),
}


def made(kind: type) -> st.SearchStrategy[Any]:
    """Things that LocalStack's constructor made; and afterwards, as its provider does, other values in attributes."""
    parameters = [name for name in inspect.signature(kind).parameters if name != "self"]
    given_to_it = st.fixed_dictionaries({name: special.get(name, plain) for name in parameters})
    return st.builds(changed, given_to_it.map(lambda values: kind(**values)), st.data())


UNCHANGED = {"objects", "multiparts", "parts", "object", "version_id", "is_current"}


def changed(thing: Any, data: st.DataObject) -> Any:
    free = sorted(set(vars(thing)) - UNCHANGED)
    for name in data.draw(st.sets(st.sampled_from(free), max_size=5)):
        setattr(thing, name, data.draw(plain))
    return thing


def differing(one: object, other: object) -> set[str]:
    mine, others = vars(one), vars(other)
    return {
        name
        for name in mine.keys() | others.keys()
        if not (name in mine and name in others and mine[name] == others[name])
    }


@settings(max_examples=25, deadline=None)
@given(made(S3Bucket), st.booleans())
def test_buckets_come_back(bucket: S3Bucket, versioned: bool) -> None:
    found = records.bucket(records.dump(bucket), versioned)
    assert differing(bucket, found) <= {"objects"}
    assert type(found.objects) is (VersionedKeyStore if versioned else KeyStore)
    assert found.objects.is_empty()
    assert found.multiparts == {}


@settings(max_examples=25, deadline=None)
@given(made(S3Object), st.dictionaries(texts, st.dictionaries(texts, texts | st.integers()), max_size=2), texts)
def test_objects_come_back(thing: S3Object, parts: dict[str, Any], version: str) -> None:
    thing.parts, thing.file, thing.position, thing.version_id = parts, "f" * 32, 7, version
    found = records.version(records.dump(thing), thing.file, 7, version)
    assert isinstance(found, S3Object)
    assert differing(thing, found) == {"is_current"}


@settings(max_examples=25, deadline=None)
@given(made(S3DeleteMarker), texts)
def test_delete_markers_come_back(thing: S3DeleteMarker, version: str) -> None:
    thing.position, thing.version_id = 7, version
    found = records.version(records.dump(thing), None, 7, version)
    assert isinstance(found, S3DeleteMarker)
    assert differing(thing, found) == {"is_current"}


@settings(max_examples=25, deadline=None)
@given(made(S3Multipart), made(S3Object))
def test_uploads_come_back(thing: S3Multipart, target: S3Object) -> None:
    target.version_id = None
    thing.object = target
    thing.parts["1"] = S3Part(1)
    found = records.upload(records.dump(thing))
    assert differing(thing, found) == {"object", "parts"}
    assert differing(target, found.object) == set()
    assert found.parts == {}


@settings(max_examples=25, deadline=None)
@given(made(S3Part))
def test_parts_come_back(thing: S3Part) -> None:
    thing.file = "f" * 32
    assert differing(thing, records.part(records.dump(thing), thing.file)) == set()


@given(plain)
def test_values_come_back_of_their_kind(value: Any) -> None:
    found = records.load_plain(records.dump_plain(value))
    assert found == value
    assert kinds(found) == kinds(value)


def kinds(value: Any) -> Any:
    match value:
        case list():
            return [kinds(one) for one in value]
        case dict():
            return {name: kinds(one) for name, one in value.items()}
    return type(value)


def test_a_record_is_text_that_people_can_read() -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, 10, GMT)
    assert records.dump_plain({"größe": [1, None, True], "at": moment}) == (
        '{"größe":[1,null,true],"at":{"$moment":"2024-05-06T07:08:09.000010+00:00"}}'
    )
    assert json.loads(records.dump_plain({"$moment": "mine"})) == {"$$moment": "mine"}


@pytest.mark.parametrize("zone", [UTC, GMT, timezone(timedelta(hours=-7)), ZoneInfo("Europe/Berlin")])
def test_moments_come_back_in_gmt(zone: Any) -> None:
    moment = datetime(2024, 7, 1, 12, 0, 0, 1, zone)
    found = records.load_plain(records.dump_plain(moment))
    assert found == moment
    assert found.tzinfo is GMT


def test_a_moment_without_zone_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2024, 7, 1, 12)
    assert records.load_plain(records.dump_plain(moment)) == moment


def unexpected() -> Iterator[Any]:
    yield {1, 2}
    yield b"bytes"
    yield (1, 2)
    yield object()
    yield {1: "number"}
    yield {None: "nothing"}
    yield {True: "truth"}
    yield {b"bytes": 1}
    yield {(1,): 1}
    yield datetime(2024, 1, 1, tzinfo=UTC).date()
    yield timedelta(1)
    yield KeyStore()


@pytest.mark.parametrize("value", unexpected(), ids=repr)
@pytest.mark.parametrize("place", [lambda value: value, lambda value: [{"a": [value]}]])
def test_what_would_not_come_back_is_refused(value: Any, place: Any) -> None:
    with pytest.raises(TypeError, match="it would not come back as it was"):
        records.dump_plain(place(value))
    thing = S3Object("k")
    thing.user_metadata = place(value)
    with pytest.raises(TypeError, match="it would not come back as it was"):
        records.dump(thing)


def test_kinds_of_dictionaries_that_are_dictionaries_are_taken() -> None:
    assert records.load_plain(records.dump_plain(defaultdict(list, a=[1]))) == {"a": [1]}
