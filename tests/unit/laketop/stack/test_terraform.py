"""Terraform's surroundings: its version, its copy of the sources, its environment."""

import stat
import subprocess
from pathlib import Path

import pytest

from laketop.settings import Settings
from laketop.stack import terraform
from laketop.stack.messages import StackError


def fake_terraform(folder: Path, script: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


@pytest.mark.parametrize("version", ["1.9.0", "1.11.4", "2.0.0-beta1"])
def test_a_new_enough_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("PATH", fake_terraform(tmp_path, f"""echo '{{"terraform_version": "{version}"}}'"""))
    assert terraform.version() == version


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("""echo '{"terraform_version": "1.8.5"}'""", "is version 1.8.5"),
        ("echo broken >&2; exit 1", "failed: broken"),
    ],
)
def test_another_one_is_refused_with_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, cause: str
) -> None:
    monkeypatch.setenv("PATH", fake_terraform(tmp_path, script))
    with pytest.raises(StackError, match=cause) as caught:
        terraform.version()
    assert "install Terraform 1.9 or later" in caught.value.hint


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="terraform: it is not on PATH"):
        terraform.version()


def test_the_copy_follows_the_sources_and_keeps_what_terraform_wrote(tmp_path: Path) -> None:
    source, target = tmp_path / "infra", tmp_path / "copy"
    for name in ("stack/main.tf", "envs/local/main.tf", "envs/local/.terraform/providers/x", "modules/old/main.tf"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("one")
    terraform.copy_sources(source, target)
    assert not (target / "envs/local/.terraform").exists(), "a person's own working folder is not copied"
    for name in (".terraform/modules.json", ".terraform.lock.hcl"):
        (target / "envs/local" / name).parent.mkdir(parents=True, exist_ok=True)
        (target / "envs/local" / name).write_text("terraform's")
    (target / "envs/local" / terraform.OVERRIDE).write_text("left by a killed run")
    (source / "modules/old/main.tf").unlink()
    (source / "stack/main.tf").write_text("two")
    terraform.copy_sources(source, target)
    files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert files == {
        "stack/main.tf",
        "envs/local/main.tf",
        "envs/local/.terraform/modules.json",
        "envs/local/.terraform.lock.hcl",
    }
    assert (target / "stack/main.tf").read_text() == "two"


def test_no_profile_and_no_workspace_of_the_person_s(lake_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "TF_WORKSPACE", "TF_DATA_DIR", "LOCALSTACK_HOSTNAME"):
        monkeypatch.setenv(name, "production")
    monkeypatch.setenv("TF_CLI_ARGS_init", "-plugin-dir=/mirror")
    environment = terraform.variables(lake_settings)
    assert "production" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:24566"
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["S3_HOSTNAME"] == "127.0.0.1"
    assert environment["TF_CLI_ARGS_init"] == "-plugin-dir=/mirror"


def test_a_failure_is_its_first_error_and_shows_from_there_on(capsys: pytest.CaptureFixture[str]) -> None:
    said = "Plan: 53 to add\n\nError: creating Athena WorkGroup\n\n  on main.tf line 3\n\nError: another\n"
    error = terraform.failure(subprocess.CompletedProcess([], 1, said), "apply", "next")
    assert str(error) == "terraform apply: creating Athena WorkGroup"
    shown = capsys.readouterr().err
    assert "on main.tf line 3" in shown
    assert "Plan" not in shown
    assert str(terraform.failure(subprocess.CompletedProcess([], 3, ""), "plan", "")) == "terraform plan: exit 3"


def test_an_unknown_environment_names_those_that_there_are(lake_settings: Settings) -> None:
    with pytest.raises(StackError, match="environment nowhere") as caught:
        terraform.prepare(lake_settings, "nowhere")
    assert "local" in caught.value.hint
