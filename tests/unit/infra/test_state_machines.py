"""The state machines' definitions hold together: every path leads somewhere, and no failure goes unheard."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "infra" / "modules" / "step-functions"
NAMES = sorted(path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json"))
RETRY = [{"ErrorEquals": ["Lambda.ServiceException"]}]


def definition(name: str) -> dict[str, Any]:
    """A definition with something for each of the template's values, inside quotes or not."""
    text = (FOLDER / f"{name}.asl.json").read_text().replace("${retry}", json.dumps(RETRY))
    text = re.sub(r'(?<!["\w:])\$\{\w+\}', '"x"', text)
    return json.loads(re.sub(r"\$\{\w+\}", "x", text))


def targets(state: dict[str, Any]) -> set[str]:
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    return {item["Next"] for item in (state, *rules) if "Next" in item}


def test_there_are_two() -> None:
    assert NAMES == ["ingest", "transform"]


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_and_every_target_is_there(name: str) -> None:
    machine = definition(name)
    reached, todo = set(), [machine["StartAt"]]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += targets(machine["States"][state])
    assert reached == set(machine["States"])


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_an_end(name: str) -> None:
    for title, state in definition(name)["States"].items():
        ends = state.get("End") or "Next" in state or state["Type"] in ("Fail", "Succeed", "Choice")
        assert ends, title


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_is_told_with_its_step_and_then_fails(name: str) -> None:
    states = definition(name)["States"]
    steps = {title for title, state in states.items() if state["Type"] == "Task" and not title.startswith("Notify")}
    assert len(steps) >= 2
    for title in steps:
        (catch,) = states[title]["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        marker = states[catch["Next"]]
        assert (marker["Result"], marker["ResultPath"], marker["Next"]) == (title, "$.step", "NotifyFailed")
    assert set(states["NotifyFailed"]["Parameters"]["Message"]) == {"execution.$", "step.$", "input.$", "error.$"}
    assert states["NotifyFailed"]["Next"] == "Failed"
    # Not ErrorPath: names that begin with "States." are reserved, and most that are caught do.
    assert states["Failed"] == {
        "Type": "Fail",
        "Error": f"{name.capitalize()}Failed",
        "CausePath": "States.Format('{}: {}: {}', $.step, $.error.Error, $.error.Cause)",
    }


def test_lambdas_are_tried_again_when_their_service_fails() -> None:
    for title, state in definition("ingest")["States"].items():
        if state.get("Resource", "").endswith("lambda:invoke"):
            assert state["Retry"] == RETRY, title


def test_services_are_waited_for() -> None:
    resources = [state.get("Resource", "") for state in definition("transform")["States"].values()]
    assert {"arn:aws:states:::glue:startJobRun.sync", "arn:aws:states:::athena:startQueryExecution.sync"} <= set(
        resources
    )
