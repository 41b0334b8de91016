"""One of some things that have ids: shown by words, and by its id in the address, so that a link stays right."""

from collections.abc import Callable, Sequence

import streamlit as st


def one(label: str, ids: Sequence[str], told: Callable[[str], str], key: str) -> str:
    """Draw a list to choose from. (Streamlit's own `bind` would put the words into the address.)

    Args:
        label: what is to be chosen.
        ids: the things, at least one; the first is chosen where nothing else is.
        told: an id's words.
        key: the widget's, and the query parameter's name.

    Returns:
        the id that is chosen.
    """
    if st.session_state.get(key) not in ids:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in ids else ids[0]
    chosen = st.selectbox(label, ids, format_func=told, key=key)
    if chosen != ids[0]:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen
