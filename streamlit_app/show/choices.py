"""Choices that are part of the address, as the filters are: of one of a few, and of one of many that have ids."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st


def one_of[V](label: str, options: Mapping[V, str], key: str) -> V:
    """Draw a choice; the first option is chosen at first.

    Args:
        label: what is chosen.
        options: what can be chosen → what it is called.
        key: its name in the address.
    """
    return st.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        required=True,
        format_func=options.__getitem__,
        key=key,
        bind="query-params",
    )


def one_of_ids(label: str, ids: Sequence[str], told: Callable[[str], str], key: str) -> str:
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
