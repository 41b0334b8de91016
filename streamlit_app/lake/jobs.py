"""The Glue jobs of the environment: their latest runs, and the logs of a run."""

from typing import Any

import streamlit as st

from streamlit_app.lake.clients import client
from streamlit_app.lake.names import names

LATEST = 10  # runs of each job
LINES = 300  # of a log
_PAGES = 5  # GetLogEvents may answer with empty pages before it has come to the end


@st.cache_data(ttl=5, show_spinner=False)
def latest(count: int = LATEST) -> list[dict[str, Any]]:
    """The latest runs of each job, those that started last first: JobRuns as Glue's API has them.

    Raises:
        ClientError: Glue refused.
    """
    glue = client("glue")
    found = [
        run
        for page in glue.get_paginator("get_jobs").paginate()
        for job in page["Jobs"]
        if job["Name"].startswith(f"{names().prefix}-")
        for run in glue.get_job_runs(JobName=job["Name"], MaxResults=count)["JobRuns"]
    ]
    return sorted(found, key=lambda run: run["StartedOn"], reverse=True)


@st.cache_data(ttl=5, max_entries=50, show_spinner=False)
def log(group: str, run_id: str, count: int = LINES) -> list[str]:
    """The last lines of what a run's driver has logged; none where it has logged nothing.

    Args:
        group: the log group.
        run_id: the run's id, which is the stream's name.
        count: how many lines.

    Raises:
        ClientError: CloudWatch Logs refused.
    """
    lines: list[str] = []
    place: dict[str, Any] = {"logGroupName": group, "logStreamName": run_id, "limit": count, "startFromHead": False}
    for _ in range(_PAGES):
        try:
            answer = client("logs").get_log_events(**place)
        except client("logs").exceptions.ResourceNotFoundException:
            return []
        lines = [line for event in answer["events"] for line in event["message"].splitlines()] + lines
        before = answer.get("nextBackwardToken")
        if len(lines) >= count or before in (None, place.get("nextToken")):
            break
        place["nextToken"] = before
    return lines[-count:]
