"""A store's folders and its index, empty."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from laketop.sqlite import Database
from laketop.storage import Layout, open_index


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout.of(tmp_path)
    layout.make()
    return layout


@pytest.fixture
def database(layout: Layout) -> Iterator[Database]:
    with closing(open_index(layout)) as database:
        yield database
