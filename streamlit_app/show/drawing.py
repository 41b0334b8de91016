"""How a chart stands on a page: with a title, words for those who cannot see it, and its figures as a table."""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st


def chart(
    title: str,
    drawn: alt.TopLevelMixin,
    told: str,
    frame: pd.DataFrame,
    *,
    help: str | None = None,  # noqa: A002 - Streamlit's word
    written: Mapping[str, str] | None = None,
) -> None:
    """Draw a chart.

    Args:
        title: what it is about.
        drawn: the chart; as wide as its place.
        told: what it shows in one sentence, for a screen reader.
        frame: the figures that it is drawn from, for whoever would rather read; its columns are labelled for people.
        help: how the figures are worked out.
        written: how the numbers of the table's columns are written: see `table`.
    """
    st.header(title, anchor=False, help=help)
    st.altair_chart(drawn, width="stretch", alt=told)
    with st.expander("The figures as a table"):
        table(frame, f"{title}, the figures", written)


def table(frame: pd.DataFrame, told: str, written: Mapping[str, str] | None = None) -> None:
    """Show figures as a table.

    Args:
        frame: its columns are labelled for people.
        told: what it shows, for a screen reader.
        written: how the numbers of a column are written: label → a format of Streamlit's, e.g. `percent` for a share.
    """
    config = {label: st.column_config.NumberColumn(format=form) for label, form in (written or {}).items()}
    st.dataframe(frame, hide_index=True, width="stretch", column_config=config, alt=told)
