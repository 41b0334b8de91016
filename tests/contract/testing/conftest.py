"""What the tests of `laketop.testing` share: pytest as a person runs it, and what it leaves behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from laketop.stack.processes import MARKER
from laketop.testing import plugin

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a person without a lake; what is lent lies in a folder of this test's."""
    folder = tmp_path / "lent"
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAKETOP_"))}
    ours = {name: os.environ[name] for name in ("LAKETOP_TOOLS", "LAKETOP_UV") if name in os.environ}
    # by name, so that the plug-in is loaded once, whether the environment knows its entry point or not
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return kept | ours | alone | {"TMPDIR": str(folder), "LAKETOP_MODE": "process", "LAKETOP_SPARK_POOL": "0"}


@pytest.fixture
def run_pytest(environment: dict[str, str]) -> Run:
    """Runs pytest with the plug-in in a folder."""

    def run(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", plugin.__name__, "--laketop", *options],
            cwd=folder,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def nothing_left(environment: dict[str, str]) -> Iterator[Callable[[], None]]:
    """Waits until no folder and no process of a lent lake is there, and checks it at the end of the test too."""

    def check(seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while left := _left(Path(environment["TMPDIR"])):
            assert time.monotonic() < deadline, f"still there after {seconds} s: {left}"
            time.sleep(0.1)

    yield check
    check()


def _left(folder: Path) -> list[str]:
    found = [str(path) for path in folder.glob("laketop-lent-*")]
    for process in psutil.process_iter():
        try:
            variables = process.environ()
            if MARKER in variables and variables.get("LAKETOP_STATE", "").startswith(f"{folder}{os.sep}"):
                found.append(f"{process.pid} {process.cmdline()}")
        except psutil.Error:
            continue
    return found
