"""A mocked AWS for what the app asks of it, and for pages that are run against it."""

from collections.abc import Iterator

import pytest
import streamlit as st
from moto import mock_aws

ACCOUNT, PREFIX, REGION = "123456789012", "shop-dev", "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS account with nothing in it, and an app that remembers nothing of another one."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("LAKEHOUSE_PREFIX", PREFIX)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        _forget()
        yield
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
