"""`laketop validate`, with Terraform itself, on resources that need no provider."""

import shutil
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.stack.commands import validate
from laketop.stack.messages import StackError

GOOD = 'variable "size" {\n  type = number\n}\nresource "terraform_data" "this" {\n  input = var.size\n}\n'
WRONG = 'resource "terraform_data" "this" {\n  input = var.unknown\n}\n'


def a_test(expected: int) -> str:
    condition = f"terraform_data.this.input == {expected}"
    asserted = f'assert {{\n condition = {condition}\n error_message = "not so"\n }}'
    return f'variables {{\n size = 3\n}}\nrun "size" {{\n command = plan\n {asserted}\n}}\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an environment that is valid, and two modules whose tests pass."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")
    files = {
        "contracts/x.odcs.yaml": "",
        "infra/envs/dev/main.tf": GOOD,
        "infra/envs/empty/README.md": "no environment",
        "infra/modules/a/main.tf": GOOD,
        "infra/modules/a/tests/plan.tftest.hcl": a_test(3),
        "infra/modules/b/main.tf": GOOD,
        "infra/modules/b/b.tftest.hcl": a_test(3),
        "infra/modules/without/main.tf": GOOD,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    monkeypatch.setenv("LAKETOP_TOOLS", str(tmp_path / "tools"))
    return tmp_path


def test_environments_are_validated_and_tests_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    validate.run()
    said = capsys.readouterr()
    assert said.err.splitlines() == ["validate infra/envs/dev", "test infra/modules/a", "test infra/modules/b"]
    assert not list(root.rglob(".terraform")), "the checkout stays as it is"


def test_all_that_fails_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "infra/envs/dev/main.tf").write_text(WRONG)
    (root / "infra/modules/b/b.tftest.hcl").write_text(a_test(4))
    with pytest.raises(StackError, match="validate infra/envs/dev, test infra/modules/b failed"):
        validate.run()
    out = capsys.readouterr().out
    assert "Reference to undeclared input variable" in out
    assert "not so" in out
