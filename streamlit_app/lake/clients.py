"""Clients of AWS, one a service for the whole app: their credentials, region and endpoint come from the environment."""

from typing import Any

import boto3
import streamlit as st
from botocore.config import Config

from streamlit_app.lake.names import names

# a person waits: three attempts within seconds, and then an error that says so
_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})


@st.cache_resource(show_spinner=False)
def client(service: str) -> Any:
    """A boto3 client; clients may be used by any number of threads."""
    session: Any = boto3.session.Session()
    return session.client(service, config=_PATIENCE)


@st.cache_resource(show_spinner=False)
def account() -> str:
    """The AWS account that the credentials belong to."""
    return str(client("sts").get_caller_identity()["Account"])


def bucket(zone: str) -> str:
    """The bucket of a zone of this environment."""
    return names().bucket(zone, account())
