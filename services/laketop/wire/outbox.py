"""Events and metrics that leave with the state change that they tell of.

An event is a row, written in the transaction that changes the state, so that neither exists without the other. A thread
sends the rows afterwards, oldest first, and deletes each once it is accepted. A crash between the two sends that one
again: delivery is at least once, as EventBridge's own. A row that the endpoint refuses is moved aside with the reason.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set, wait_exponential
from tenacity.nap import sleep_using_event

from laketop.sqlite import Database
from laketop.wire.delivery import FailedError, RefusedError, Sender, UnreachableError

SCHEMA = (
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('event', 'metric')),
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        created_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE outbox_refused (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        created_at REAL NOT NULL,
        attempts INTEGER NOT NULL,
        refused_at REAL NOT NULL,
        reason TEXT NOT NULL
    ) STRICT
    """,
)

# An endpoint that answers, but fails on this one row each time, must not hold up the rows behind it.
_MOST_FAILURES = 8
_LONGEST_WAIT_SECONDS = 5.0
# After a start, and should a wake-up get lost.
_IDLE_SECONDS = 30.0

_log = logging.getLogger("laketop.wire.outbox")


@dataclass(frozen=True)
class _Row:
    id: int
    kind: str
    payload: dict[str, Any]
    created_at: datetime


class Outbox:
    """The outbox of one service.

    Args:
        database: the service's own; its schema includes `outbox.SCHEMA`.
        endpoint: base URL that takes PutEvents and PutMetricData.
        access_key_id: the key to sign with; default `LAKETOP_SERVICE_KEY_ID`, by which the endpoint lets `aws.*`
            sources pass.
    """

    def __init__(self, database: Database, endpoint: str, access_key_id: str | None = None) -> None:
        self._database = database
        self._sender = Sender(endpoint, access_key_id)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        database.after_commit(self._wake.set)

    def add_event(
        self,
        tx: sqlite3.Connection,
        *,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
    ) -> None:
        """Note an event, to be sent once `tx` is committed.

        Args:
            tx: the transaction of the state change.
            source: e.g. `aws.glue`.
            detail_type: e.g. `Glue Job State Change`.
            detail: the event's body; JSON values only.
            resources: ARNs that the event is about.

        Raises:
            TypeError, ValueError: the detail is not JSON.

        Source: Amazon EventBridge API reference, "PutEventsRequestEntry".
        """
        payload = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(dict(detail), allow_nan=False),
            "Resources": list(resources),
        }
        self._add(tx, "event", payload)

    def add_metric(
        self,
        tx: sqlite3.Connection,
        *,
        namespace: str,
        name: str,
        value: float,
        unit: str = "None",
        dimensions: Mapping[str, str] | None = None,
    ) -> None:
        """Note a data point of a metric, to be sent once `tx` is committed.

        Args:
            tx: the transaction of the state change.
            namespace: e.g. `AWS/Athena`.
            name: the metric's name.
            value: the data point.
            unit: CloudWatch's name of the unit, e.g. `Milliseconds`.
            dimensions: dimension name → value, at most 30.

        Raises:
            TypeError, ValueError: the value is not a finite number.

        Source: Amazon CloudWatch API reference, "PutMetricData".
        """
        pairs = [{"Name": key, "Value": text} for key, text in (dimensions or {}).items()]
        datum = {"MetricName": name, "Value": float(value), "Unit": unit, "Dimensions": pairs}
        self._add(tx, "metric", {"Namespace": namespace, "MetricData": [datum]})

    def start(self) -> None:
        """Begin to send, in a thread of its own; what an earlier process left goes first."""
        if not self._sender.access_key_id:
            _log.warning("LAKETOP_SERVICE_KEY_ID is not set: events with an aws.* source will be refused")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop sending; what is left stays in the table. Waits `timeout` seconds for the row that is under way."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                _log.warning("%s has not answered yet; the row is sent again at the next start", self._sender.endpoint)
                return
        self._sender.close()

    def _add(self, tx: sqlite3.Connection, kind: str, payload: Mapping[str, Any]) -> None:
        text = json.dumps(payload, allow_nan=False)
        now = datetime.now(UTC).timestamp()
        tx.execute("INSERT INTO outbox (kind, payload, created_at) VALUES (?, ?, ?)", (kind, text, now))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception:  # noqa: BLE001 - a full disk, say, must not end the sending for good
                _log.exception("the outbox stumbles, and tries again in %d s", _LONGEST_WAIT_SECONDS)
                self._stopping.wait(_LONGEST_WAIT_SECONDS)

    def _step(self) -> None:
        # Cleared before looking: a row that is committed meanwhile wakes us again.
        self._wake.clear()
        row = self._oldest()
        if row is not None:
            self._deliver(row)
        elif not self._stopping.is_set():
            self._wake.wait(_IDLE_SECONDS)

    def _oldest(self) -> _Row | None:
        with self._database.read() as tx:
            found = tx.execute("SELECT id, kind, payload, created_at FROM outbox ORDER BY id LIMIT 1").fetchone()
        if found is None:
            return None
        moment = datetime.fromtimestamp(found["created_at"], UTC)
        return _Row(found["id"], found["kind"], json.loads(found["payload"]), moment)

    def _deliver(self, row: _Row) -> None:
        retrying = Retrying(
            retry=retry_if_exception_type(UnreachableError),
            wait=wait_exponential(multiplier=0.1, max=_LONGEST_WAIT_SECONDS),
            stop=stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            before_sleep=_say,
            reraise=True,
        )
        try:
            retrying(self._attempt, row)
        except RefusedError as refusal:
            _log.error("%s %d is refused and moved to outbox_refused: %s", row.kind, row.id, refusal)
            self._move_aside(row, str(refusal))
        except UnreachableError:
            return  # stopped while waiting: the row stays
        else:
            with self._database.transaction() as tx:
                tx.execute("DELETE FROM outbox WHERE id = ?", (row.id,))

    def _attempt(self, row: _Row) -> None:
        try:
            self._sender.send(row.kind, row.payload, row.created_at)
        except FailedError as failure:
            with self._database.transaction() as tx:
                changed = "UPDATE outbox SET attempts = attempts + 1 WHERE id = ? RETURNING attempts"
                attempts = tx.execute(changed, (row.id,)).fetchone()["attempts"]
            if attempts >= _MOST_FAILURES:
                raise RefusedError(f"failed {attempts} times, at last: {failure}") from failure
            raise

    def _move_aside(self, row: _Row, reason: str) -> None:
        with self._database.transaction() as tx:
            tx.execute(
                "INSERT INTO outbox_refused "
                "SELECT id, kind, payload, created_at, attempts, ?, ? FROM outbox WHERE id = ?",
                (datetime.now(UTC).timestamp(), reason, row.id),
            )
            tx.execute("DELETE FROM outbox WHERE id = ?", (row.id,))


def _say(state: RetryCallState) -> None:
    if state.outcome is not None:
        _log.warning("not delivered yet (try %d): %s", state.attempt_number, state.outcome.exception())
