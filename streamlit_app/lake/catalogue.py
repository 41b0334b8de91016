"""Tables and partitions, as Glue's catalogue has them."""

from itertools import islice

import streamlit as st

from streamlit_app.figures.files import Partition
from streamlit_app.figures.tables import Table, table_of
from streamlit_app.lake.clients import client
from streamlit_app.lake.names import names
from streamlit_app.lake.storage import MAX_AGE

DATABASES = ("curated", "processed")  # zones; what people ask for first
MOST = 10_000  # partitions of one table


def databases() -> list[str]:
    """The databases of this environment."""
    return [names().database(zone) for zone in DATABASES]


@st.cache_data(ttl=MAX_AGE, max_entries=10, show_spinner=False)
def tables(database: str, version: str) -> tuple[Table, ...]:  # noqa: ARG001 - another version, another answer
    """The tables and views of a database, by name.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    pages = client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    return tuple(sorted((table_of(entry) for page in pages for entry in page["TableList"]), key=lambda one: one.name))


@st.cache_data(ttl=MAX_AGE, max_entries=100, show_spinner=False)
def partitions(database: str, table: str, version: str) -> tuple[tuple[Partition, ...], bool]:  # noqa: ARG001 - another version, another answer
    """The registered partitions of a table, and whether these are all of them.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    pages = (
        client("glue")
        .get_paginator("get_partitions")
        .paginate(DatabaseName=database, TableName=table, ExcludeColumnSchema=True)
    )
    entries = (entry for page in pages for entry in page["Partitions"])
    found = [
        Partition(tuple(entry["Values"]), entry.get("StorageDescriptor", {}).get("Location", ""))
        for entry in islice(entries, MOST)
    ]
    return tuple(found), next(entries, None) is None


def forget() -> None:
    """Ask anew: a statement has changed something."""
    tables.clear()
    partitions.clear()
