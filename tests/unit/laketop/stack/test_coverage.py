"""The coverage of stages that ran apart, put together from the data that each left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.stack.commands import coverage, test
from laketop.stack.messages import StackError

CONFIGURATION = "[tool.coverage.run]\nparallel = true\nrelative_files = true\nsource = ['.']\n"
PROGRAM = "import sys\nif sys.argv[1] == 'one':\n    print(1)\n    print(1)\nelse:\n    print(2)\n    print(2)\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION)
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    monkeypatch.setattr(test, "COVERAGE_MINIMA", {"everything": (None, 90)})
    for name in [name for name in os.environ if name.startswith("COVERAGE")]:
        monkeypatch.delenv(name)  # these tests may be measured themselves
    return tmp_path


def a_stage(root: Path, word: str) -> None:
    command = [sys.executable, "-m", "coverage", "run", "program.py", word]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def test_stages_that_cover_all_together(root: Path) -> None:
    a_stage(root, "one")
    a_stage(root, "two")
    coverage.run()


def test_a_stage_that_is_missing_is_missed(root: Path) -> None:
    a_stage(root, "one")
    with pytest.raises(StackError, match="coverage: that of everything is below 90 %"):
        coverage.run()


def test_no_data(root: Path) -> None:
    with pytest.raises(StackError, match="coverage: no stage left any data"):
        coverage.run()
