import json
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from tenacity import wait_none

from laketop.sqlite import Database
from laketop.wire import outbox as module
from laketop.wire.outbox import SCHEMA, Outbox

from .endpoint import Endpoint
from .servers import running


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "x.db", SCHEMA)
    yield database
    database.close()


@pytest.fixture
def outbox(database, serving, endpoint):
    outbox = Outbox(database, serving(endpoint.app), "SERVICEKEY")
    yield outbox
    outbox.stop()


def note(database, outbox, *numbers):
    with database.transaction() as tx:
        for number in numbers:
            outbox.add_event(tx, source="aws.glue", detail_type="Glue Job State Change", detail={"n": number})


def rows(database, table="outbox"):
    with database.read() as tx:
        return tx.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()


def numbers(endpoint):
    return [json.loads(event["Detail"])["n"] for event in endpoint.events]


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def test_what_is_committed_is_sent_once_and_in_order(outbox, database, endpoint):
    outbox.start()
    note(database, outbox, 1, 2)
    note(database, outbox, 3)
    until(lambda: not rows(database))
    assert numbers(endpoint) == [1, 2, 3]
    note(database, outbox, 4)
    until(lambda: not rows(database))
    assert numbers(endpoint) == [1, 2, 3, 4]
    assert rows(database, "outbox_refused") == []


def test_an_event_and_a_metric_arrive_as_they_were_noted(outbox, database, endpoint):
    before = datetime.now(UTC)
    with database.transaction() as tx:
        outbox.add_event(tx, source="s", detail_type="t", detail={"a": [1, "\u00e9"]}, resources=["arn:x"])
        outbox.add_metric(tx, namespace="N", name="m", value=2, unit="Milliseconds", dimensions={"d": "v"})
    after = datetime.now(UTC)
    outbox.start()
    until(lambda: not rows(database))
    event = endpoint.events[0]
    assert before.timestamp() - 1 <= event.pop("Time") <= after.timestamp()
    assert json.loads(event.pop("Detail")) == {"a": [1, "\u00e9"]}
    assert event == {"Source": "s", "DetailType": "t", "Resources": ["arn:x"]}
    datum = endpoint.metrics[0]["MetricData"][0]
    assert before.timestamp() - 1 <= datum.pop("Timestamp") <= after.timestamp()
    assert datum == {
        "MetricName": "m",
        "Value": 2.0,
        "Unit": "Milliseconds",
        "Dimensions": [{"Name": "d", "Value": "v"}],
    }
    assert endpoint.metrics[0]["Namespace"] == "N"


def test_what_is_undone_is_never_sent(outbox, database, endpoint):
    def fail():
        with database.transaction() as tx:
            outbox.add_event(tx, source="s", detail_type="t", detail={"n": 1})
            raise ZeroDivisionError

    outbox.start()
    with pytest.raises(ZeroDivisionError):
        fail()
    note(database, outbox, 2)
    until(lambda: not rows(database))
    assert numbers(endpoint) == [2]


def test_what_is_not_json_is_refused_at_once(outbox, database):
    for detail in ({"n": float("nan")}, {"n": object()}):
        with pytest.raises((TypeError, ValueError)), database.transaction() as tx:
            outbox.add_event(tx, source="s", detail_type="t", detail=detail)
    with pytest.raises(ValueError, match="JSON"), database.transaction() as tx:
        outbox.add_metric(tx, namespace="N", name="m", value=float("inf"))
    assert rows(database) == []


def test_a_refused_row_is_moved_aside_and_blocks_nobody(outbox, database, endpoint, caplog):
    endpoint.script = [(200, {}), (400, {"__type": "ValidationException", "message": "bad source"})]
    note(database, outbox, 1, 2, 3)
    outbox.start()
    until(lambda: not rows(database))
    assert numbers(endpoint) == [1, 3]
    (refused,) = rows(database, "outbox_refused")
    assert json.loads(json.loads(refused["payload"])["Detail"]) == {"n": 2}
    assert "bad source" in refused["reason"]
    assert "outbox_refused" in caplog.text


