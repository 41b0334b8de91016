"""The function's modules are at the root of its archive, so that its own folder is where it finds them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.bad_files.lake import Lake, running

LAMBDAS = Path(__file__).resolve().parents[4] / "lambdas"
for name in ("file_validator", "file_router"):
    sys.path.insert(0, str(LAMBDAS / name))


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with running(monkeypatch) as found:
        yield found
