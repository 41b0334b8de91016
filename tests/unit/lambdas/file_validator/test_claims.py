"""Claims on a content, on a real (in-process) S3 with conditional writes."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from lakehouse.s3_helper import S3Error
from lambdas.file_validator import claims
from tests.fixtures.bad_files.lake import TIME, Lake
from tests.fixtures.bad_files.rows import as_csv, good

CONTENT = as_csv(good("claims"))
CLAIM = f"claims/transactions/{sha256(CONTENT).hexdigest()}.json"
FIRST, SECOND = "landing/transactions/first.csv", "landing/transactions/second.csv"


def held(lake: Lake) -> dict[str, Any]:
    return json.loads(lake.read(f"s3://raw/{CLAIM}"))


def rewrite(lake: Lake, **changes: Any) -> None:
    lake.s3.put_object(Bucket="raw", Key=CLAIM, Body=json.dumps(held(lake) | changes))


def owner(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in ("bucket", "key", "version")}


def test_a_claim_says_whose_it_is_and_until_when(lake: Lake) -> None:
    event = lake.put(FIRST, CONTENT)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    answer = lake.validator.handler(event, None)
    assert answer["sha256"] == sha256(CONTENT).hexdigest()
    assert answer["claim"] == f"s3://raw/{CLAIM}"
    found = held(lake)
    claimed, expires = (datetime.fromisoformat(found.pop(name)) for name in ("claimed_at", "expires_at"))
    assert before <= claimed <= datetime.now(UTC)
    assert expires - claimed == timedelta(seconds=900)
    assert found == {
        "owner": owner(event),
        "state": "claimed",
        "execution": "arn:x",
        "origin": owner(event) | {"time": TIME},
    }


def test_a_retry_of_the_owner_passes_and_renews(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    event = lake.put(FIRST, CONTENT)
    first = lake.validator.handler(event, None)
    before = held(lake)
    monkeypatch.setenv("CLAIM_SECONDS", "5000")
    assert lake.validator.handler(event, None) == first
    after = held(lake)
    assert after["expires_at"] > before["expires_at"]
    assert (after["owner"], after["origin"]) == (before["owner"], before["origin"])


def test_a_retry_of_an_owner_who_is_done_passes(lake: Lake) -> None:
    event = lake.put(FIRST, CONTENT)
    lake.validator.handler(event, None)
    rewrite(lake, state="done")
    before = held(lake)
    assert lake.validator.handler(event, None)["verdict"] == "valid"
    assert held(lake) == before


@pytest.mark.parametrize("expired", [True, False])
def test_the_content_of_an_owner_who_is_done_is_a_duplicate_for_ever(lake: Lake, expired: bool) -> None:
    event = lake.put(FIRST, CONTENT)
    lake.validator.handler(event, None)
    rewrite(lake, state="done", **({"expires_at": "2020-01-01T00:00:00+00:00"} if expired else {}))
    answer = lake.validator.handler(lake.put(SECOND, CONTENT), None)
    assert answer["verdict"] == "invalid"
    assert answer["reason"]["code"] == "DUPLICATE_FILE"
    assert answer["reason"]["details"]["owner"] == owner(event)
    assert f"s3://raw/{FIRST}" in answer["reason"]["message"]
    assert f"delete s3://raw/{CLAIM}" in answer["reason"]["message"]


def test_another_version_of_the_same_key_is_another_owner(lake: Lake) -> None:
    lake.validator.handler(lake.put(FIRST, CONTENT), None)
    rewrite(lake, state="done")
    assert lake.validator.handler(lake.put(FIRST, CONTENT), None)["reason"]["code"] == "DUPLICATE_FILE"


def test_a_claim_of_another_that_has_not_expired_is_waited_for(lake: Lake) -> None:
    first = lake.put(FIRST, CONTENT)
    lake.validator.handler(first, None)
    before = held(lake)
    with pytest.raises(RuntimeError) as caught:
        lake.validator.handler(lake.put(SECOND, CONTENT), None)
    # Step Functions retries by this name.
    assert type(caught.value).__name__ == "ClaimPendingError"
    for said in (f"s3://raw/{FIRST}", first["version"], before["expires_at"]):
        assert said in str(caught.value)
    assert held(lake) == before


def test_a_claim_that_has_expired_is_taken_over(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = lake.put(FIRST, CONTENT), lake.put(SECOND, CONTENT)
    monkeypatch.setenv("CLAIM_SECONDS", "-1")
    lake.validator.handler(first, None)
    monkeypatch.delenv("CLAIM_SECONDS")
    assert lake.validator.handler(second, None)["verdict"] == "valid"
    assert held(lake)["owner"] == owner(second)
    assert held(lake)["origin"] == owner(first) | {"time": TIME}


def test_of_two_who_take_over_one_wins(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (lake.put(f"landing/transactions/{n}.csv", CONTENT) for n in range(3))
    monkeypatch.setenv("CLAIM_SECONDS", "-1")
    lake.validator.handler(first, None)
    monkeypatch.delenv("CLAIM_SECONDS")
    read = claims._read

    def read_and_be_overtaken(*arguments: Any) -> Any:
        found = read(*arguments)
        monkeypatch.setattr(claims, "_read", read)
        assert lake.validator.handler(third, None)["verdict"] == "valid"
        return found

    monkeypatch.setattr(claims, "_read", read_and_be_overtaken)
    with pytest.raises(claims.ClaimPendingError, match=re.escape(third["version"])):
        lake.validator.handler(second, None)
    assert held(lake)["owner"] == owner(third)


def test_the_tries_are_bounded(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    monkeypatch.setattr(claims.s3_helper, "put_if_absent", lambda _, uri, body: tries.append(uri))
    monkeypatch.setattr(claims, "_read", lambda *_: None)
    with pytest.raises(claims.ClaimPendingError, match="others changed the claim 5 times"):
        lake.validator.handler(lake.put(FIRST, CONTENT), None)
    assert tries == [f"s3://raw/{CLAIM}"] * 5


def test_the_same_bytes_in_two_datasets_are_two_contents(lake: Lake) -> None:
    a, b = (claims.Place.of("raw", dataset, "00") for dataset in ("products", "reviews"))
    assert (str(a), str(b)) == ("s3://raw/claims/products/00.json", "s3://raw/claims/reviews/00.json")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff"])
def test_what_is_no_claim_is_named(lake: Lake, body: bytes) -> None:
    lake.s3.put_object(Bucket="raw", Key=CLAIM, Body=body)
    with pytest.raises(RuntimeError, match=f"s3://raw/{CLAIM} is no claim that can be read"):
        lake.validator.handler(lake.put(FIRST, CONTENT), None)


def test_an_error_of_another_kind_is_no_lost_race(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAW_BUCKET", "not-there")
    with pytest.raises(S3Error, match=r"write s3://not-there/claims/.*NoSuchBucket"):
        lake.validator.handler(lake.put(FIRST, CONTENT), None)


def test_an_invalid_file_claims_nothing(lake: Lake) -> None:
    assert lake.validator.handler(lake.put(FIRST, b"x"), None)["verdict"] == "invalid"
    assert lake.keys("raw", "claims/") == []
