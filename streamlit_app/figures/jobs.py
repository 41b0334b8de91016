"""Runs of Glue jobs, as Glue's API has them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lakehouse.cost import rules
from streamlit_app import formats
from streamlit_app.figures import words

GROUP = "/aws-glue/jobs"
KINDS = {"output": "What it wrote", "error": "Errors and Spark's log"}
COLUMNS = ("Job", "State", "Started (UTC)", "Execution time", "Workers", "DPU-seconds billed", "Error", "Run")

type JobRun = Mapping[str, Any]


def table(runs: Iterable[JobRun], prefix: str) -> pd.DataFrame:
    """Job runs as people read them."""
    rows = [
        (
            words.own(run["JobName"], prefix),
            words.state(run["JobRunState"]),
            words.moment(run["StartedOn"]),
            formats.seconds(run.get("ExecutionTime")),
            workers(run),
            billed(run),
            run.get("ErrorMessage", ""),
            run["Id"],
        )
        for run in runs
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def workers(run: JobRun) -> str:
    """Number and type of a run's workers; its DPUs where it has none."""
    if "WorkerType" in run and "NumberOfWorkers" in run:
        return f"{run['NumberOfWorkers']} × {run['WorkerType']}"
    return f"{run['MaxCapacity']:g} DPU" if "MaxCapacity" in run else formats.NONE


def billed(run: JobRun) -> float | None:
    """The DPU-seconds that Glue bills for a run; None while it runs."""
    return float(rules.billed_dpu_seconds(run)) if "CompletedOn" in run else None


def jobs(runs: Iterable[JobRun], prefix: str) -> list[str]:
    """The jobs that have runs, by their own names."""
    return sorted({words.own(run["JobName"], prefix) for run in runs})


def of_job(runs: Iterable[JobRun], prefix: str, job: str | None) -> list[JobRun]:
    """The runs of a job by its own name; of all jobs without one."""
    return [run for run in runs if job in (None, words.own(run["JobName"], prefix))]


def label(run: JobRun, prefix: str) -> str:
    """A run in one line, for a list to choose from."""
    return (
        f"{words.own(run['JobName'], prefix)}, {words.moment(run['StartedOn'])} UTC, {words.state(run['JobRunState'])}"
    )


def first_log(run: JobRun) -> str:
    """The log to look at first: what went wrong, or what was done."""
    return "output" if run["JobRunState"] in ("SUCCEEDED", "RUNNING", "STARTING") else "error"


def log_group(run: JobRun, kind: str) -> str:
    """The log group of a run's driver. Glue names its beginning, which a security configuration changes.

    Args:
        run: the run.
        kind: a key of `KINDS`.
    """
    return f"{(run.get('LogGroupName') or GROUP).rstrip('/')}/{kind}"
