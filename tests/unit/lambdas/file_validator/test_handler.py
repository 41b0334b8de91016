"""The validator's answers, on a real (in-process) S3."""

import json
from hashlib import sha256
from typing import Any

import pytest

from lambdas.file_validator import handler as validator
from lambdas.file_validator.bad_file import CODES
from lambdas.file_validator.landing import LandingObject
from tests.fixtures.bad_files.corpus import CASES
from tests.fixtures.bad_files.lake import Lake
from tests.fixtures.bad_files.rows import as_csv, as_jsonl, good, packed, parquet

CSV = as_csv(good("handler"))


@pytest.mark.parametrize(
    ("suffix", "content", "format_"),
    [
        (".csv", CSV, "csv"),
        (".csv.gz", packed(CSV), "csv"),
        (".jsonl", as_jsonl(good("handler")), "jsonl"),
        (".jsonl.gz", packed(as_jsonl(good("handler"))), "jsonl"),
        (".parquet", parquet("handler"), "parquet"),
    ],
)
def test_a_good_file_is_valid(
    lake: Lake, capsys: pytest.CaptureFixture[str], suffix: str, content: bytes, format_: str
) -> None:
    event = lake.put(f"landing/transactions/a b{suffix}", content)
    digest = sha256(content).hexdigest()
    answer = validator.handler(event, None)
    assert answer == event | {
        "verdict": "valid",
        "dataset": "transactions",
        "etag": lake.s3.head_object(Bucket="raw", Key=event["key"])["ETag"],
        "size": len(content),
        "format": format_,
        "rows": 2,
        "sha256": digest,
        "claim": f"s3://raw/claims/transactions/{digest}.json",
    }
    assert json.loads(capsys.readouterr().out)["verdict"] == "valid"


def test_it_looks_at_the_version_of_the_event(lake: Lake) -> None:
    first, second = lake.put("landing/transactions/a.csv", CSV), lake.put("landing/transactions/a.csv", b"")
    assert validator.handler(first, None)["verdict"] == "valid"
    answer = validator.handler(second, None)
    assert (answer["verdict"], answer["reason"]["code"], answer["size"]) == ("invalid", "EMPTY_FILE", 0)
    assert "sha256" not in answer
    assert answer["format"] == "csv"


@pytest.mark.parametrize("key", ["landing/orders/a.csv", "landing/a.csv", "landing//a.csv"])
def test_it_says_which_dataset_it_does_not_know(lake: Lake, key: str) -> None:
    answer = validator.handler(lake.put(key, CSV), None)
    assert (answer["verdict"], answer["reason"]["code"]) == ("invalid", "UNKNOWN_DATASET")
    assert "landing/transactions/" in answer["reason"]["message"]


def test_it_names_the_dataset_that_the_file_is_of(lake: Lake) -> None:
    answer = validator.handler(lake.put("landing/reviews/a.csv", CSV), None)
    assert answer["reason"]["details"] == {"expected": "reviews", "found": "transactions"}


def test_there_is_nothing_to_do(lake: Lake) -> None:
    gone = lake.put("landing/transactions/a.csv", CSV)
    lake.s3.delete_object(Bucket="raw", Key=gone["key"], VersionId=gone["version"])
    marker = lake.put("landing/transactions/", b"")
    for event in (gone, marker):
        assert validator.handler(event, None) == event | {"verdict": "absent"}


def test_an_error_is_no_absent_file(lake: Lake) -> None:
    event: dict[str, Any] = lake.put("landing/transactions/a.csv", CSV) | {"bucket": "another"}
    with pytest.raises(lake.s3.exceptions.ClientError, match="NoSuchBucket"):
        validator.handler(event, None)


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        ("landing/transactions/a.csv", "transactions"),
        ("landing/transactions/2026/a.csv", "transactions"),
        ("landing/a.csv", ""),
        ("landing/", ""),
    ],
)
def test_dataset_of(key: str, dataset: str) -> None:
    assert validator.dataset_of(key, "landing/") == dataset


def test_the_corpus_has_every_reason() -> None:
    assert {case.code for case in CASES if case.code} == set(CODES)


def test_a_file_that_goes_while_it_is_read_is_absent(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second delivery of the event, while the first one's router deletes the landing version."""
    event = lake.put("landing/transactions/a.parquet", parquet("handler"))
    read_range = LandingObject.read_range

    def late(self: LandingObject, start: int, length: int) -> bytes:
        lake.s3.delete_object(Bucket="raw", Key=event["key"], VersionId=event["version"])
        return read_range(self, start, length)

    monkeypatch.setattr(LandingObject, "read_range", late)
    assert validator.handler(event, None) == event | {"verdict": "absent"}
    assert lake.keys("raw", "claims/") == []
