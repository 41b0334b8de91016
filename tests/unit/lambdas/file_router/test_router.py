"""The router moves real objects in a real (in-process) S3, by the places that these tests spell out."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.s3_helper import S3Error
from lambdas.file_router import settling
from lambdas.file_router.places import kept_name, quarantine_key
from tests.fixtures.bad_files.lake import TIME, Lake
from tests.fixtures.bad_files.rows import as_csv, good, packed, parquet

CONTENT = as_csv(good("router"))
UPLOAD = {"bucket": "b", "key": "landing/d/a.csv", "version": "v", "time": TIME}


def test_a_valid_file_is_kept_and_noted(lake: Lake) -> None:
    event = lake.put("landing/transactions/2026/a b.csv", CONTENT)
    answer = lake.ingest(event)
    name = answer["raw"].rpartition("/")[2]
    assert re.fullmatch(r"180500-[0-9a-f]{8}-2026-a-b\.csv", name)
    raw = f"s3://raw/transactions/ingest_date=2026-01-31/{name}"
    sha256 = answer["sha256"]
    size = len(CONTENT)
    same = {"dataset": "transactions", "format": "csv", "sha256": sha256, "size": size}
    assert answer == event | same | {"outcome": "accepted", "raw": raw, "rows": 2}
    assert lake.read(raw) == CONTENT
    note, claim, _ = lake.keys("raw")
    assert note == f"batches/transactions/open/2026-01-31-{name}.json"
    assert json.loads(lake.read(f"s3://raw/{note}")) == same | {
        "rows": 2,
        "etag": lake.s3.head_object(Bucket="raw", Key=raw.removeprefix("s3://raw/"))["ETag"],
        "time": TIME,
        "execution": "arn:x",
        "landing": "s3://raw/landing/transactions/2026/a b.csv",
        "raw": raw,
    }
    assert claim == f"claims/transactions/{sha256}.json"
    held = json.loads(lake.read(f"s3://raw/{claim}"))
    assert (held["state"], held["owner"]["key"]) == ("done", event["key"])


@pytest.mark.parametrize(
    ("suffix", "content"),
    [(".csv.gz", packed(CONTENT)), (".parquet", parquet("router")), (".csv", CONTENT)],
)
def test_the_suffix_stays(lake: Lake, suffix: str, content: bytes) -> None:
    assert lake.ingest(lake.put(f"landing/transactions/a{suffix}", content))["raw"].endswith(f"-a{suffix}")


def test_an_invalid_file_has_its_reason_beside_it(lake: Lake) -> None:
    answer = lake.ingest(lake.put("landing/transactions/a.csv", b""))
    assert answer["outcome"] == "quarantined"
    assert answer["reason"]["code"] == "EMPTY_FILE"
    assert re.fullmatch(
        r"s3://quarantine/files/transactions/ingest_date=2026-01-31/180500-[0-9a-f]{8}-a\.csv", answer["quarantine"]
    )
    key = answer["quarantine"].removeprefix("s3://quarantine/")
    assert lake.keys("quarantine") == [key, f"{key}.reason.json"]
    assert lake.keys("raw") == []
    assert json.loads(lake.read(f"s3://quarantine/{key}.reason.json")) == {
        "code": "EMPTY_FILE",
        "message": "the file has no content; upload it with its rows",
        "details": {"size": 0},
        "landing": "s3://raw/landing/transactions/a.csv",
        "size": 0,
        "time": TIME,
        "execution": "arn:x",
    }


@pytest.mark.parametrize("dataset", ["", "..", "a b", "Orders", "x\ny", "a" * 65, "-"])
def test_a_folder_that_is_no_dataset_has_a_place_too(dataset: str) -> None:
    assert quarantine_key(dataset, TIME, "n") == "files/unknown/ingest_date=2026-01-31/n"


def test_two_uploads_of_one_name_are_both_kept(lake: Lake) -> None:
    contents = [as_csv(good("one")), as_csv(good("two"))]
    events = [lake.put("landing/transactions/a.csv", content) for content in contents]
    answers = [lake.ingest(event) for event in reversed(events)]
    assert [lake.read(answer["raw"]) for answer in answers] == contents[::-1]
    assert lake.keys("raw", "landing/") == []


def test_an_event_delivered_twice_changes_nothing(lake: Lake) -> None:
    event = lake.put("landing/transactions/a.csv", CONTENT)
    verdict = lake.validator.handler(event, None)
    assert lake.router.handler(verdict, None)["outcome"] == "accepted"
    before = lake.keys("raw")
    assert lake.router.handler(verdict, None)["outcome"] == "absent"
    assert lake.ingest(event) == {"outcome": "absent"}
    assert lake.keys("raw") == before


@pytest.mark.parametrize("verdict", ["valid", "invalid"])
def test_a_file_that_is_gone_is_absent(lake: Lake, verdict: str) -> None:
    event = lake.put("landing/transactions/a.csv", CONTENT if verdict == "valid" else b"")
    answer = lake.validator.handler(event, None)
    assert answer["verdict"] == verdict
    lake.s3.delete_object(Bucket="raw", Key=event["key"], VersionId=event["version"])
    assert lake.router.handler(answer, None)["outcome"] == "absent"
    assert lake.keys("quarantine") == lake.keys("raw", "batches/") == []


@pytest.mark.parametrize("setting", ["RAW_BUCKET", "QUARANTINE_BUCKET"])
def test_a_file_that_cannot_be_copied_stays_where_it_is(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    content = {"RAW_BUCKET": CONTENT, "QUARANTINE_BUCKET": b""}[setting]
    verdict = lake.validator.handler(lake.put("landing/transactions/a.csv", content), None)
    monkeypatch.setenv(setting, "not-there")
    with pytest.raises(lake.s3.exceptions.ClientError, match="NoSuchBucket"):
        lake.router.handler(verdict, None)
    assert lake.keys("raw", "landing/") == ["landing/transactions/a.csv"]
    assert lake.keys("raw", "batches/") == []


def test_a_claim_that_was_deleted_is_told(lake: Lake) -> None:
    verdict = lake.validator.handler(lake.put("landing/transactions/a.csv", CONTENT), None)
    (claim,) = lake.keys("raw", "claims/")
    lake.s3.delete_object(Bucket="raw", Key=claim)
    with pytest.raises(RuntimeError, match=f"s3://raw/{claim} was deleted while its file was on its way"):
        lake.router.handler(verdict, None)
    assert lake.keys("raw") == ["landing/transactions/a.csv"]


def test_a_claim_that_changes_all_the_time_is_tried_again_later(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = lake.validator.handler(lake.put("landing/transactions/a.csv", CONTENT), None)
    monkeypatch.setattr(settling.Claim, "finish", lambda *_: False)
    with pytest.raises(settling.ClaimPendingError, match="others changed the claim 5 times"):
        lake.router.handler(verdict, None)
    monkeypatch.undo()


def test_a_claim_that_cannot_be_written_is_an_error(lake: Lake) -> None:
    verdict = lake.validator.handler(lake.put("landing/transactions/a.csv", CONTENT), None)
    claim = settling.own(lake.s3, verdict["claim"], verdict)
    claim.address = claim.address.replace("raw", "not-there")
    with pytest.raises(S3Error, match=r"write s3://not-there/.*NoSuchBucket"):
        claim.finish(lake.s3)


def test_an_unknown_verdict_is_an_error(lake: Lake) -> None:
    verdict: dict[str, Any] = lake.put("landing/transactions/a.csv", b"one") | {"verdict": "maybe"}
    with pytest.raises(KeyError, match="maybe"):
        lake.router.handler(verdict, None)


@given(st.text(min_size=1, max_size=1000))
def test_names_are_safe_for_every_engine(name: str) -> None:
    kept = kept_name(UPLOAD | {"key": f"landing/d/{name.encode('utf-8', 'replace').decode()}"}, "landing/d/")
    assert re.fullmatch(r"180500-[0-9a-f]{8}-[A-Za-z0-9._-]{1,150}", kept)


@given(st.sampled_from(["bucket", "key", "version"]))
def test_each_upload_has_a_name_of_its_own(part: str) -> None:
    other = UPLOAD | {part: UPLOAD[part].replace("a", "/").replace("v", "w").replace("b", "c")}
    assert kept_name(other, "landing/d/")[:15] != kept_name(UPLOAD, "landing/d/")[:15]
