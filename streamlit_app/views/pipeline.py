"""What the pipeline does and did: runs, Glue jobs, quality, refused files, and what it would cost on AWS."""

import streamlit as st

from streamlit_app.show.pipeline import cost, executions, jobs, quality, quarantine, runs

# only the open section is drawn, so that the others ask nothing; which one it is, is part of the address
SECTIONS = {
    "Runs": (executions.section, runs.section),
    "Glue jobs": (jobs.section,),
    "Quality": (quality.section,),
    "Quarantine": (quarantine.section,),
    "Cost": (cost.section,),
}

st.title("Pipeline", anchor=False)
for tab, parts in zip(st.tabs(list(SECTIONS), key="section", bind="query-params"), SECTIONS.values(), strict=True):
    if tab.open:
        with tab:
            for part in parts:
                part()