def test_a_failure_is_tried_again_before_anything_else(outbox, database, endpoint):
    failed = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "oops"}]}
    endpoint.script = [(500, {}), (200, failed), (503, {})]
    note(database, outbox, 1, 2)
    outbox.start()
    until(lambda: not rows(database))
    assert numbers(endpoint) == [1, 2]
    assert endpoint.calls == 5


def test_a_row_that_always_fails_is_given_up(outbox, database, endpoint, monkeypatch):
    monkeypatch.setattr(module, "wait_exponential", lambda **_: wait_none())
    endpoint.script = [(500, {})] * 8
    note(database, outbox, 1, 2)
    outbox.start()
    until(lambda: not rows(database))
    assert numbers(endpoint) == [2]
    (refused,) = rows(database, "outbox_refused")
    assert refused["attempts"] == 8
    assert refused["reason"].startswith("failed 8 times, at last: ")


def test_while_nobody_answers_rows_wait_and_stopping_is_prompt(database, endpoint):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        outbox = Outbox(database, f"http://127.0.0.1:{reserved.getsockname()[1]}", "k")
        outbox.start()
        note(database, outbox, 1)
        time.sleep(0.5)
        began = time.monotonic()
        outbox.stop()
        assert time.monotonic() - began < 1
    assert len(rows(database)) == 1
    assert rows(database, "outbox_refused") == []
    with running(endpoint.app) as url:
        again = Outbox(database, url, "k")
        again.start()
        until(lambda: not rows(database))
        again.stop()
    assert numbers(endpoint) == [1]


PROGRAM = """
import sys, time
from pathlib import Path
from laketop.sqlite import Database
from laketop.wire.outbox import SCHEMA, Outbox

database = Database(Path(sys.argv[1]), SCHEMA)
outbox = Outbox(database, sys.argv[2], "k")
with database.transaction() as tx:
    for number in range(60):
        outbox.add_event(tx, source="s", detail_type="t", detail={"n": number})
outbox.start()
time.sleep(60)
"""


def test_a_killed_process_loses_nothing_and_repeats_one_at_most(tmp_path, serving, endpoint):
    url, path = serving(endpoint.app), tmp_path / "killed.db"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path), url])
    try:
        until(lambda: len(endpoint.events) >= 10, seconds=30)
    finally:
        process.kill()
        process.wait()
    sent_before = len(endpoint.events)
    assert sent_before < 60
    database = Database(path, SCHEMA)
    outbox = Outbox(database, url, "k")
    outbox.start()
    until(lambda: not rows(database), seconds=30)
    outbox.stop()
    database.close()
    assert sorted(set(numbers(endpoint))) == list(range(60))
    assert numbers(endpoint) == sorted(numbers(endpoint))
    assert len(numbers(endpoint)) <= 61


def test_an_idle_outbox_asks_nobody_and_stops_at_once(outbox, endpoint):
    outbox.start()
    time.sleep(0.2)
    began = time.monotonic()
    outbox.stop()
    assert time.monotonic() - began < 1
    assert endpoint.calls == 0
    assert "outbox" not in {thread.name for thread in threading.enumerate()}


def test_the_thread_survives_what_nobody_foresaw(outbox, database, endpoint, monkeypatch, caplog):
    monkeypatch.setattr(module, "_LONGEST_WAIT_SECONDS", 0)
    with database.transaction() as tx:
        tx.execute("INSERT INTO outbox (kind, payload, created_at) VALUES ('event', '[]', 0)")
    note(database, outbox, 2)
    outbox.start()
    until(lambda: "the outbox stumbles" in caplog.text)
    with database.transaction() as tx:
        tx.execute("DELETE FROM outbox WHERE payload = '[]'")
    until(lambda: not rows(database))
    assert numbers(endpoint) == [2]


def test_a_missing_key_is_said(database, monkeypatch, caplog):
    monkeypatch.delenv("LAKETOP_SERVICE_KEY_ID", raising=False)
    outbox = Outbox(database, "http://127.0.0.1:9")
    outbox.start()
    outbox.stop()
    assert "LAKETOP_SERVICE_KEY_ID is not set" in caplog.text
