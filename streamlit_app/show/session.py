"""The statements of a session of the page *SQL*: they go on while people look at other pages."""

from collections.abc import MutableMapping
from typing import Any

import streamlit as st

from streamlit_app.figures.statement import Statement

TEXT = "sql_text"  # the editor's key
_STATEMENTS, _LATEST = "sql_statements", "sql_latest"


def _of(name: str) -> MutableMapping[str, Any]:
    return st.session_state.setdefault(name, {})


def keep(statement: Statement) -> None:
    """Remember what is known of a statement; the one that was sent last is the latest."""
    known = _of(_STATEMENTS)
    if statement.id not in known:
        st.session_state[_LATEST] = statement.id
    known[statement.id] = statement


def statements() -> list[Statement]:
    """All of them, the newest first."""
    return sorted(_of(_STATEMENTS).values(), key=lambda one: one.submitted, reverse=True)


def latest() -> Statement | None:
    """The one that was sent last."""
    return _of(_STATEMENTS).get(st.session_state.get(_LATEST))


def write(text: str) -> None:
    """Put a text into the editor; before it is drawn, or in a button's callback."""
    st.session_state[TEXT] = text


def add(name: str) -> None:
    """Put a name behind the editor's text."""
    before = st.session_state.get(TEXT) or ""
    space = "" if not before or before[-1].isspace() or before[-1] in "(.," else " "
    write(f"{before}{space}{name}")
