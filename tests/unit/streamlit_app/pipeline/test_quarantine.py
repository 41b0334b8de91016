"""Refused files: which there are, why, and the way back; on a mocked S3."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from lakehouse.s3_helper import ObjectNotFoundError, S3Error, S3Object
from streamlit_app.figures import quarantine as figures
from streamlit_app.lake import quarantine

BUCKET, RAW = "shop-dev-quarantine-123456789012", "shop-dev-raw-123456789012"
DAY = "ingest_date=2026-01-31"
KEY = f"files/reviews/{DAY}/120000-1a2b3c4d-a-b.csv"
LANDING = f"s3://{RAW}/landing/reviews/a b.csv"
REASON = {"code": "EMPTY_FILE", "message": "no rows; upload it again", "landing": LANDING, "size": 3}

type Put = Callable[..., None]


@pytest.fixture
def s3(aws: None) -> Any:
    client = boto3.client("s3")
    for name in (BUCKET, RAW):
        client.create_bucket(Bucket=name)
    return client


@pytest.fixture
def put(s3: Any) -> Put:
    """Puts a refused file with its reason; None is none."""

    def of(key: str = KEY, reason: Any = REASON, body: bytes = b"abc") -> None:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        if reason is not None:
            text = reason if isinstance(reason, bytes) else json.dumps(reason).encode()
            s3.put_object(Bucket=BUCKET, Key=f"{key}.reason.json", Body=text)

    return of


def keys(s3: Any, bucket: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def listed(s3: Any, most: int = 10) -> figures.Files:
    return quarantine.listed(s3, BUCKET, RAW, most)


def test_a_file_with_its_reason(s3: Any, put: Put) -> None:
    put()
    found = listed(s3)
    (file,) = found.latest
    assert found.count == 1
    assert (file.key, file.dataset, file.name, file.size) == (KEY, "reviews", "a b.csv", 3)
    assert (file.reason, file.landing) == (REASON, LANDING)
    assert (datetime.now(UTC) - file.refused_at).total_seconds() < 60


def test_rejected_rows_are_no_files(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="rows/reviews/part-0.json", Body=b"{}")
    assert listed(s3) == figures.Files(0, [])


def test_a_file_may_be_called_like_a_reason(s3: Any, put: Put) -> None:
    odd = f"files/reviews/{DAY}/120000-1a2b3c4e-odd.reason.json"
    put()
    put(odd, REASON | {"landing": f"s3://{RAW}/landing/reviews/odd.reason.json"})
    assert {file.key: file.name for file in listed(s3).latest} == {KEY: "a b.csv", odd: "odd.reason.json"}


def test_a_reason_that_was_left_alone_is_no_file(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{KEY}.reason.json", Body=json.dumps(REASON).encode())
    assert listed(s3).count == 0


@pytest.mark.parametrize(
    "reason",
    [
        None,
        b"no json",
        b"[]",
        {},
        {"landing": "s3://elsewhere/landing/reviews/a.csv"},
        {"landing": f"s3://{RAW}/reviews/a.csv"},
        {"landing": f"s3://{RAW}/landing/"},
    ],
)
def test_without_an_address_in_the_landing_zone_the_key_says_it(s3: Any, put: Put, reason: Any) -> None:
    put(reason=reason)
    (file,) = listed(s3).latest
    assert (file.landing, file.name) == (f"s3://{RAW}/landing/reviews/a-b.csv", "a-b.csv")


def test_only_the_latest_are_told_of(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = {f"files/reviews/{DAY}/{name}": datetime(2026, 1, day, tzinfo=UTC) for name, day in (("b", 3), ("a", 9))}
    objects = [S3Object(f"s3://{BUCKET}/{key}", key, 1, moment, "e") for key, moment in moments.items()]
    monkeypatch.setattr(quarantine.s3_helper, "list_objects", lambda *_: iter(objects))
    found = listed(s3, 1)
    assert (found.count, [file.name for file in found.latest]) == (2, ["a"])
    assert figures.told(found) == "2 files in quarantine; below are the last 1"


def test_back_to_the_landing_zone_as_it_was(s3: Any, put: Put) -> None:
    content = bytes(range(256)) * 40_000  # more than a part of a copy
    put(body=content)
    put(f"files/reviews/{DAY}/120000-1a2b3c4e-c.csv")
    quarantine.redrive(s3, BUCKET, KEY, LANDING)
    assert s3.get_object(Bucket=RAW, Key="landing/reviews/a b.csv")["Body"].read() == content
    assert len(keys(s3, BUCKET)) == 2, "another file stays, and its reason"
    assert not [key for key in keys(s3, BUCKET) if key.startswith(KEY)]


class Stopped:
    """An S3 client that dies after some calls that write."""

    def __init__(self, s3: Any, calls: int) -> None:
        self._s3, self._left = s3, calls

    def __getattr__(self, name: str) -> Any:
        if name not in ("copy", "delete_object"):
            return getattr(self._s3, name)
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return getattr(self._s3, name)


@pytest.mark.parametrize(("calls", "in_landing", "in_quarantine"), [(0, 0, 2), (1, 1, 2), (2, 1, 1)])
def test_wherever_it_ends_the_file_is_somewhere(
    s3: Any, put: Put, calls: int, in_landing: int, in_quarantine: int
) -> None:
    put()
    with pytest.raises(KeyboardInterrupt):
        quarantine.redrive(Stopped(s3, calls), BUCKET, KEY, LANDING)
    assert (len(keys(s3, RAW)), len(keys(s3, BUCKET))) == (in_landing, in_quarantine)
    assert listed(s3).count + in_landing >= 1


def test_a_file_that_is_gone_is_told(s3: Any) -> None:
    with pytest.raises(ObjectNotFoundError, match=KEY):
        quarantine.redrive(s3, BUCKET, KEY, LANDING)


def test_where_it_cannot_be_copied_it_stays(s3: Any, put: Put) -> None:
    put()
    with pytest.raises(S3Error):
        quarantine.redrive(s3, BUCKET, KEY, "s3://no-such-bucket/landing/reviews/a.csv")
    assert keys(s3, BUCKET) == [KEY, f"{KEY}.reason.json"]


def file(dataset: str, **reason: Any) -> figures.File:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    return figures.File(f"files/{dataset}/a.csv", dataset, "a.csv", 1500, moment, reason, LANDING)


def test_files_as_people_read_them() -> None:
    files = [file("reviews", code="EMPTY_FILE", message="no rows"), file("products"), file("reviews", code="ZIP_BOMB")]
    rows = figures.table(files).values.tolist()
    assert rows[0] == ["reviews", "a.csv", "EMPTY_FILE", "no rows", "1.5 kB", "2026-01-31 12:00:00"]
    assert rows[1][2:4] == ["not written down", "The router has written no reason that can be read."]
    assert figures.datasets(files) == ["products", "reviews"]
    assert figures.label(files[0]) == "reviews/a.csv, 2026-01-31 12:00:00 UTC, EMPTY_FILE"
    assert figures.told(figures.Files(1, files[:1])) == "1 file in quarantine"


def test_reasons_by_their_number() -> None:
    files = [file("a", code="B"), file("a", code="C"), file("a", code="C"), file("a", code="A")]
    assert figures.reasons(files).values.tolist() == [["C", 2], ["A", 1], ["B", 1]]


def test_details_are_all_but_code_and_message() -> None:
    assert json.loads(figures.details(file("a", code="B", message="m", details={"line": 3}))) == {
        "details": {"line": 3}
    }
    assert figures.details(file("a", code="B", message="m")) == ""
