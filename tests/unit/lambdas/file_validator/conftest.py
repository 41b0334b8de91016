"""A lake of one function's tests."""

from collections.abc import Iterator

import pytest

from tests.fixtures.bad_files.lake import Lake, running


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with running(monkeypatch) as found:
        yield found
