"""Runs of the Glue jobs, and the log of the one that is chosen."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from streamlit_app.figures import jobs as figures
from streamlit_app.lake import jobs
from streamlit_app.lake.names import names
from streamlit_app.show import choices, drawing, states

_LINES, _HEIGHT = 20, 400  # a longer log is scrolled, in so many pixels


def section() -> None:
    """Draw it."""
    with states.guarded("Glue jobs"):
        found = jobs.latest()
        if not found:
            states.empty("No job has run yet", "The transform starts them: send the event *Batch Ready*.")
            return
        prefix = names().prefix
        job = st.selectbox(
            "Job", figures.jobs(found, prefix), index=None, placeholder="All jobs", key="job", bind="query-params"
        )
        runs = figures.of_job(found, prefix, job)
        st.header(
            "Latest runs",
            anchor=False,
            help="Glue bills a run by the second, a minute at least, times its DPUs; its start-up is free.",
        )
        drawing.table(figures.table(runs, prefix), "The latest runs of Glue jobs, the last one first")
        _log({run["Id"]: run for run in runs})


def _log(by_id: Mapping[str, Mapping[str, Any]]) -> None:
    st.header("Log of a run", anchor=False, help="Of the driver, from CloudWatch Logs.")
    prefix = names().prefix
    chosen = by_id[choices.one_of_ids("Job run", list(by_id), lambda id_: figures.label(by_id[id_], prefix), "job_run")]
    if error := chosen.get("ErrorMessage"):
        st.error("Glue says why this run did not succeed:", icon=":material/error:")
        st.code(error, language=None, wrap_lines=True)
    kinds = list(figures.KINDS)
    kind = st.segmented_control(
        "Log",
        kinds,
        default=figures.first_log(chosen),
        required=True,
        format_func=lambda name: figures.KINDS[name],
        key=f"log of {chosen['Id']}",
    )
    with states.guarded("Log"):
        group = figures.log_group(chosen, kind)
        lines = jobs.log(group, chosen["Id"])
        if not lines:
            states.empty("This log is empty", "The run has written nothing there: look at the other one.")
            return
        st.caption(f"The last {len(lines)} lines")
        st.code(
            "\n".join(lines), language=None, height=_HEIGHT if len(lines) > _LINES else "content", line_numbers=True
        )
        st.text(f"{group}, stream {chosen['Id']}")
