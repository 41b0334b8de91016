"""A store's folders, and the store over them."""

from pathlib import Path

import pytest
from laketop_localstack.s3.context import current
from laketop_localstack.s3.store import FileStore

from laketop.storage import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout.of(tmp_path)
    layout.make()
    return layout


@pytest.fixture
def store(layout: Layout) -> FileStore:
    current.begin(None)
    return FileStore(layout, sync=False, on_close=lambda: None)
