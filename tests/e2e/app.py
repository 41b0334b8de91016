"""The team's dashboard (streamlit_app/) in this process: a page of it, run against what is deployed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from laketop.settings import REGION

PAGES = Path(__file__).resolve().parents[2] / "streamlit_app" / "views"


def environment(stack: Any) -> dict[str, str]:
    """What the app is told: the environment's prefix, and how AWS is reached."""
    told = {"LAKEHOUSE_PREFIX": stack.name}
    if hasattr(stack, "settings"):
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        told |= keys | {"AWS_ENDPOINT_URL": stack.settings.endpoint, "AWS_DEFAULT_REGION": REGION}
    return told


@contextmanager
def told(stack: Any) -> Iterator[None]:
    """The app's environment in this process, and nothing remembered of another one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(stack).items():
            patch.setenv(name, value)
        forget()
        yield
    forget()


def forget() -> None:
    """Forget all answers, as the button Refresh does."""
    st.cache_data.clear()
    st.cache_resource.clear()


def opened(name: str, **address: str | list[str]) -> AppTest:
    """A page after its first run, without an exception.

    Args:
        name: its file in streamlit_app/views, without the suffix.
        address: query parameters of the address.
    """
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=60)
    for parameter, value in address.items():
        page.query_params[parameter] = value
    return ran(page)


def ran(page: AppTest) -> AppTest:
    """A page after another run; what it raised is told."""
    page.run()
    assert not page.exception, [item.value for item in page.exception]
    return page


def figures(page: AppTest) -> dict[str, str]:
    """Label → value of all tiles."""
    return {tile.label: tile.value for tile in page.metric}
