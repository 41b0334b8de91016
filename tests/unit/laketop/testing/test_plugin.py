"""`pytest` with the plug-in where no lake is started: who did not ask for one is told, nobody else is disturbed."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.testing import plugin

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Run:
    """Runs pytest on a project of one test file."""

    def run(source: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        (folder / "test_it.py").write_text(source)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", plugin.__name__, "-q", *options],
            cwd=folder,
            # by name, so that it is loaded once, whether the environment knows its entry point or not
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


BOTH = """
def test_with(lake): ...
def test_also(shared_lake): ...
def test_without(): ...
"""


def test_a_run_that_needs_a_lake_is_refused_with_the_option(project: Run) -> None:
    answer = project(BOTH)
    assert answer.returncode == pytest.ExitCode.USAGE_ERROR
    assert answer.stderr.strip() == (
        "ERROR: test_it.py::test_with (and 1 more) needs a lake: "
        "run pytest with --laketop, which starts a throw-away lake for the tests"
    )


def test_tests_that_are_not_run_need_none(project: Run) -> None:
    answer = project(BOTH, "-k", "without")
    assert answer.returncode == 0, answer.stdout
    assert "1 passed, 2 deselected" in answer.stdout


def test_a_projects_own_fixture_of_the_name_stays_its_own(project: Run) -> None:
    answer = project(
        "import pytest\n@pytest.fixture\ndef lake(): return 'Constance'\ndef test_it(lake): assert lake == 'Constance'"
    )
    assert answer.returncode == 0, answer.stdout


def test_a_test_that_asks_late_fails_with_the_option(project: Run) -> None:
    answer = project("def test_it(request): request.getfixturevalue('lake')")
    assert answer.returncode == pytest.ExitCode.TESTS_FAILED
    assert "this test needs a lake: run pytest with --laketop" in answer.stdout
    assert "plugin.py" not in answer.stdout  # no trace of ours


def test_a_lake_that_does_not_start_is_the_stacks_error(project: Run) -> None:
    answer = project(BOTH, "--laketop", LAKETOP_SPARK_POOL="many")
    assert answer.returncode == pytest.ExitCode.TESTS_FAILED
    assert "no lake started\nerror: settings: LAKETOP_SPARK_POOL='many': a whole number from 0" in answer.stdout
    assert "hint: laketop doctor lists the settings" in answer.stdout
    assert "Traceback" not in answer.stdout
    assert "another exception" not in answer.stdout
    assert "1 passed, 2 errors" in answer.stdout


def test_a_mode_that_is_none_is_refused(project: Run) -> None:
    answer = project(BOTH, "--laketop", "--laketop-mode=cloud")
    assert answer.returncode == pytest.ExitCode.USAGE_ERROR
    assert "invalid choice: 'cloud'" in answer.stderr


def test_an_environment_finds_it_by_its_entry_point() -> None:
    described = tomllib.loads((checkout.ROOT / "pyproject.toml").read_text())
    assert described["project"]["entry-points"]["pytest11"] == {"laketop": plugin.__name__}
