"""Each module by `terraform test` against a mocked provider, its example, and its page."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.infra.terraform import INFRA, MODULES, initialised, terraform


@pytest.fixture(scope="module")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules") / "infra"
    shutil.copytree(INFRA, folder, ignore=shutil.ignore_patterns(".terraform*"))
    return folder


@pytest.mark.parametrize("module", MODULES)
def test_what_the_module_promises(infra: Path, module: str) -> None:
    folder = initialised(infra / "modules" / module)
    done = terraform(folder, "test", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"Success! (\d+) passed, 0 failed", done.stdout)
    assert passed
    assert int(passed.group(1)) > 1


@pytest.mark.parametrize("module", MODULES)
def test_the_example_is_valid(infra: Path, module: str) -> None:
    done = terraform(initialised(infra / "modules" / module / "examples"), "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_are_what_the_modules_are() -> None:
    done = subprocess.run([sys.executable, str(INFRA / "readme.py"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_named(infra: Path) -> None:
    page = infra / "modules" / "athena" / "README.md"
    page.write_text(page.read_text().replace("Name of the work group", "Name"))
    done = subprocess.run([sys.executable, str(infra / "readme.py"), "--check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert str(page) in done.stderr
    subprocess.run([sys.executable, str(infra / "readme.py")], check=True)
    assert page.read_text() == (INFRA / "modules" / "athena" / "README.md").read_text()
