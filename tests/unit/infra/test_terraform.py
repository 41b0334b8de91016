"""The Terraform is formatted, valid and laid out alike; validation needs the AWS provider."""

import re
import shutil
from pathlib import Path

import pytest

from tests.unit.infra.terraform import ENVIRONMENTS, INFRA, MODULES, initialised, terraform


def test_formatted() -> None:
    done = terraform(INFRA, "fmt", "-check", "-recursive", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_valid(environment: str, tmp_path: Path) -> None:
    shutil.copytree(INFRA, tmp_path / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    folder = tmp_path / "infra" / "envs" / environment
    done = terraform(initialised(folder), "validate", "-no-color")
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
