"""Terraform for the tests of the Terraform."""

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
_UNREACHABLE = re.compile(r"Failed to (query available|install) provider|could not connect", re.IGNORECASE)


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("terraform is not on PATH")
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    return subprocess.run(
        [program, f"-chdir={folder}", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def initialised(folder: Path) -> Path:
    """The folder, after `terraform init` without a backend; skips where the provider cannot be had."""
    done = terraform(folder, "init", "-backend=false", "-input=false", "-no-color")
    if done.returncode and _UNREACHABLE.search(done.stderr):
        pytest.skip("the AWS provider cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder
