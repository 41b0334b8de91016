"""The validator against a table of bad files; the files are real bytes in a real (in-process) S3."""

import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from lakehouse import contracts
from lambdas.file_validator import handler as validator

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[3] / "contracts" / "transactions.odcs.yaml").read_text())
CONTRACT = contracts.parse(DOCUMENT)
HEADER = ",".join(CONTRACT.header)
ROW = (
    "TXN-000001,ORD-000001,C-00001,P-0001,2,10.00,0.00,20.00,USD,card,"
    "completed,DE,2026-01-01 10:00:00,2026-01-01 10:00:00"
)
GOOD = f"{HEADER}\n{ROW}\n".encode()
REVERSED = ",".join(reversed(CONTRACT.header))

# name → (key's suffix, content, reason)
BAD = {
    "no bytes": (".csv", b"", "EMPTY_FILE"),
    "no bytes under gzip's name": (".csv.gz", b"", "EMPTY_FILE"),
    "gzip of nothing": (".csv.gz", gzip.compress(b""), "EMPTY_FILE"),
    "blank lines only": (".csv", b"\n  \r\n\t\n", "EMPTY_FILE"),
    "header only": (".csv", HEADER.encode(), "NO_ROWS"),
    "header and blank lines": (".csv", f"{HEADER}\n\n \n".encode(), "NO_ROWS"),
    "columns in another order": (".csv", f"{REVERSED}\n{ROW}\n".encode(), "WRONG_HEADER"),
    "a column is missing": (".csv", GOOD.replace(b"quantity,", b""), "WRONG_HEADER"),
    "a column too many": (".csv", GOOD.replace(b"quantity,", b"quantity,colour,"), "WRONG_HEADER"),
    "upper case header": (".csv", GOOD.replace(b"quantity", b"QUANTITY"), "WRONG_HEADER"),
    "no header": (".csv", f"{ROW}\n{ROW}\n".encode(), "WRONG_HEADER"),
    "other separator": (".csv", GOOD.replace(b",", b";"), "WRONG_HEADER"),
    "truncated gzip": (".csv.gz", gzip.compress(GOOD * 50)[:-9], "UNREADABLE_GZIP"),
    "gzip with a wrong checksum": (".csv.gz", gzip.compress(GOOD)[:-8] + b"\0" * 8, "UNREADABLE_GZIP"),
    "plain text named gzip": (".csv.gz", GOOD, "UNREADABLE_GZIP"),
    "garbage after gzip": (".csv.gz", gzip.compress(GOOD) + b"garbage", "UNREADABLE_GZIP"),
    "gzip named plain": (".csv", gzip.compress(GOOD), "NOT_UTF8"),
    "latin-1": (".csv", GOOD.replace(b"DE", "Ö".encode("latin-1")), "NOT_UTF8"),
    "json": (".json", b"{}", "UNSUPPORTED_FORMAT"),
    "no suffix": ("", GOOD, "UNSUPPORTED_FORMAT"),
    "value over two lines": (".csv", GOOD.replace(b"card", b'"ca\nrd"'), "EMBEDDED_NEWLINE"),
    "quote that is never closed": (".csv", GOOD.replace(b"card", b'"card') + ROW.encode(), "EMBEDDED_NEWLINE"),
    "endless line": (".csv", GOOD + b"x" * (validator.MAX_LINE + 1), "LINE_TOO_LONG"),
    "endless field": (".csv", GOOD + b"x" * (validator.MAX_FIELD + 1), "MALFORMED_CSV"),
}


def check(content: bytes, suffix: str = ".csv", contract: contracts.Contract = CONTRACT) -> int:
    return validator.check(BytesIO(content), f"landing/transactions/x{suffix}", len(content), contract)


@pytest.mark.parametrize("name", BAD)
def test_bad_file(name: str) -> None:
    suffix, content, code = BAD[name]
    with pytest.raises(validator.BadFileError) as caught:
        check(content, suffix)
    assert caught.value.code == code
    assert caught.value.message
    json.dumps(caught.value.details)


def test_wrong_header_says_what_differs() -> None:
    with pytest.raises(validator.BadFileError) as caught:
        check(GOOD.replace(b"quantity", b"amount"))
    assert caught.value.details["missing"] == ["quantity"]
    assert caught.value.details["unexpected"] == ["amount"]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (GOOD, 1),
        (GOOD.rstrip(b"\n"), 1),
        (b"\xef\xbb\xbf" + GOOD, 1),
        (GOOD.replace(b"\n", b"\r\n") + b"\r\n  \r\n", 1),
        (GOOD.replace(b"\n", b"\r"), 1),
        (b"\n\n" + GOOD, 1),
        (GOOD + b"too,short\n" + ROW.encode(), 3),  # rows are the job's matter
        (GOOD.replace(b"card", b'"c,""a""rd"'), 1),
    ],
)
def test_good_file_and_its_rows(content: bytes, rows: int) -> None:
    assert check(content) == rows
    assert check(gzip.compress(content), ".csv.gz") == rows


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    content = gzip.compress(GOOD) + gzip.compress(ROW.encode() + b"\n")
    assert check(content, ".csv.gz") == 2


def test_limits_of_the_contract() -> None:
    schema = DOCUMENT["schema"][0]
    limits = [
        {"property": "maxObjectBytes", "value": 1000},
        {"property": "maxContentBytes", "value": 5000},
        {"property": "latestBy", "value": "updated_at"},
        {"property": "job", "value": "transaction_etl"},
    ]
    small = contracts.parse(DOCUMENT | {"schema": [schema | {"customProperties": limits}]})
    assert check(GOOD, contract=small) == 1
    for content, suffix in ((GOOD * 10, ".csv"), (gzip.compress(GOOD * 100), ".csv.gz")):
        with pytest.raises(validator.BadFileError) as caught:
            check(content, suffix, small)
        assert caught.value.code == "TOO_LARGE"


@given(st.integers(1, 60), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.integers(0, 3))
def test_counts_rows_whatever_the_line_ends(rows: int, end: str, last: bool, blank: int) -> None:
    content = end.join([HEADER] + [ROW + end * blank] * rows) + (end if last else "")
    assert check(content.encode()) == rows


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(content: bytes) -> None:
    for suffix in (".csv", ".csv.gz"):
        with pytest.raises(validator.BadFileError):
            check(content, suffix)


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


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("LANDING_PREFIX", "landing/")
    monkeypatch.setenv("DATASETS", "transactions")
    monkeypatch.setenv("CONTRACTS", "s3://artifacts/contracts/")
    validator._s3.cache_clear()
    validator._contract.cache_clear()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="artifacts")
        client.create_bucket(Bucket="raw")
        client.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        client.put_object(Bucket="artifacts", Key="contracts/transactions.json", Body=json.dumps(DOCUMENT))
        yield client
    validator._s3.cache_clear()
    validator._contract.cache_clear()


def put(s3: Any, key: str, content: bytes) -> dict[str, Any]:
    version = s3.put_object(Bucket="raw", Key=key, Body=content)["VersionId"]
    return {"bucket": "raw", "key": key, "version": version, "time": "2026-01-31T18:05:00Z", "execution": "arn:x"}


def test_handler_finds_a_good_file_valid(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    event = put(s3, "landing/transactions/a b.csv", GOOD)
    answer = validator.handler(event, None)
    etag = s3.head_object(Bucket="raw", Key=event["key"])["ETag"]
    expected = {"verdict": "valid", "dataset": "transactions", "etag": etag, "size": len(GOOD), "rows": 1}
    assert answer == event | expected
    assert json.loads(capsys.readouterr().out)["verdict"] == "valid"


def test_handler_looks_at_the_version_of_the_event(s3: Any) -> None:
    first = put(s3, "landing/transactions/a.csv", GOOD)
    second = put(s3, "landing/transactions/a.csv", b"")
    assert validator.handler(first, None)["verdict"] == "valid"
    answer = validator.handler(second, None)
    assert answer["verdict"] == "invalid"
    assert answer["reason"] == {
        "code": "EMPTY_FILE",
        "message": "the file has no content",
        "details": {"size": 0},
    }


def test_handler_says_which_dataset_it_does_not_know(s3: Any) -> None:
    for key in ("landing/orders/a.csv", "landing/a.csv"):
        answer = validator.handler(put(s3, key, GOOD), None)
        assert (answer["verdict"], answer["reason"]["code"]) == ("invalid", "UNKNOWN_DATASET")


def test_handler_finds_nothing_to_do(s3: Any) -> None:
    gone = put(s3, "landing/transactions/a.csv", GOOD)
    s3.delete_object(Bucket="raw", Key=gone["key"], VersionId=gone["version"])
    assert validator.handler(gone, None)["verdict"] == "absent"
    assert validator.handler(put(s3, "landing/transactions/", b""), None)["verdict"] == "absent"


def test_handler_does_not_take_an_error_for_an_absent_file(s3: Any) -> None:
    event = put(s3, "landing/transactions/a.csv", GOOD) | {"bucket": "another"}
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        validator.handler(event, None)
