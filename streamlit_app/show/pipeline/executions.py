"""What runs now: executions of the state machines, looked at again and again while one runs."""

from datetime import UTC, datetime

import streamlit as st

from streamlit_app.figures import runs as figures
from streamlit_app.lake import executions
from streamlit_app.show import drawing, states

PACE = 3.0  # seconds


def section() -> None:
    """Draw it."""
    st.header("Executions", anchor=False, help="As Step Functions tells them now, also those that still run.")
    with states.guarded("Executions"):
        live = bool(figures.running(executions.latest()))
        st.fragment(run_every=PACE if live else None)(_drawn)(live)


def _drawn(live: bool) -> None:
    with states.guarded("Executions"):
        found = executions.latest()
        running = figures.running(found)
        if bool(running) != live:
            st.rerun()  # the last one has ended, and what it has made is to be shown; or the first has begun
        if not found:
            states.empty("Nothing has run yet", "Put a file below `landing/` of the raw bucket: each is an execution.")
            return
        now = datetime.now(UTC)
        if running:
            st.caption(f"Looked at every {PACE:.0f} seconds, last at {now:%H:%M:%S} UTC.")
            drawing.table(figures.executions(running, now), "Executions that run now")
        else:
            st.caption("Nothing runs now.")
        with st.expander("Latest executions"):
            drawing.table(
                figures.executions(found, now), "The latest executions of the state machines, the last one first"
            )
