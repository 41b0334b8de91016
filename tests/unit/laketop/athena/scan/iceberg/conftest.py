from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from laketop.athena import catalog_client
from tests.unit.laketop.athena.scan.iceberg.lake import Lake


@contextmanager
def _in_folder(made: Lake) -> Iterator[Any]:
    yield made.objects


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    made = Lake(tmp_path)
    monkeypatch.setattr(catalog_client, "lake_objects", lambda _: _in_folder(made))
    yield made
    made.close()
