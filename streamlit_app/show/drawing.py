"""How a chart stands on a page: with a title, words for those who cannot see it, and its figures as a table."""

import altair as alt
import pandas as pd
import streamlit as st


def chart(title: str, drawn: alt.TopLevelMixin, told: str, frame: pd.DataFrame, *, help: str | None = None) -> None:  # noqa: A002 - Streamlit's word
    """Draw a chart.

    Args:
        title: what it is about.
        drawn: the chart; as wide as its place.
        told: what it shows in one sentence, for a screen reader.
        frame: the figures that it is drawn from, for whoever would rather read; its columns are labelled for people.
        help: how the figures are worked out.
    """
    st.header(title, anchor=False, help=help)
    st.altair_chart(drawn, width="stretch", alt=told)
    with st.expander("The figures as a table"):
        st.dataframe(frame, hide_index=True, width="stretch", alt=f"{title}, the figures")
