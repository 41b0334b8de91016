"""Runs, steps and executions, as they are told and drawn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streamlit_app.charts import runs as charts
from streamlit_app.charts import states
from streamlit_app.figures import runs, words

BEGUN = datetime(2026, 1, 31, 12, 0, 0)
NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)


def step(name: str, start: float, seconds: float | None, state: str = "SUCCEEDED", error: str | None = None) -> Any:
    began = BEGUN + timedelta(seconds=start)
    ended = None if seconds is None else began + timedelta(seconds=seconds)
    return {"step": name, "state": state, "started_at": began, "ended_at": ended, "seconds": seconds, "error": error}


def run(*steps: Any, state: str = "SUCCEEDED", seconds: float = 100, error: str | None = None) -> dict[str, Any]:
    ended = BEGUN + timedelta(seconds=seconds)
    told = {"state": state, "started_at": BEGUN, "ended_at": ended, "seconds": seconds, "error": error}
    return {"run_id": "r1", **told, "steps": list(steps)}


FAILED = run(
    step("Open", 0.5, 1),
    step("RawToProcessed[shop-dev-transaction-etl]", 2, 30, "FAILED", "Spark: out of memory"),
    step("Check[reviews]", 10, None, "RUNNING"),
    state="FAILED",
    error="DatasetsFailed",
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Open", "Open"),
        ("MergeMasterData", "Merge master data"),
        ("RawToProcessed[shop-dev-transaction-etl]", "transaction-etl: raw to processed"),
        ("View[daily_kpis]", "daily_kpis: view"),
    ],
)
def test_steps_in_words(name: str, text: str) -> None:
    assert words.step(name, "shop-dev") == text


def test_moments_are_utc() -> None:
    east = datetime.fromisoformat("2026-01-31T14:00:00+02:00")
    assert words.moment(BEGUN) == words.moment(east) == "2026-01-31 12:00:00"


def test_steps_are_counted_from_the_beginning_of_the_run() -> None:
    frame = runs.steps(FAILED, "shop-dev")
    assert frame[["from", "to"]].values.tolist() == [[0.5, 1.5], [2, 32], [10, 100]], "an open step goes to the end"
    assert frame["state"].tolist() == ["succeeded", "failed", "running"]
    assert frame["took"].tolist() == ["1.0 s", "30.0 s", "–"]


def test_what_failed_is_told_with_its_error() -> None:
    told = [(failure.what, failure.after, failure.error) for failure in runs.failures(FAILED, "shop-dev")]
    assert told == [
        ("transaction-etl: raw to processed", "30.0 s", "Spark: out of memory"),
        ("The run", "1 min 40 s", "DatasetsFailed"),
    ]


def test_an_error_is_told_once() -> None:
    same = run(step("Open", 0, 1, "FAILED", "lock held"), state="FAILED", error="lock held")
    assert [failure.what for failure in runs.failures(same, "shop-dev")] == ["Open"]
    assert runs.failures(run(step("Open", 0, 1)), "shop-dev") == []


def test_key_figures_of_a_run() -> None:
    assert {tile.label: tile.value for tile in runs.tiles(FAILED, NOW)} == {
        "State": "Failed",
        "Took": "1 min 40 s",
        "Started": "30 min ago",
        "Steps": "3",
        "Failed steps": "1",
        "Longest step": "30.0 s",
    }


def test_runs_in_a_list() -> None:
    assert runs.label(FAILED) == "2026-01-31 12:00:00 UTC, failed, 1 min 40 s"
    assert runs.table([FAILED]).values.tolist() == [["2026-01-31 12:00:00", "failed", "1 min 40 s", 3, 1, "r1"]]
    lasting = runs.lasting([FAILED, run(seconds=5) | {"seconds": None}, run(seconds=7)])
    assert lasting["seconds"].tolist() == [7, 100], "the earliest first, without those that have no end"


def execution(state: str, start: int, **more: Any) -> dict[str, Any]:
    begun = NOW - timedelta(minutes=start)
    ended = None if state == "RUNNING" else begun + timedelta(seconds=90)
    base = {"machine": "ingest", "name": f"e{start}", "input": {}, "output": {}, "error": ""}
    return base | {"state": state, "started_at": begun, "ended_at": ended} | more


def test_executions_say_what_came_of_them() -> None:
    refused = {"outcome": "quarantined", "reason": {"code": "EMPTY_FILE"}}
    found = [
        execution("TIMED_OUT", 9, machine="transform", error="States.Timeout: too long"),
        execution("SUCCEEDED", 7, input={"key": "landing/reviews/a.csv"}, output=refused),
        execution("RUNNING", 2, input={"key": "landing/reviews/b.csv"}),
    ]
    assert [item["name"] for item in runs.running(found)] == ["e2"]
    assert runs.executions(found, NOW).values.tolist() == [
        ["ingest", "running", "2 min ago", "2 min 0 s", "reviews/b.csv", "", "e2"],
        ["ingest", "succeeded", "7 min ago", "1 min 30 s", "reviews/a.csv", "quarantined, EMPTY_FILE", "e7"],
        ["transform", "timed out", "9 min ago", "1 min 30 s", "the batch", "States.Timeout: too long", "e9"],
    ]


def test_states_have_colours_of_their_own() -> None:
    places = states.places(["failed", "timed out", "error", "strange", "succeeded"])
    assert places["succeeded"] == states.GOOD
    assert states.BAD in (places["failed"], places["error"])
    assert len(set(places.values())) == 5
    assert states.places([]), "a scale needs a word"


def test_timeline_is_drawn_in_the_order_of_the_steps() -> None:
    drawn = charts.timeline(runs.steps(FAILED, "shop-dev")).to_dict()
    y = drawn["layer"][0]["encoding"]["y"]
    assert y["sort"] == ["Open", "transaction-etl: raw to processed", "reviews: check"]
    domain = drawn["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert (domain[states.GOOD], domain[states.BAD], domain[states.BUSY]) == ("succeeded", "failed", "running")


@pytest.mark.parametrize("one", [run(), run(step("Open", 0, 0))])
def test_charts_are_drawn_of_any_run(one: dict[str, Any]) -> None:
    assert charts.timeline(runs.steps(one, "shop-dev")).to_dict()["config"]
    assert charts.durations(runs.lasting([one])).to_dict()["config"]
