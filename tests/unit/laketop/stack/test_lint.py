"""`laketop lint`: every check runs, what fails is shown and named, and nothing is skipped without a reason."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from laketop.stack import checkout
from laketop.stack.commands import lint
from laketop.stack.commands.lint import Check
from laketop.stack.messages import ExitCode, StackError

SKIPS = checkout.ROOT / "services" / "checks" / "checkov.yaml"


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three checks of two groups, the first of which fails; each notes that it ran."""
    scripts = {"bad": "echo broken $WORD; exit 3", "good": "true", "other": "true"}
    for name, body in scripts.items():
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\n{body}\n")
        script.chmod(0o755)
    made = (
        Check("bad one", "python", (str(tmp_path / "bad"),), "", {"WORD": "here"}),
        Check("good one", "python", (str(tmp_path / "good"),), ""),
        Check("other one", "terraform", (str(tmp_path / "other"),), ""),
    )
    monkeypatch.setattr(lint, "CHECKS", made)
    return tmp_path / "ran"


def test_all_run_even_where_one_fails(checks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StackError, match="lint: bad one failed"):
        lint.run()
    assert checks.read_text().split() == ["bad", "good", "other"]
    assert capsys.readouterr().out == "broken here\n"


def test_a_group_alone(checks: Path) -> None:
    lint.run(["terraform"])
    assert checks.read_text().split() == ["other"]


def test_an_unknown_group_is_named(checks: Path) -> None:
    with pytest.raises(StackError, match="group java: there is none of that name") as caught:
        lint.run(["terraform", "java"])
    assert caught.value.code is ExitCode.USAGE
    assert caught.value.hint == "one of python, terraform"
    assert not checks.exists()


def test_every_lock_of_the_checkout_is_checked() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*uv.lock"], cwd=checkout.ROOT, capture_output=True, text=True, check=True
    )
    locks = {str(Path(name).parent) for name in listed.stdout.split()}
    assert {check.command[-1] for check in lint.CHECKS if check.group == "locks"} == locks


def test_a_missing_environment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKETOP_TOOLS", str(tmp_path))
    with pytest.raises(StackError, match="environment checks"):
        lint.program(Check("checkov", "terraform", ("checkov",), "checks"))


def test_no_skip_of_checkov_is_without_a_reason() -> None:
    skipped = yaml.safe_load(SKIPS.read_text())["skip-check"]
    lines = re.findall(r"^  - (\w+) # (.{20,})$", SKIPS.read_text(), re.MULTILINE)
    assert [name for name, _ in lines] == skipped
    places = [path for path in (checkout.ROOT / "infra").rglob("*.tf") if ".terraform" not in path.parts]
    for path in places:
        for skip in re.findall(r"checkov:skip=.*", path.read_text()):
            assert re.fullmatch(r"checkov:skip=\w+:\s?.{20,}", skip), f"{path}: {skip}"


def test_no_rule_of_zizmor_is_off_without_a_reason() -> None:
    text = (checkout.ROOT / ".github" / "zizmor.yml").read_text()
    assert re.findall(r"^  ([\w-]+): # .{20,}$", text, re.MULTILINE) == list(yaml.safe_load(text)["rules"])
    used = re.findall(r"zizmor: ignore.*", "".join(p.read_text() for p in checkout.ROOT.glob(".github/*/**/*.yml")))
    assert used == []
