import json
import socket
from datetime import UTC, datetime

import pytest

from laketop.wire.delivery import FailedError, RefusedError, Sender, UnreachableError

from .endpoint import Endpoint

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVENT = {
    "Source": "aws.glue",
    "DetailType": "Glue Job State Change",
    "Detail": json.dumps({"n": 1}),
    "Resources": ["arn"],
}
METRIC = {
    "Namespace": "AWS/Athena",
    "MetricData": [{"MetricName": "m", "Value": 1.5, "Unit": "Count", "Dimensions": []}],
}


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def sender(serving, endpoint):
    sender = Sender(serving(endpoint.app), "SERVICEKEY")
    yield sender
    sender.close()


def test_an_event_arrives_with_its_time_and_our_key(sender, endpoint):
    sender.send("event", EVENT, MOMENT)
    assert endpoint.events == [EVENT | {"Time": MOMENT.timestamp()}]
    assert endpoint.keys == {"SERVICEKEY"}


def test_a_metric_arrives(sender, endpoint):
    sender.send("metric", METRIC, MOMENT)
    datum = METRIC["MetricData"][0] | {"Timestamp": MOMENT.timestamp()}
    assert endpoint.metrics == [{"Namespace": "AWS/Athena", "MetricData": [datum]}]


@pytest.mark.parametrize("kind", ["event", "metric"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (403, RefusedError),
        (413, RefusedError),
        (429, UnreachableError),
        (500, FailedError),
        (501, RefusedError),
        (502, FailedError),
        (503, UnreachableError),
    ],
)
def test_an_answer_is_sorted_by_its_status_and_asked_for_once(sender, endpoint, kind, status, error):
    endpoint.script = [(status, {"__type": "SomeException", "message": "why"})]
    with pytest.raises(error) as caught:
        sender.send(kind, {"event": EVENT, "metric": METRIC}[kind], MOMENT)
    assert type(caught.value) is error
    assert endpoint.calls == 1


def test_throttling_is_waited_out_whatever_its_status(sender, endpoint):
    endpoint.script = [(400, {"__type": "ThrottlingException", "message": "slow down"})]
    with pytest.raises(UnreachableError) as caught:
        sender.send("event", EVENT, MOMENT)
    assert type(caught.value) is UnreachableError


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InternalFailure", FailedError),
        ("ThrottlingException", UnreachableError),
        ("MalformedDetail", RefusedError),
        ("NotAuthorizedForSourceException", RefusedError),
    ],
)
def test_an_entry_that_failed_in_an_answer_that_did_not(sender, endpoint, code, error):
    endpoint.script = [(200, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": code, "ErrorMessage": "why"}]})]
    with pytest.raises(error, match=f"{code}: why") as caught:
        sender.send("event", EVENT, MOMENT)
    assert type(caught.value) is error
    assert endpoint.events == []


def test_nobody_there():
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        sender = Sender(f"http://127.0.0.1:{reserved.getsockname()[1]}", "k")
        with pytest.raises(UnreachableError) as caught:
            sender.send("event", EVENT, MOMENT)
        sender.close()
    assert type(caught.value) is UnreachableError


def test_what_botocore_itself_refuses_is_refused(sender, endpoint):
    with pytest.raises(RefusedError, match="Namespace"):
        sender.send("metric", METRIC | {"Namespace": ""}, MOMENT)
    assert endpoint.calls == 0


def test_the_users_own_settings_do_not_decide(serving, endpoint, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LAKETOP_SERVICE_KEY_ID", "FROMENVIRONMENT")
    sender = Sender(serving(endpoint.app))
    sender.send("event", EVENT, MOMENT)
    sender.close()
    assert endpoint.keys == {"FROMENVIRONMENT"}
