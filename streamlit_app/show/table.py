"""A table that is read as it stands: not the figures of a chart."""

import pandas as pd
import streamlit as st


def table(frame: pd.DataFrame, told: str) -> None:
    """Draw it.

    Args:
        frame: its columns are labelled for people.
        told: what it shows in one sentence, for a screen reader.
    """
    st.dataframe(frame, hide_index=True, width="stretch", alt=told)
