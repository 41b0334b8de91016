"""Named queries by id, parameters bound, answers used again while the data is the same."""

from collections.abc import Callable
from typing import Any

import pytest

from lakehouse.athena_helper import QueryFailedError
from lambdas.api_handler import questions
from lambdas.api_handler.messages import ApiError
from lambdas.api_handler.questions import Athena, Question
from tests.unit.lambdas.api_handler.ours import NAMES, AthenaOfOurs


class World:
    """A clock and a state of the data that a test moves."""

    def __init__(self) -> None:
        self.now, self.version = 1000.0, "v1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def queries(athena: AthenaOfOurs, world: World) -> Athena:
    ids = {name: f"id-{name}" for name in NAMES}
    return Athena(athena, ids, "lake", lambda: world.version, lambda: world.now)


def test_parameters_are_literals_in_their_order(athena: AthenaOfOurs, queries: Athena) -> None:
    queries.ask(Question("top_products", ("2026-01-01", "2026-01-31", "it's; DROP TABLE x --", 11)))
    assert athena.asked == [("top_products", ("'2026-01-01'", "'2026-01-31'", "'it''s; DROP TABLE x --'", "11"))]


def test_the_same_question_of_the_same_data_is_asked_once(athena: AthenaOfOurs, queries: Athena, world: World) -> None:
    athena.rows["days"] = [{"first_day": "2026-01-01", "last_day": "2026-01-31"}]
    first = queries.ask(Question("days"))
    world.now += questions.MAX_AGE - 1
    assert queries.ask(Question("days")) == first
    assert len(athena.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda world: setattr(world, "version", "v2"),
        lambda world: setattr(world, "now", world.now + questions.MAX_AGE),
    ],
)
def test_other_data_or_an_old_answer_is_asked_again(
    athena: AthenaOfOurs, queries: Athena, world: World, change: Callable[[World], None]
) -> None:
    queries.ask(Question("days"))
    change(world)
    queries.ask(Question("days"))
    assert len(athena.asked) == 2


def test_other_parameters_are_another_question(athena: AthenaOfOurs, queries: Athena) -> None:
    queries.ask(Question("pipeline_runs", (5,)), Question("pipeline_runs", (6,)))
    assert [parameters for _, parameters in athena.asked] == [("5",), ("6",)]


def test_answers_are_kept_up_to_a_number(athena: AthenaOfOurs, queries: Athena) -> None:
    for number in range(questions.KEPT + 1):
        queries.ask(Question("pipeline_runs", (number,)))
    queries.ask(Question("pipeline_runs", (questions.KEPT,)))
    assert len(athena.asked) == questions.KEPT + 1
    queries.ask(Question("pipeline_runs", (0,)))
    assert len(athena.asked) == questions.KEPT + 2


def test_all_start_before_one_is_waited_for(athena: AthenaOfOurs, queries: Athena, monkeypatch: Any) -> None:
    seen = []
    looked = athena.get_query_execution
    monkeypatch.setattr(
        athena, "get_query_execution", lambda **request: (seen.append(len(athena.asked)), looked(**request))[1]
    )
    queries.ask(Question("days"), Question("categories"))
    assert seen == [2, 2]


def test_before_the_first_run_there_is_nothing(athena: AthenaOfOurs, queries: Athena) -> None:
    athena.rows["days"] = "TABLE_NOT_FOUND: line 3:6: Table 'awsdatacatalog.curated.daily_kpis' does not exist"
    with pytest.raises(ApiError) as caught:
        queries.ask(Question("days"))
    assert (caught.value.status, caught.value.code) == (503, "NoDataYet")
    assert "daily_kpis" not in caught.value.message


def test_another_failure_is_a_failure_and_stops_the_others(athena: AthenaOfOurs, queries: Athena) -> None:
    athena.rows["days"] = "GENERIC_INTERNAL_ERROR: nobody knows"
    with pytest.raises(QueryFailedError, match="nobody knows"):
        queries.ask(Question("days"), Question("categories"))
    assert set(athena.stopped) == {"days/1", "categories/2"}
    queries.ask(Question("categories"))
    assert len(athena.asked) == 3, "an answer that nobody saw is not kept"


def test_a_query_that_takes_too_long_is_stopped(athena: AthenaOfOurs, queries: Athena, monkeypatch: Any) -> None:
    monkeypatch.setattr(questions, "TIMEOUT", 0.05)
    athena.running.add("days")
    with pytest.raises(ApiError) as caught:
        queries.ask(Question("days"))
    assert (caught.value.status, caught.value.code, caught.value.headers) == (504, "TooSlow", {"Retry-After": "5"})
    assert athena.stopped == ["days/1"]
