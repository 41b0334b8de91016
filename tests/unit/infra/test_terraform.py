"""The Terraform is formatted, valid and laid out alike; validation needs the AWS provider."""

import re
import shutil
from pathlib import Path

import pytest

from tests.unit.infra.terraform import ENVIRONMENTS, INFRA, MODULES, initialised, terraform

AWS = ("dev", "staging", "prod")
ALIKE = ("providers.tf", "variables.tf", "outputs.tf")


def test_formatted() -> None:
    done = terraform(INFRA, "fmt", "-check", "-recursive", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("place", [*(f"envs/{name}" for name in ENVIRONMENTS), "bootstrap"])
def test_valid(place: str, tmp_path: Path) -> None:
    shutil.copytree(INFRA, tmp_path / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    done = terraform(initialised(tmp_path / "infra" / place), "validate", "-no-color")
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


def test_environments_of_aws_differ_in_values_only() -> None:
    for environment in AWS:
        folder = INFRA / "envs" / environment
        assert {path.name for path in folder.glob("*.tf")} == {"main.tf", *ALIKE}, environment
        for name in ALIKE:
            assert (folder / name).read_text() == (INFRA / "envs" / "dev" / name).read_text(), f"{environment}/{name}"


def test_an_environment_names_itself_once() -> None:
    for environment in AWS:
        text = (INFRA / "envs" / environment / "main.tf").read_text()
        assert re.findall(r"^\s*environment\s*=\s*(.+)$", text, re.MULTILINE) == [
            f'"{environment}"',
            "local.environment",
        ]


def test_the_guards_of_an_account() -> None:
    text = (INFRA / "envs" / "dev" / "providers.tf").read_text()
    for line in (
        "allowed_account_ids = [var.account_id]",
        "use_lockfile = true",
        "encrypt      = true",
        'required_version = ">= 1.10"',
    ):
        assert line in text
    tags = re.search(r"default_tags \{(.*?)\n  \}", text, re.DOTALL)
    assert tags
    assert set(re.findall(r"(\w+)\s*= ", tags[1])) == {"tags", "Project", "Environment", "ManagedBy"}


def test_what_people_rely_on_is_not_destroyed_by_one_word() -> None:
    def protection(environment: str) -> str:
        text = (INFRA / "envs" / environment / "main.tf").read_text()
        return re.findall(r"^\s*deletion_protection\s*=\s*(\w+)$", text, re.MULTILINE)[0]

    assert protection("prod") == "true"
