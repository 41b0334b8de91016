"""What Athena has against a statement, with the place in its text."""

import streamlit as st

from streamlit_app.figures.caret import pointed
from streamlit_app.show import states


def told(what: str, text: str, message: str, advice: str) -> None:
    """Tell it.

    Args:
        what: what did not work, a sentence.
        text: the statement as it was sent.
        message: Athena's words.
        advice: what to do.
    """
    states.failed(what, message, advice)
    marked = pointed(text, message)
    if marked:
        # not wrapped: the caret stands below its column
        st.code(marked, language=None)
