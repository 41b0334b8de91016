"""`laketop validate`: is the Terraform of every environment valid, and do the modules' own tests pass?"""

import os
import subprocess
import tempfile
from pathlib import Path

from laketop.stack import checkout, terraform
from laketop.stack.messages import StackError, say


def test_folders(infra: Path) -> list[Path]:
    """The folders below `infra` with tests of their own: `*.tftest.hcl` in the folder or in its `tests/`."""
    files = [path for path in infra.rglob("*.tftest.hcl") if ".terraform" not in path.parts]
    return sorted({path.parent.parent if path.parent.name == "tests" else path.parent for path in files})


def steps(infra: Path) -> list[tuple[str, Path]]:
    """What is to be done, in order: Terraform's sub-command and the folder."""
    environments = sorted({path.parent for path in infra.glob("envs/*/*.tf")})
    return [*(("validate", folder) for folder in environments), *(("test", folder) for folder in test_folders(infra))]


def perform(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Initialise a folder without a backend and run Terraform's sub-command there; its words are one text."""
    variables = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    if "TF_CLI_CONFIG_FILE" not in os.environ:
        cache = checkout.tools() / "terraform-plugins"
        cache.mkdir(parents=True, exist_ok=True)
        variables["TF_PLUGIN_CACHE_DIR"] = os.environ.get("TF_PLUGIN_CACHE_DIR", str(cache))
        # else a folder without a lock file downloads the provider again; these copies are thrown away
        variables["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    answer = subprocess.CompletedProcess[str]([], 0, "")
    for arguments in (("init", "-backend=false", "-input=false"), (command,)):
        if answer.returncode == 0:
            answer = subprocess.run(
                ["terraform", *arguments, "-no-color"],
                cwd=folder,
                env=os.environ | variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
    return answer


def run() -> None:
    """Validate every environment and run the modules' tests, without a backend or credentials."""
    terraform.version()
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in ("infra", "contracts"):
            terraform.copy_sources(checkout.ROOT / name, copy / name)
        for command, folder in steps(copy / "infra"):
            name = f"{command} {folder.relative_to(copy)}"
            say(name, style="bold")
            answer = perform(command, folder)
            if answer.returncode:
                failed.append(name)
                print(answer.stdout.rstrip())
    if failed:
        raise StackError("terraform", f"{', '.join(failed)} failed", "see its words above")
