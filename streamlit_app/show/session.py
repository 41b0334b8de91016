"""The statements of a session of the page *SQL*: they go on while people look at other pages."""

from dataclasses import dataclass

import streamlit as st
from botocore.exceptions import BotoCoreError, ClientError

from streamlit_app.figures.statement import Statement

TEXT = "sql_text"  # the editor's key
_STATEMENTS, _LATEST, _REFUSED = "sql_statements", "sql_latest", "sql_refused"


@dataclass(frozen=True)
class Refused:
    """What was not started, or not stopped: the text, and AWS's error; None where there was nothing to start."""

    text: str
    error: ClientError | BotoCoreError | None


def _known() -> dict[str, Statement]:
    known: dict[str, Statement] = st.session_state.setdefault(_STATEMENTS, {})
    return known


def refuse(refused: Refused | None) -> None:
    """Remember what was refused last; None where all is well again."""
    st.session_state[_REFUSED] = refused


def refused() -> Refused | None:
    """What was refused last."""
    found: Refused | None = st.session_state.get(_REFUSED)
    return found


def keep(statement: Statement) -> None:
    """Remember what is known of a statement; the one that was sent last is the latest."""
    known = _known()
    if statement.id not in known:
        st.session_state[_LATEST] = statement.id
    known[statement.id] = statement


def statements() -> list[Statement]:
    """All of them, the newest first."""
    return sorted(_known().values(), key=lambda one: one.submitted, reverse=True)


def latest() -> Statement | None:
    """The one that was sent last."""
    return _known().get(st.session_state.get(_LATEST, ""))


def write(text: str) -> None:
    """Put a text into the editor; before it is drawn, or in a button's callback."""
    st.session_state[TEXT] = text


def add(name: str) -> None:
    """Put a name behind the editor's text."""
    before = st.session_state.get(TEXT) or ""
    space = "" if not before or before[-1].isspace() or before[-1] in "(.," else " "
    write(f"{before}{space}{name}")
