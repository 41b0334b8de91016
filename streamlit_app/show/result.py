"""The rows of a statement: as a table, as a chart, as a file."""

from functools import partial

import pyarrow as pa
import streamlit as st

from streamlit_app import formats
from streamlit_app.charts.result import drawn
from streamlit_app.figures import result
from streamlit_app.figures.statement import Statement
from streamlit_app.lake import statements
from streamlit_app.show import drawing, states


def shown(statement: Statement) -> None:
    """Draw them.

    Args:
        statement: one that succeeded.
    """
    try:
        found = statements.first_rows(statement.id)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        states.failed("The rows cannot be shown.", str(error), "Cast that column: `CAST(… AS varchar)`.")
        return
    if not found.num_columns or (not statement.reads and not found.num_rows):
        states.empty("Done", "The statement gives no rows.")
        return
    rows = found.slice(0, statements.SHOWN)
    table, chart = st.tabs(["Table", "Chart"])
    with table:
        _table(statement, rows, more=found.num_rows > statements.SHOWN)
    with chart:
        _chart(statement, rows)


def _table(statement: Statement, rows: pa.Table, *, more: bool) -> None:
    count = formats.number(rows.num_rows)
    st.caption(f"The first {count} rows; there are more. The files have all of them." if more else f"Rows: {count}")
    st.dataframe(rows, hide_index=True, width="stretch", alt="Rows of the result")
    csv, parquet, _ = st.columns(3)
    for place, name, mime, make in (
        (csv, "CSV", "text/csv", statements.as_csv),
        (parquet, "Parquet", "application/vnd.apache.parquet", statements.as_parquet),
    ):
        place.download_button(
            name,
            partial(make, statement.id),
            f"{statement.id}.{name.lower()}",
            mime,
            key=f"{name.lower()}-{statement.id}",
            on_click="ignore",
            icon=":material/download:",
            help="The whole result; the file is made when you ask for it",
            width="stretch",
        )


def _chart(statement: Statement, rows: pa.Table) -> None:
    best = result.suggested(rows)
    if best is None:
        states.empty("Nothing to draw", "A chart needs a column of numbers, and a row.")
        return
    names, heights = rows.column_names, result.numbers(rows)
    left, middle, right = st.columns(3)
    x = left.selectbox("Across", names, names.index(best.x), key=f"x-{statement.id}")
    y = middle.selectbox("Upwards", heights, heights.index(best.y), key=f"y-{statement.id}")
    kind = right.selectbox("Drawn as", result.KINDS, result.KINDS.index(best.kind), key=f"kind-{statement.id}")
    points = result.points(rows, x, y)
    if points.empty:
        states.empty("Nothing to draw", "One of the columns has no value.")
        return
    labels = result.renamed([x, y])
    drawing.chart(
        "Chart",
        drawn(points, kind, x, y),
        f"The first {formats.number(len(points))} rows, drawn as {kind.lower()}",
        points.set_axis(labels, axis="columns"),
        help="Of the rows that are shown; those in which a value is missing are left out.",
    )
