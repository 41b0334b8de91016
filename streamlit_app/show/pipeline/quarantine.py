"""The files that ingest has refused, why, and the way back."""

from collections.abc import Sequence

import streamlit as st

from lakehouse.s3_helper import S3Error
from streamlit_app.charts import bars
from streamlit_app.figures import quarantine as figures
from streamlit_app.figures.quarantine import File
from streamlit_app.lake import quarantine
from streamlit_app.show import choices, drawing, states

EVERY = "all datasets"
HELP = (
    "The file goes back to the landing zone as it is, and is looked at once more. It is refused again while the cause "
    "is there: mend that first, e.g. the contract; a file that was mended is uploaded anew instead."
)
_SENT = "sent back"  # in the session: what the last click has done, told after the page is drawn anew


def section() -> None:
    """Draw it."""
    with states.guarded("Quarantine"):
        _told()
        found = quarantine.files()
        if not found.count:
            states.empty("No file is in quarantine", "Every file that came kept its contract, or was sent back.")
            return
        st.caption(figures.told(found))
        chosen = st.selectbox("Dataset", [EVERY, *figures.datasets(found.latest)], key="of", bind="query-params")
        files = [file for file in found.latest if chosen in (EVERY, file.dataset)]
        _list(files)
        _one({file.key: file for file in files})


def _list(files: Sequence[File]) -> None:
    counts = figures.reasons(files)
    drawing.chart(
        "Why files were refused",
        bars.across(counts, "reason", "files", "files", "Files"),
        "A bar for each reason, as long as the number of files that were refused for it",
        counts.set_axis(["Reason", "Files"], axis=1),
    )
    st.header("Files", anchor=False)
    drawing.table(figures.table(files), "Refused files, the last one first, with the reason and what to do")


def _one(by_key: dict[str, File]) -> None:
    st.header("Send a file back", anchor=False, help=HELP)
    file = by_key[choices.one_of_ids("File", list(by_key), lambda key: figures.label(by_key[key]), "refused_file")]
    st.text(figures.message(file))
    if details := figures.details(file):
        with st.expander("What else was written down"):
            st.code(details, language="json", wrap_lines=True)
    with st.popover("Send it back …", icon=":material/replay:"):
        st.text(f"From  s3://…/{file.key}\nTo  {file.landing}")
        st.write(HELP)
        if st.button("Yes, send it back", key="redrive", type="primary"):
            _send(file)


def _send(file: File) -> None:
    try:
        quarantine.send_back(file)
    except S3Error as error:
        states.failed("It could not be sent back.", str(error), "Nothing is lost: look where it is now, and try again.")
        return
    st.session_state[_SENT] = file.landing
    st.rerun()


def _told() -> None:
    if landing := st.session_state.pop(_SENT, None):
        st.success(
            "Sent back. An execution of *ingest* looks at it within seconds: a good file is in the raw zone then, and "
            "in the tables after the next run; one that is still bad is here again: press *Refresh*.",
            icon=":material/check_circle:",
        )
        st.text(landing)
