from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.laketop.athena.scan.iceberg.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = Lake(tmp_path)
    yield made
    made.close()
