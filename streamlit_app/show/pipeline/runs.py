"""The latest runs of the transform, and the steps of the one that is chosen."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from lakehouse import figures as rows_of
from lakehouse.named_queries import Question
from streamlit_app.charts import runs as charts
from streamlit_app.figures import runs as figures
from streamlit_app.lake.answers import rows
from streamlit_app.lake.names import names
from streamlit_app.show import choices, drawing, states, tiles

LATEST = 20

COLUMNS = {"step": "Step", "state": "State", "started_at": "Began (UTC)", "ended_at": "Ended (UTC)", "took": "Took"}

type Run = Mapping[str, Any]


def section() -> None:
    """Draw it."""
    with states.guarded("Runs"):
        found = rows_of.runs(rows(Question("pipeline_runs", (LATEST,)))[0])
        if not found:
            states.empty("No run yet", "A run is written down when it ends: send the event *Batch Ready*.")
            return
        by_id = {run["run_id"]: run for run in found}
        chosen = choices.one_of_ids("Run, the latest first", list(by_id), lambda id_: figures.label(by_id[id_]), "run")
        _one(by_id[chosen])
        _all(found)


def _one(run: Run) -> None:
    tiles.row(figures.tiles(run, datetime.now(UTC)))
    _failures(figures.failures(run, names().prefix))
    steps = figures.steps(run, names().prefix)
    if steps.empty:
        states.empty("No steps", "This run ended before its first step.")
        return
    drawing.chart(
        "Steps of the run",
        charts.timeline(steps),
        "A bar for each step of the run, from its beginning to its end, by state",
        steps[list(COLUMNS)].rename(columns=COLUMNS),
        help="Steps below each other at the same time ran side by side.",
    )


def _failures(failures: Sequence[figures.Failure]) -> None:
    if not failures:
        return
    st.error(
        "Something failed in this run. A failed run is repeated as a whole by the next one.", icon=":material/error:"
    )
    for failure in failures:
        st.text(f"{failure.what}, after {failure.after}")
        st.code(failure.error, language=None, wrap_lines=True)


def _all(found: Sequence[Run]) -> None:
    lasting = figures.lasting(found)
    if len(lasting) > 1:
        drawing.chart(
            "How long runs take",
            charts.durations(lasting),
            "A bar for each of the latest runs, as high as it took long",
            lasting[["started", "state", "took"]].set_axis(["Started (UTC)", "State", "Took"], axis=1),
        )
    st.header("Latest runs", anchor=False)
    drawing.table(figures.table(found), "The latest runs of the pipeline, the last one first")
