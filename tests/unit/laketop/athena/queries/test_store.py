"""The history of executions: allowed moves only, one execution a token, an event with each change."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from laketop.athena.queries import store
from laketop.athena.queries.model import Execution, Statistics
from laketop.athena.queries.states import FINAL, MOVES, State
from laketop.athena.queries.store import Executions, TokenReusedError
from laketop.sqlite import Database
from laketop.wire import outbox as wire_outbox
from laketop.wire.outbox import Outbox


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "athena.db", (*store.SCHEMA, *wire_outbox.SCHEMA))
    yield database
    database.close()


@pytest.fixture
def executions(database: Database) -> Executions:
    return Executions(database, Outbox(database, "http://127.0.0.1:9"))


def _execution() -> Execution:
    return Execution(str(uuid.uuid4()), "SELECT 1", "primary", "DML", "SELECT", None, None, "s3://b/x.csv", 1e10)


def _sent(database: Database) -> list[dict[str, str]]:
    with database.read() as tx:
        rows = tx.execute("SELECT payload FROM outbox WHERE kind = 'event' ORDER BY id").fetchall()
    return [json.loads(json.loads(row["payload"])["Detail"]) for row in rows]


def test_what_is_kept_comes_back(executions: Executions) -> None:
    made, _ = executions.add(_execution(), None, "")
    changes = {"statistics": Statistics(1, 2, 3, 4, 5, 6), "columns": ({"Name": "a"},), "error": (2, 1, "x")}
    executions.move(made.id, State.RUNNING, **changes)
    found = executions.get(made.id)
    assert found is not None
    assert (found.statistics, found.columns, found.error) == tuple(changes.values())
    assert executions.get("nothing") is None


@pytest.mark.parametrize("state", sorted(FINAL))
def test_an_end_is_final(executions: Executions, state: State) -> None:
    made, _ = executions.add(_execution(), None, "")
    assert executions.move(made.id, State.RUNNING) is not None
    assert executions.move(made.id, state) is not None
    for other in State:
        assert executions.move(made.id, other) is None
    found = executions.get(made.id)
    assert found is not None
    assert found.state == state


def test_moves_are_those_of_athena() -> None:
    assert MOVES[State.QUEUED] == {State.RUNNING, State.FAILED, State.CANCELLED}
    assert MOVES[State.RUNNING] == {State.SUCCEEDED, State.FAILED, State.CANCELLED}


def test_a_token_makes_one_execution(executions: Executions) -> None:
    first, new = executions.add(_execution(), "token", "request")
    again, second = executions.add(_execution(), "token", "request")
    assert (new, second, again.id) == (True, False, first.id)
    with pytest.raises(TokenReusedError):
        executions.add(_execution(), "token", "another request")


def test_each_change_tells_of_itself(database: Database, executions: Executions) -> None:
    made, _ = executions.add(_execution(), None, "")
    executions.move(made.id, State.RUNNING)
    executions.move(made.id, State.FAILED, error=(2, 1, "why"))
    executions.move(made.id, State.SUCCEEDED)
    sent = _sent(database)
    assert [(event.get("previousState"), event["currentState"], event["sequenceNumber"]) for event in sent] == [
        (None, "QUEUED", "1"),
        ("QUEUED", "RUNNING", "2"),
        ("RUNNING", "FAILED", "3"),
    ]
    assert sent[2]["athenaError"] == {"errorCategory": 2, "errorType": 1, "errorMessage": "why"}


def test_unfinished_are_found_after_a_stop(executions: Executions) -> None:
    waiting, _ = executions.add(_execution(), None, "")
    running, _ = executions.add(_execution(), None, "")
    ended, _ = executions.add(_execution(), None, "")
    executions.move(running.id, State.RUNNING)
    executions.move(ended.id, State.CANCELLED)
    assert executions.unfinished() == [waiting.id, running.id]


def test_pages_go_from_the_latest_back(executions: Executions) -> None:
    made = [executions.add(_execution(), None, "")[0].id for _ in range(5)]
    first, following = executions.page("primary", None, 2)
    second, rest = executions.page("primary", following, 3)
    assert [*first, *second] == made[::-1]
    assert rest is None
