"""A choice of one of a few, which is part of the address, as the filters are."""

from collections.abc import Mapping

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
