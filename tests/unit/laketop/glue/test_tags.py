"""Tags by ARN."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from laketop.glue.errors import InvalidInput
from laketop.glue.tags import SCHEMA, Tags
from laketop.sqlite import Database


@pytest.fixture
def tags(tmp_path: Path) -> Iterator[Tags]:
    with closing(Database(tmp_path / "glue.db", SCHEMA)) as database:
        yield Tags(database)


def test_tags_are_set_replaced_and_removed(tags: Tags) -> None:
    tags.add("a", {"x": "1", "y": "2"})
    tags.add("a", {"y": "3"})
    tags.add("b", {"x": "other"})
    assert tags.of("a") == {"x": "1", "y": "3"}
    tags.remove("a", ["x", "no"])
    assert tags.of("a") == {"y": "3"}
    tags.replace("a", {"z": "4"})
    assert tags.of("a") == {"z": "4"}
    tags.remove("a")
    assert (tags.of("a"), tags.of("b")) == ({}, {"x": "other"})


def test_fifty_are_allowed_and_no_more(tags: Tags) -> None:
    tags.add("a", {str(number): "" for number in range(50)})
    with pytest.raises(InvalidInput, match="51 tags"):
        tags.add("a", {"one more": ""})
    assert len(tags.of("a")) == 50
