"""The Terraform is formatted, valid and laid out alike; validation needs the AWS provider."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INFRA = ROOT / "infra"
ENVIRONMENTS = sorted(path.name for path in (INFRA / "envs").iterdir() if path.is_dir())
MODULES = sorted(path.name for path in (INFRA / "modules").iterdir() if path.is_dir())
UNREACHABLE = re.compile(r"Failed to (query available|install) provider|could not connect", re.IGNORECASE)


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("terraform is not on PATH")
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    return subprocess.run(
        [program, f"-chdir={folder}", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def test_formatted() -> None:
    done = terraform(INFRA, "fmt", "-check", "-recursive", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_valid(environment: str, tmp_path: Path) -> None:
    shutil.copytree(INFRA, tmp_path / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    folder = tmp_path / "infra" / "envs" / environment
    done = terraform(folder, "init", "-backend=false", "-input=false", "-no-color")
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip("the AWS provider cannot be reached")
    assert done.returncode == 0, done.stderr
    done = terraform(folder, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("folder", [*(f"modules/{name}" for name in MODULES), "stack"])
def test_modules_are_laid_out_alike(folder: str) -> None:
    path = INFRA / folder
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf"} <= {file.name for file in path.iterdir()}
    for name in ("variables.tf", "outputs.tf"):
        blocks = re.findall(r'(?ms)^(?:variable|output) "\w+" \{\n(.*?)^\}', (path / name).read_text())
        assert blocks
        assert all("description" in block for block in blocks), f"{folder}/{name}"
    assert not re.search(r"^provider ", (path / "main.tf").read_text(), re.MULTILINE)
    assert len((path / "main.tf").read_text().splitlines()) <= 170


def test_modules_do_not_know_where_they_run() -> None:
    for path in [*(INFRA / "modules").rglob("*.tf"), *(INFRA / "stack").rglob("*.tf")]:
        assert not re.search(r'"(local|dev|staging|prod)"|us-east-1|000000000000', path.read_text()), path
