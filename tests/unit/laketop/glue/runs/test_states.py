"""The states of a run, against the list in botocore's model."""

from botocore.session import Session

from laketop.glue.runs.states import ACTIVE, EVENTS, MOVES, State


def test_every_state_is_one_of_aws() -> None:
    known = Session().get_service_model("glue").shape_for("JobRunState").enum
    assert {str(state) for state in State} <= set(known)


def test_every_state_can_be_reached_and_every_final_one_has_an_event() -> None:
    assert {state for moves in MOVES.values() for state in moves} | {State.STARTING} == set(State)
    assert set(EVENTS) == set(State) - ACTIVE
