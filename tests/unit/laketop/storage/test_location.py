"""Where an object's bytes are."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.storage import locate


@pytest.fixture(autouse=True)
def lake_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKETOP_LOCALSTACK_URL", raising=False)
    monkeypatch.setenv("LAKETOP_PORT", "15000")


def test_url_on_the_endpoint() -> None:
    url = locate("lake", "a/year=2024/part 0.parquet")
    assert url == "http://127.0.0.1:15000/lake/a/year%3D2024/part%200.parquet"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_survives(key: str) -> None:
    url = urlsplit(locate("lake", key))
    assert (url.query, url.fragment) == ("", "")
    assert unquote(url.path) == f"/lake/{key}"
    assert not set("*?[]#&") & set(url.path)
