from datetime import UTC, datetime, timedelta
from typing import Any

from laketop_localstack.patches.s3_events import as_on_aws

TIME = datetime(2026, 1, 2, tzinfo=UTC)


def detail(**more: Any) -> dict[str, Any]:
    about = {"key": "a%20b", "size": 1, "etag": "e", "sequencer": "0062E99A88DC407460"}
    return {"version": "0", "bucket": {"name": "b"}, "object": about, "requester": "074255357339"} | more


def test_key_requester_and_reason() -> None:
    changed = as_on_aws(detail(reason="s3:ObjectCreated:CompleteMultipartUpload"), "a b", "000000000000", TIME)

    assert changed["object"]["key"] == "a b"
    assert (changed["object"]["size"], changed["object"]["etag"]) == (1, "e")
    assert changed["requester"] == "000000000000"
    assert changed["reason"] == "CompleteMultipartUpload"
    assert as_on_aws(detail(reason="PutObject"), "a", "0", TIME)["reason"] == "PutObject"


def test_sequencers_are_ordered_by_time() -> None:
    found = [
        as_on_aws(detail(), "a", "0", TIME + timedelta(microseconds=n))["object"]["sequencer"] for n in (0, 1, 20, 300)
    ]

    assert found == sorted(set(found))
    assert all(len(sequencer) == 18 and int(sequencer, 16) for sequencer in found)


def test_an_event_without_sequencer_gets_none() -> None:
    assert as_on_aws(detail(object={"key": "a"}), "a b", "0", TIME)["object"] == {"key": "a b"}
