"""The pipeline's named queries. An answer is remembered by query, parameters and the state of the data."""

import streamlit as st
from botocore.exceptions import ClientError

from lakehouse.named_queries import NamedQueries, Question, Rows, listed
from lakehouse.waiting import code_of
from streamlit_app.lake.clients import bucket, client
from streamlit_app.lake.names import names

TIMEOUT = 60.0  # seconds that a person may be asked to wait
MAX_AGE = 3600.0  # seconds; the data's version says sooner when an answer is old
CONTROL = "control/transform.json"


@st.cache_data(ttl=2, show_spinner=False)
def data_version() -> str:
    """Which state the data is in: the ETag of what the pipeline writes when a run begins and when it ends."""
    try:
        return str(client("s3").head_object(Bucket=bucket("raw"), Key=CONTROL)["ETag"])
    except ClientError as error:
        if code_of(error) not in ("404", "NoSuchKey"):
            raise
        return "before the first run"


@st.cache_resource(ttl=60, show_spinner=False)
def _ids() -> dict[str, str]:
    """Name → id; looked up again each minute, for a deployment gives a changed query another id."""
    return listed(client("athena"), names().work_group)


@st.cache_resource(show_spinner=False)
def _queries(ids: tuple[tuple[str, str], ...]) -> NamedQueries:
    return NamedQueries(client("athena"), dict(ids), names().work_group, data_version, timeout=TIMEOUT, max_age=MAX_AGE)


def rows(*questions: Question) -> list[Rows]:
    """The rows of each question, asked side by side: dictionaries with Python's own types.

    Raises:
        QueryFailedError: Athena could not answer; QueryTimeoutError: not in time.
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    return _queries(tuple(sorted(_ids().items()))).ask(*questions)
