"""What lies in S3."""

import streamlit as st

from streamlit_app.figures.storage import Listing, listing
from streamlit_app.lake.clients import client

# seconds: files also arrive, and statements write, between two runs of the pipeline
MAX_AGE = 300


@st.cache_data(ttl=MAX_AGE, max_entries=200, show_spinner=False)
def listed(bucket: str, prefix: str, version: str) -> Listing:  # noqa: ARG001 - another version, another answer
    """The folders below a prefix.

    Args:
        bucket: the bucket's name.
        prefix: what the keys begin with; empty for all.
        version: which state the data is in.

    Raises:
        ClientError, BotoCoreError: AWS refused, or is not there.
    """
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return listing(item for page in pages for item in page.get("Contents", ()))
