"""Terraform's surroundings: its version, its copy of the sources, its environment, where its state lies."""

import stat
import subprocess
from pathlib import Path

import pytest

from laketop.settings import Settings
from laketop.stack import accounts, artefacts, checkout, terraform
from laketop.stack.accounts import Account
from laketop.stack.messages import ExitCode, StackError

AWS = Account("111122223333", "arn:aws:iam::111122223333:user/ann", "")
EMULATED = Account("111122223333", "arn:aws:iam::111122223333:user/ann", "http://127.0.0.1:24566")


def fake_terraform(folder: Path, script: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


@pytest.mark.parametrize("version", ["1.10.0", "1.11.4", "2.0.0-beta1"])
def test_a_new_enough_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("PATH", fake_terraform(tmp_path, f"""echo '{{"terraform_version": "{version}"}}'"""))
    assert terraform.version() == version


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("""echo '{"terraform_version": "1.9.8"}'""", "is version 1.9.8"),
        ("echo broken >&2; exit 1", "failed: broken"),
    ],
)
def test_another_one_is_refused_with_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, cause: str
) -> None:
    monkeypatch.setenv("PATH", fake_terraform(tmp_path, script))
    with pytest.raises(StackError, match=cause) as caught:
        terraform.version()
    assert "install Terraform 1.10 or later" in caught.value.hint


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
    local = terraform.Workspace("local", lake_settings.state, "infra/envs/local", ())
    environment = terraform.variables(lake_settings, local)
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


def a_workspace(settings: Settings, account: Account) -> terraform.Workspace:
    return terraform.Workspace("dev", settings.state, "infra/envs/dev", (), account, {"release": "0123456789abcdef"})


def test_an_account_is_applied_to_with_the_person_s_own_credentials(
    lake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "token", "TF_VAR_alert_emails": "[]", "TF_WORKSPACE": "other"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    environment = terraform.variables(lake_settings, a_workspace(lake_settings, AWS))
    assert {name: environment.get(name) for name in own} == own | {"TF_WORKSPACE": None}
    assert environment["TF_VAR_account_id"] == "111122223333"
    assert environment["TF_VAR_release"] == "0123456789abcdef"
    assert "TF_VAR_s3_use_path_style" not in environment


def test_an_emulator_has_its_buckets_in_the_path(lake_settings: Settings) -> None:
    environment = terraform.variables(lake_settings, a_workspace(lake_settings, EMULATED))
    assert environment["TF_VAR_s3_use_path_style"] == "true"


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account with the bucket of every environment's state."""
    monkeypatch.setattr(accounts, "has_bucket", lambda _: True)


def test_the_state_of_an_account_s_environment_lies_in_that_account(lake_settings: Settings, ready: None) -> None:
    assert terraform.prepare(lake_settings, "dev", AWS).backend == ("bucket=laketop-dev-terraform-111122223333",)
    assert terraform.prepare(lake_settings, "staging", EMULATED).backend == (
        "bucket=laketop-staging-terraform-111122223333",
        "use_path_style=true",
    )
    assert terraform.prepare(lake_settings, "local").backend == (
        f"path={lake_settings.state}/terraform/local/terraform.tfstate",
    )


def test_without_the_bucket_nothing_is_prepared(lake_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "has_bucket", lambda _: False)
    with pytest.raises(StackError, match="no bucket laketop-dev-terraform-111122223333") as caught:
        terraform.prepare(lake_settings, "dev", AWS)
    assert caught.value.hint == "make bootstrap ENV=dev CONFIRM=111122223333"
    assert not (lake_settings.state / "terraform" / "dev").exists()


def test_a_release_is_copied_to_where_the_working_folder_expects_it(
    lake_settings: Settings, tmp_path: Path, ready: None
) -> None:
    release = artefacts.release(checkout.ROOT, tmp_path / "dist")
    prepared = terraform.prepare(lake_settings, "staging", AWS, release)
    copy = (prepared.folder / prepared.variables["artifacts_dir"]).resolve()
    assert artefacts.manifest(copy) == artefacts.manifest(release)
    assert prepared.variables["release"] == release.name
    # built from the same checkout it is the same release
    assert terraform.prepare(lake_settings, "dev", AWS).variables["release"] == release.name


def test_a_changed_release_is_not_deployed(lake_settings: Settings, tmp_path: Path, ready: None) -> None:
    release = artefacts.release(checkout.ROOT, tmp_path / "dist")
    (release / "jobs" / "transaction_etl.py").write_text("other")
    with pytest.raises(StackError, match=r"jobs/transaction_etl.py is not what release.json says") as caught:
        terraform.prepare(lake_settings, "staging", AWS, release)
    assert caught.value.code == ExitCode.REFUSED


def test_init_is_done_again_for_another_state(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    script = f"""echo "$@" >> {log}; mkdir -p .terraform"""
    monkeypatch.setenv("PATH", f"{fake_terraform(tmp_path / 'bin', script)}:/usr/bin:/bin")
    base = tmp_path / "base"
    (base / "infra" / "envs" / "dev").mkdir(parents=True)
    first, other = (
        terraform.Workspace("dev", base, "infra/envs/dev", (f"bucket={name}",), AWS) for name in ("one", "two")
    )
    done = [terraform.initialise(lake_settings, workspace) for workspace in (first, first, other)]
    assert done == [True, False, True]
    assert ["-backend-config=bucket=one" in line for line in log.read_text().splitlines()] == [True, False]


def test_what_is_done_in_an_account_is_shown_meanwhile(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = (
        'echo "aws_s3_bucket.zone: Creation complete after 2s [id=x]"; echo "more"; echo "Apply complete! 1 added."'
    )
    monkeypatch.setenv("PATH", f"{fake_terraform(tmp_path / 'bin', script)}:/usr/bin:/bin")
    workspace = terraform.Workspace("dev", tmp_path, ".", (), AWS)
    assert terraform.apply(lake_settings, workspace) == "Apply complete! 1 added."
    shown = capsys.readouterr().err
    assert "aws_s3_bucket.zone: Creation complete" in shown
    assert "more" not in shown
