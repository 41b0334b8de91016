from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.spark import runs
from laketop.spark.runs import MOVES, Run, State

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NEW = Run("r", "cold", datetime(2026, 1, 1, tzinfo=UTC), Path("folder"))
RUNNING = runs.running(NEW, 10, 20)


def test_a_run_that_ends_well():
    run = runs.process_ended(runs.script_ended(RUNNING, None, 0), 0, NOW)
    assert (run.state, run.error_message, run.exit_code) == (State.SUCCEEDED, None, 0)
    assert (run.completed_on, run.log_start) == (NOW, (10, 20))


def test_a_script_that_fails():
    run = runs.process_ended(runs.script_ended(RUNNING, "ValueError: boom", 1), 1, NOW)
    assert (run.state, run.error_message, run.exit_code) == (State.FAILED, "ValueError: boom", 1)


def test_the_script_has_ended_only_with_its_process():
    assert runs.script_ended(RUNNING, None, 0).state is State.RUNNING


@pytest.mark.parametrize(("code", "words"), [(0, "exit code 0"), (7, "exit code 7"), (-9, r"SIGKILL \(signal 9\)")])
@pytest.mark.parametrize("run", [NEW, RUNNING])
def test_a_process_that_ends_before_its_script_is_a_failure_even_with_code_0(run, code, words):
    ended = runs.process_ended(run, code, NOW)
    assert (ended.state, ended.exit_code) == (State.FAILED, code)
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(ended.error_message)


@pytest.mark.parametrize("run", [NEW, RUNNING, runs.script_ended(RUNNING, "x", 1)])
def test_a_run_that_was_to_stop_is_stopped(run):
    ended = runs.process_ended(runs.stopping(run), -15, NOW)
    assert (ended.state, ended.error_message, ended.completed_on) == (State.STOPPED, None, NOW)


EVENTS = (
    lambda run: runs.script_ended(run, None, 0),
    lambda run: runs.script_ended(run, "e", 1),
    runs.stopping,
    lambda run: runs.process_ended(run, 0, NOW),
    lambda run: runs.process_ended(run, -9, NOW),
)


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_run_ends_once_whatever_is_heard_afterwards(events):
    run, end = RUNNING, None
    for event in events:
        run = event(run)
        if end is not None:
            assert run == end
        end = run if run.over else None
    assert run.over == (run.completed_on is not None)


@pytest.mark.parametrize("state", [state for state in State if not MOVES[state]])
def test_nothing_follows_an_end(state):
    with pytest.raises(ValueError, match="cannot follow"):
        runs.running(replace(NEW, state=state), 0, 0)
