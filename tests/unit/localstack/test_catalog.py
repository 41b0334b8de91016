import subprocess
from pathlib import Path

import pytest
from laketop_localstack import catalog


def test_the_index_outlives_the_state() -> None:
    assert catalog.folder({"LAKETOP_TOOLS": "/t", "LAKETOP_STATE": "/s"}) == Path("/t/localstack")
    assert catalog.folder({"LAKETOP_STATE": "/s"}) == Path("/s/localstack/index")


def test_it_is_built_once(tmp_path: Path) -> None:
    catalog.ensure(tmp_path / "tools")
    built = tmp_path / "tools" / catalog.file_name()
    first = built.stat()
    catalog.ensure(tmp_path / "tools")

    assert built.stat().st_mtime_ns == first.st_mtime_ns
    assert first.st_size > 100_000
    assert [path.name for path in built.parent.iterdir()] == [catalog.file_name()]


def test_a_failure_to_build_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((NotADirectoryError, FileExistsError, subprocess.CalledProcessError)):
        catalog.ensure(tmp_path / "file")
