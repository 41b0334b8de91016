"""Named queries by id, parameters bound, answers used again while the data is the same."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse import named_queries
from lakehouse.athena_helper import QueryFailedError, QueryTimeoutError
from lakehouse.named_queries import NamedQueries, Question, UnknownQueryError
from tests.unit.lakehouse.ours import AthenaOfOurs

NAMES = ("categories", "days", "pipeline_runs", "top_products")
MAX_AGE = 60.0


class World:
    """A clock and a state of the data that a test moves."""

    def __init__(self) -> None:
        self.now, self.version = 1000.0, "v1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def athena() -> AthenaOfOurs:
    return AthenaOfOurs()


@pytest.fixture
def queries(athena: AthenaOfOurs, world: World) -> NamedQueries:
    ids = {name: f"id-{name}" for name in NAMES}
    return NamedQueries(
        athena, ids, "lake", lambda: world.version, timeout=24, max_age=MAX_AGE, clock=lambda: world.now
    )


def test_parameters_are_literals_in_their_order(athena: AthenaOfOurs, queries: NamedQueries) -> None:
    queries.ask(Question("top_products", ("2026-01-01", "2026-01-31", "it's; DROP TABLE x --", 11)))
    assert athena.asked == [("top_products", ("'2026-01-01'", "'2026-01-31'", "'it''s; DROP TABLE x --'", "11"))]


def test_the_same_question_of_the_same_data_is_asked_once(
    athena: AthenaOfOurs, queries: NamedQueries, world: World
) -> None:
    athena.rows["days"] = [{"first_day": "2026-01-01", "last_day": "2026-01-31"}]
    first = queries.ask(Question("days"))
    world.now += MAX_AGE - 1
    assert queries.ask(Question("days")) == first
    assert len(athena.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda world: setattr(world, "version", "v2"),
        lambda world: setattr(world, "now", world.now + MAX_AGE),
    ],
)
def test_other_data_or_an_old_answer_is_asked_again(
    athena: AthenaOfOurs, queries: NamedQueries, world: World, change: Callable[[World], None]
) -> None:
    queries.ask(Question("days"))
    change(world)
    queries.ask(Question("days"))
    assert len(athena.asked) == 2


def test_other_parameters_are_another_question(athena: AthenaOfOurs, queries: NamedQueries) -> None:
    queries.ask(Question("pipeline_runs", (5,)), Question("pipeline_runs", (6,)))
    assert [parameters for _, parameters in athena.asked] == [("5",), ("6",)]


def test_answers_are_kept_up_to_a_number(athena: AthenaOfOurs, queries: NamedQueries) -> None:
    for number in range(named_queries.KEPT + 1):
        queries.ask(Question("pipeline_runs", (number,)))
    queries.ask(Question("pipeline_runs", (named_queries.KEPT,)))
    assert len(athena.asked) == named_queries.KEPT + 1
    queries.ask(Question("pipeline_runs", (0,)))
    assert len(athena.asked) == named_queries.KEPT + 2


def test_all_start_before_one_is_waited_for(athena: AthenaOfOurs, queries: NamedQueries, monkeypatch: Any) -> None:
    seen = []
    looked = athena.get_query_execution
    monkeypatch.setattr(
        athena, "get_query_execution", lambda **request: (seen.append(len(athena.asked)), looked(**request))[1]
    )
    queries.ask(Question("days"), Question("categories"))
    assert seen == [2, 2]


def test_another_failure_is_a_failure_and_stops_the_others(athena: AthenaOfOurs, queries: NamedQueries) -> None:
    athena.rows["days"] = "GENERIC_INTERNAL_ERROR: nobody knows"
    with pytest.raises(QueryFailedError, match="nobody knows"):
        queries.ask(Question("days"), Question("categories"))
    assert set(athena.stopped) == {"days/1", "categories/2"}
    queries.ask(Question("categories"))
    assert len(athena.asked) == 3, "an answer that nobody saw is not kept"


def test_a_query_that_takes_too_long_is_stopped(athena: AthenaOfOurs, queries: NamedQueries) -> None:
    queries.timeout = 0.05
    athena.running.add("days")
    with pytest.raises(QueryTimeoutError):
        queries.ask(Question("days"))
    assert athena.stopped == ["days/1"]


def test_a_name_that_nobody_has_given(queries: NamedQueries) -> None:
    with pytest.raises(UnknownQueryError, match="work group lake has no named query weather"):
        queries.ask(Question("weather"))


def test_names_and_ids_are_athenas_page_by_page() -> None:
    client: Any = boto3.client(
        "athena", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    pages: list[tuple[list[str], dict[str, str], dict[str, str]]] = [
        (["a", "b"], {}, {"NextToken": "more"}),
        ([], {"NextToken": "more"}, {"NextToken": "last"}),
        (["c"], {"NextToken": "last"}, {}),
    ]
    with Stubber(client) as stub:
        for ids, asked, following in pages:
            told = {"NamedQueryIds": ids} if ids else {}
            stub.add_response("list_named_queries", told | following, {"WorkGroup": "lake", **asked})
            if ids:
                queries = [{"Name": f"n{id_}", "NamedQueryId": id_, "Database": "d", "QueryString": "q"} for id_ in ids]
                stub.add_response("batch_get_named_query", {"NamedQueries": queries}, {"NamedQueryIds": ids})
        assert named_queries.listed(client, "lake") == {"na": "a", "nb": "b", "nc": "c"}
        stub.assert_no_pending_responses()
