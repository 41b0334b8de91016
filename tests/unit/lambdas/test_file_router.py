"""The router moves real objects in a real (in-process) S3; nothing is lost whatever order things come in."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.file_router import handler as router

TIME = "2026-01-31T18:05:00Z"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("LANDING_PREFIX", "landing/")
    monkeypatch.setenv("RAW_BUCKET", "raw")
    monkeypatch.setenv("QUARANTINE_BUCKET", "quarantine")
    router._s3.cache_clear()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="quarantine")
        client.create_bucket(Bucket="raw")
        client.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        yield client
    router._s3.cache_clear()


def put(s3: Any, key: str, content: bytes, **more: Any) -> dict[str, Any]:
    stored = s3.put_object(Bucket="raw", Key=key, Body=content)
    found = {"dataset": "transactions", "etag": stored["ETag"], "size": len(content)}
    event = {"bucket": "raw", "key": key, "version": stored["VersionId"], "time": TIME, "execution": "arn:x"}
    return event | found | more


def keys(s3: Any, bucket: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def body(s3: Any, address: str) -> bytes:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_a_valid_file_is_kept_and_noted(s3: Any) -> None:
    event = put(s3, "landing/transactions/2026/a b.csv", b"content", verdict="valid", rows=3)
    answer = router.handler(event, None)
    name = f"180500-{event['etag'][1:9]}-2026-a-b.csv"
    raw = f"transactions/ingest_date=2026-01-31/{name}"
    note = f"batches/transactions/open/2026-01-31-{name}.json"
    assert answer == {
        "bucket": "raw",
        "key": "landing/transactions/2026/a b.csv",
        "dataset": "transactions",
        "outcome": "accepted",
        "raw": f"s3://raw/{raw}",
        "rows": 3,
    }
    assert keys(s3, "raw") == [note, raw]
    assert body(s3, f"s3://raw/{raw}") == b"content"
    assert json.loads(body(s3, f"s3://raw/{note}")) == {
        "dataset": "transactions",
        "rows": 3,
        "size": 7,
        "etag": event["etag"],
        "time": TIME,
        "execution": "arn:x",
        "landing": "s3://raw/landing/transactions/2026/a b.csv",
        "raw": f"s3://raw/{raw}",
    }


def test_an_invalid_file_has_its_reason_beside_it(s3: Any) -> None:
    reason = {"code": "EMPTY_FILE", "message": "the file has no content", "details": {"size": 0}}
    event = put(s3, "landing/transactions/a.csv", b"", verdict="invalid", reason=reason)
    answer = router.handler(event, None)
    assert answer["outcome"] == "quarantined"
    assert answer["reason"] == reason
    key = f"files/transactions/ingest_date=2026-01-31/180500-{event['etag'][1:9]}-a.csv"
    assert answer["quarantine"] == f"s3://quarantine/{key}"
    assert keys(s3, "quarantine") == [key, f"{key}.reason.json"]
    assert keys(s3, "raw") == []
    assert json.loads(body(s3, f"s3://quarantine/{key}.reason.json")) == reason | {
        "landing": "s3://raw/landing/transactions/a.csv",
        "size": 0,
        "time": TIME,
        "execution": "arn:x",
    }


def test_a_file_of_no_dataset_has_a_place_too(s3: Any) -> None:
    reason = {"code": "UNKNOWN_DATASET", "message": "m", "details": {}}
    event = put(s3, "landing/a.csv", b"x", verdict="invalid", reason=reason, dataset="")
    assert "/files/unknown/ingest_date=2026-01-31/" in router.handler(event, None)["quarantine"]


def test_two_uploads_of_one_name_are_both_kept(s3: Any) -> None:
    first = put(s3, "landing/transactions/a.csv", b"one", verdict="valid", rows=1)
    second = put(s3, "landing/transactions/a.csv", b"two", verdict="valid", rows=1)
    answers = [router.handler(event, None) for event in (second, first)]
    assert [body(s3, answer["raw"]) for answer in answers] == [b"two", b"one"]
    assert not [key for key in keys(s3, "raw") if key.startswith("landing/")]


def test_an_event_delivered_twice_changes_nothing(s3: Any) -> None:
    event = put(s3, "landing/transactions/a.csv", b"one", verdict="valid", rows=1)
    router.handler(event, None)
    before = keys(s3, "raw")
    assert router.handler(event, None)["outcome"] == "absent"
    assert keys(s3, "raw") == before


def test_a_file_that_cannot_be_copied_stays_where_it_is(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAW_BUCKET", "not-there")
    event = put(s3, "landing/transactions/a.csv", b"one", verdict="valid", rows=1)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        router.handler(event, None)
    assert keys(s3, "raw") == ["landing/transactions/a.csv"]


def test_an_unknown_verdict_is_an_error(s3: Any) -> None:
    with pytest.raises(KeyError, match="maybe"):
        router.handler(put(s3, "landing/transactions/a.csv", b"one", verdict="maybe"), None)


@given(st.text(min_size=1, max_size=50))
def test_names_are_safe_for_every_engine(name: str) -> None:
    kept = router.kept_name(f"landing/d/{name}", "landing/d/", TIME, '"0123456789abcdef"')
    assert re.fullmatch(r"180500-01234567-[A-Za-z0-9._-]+", kept)
