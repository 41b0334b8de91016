"""The quality rules: what is broken now, and what they said in the latest runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lakehouse.named_queries import Question
from streamlit_app.charts import quality as charts
from streamlit_app.figures import quality as figures
from streamlit_app.lake.answers import rows
from streamlit_app.show import drawing, states, tiles

RUNS = (10, 20, 50)

BY_RUN = {"run": "Run (UTC)", "dataset": "Dataset", "rules": "Rules", "holding": "That hold", "share": "Share"}
BY_RULE = {"run": "Run (UTC)", "rule": "Rule", "answer": "It", "observed": "Observed", "wanted": "Wanted"}

type Rows = Sequence[Mapping[str, Any]]


def section() -> None:
    """Draw it."""
    with states.guarded("Quality now"):
        by_dataset, broken, differences = rows(
            Question("quality_by_dataset"), Question("data_quality"), Question("reconciliation")
        )
        if not by_dataset:
            states.empty("No rule was checked yet", "Every run of the transform checks all rules of its datasets.")
            return
        tiles.row(figures.tiles(by_dataset, differences))
        _now(broken, differences)
    with states.guarded("Quality over time"):
        _over_time()


def _now(broken: Rows, differences: Rows) -> None:
    st.header("Broken rules", anchor=False, help="By the latest answer to each rule.")
    if broken:
        drawing.table(
            figures.broken(broken), "The rules that are broken now, with what was observed and what is wanted"
        )
    else:
        st.success("All rules hold.", icon=":material/check_circle:")
    st.header(
        "Processed against curated",
        anchor=False,
        help="Control totals of both zones, worked out now: each pair must be equal.",
    )
    if differences:
        st.error("The zones disagree. The curated zone is made anew by the next run.", icon=":material/error:")
        drawing.table(figures.differences(differences), "Control totals that differ between the zones")
    else:
        st.success("The zones agree: no order, piece or cent is lost between them.", icon=":material/check_circle:")


def _over_time() -> None:
    count = st.selectbox("Runs to look back at", RUNS, key="runs", bind="query-params")
    (history,) = rows(Question("quality_history", (count,)))
    shares = figures.by_run(history)
    drawing.chart(
        "Rules that hold, by run and dataset",
        charts.by_run(shares),
        "A field for each run and dataset, coloured by the share of its rules that hold",
        shares.rename(columns=BY_RUN),
        help="A run checks the datasets that had new files.",
    )
    dataset = st.selectbox("Dataset", figures.datasets(history), key="dataset", bind="query-params")
    answers = figures.by_rule(history, dataset)
    drawing.chart(
        "The dataset's rules, run by run",
        charts.by_rule(answers),
        "A field for each run and rule of the dataset, coloured by whether it holds",
        answers.rename(columns=BY_RULE),
        help="A broken error stops the run before the curated zone; a warning does not.",
    )
