"""The state machines' definitions hold together: every path leads somewhere, and no failure goes unheard."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "infra" / "modules" / "step-functions"
NAMES = sorted(path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json"))
RETRY = {"ErrorEquals": ["Lambda.ServiceException"]}
# Steps that run when another has failed already.
LAST = ("CloseFailed",)


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


def machines(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A machine and those of its Map states."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def states(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for machine in machines(definition(name)):
        yield from machine["States"].items()


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_and_every_target_is_there(name: str) -> None:
    for machine in machines(definition(name)):
        reached, todo = set(), [machine["StartAt"]]
        while todo:
            state = todo.pop()
            if state not in reached:
                reached.add(state)
                todo += targets(machine["States"][state])
                todo += [machine["States"][state]["Default"]] if "Default" in machine["States"][state] else []
        assert reached == set(machine["States"])


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_an_end(name: str) -> None:
    for title, state in states(name):
        ends = state.get("End") or "Next" in state or state["Type"] in ("Fail", "Succeed", "Choice")
        assert ends, title


@pytest.mark.parametrize("name", NAMES)
def test_no_task_waits_for_ever(name: str) -> None:
    for title, state in states(name):
        if state["Type"] == "Task" and not title.startswith("Notify"):
            assert state["TimeoutSeconds"] < definition(name)["TimeoutSeconds"], title


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_is_told_with_its_step_and_then_fails(name: str) -> None:
    top = definition(name)["States"]
    steps = {
        title for title, state in top.items() if state["Type"] in ("Task", "Map") and not title.startswith("Notify")
    }
    assert len(steps) >= 2
    for title in steps:
        (catch,) = top[title]["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        if title in LAST:
            assert catch["Next"] == top[title]["Next"] == "NotifyFailed"
            continue
        marker = top[catch["Next"]]
        assert (marker["Result"], marker["ResultPath"]) == (title, "$.step")
        assert marker["Next"] in ("NotifyFailed", *LAST)
    assert set(top["NotifyFailed"]["Parameters"]["Message"]) == {"execution.$", "step.$", "input.$", "error.$"}
    assert top["NotifyFailed"]["Next"] == "Failed"
    # Not ErrorPath: names that begin with "States." are reserved, and most that are caught do.
    assert top["Failed"] == {
        "Type": "Fail",
        "Error": f"{name.capitalize()}Failed",
        "CausePath": "States.Format('{}: {}: {}', $.step, $.error.Error, $.error.Cause)",
    }


@pytest.mark.parametrize("name", NAMES)
def test_lambdas_are_tried_again_when_their_service_fails(name: str) -> None:
    for title, state in states(name):
        if state.get("Resource", "").endswith("lambda:invoke"):
            assert RETRY in state["Retry"], title


def test_what_passes_by_itself_is_waited_for() -> None:
    retried = {
        title: state["Retry"][0]["ErrorEquals"] for name in NAMES for title, state in states(name) if "Retry" in state
    }
    assert (retried["Open"], retried["Validate"]) == (["LockHeldError"], ["ClaimPendingError"])


def test_services_are_waited_for() -> None:
    resources = {title: state["Resource"] for title, state in states("transform") if state["Type"] == "Task"}
    assert resources["RawToProcessed"] == resources["MergeMasterData"] == "arn:aws:states:::glue:startJobRun.sync"
    assert resources["View"] == "arn:aws:states:::athena:startQueryExecution.sync"


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_draws_every_state(name: str) -> None:
    guide = (FOLDER.parents[2] / "docs" / "PIPELINE_GUIDE.md").read_text()
    drawn = " ".join(re.findall(r"```mermaid(.*?)```", guide, re.DOTALL))
    assert [title for title, _ in states(name) if not re.search(rf"\b{title}\b", drawn)] == []
