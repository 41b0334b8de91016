"""What stands where there is nothing to show: still loading, nothing there, or an error that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from lakehouse.athena_helper import QueryFailedError
from lakehouse.named_queries import UnknownQueryError
from lakehouse.s3_helper import S3Error
from streamlit_app.lake.names import NamesError

# what AWS says → what a person can do about it
_ADVICE = {
    "AccessDenied": "The credentials of the app may not do this: add it to their policy.",
    "AccessDeniedException": "The credentials of the app may not do this: add it to their policy.",
    "ExpiredToken": "The credentials of the app have expired: renew them and start the app again.",
    "ExpiredTokenException": "The credentials of the app have expired: renew them and start the app again.",
    "InvalidRequestException": "Is the environment deployed? The work group and its queries are made by Terraform.",
    "NoSuchBucket": "Is the environment deployed? The buckets are made by Terraform.",
    "StateMachineDoesNotExist": "Is the environment deployed? The state machines are made by Terraform.",
    "ThrottlingException": "AWS asks to wait: try again in a moment.",
}


def empty(what: str, advice: str) -> None:
    """Say that there is nothing, and what would change that."""
    st.info(f"**{what}.** {advice}", icon=":material/inbox:")


def failed(what: str, cause: str, advice: str) -> None:
    """Say that something did not work, why, and what to do."""
    st.error(f"**{what}** {advice}", icon=":material/error:")
    st.code(cause, language=None, wrap_lines=True)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """A part of a page: whatever AWS refuses in it is told in its place, and the rest of the page stands.

    Args:
        what: the part, e.g. `Revenue`.
    """
    try:
        with st.spinner(f"{what} …"):
            yield
    except (QueryFailedError, S3Error, ClientError, BotoCoreError, NamesError, UnknownQueryError) as error:
        _tell(what, error)


def _tell(what: str, error: Exception) -> None:
    cause = " ".join(str(error).split())
    match error:
        case QueryFailedError() if "TABLE_NOT_FOUND" in error.reason or "SCHEMA_NOT_FOUND" in error.reason:
            empty("No data yet", "Figures are there when the pipeline has run for the first time: see *Pipeline*.")
        case TimeoutError():
            failed(f"{what}: the answer takes too long.", cause, "Choose fewer days, or try again.")
        case QueryFailedError():
            failed(f"{what}: Athena could not answer.", cause, "The query is one of `sql/queries`.")
        case EndpointConnectionError():
            failed(f"{what}: AWS does not answer.", cause, "Is the endpoint right, and does it run?")
        case NoCredentialsError():
            failed(f"{what}: there are no credentials.", cause, "Give the app a profile or a role.")
        case S3Error():
            failed(f"{what}: S3 refused.", cause, _ADVICE.get(error.code, "Try again; the text below is AWS's."))
        case ClientError():
            code = error.response["Error"]["Code"]
            failed(f"{what}: AWS refused.", cause, _ADVICE.get(code, "Try again; the text below is AWS's."))
        case NamesError():
            failed("The app does not know its environment.", cause, "Set the variable and start the app again.")
        case UnknownQueryError():
            failed(f"{what}: a query is missing.", cause, "The app and what is deployed are of different releases.")
        case _:
            failed(f"{what}: AWS does not answer.", cause, "Look at the network and the endpoint.")
