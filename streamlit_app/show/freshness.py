"""The foot of the side bar: which environment this is, how fresh its data is, and a button to look anew."""

from datetime import UTC, datetime

import streamlit as st

from lakehouse import figures
from lakehouse.named_queries import Question
from streamlit_app import formats
from streamlit_app.lake.answers import rows
from streamlit_app.lake.names import names
from streamlit_app.show import states


def sidebar() -> None:
    """Draw it."""
    with st.sidebar, states.guarded("Freshness"):
        st.caption(f"Environment **{names().prefix}**")
        runs = figures.runs(rows(Question("pipeline_runs", (1,)))[0])
        if runs:
            ended = formats.ago(runs[0]["ended_at"] or runs[0]["started_at"], datetime.now(UTC))
            st.caption(f"Latest run {runs[0]['state'].lower()}, {ended}")
        if st.button("Refresh", icon=":material/refresh:", help="Forget all answers and ask AWS again"):
            st.cache_data.clear()
            st.cache_resource.clear()
            st.rerun()
