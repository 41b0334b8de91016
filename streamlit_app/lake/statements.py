"""Statements on Athena: started, looked after, stopped, and what they gave."""

from contextlib import suppress
from io import BytesIO

import pyarrow as pa
import streamlit as st
from pyarrow import csv, parquet

from lakehouse import athena_helper
from lakehouse.athena_helper import QueryFailedError, QueryResult
from streamlit_app.figures.result import distinct
from streamlit_app.figures.statement import Statement, statement_of
from streamlit_app.lake import catalogue, storage
from streamlit_app.lake.answers import TIMEOUT
from streamlit_app.lake.clients import client
from streamlit_app.lake.names import names

SHOWN = 1000  # rows of a result on a page
RECENT = 50  # statements of the work group; as many as one request takes


def start(text: str, database: str) -> str:
    """Start a statement, and return its id.

    Raises:
        ClientError: Athena refused it, e.g. InvalidRequestException for what is no SQL.
        BotoCoreError: it is not there.
    """
    return athena_helper.start(client("athena"), text, database=database, work_group=names().work_group)


def look(id_: str, seconds: float = 0) -> Statement:
    """What becomes of a statement, after its end or so many seconds.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    with suppress(QueryFailedError):  # how it ended is what is asked for
        athena_helper.wait(client("athena"), id_, timeout=seconds)
    found = statement_of(_execution(id_))
    if found.ended and not found.reads:
        catalogue.forget()
        storage.listed.clear()
        answer.clear()
    return found


def stop(id_: str) -> None:
    """Stop a statement.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    athena_helper.stop(client("athena"), id_)


@st.cache_data(ttl=10, max_entries=20, show_spinner=False)
def recent(seen: int) -> list[Statement]:  # noqa: ARG001 - more seen, another answer
    """The latest statements of the work group, whoever sent them, the newest first.

    Args:
        seen: how many statements of the session have ended.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    athena = client("athena")
    ids = athena.list_query_executions(WorkGroup=names().work_group, MaxResults=RECENT)["QueryExecutionIds"]
    found = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"] if ids else []
    return sorted(map(statement_of, found), key=lambda one: one.submitted, reverse=True)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def first_rows(id_: str) -> pa.Table:
    """The first rows of a statement that succeeded, one more than `SHOWN` where there are more.

    Raises:
        pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: a value does not fit its column's type in Arrow.
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    return distinct(_result(id_).to_arrow(SHOWN + 1))


@st.cache_data(ttl=3600, max_entries=100, show_spinner=False)
def answer(sql: str, database: str, version: str) -> pa.Table:  # noqa: ARG001 - another version, another answer
    """All rows that a statement of the app's own gives.

    Raises:
        QueryFailedError: Athena could not answer; QueryTimeoutError: not in time.
        ClientError, BotoCoreError: AWS refused, or is not there.
        pyarrow.ArrowInvalid, pyarrow.ArrowTypeError: a value does not fit its column's type in Arrow.
    """
    work_group = names().work_group
    found = athena_helper.run(client("athena"), sql, database=database, work_group=work_group, timeout=TIMEOUT)
    return distinct(found.to_arrow())


def as_csv(id_: str) -> bytes:
    """The whole result as CSV."""
    target = BytesIO()
    csv.write_csv(distinct(_result(id_).to_arrow()), target)
    return target.getvalue()


def as_parquet(id_: str) -> bytes:
    """The whole result as Parquet."""
    target = BytesIO()
    parquet.write_table(distinct(_result(id_).to_arrow()), target)
    return target.getvalue()


def _result(id_: str) -> QueryResult:
    return QueryResult.of(client("athena"), _execution(id_))


def _execution(id_: str) -> dict[str, object]:
    found: dict[str, object] = client("athena").get_query_execution(QueryExecutionId=id_)["QueryExecution"]
    return found
