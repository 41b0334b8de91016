"""Fixtures of the stack's unit tests: settings of a lake that does not run."""

from pathlib import Path

import pytest

from laketop import settings as configuration
from laketop.settings import Settings


@pytest.fixture
def lake_settings(tmp_path: Path) -> Settings:
    return configuration.load({"LAKETOP_STATE": str(tmp_path / "state"), "LAKETOP_PORT": "24566"})
