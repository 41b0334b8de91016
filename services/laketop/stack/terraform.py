"""Applies infra/envs/<name> with Terraform, from a copy of its own below the state folder.

A copy, because terraform-local writes an override file beside the sources, and because two lakes of one checkout must
not share a working folder. The copy is kept between runs, so that `init` is done once; Terraform's state is the lake's,
and goes with its content.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laketop.settings import Settings
from laketop.stack import artefacts, checkout
from laketop.stack.clients import aws_environment
from laketop.stack.messages import ExitCode, StackError, say

MINIMUM = (1, 9)
OVERRIDE = "localstack_providers_override.tf"
GET_TERRAFORM = "install Terraform 1.9 or later (developer.hashicorp.com/terraform/install) so that it is on PATH"


@dataclass(frozen=True)
class Workspace:
    """A copy of infra/ that one environment is applied from.

    Attributes:
        name: the environment, e.g. `local`.
        folder: the working folder, `…/infra/envs/<name>`.
        state: Terraform's state file.
        artifacts: the folder with what is uploaded.
    """

    name: str
    folder: Path
    state: Path
    artifacts: Path


def version() -> str:
    """The version of the Terraform on PATH.

    Raises:
        StackError: there is none, or it is too old.
    """
    program = shutil.which("terraform")
    if program is None:
        raise StackError("terraform", "it is not on PATH", GET_TERRAFORM)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_CLI")}
    environment["CHECKPOINT_DISABLE"] = "1"
    answer = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=False, env=environment)
    try:
        found = str(json.loads(answer.stdout)["terraform_version"])
    except (ValueError, KeyError):
        cause = f"`{program} version` failed: {answer.stderr.strip() or answer.stdout.strip()}"
        raise StackError("terraform", cause, GET_TERRAFORM) from None
    if tuple(int(number) for number in re.findall(r"\d+", found)[:2]) < MINIMUM:
        raise StackError("terraform", f"{program} is version {found}", GET_TERRAFORM)
    return found


def environments(root: Path = checkout.ROOT) -> list[str]:
    """The environments that infra/envs has."""
    return sorted(path.name for path in (root / "infra" / "envs").glob("*") if any(path.glob("*.tf")))


def prepare(settings: Settings, name: str) -> Workspace:
    """Copy infra/ and build the artefacts for an environment.

    Raises:
        StackError: the environment does not exist.
    """
    if name not in environments():
        hint = f"infra/envs has: {', '.join(environments()) or 'nothing'}"
        raise StackError(f"environment {name}", "there is no such folder in infra/envs", hint, ExitCode.USAGE)
    base = settings.state / "terraform" / name
    copy_sources(checkout.ROOT / "infra", base / "infra")
    copy_sources(checkout.ROOT / "contracts", base / "contracts")
    artifacts = artefacts.build(checkout.ROOT, settings.state / "build" / name)
    return Workspace(name, base / "infra" / "envs" / name, base / "terraform.tfstate", artifacts)


def copy_sources(source: Path, target: Path) -> None:
    """Make `target` hold the files of `source`; what Terraform itself wrote there stays."""
    target.mkdir(parents=True, exist_ok=True)
    own = (".terraform", ".terraform.lock.hcl")

    def ours(path: Path, base: Path) -> bool:
        return path.is_file() and not any(part in own for part in path.relative_to(base).parts)

    wanted = {path.relative_to(source) for path in source.rglob("*") if ours(path, source)}
    for path in target.rglob("*"):
        if ours(path, target) and path.relative_to(target) not in wanted:
            path.unlink()
    for relative in wanted:
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / relative, target / relative)


def variables(settings: Settings) -> dict[str, str]:
    """The environment for Terraform on the lake: no profile of the person's, terraform-local aimed at the endpoint."""
    cache = checkout.tools() / "terraform-plugins"
    environment = aws_environment(settings)
    if "TF_CLI_CONFIG_FILE" not in environment:
        cache.mkdir(parents=True, exist_ok=True)
        environment.setdefault("TF_PLUGIN_CACHE_DIR", str(cache))
    return environment | {
        "S3_HOSTNAME": "127.0.0.1",  # terraform-local's own name for S3 does not resolve offline
        "DISABLE_DEPRECATION_NOTICE": "1",  # terraform-local's banner is no part of a plan
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}",
    }


def _command(workspace: Workspace, environment: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    # terraform-local refuses to start where a killed run left its override file.
    (workspace.folder / OVERRIDE).unlink(missing_ok=True)
    program = shutil.which("tflocal", path=environment["PATH"])
    if program is None:
        raise StackError("tflocal", "terraform-local is not installed", "run `make up`, which installs it")
    return [sys.executable, program, *arguments]


def run(settings: Settings, workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform (through terraform-local) in a workspace; stdout and stderr are captured as one text."""
    environment = variables(settings)
    return subprocess.run(
        _command(workspace, environment, arguments),
        cwd=workspace.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def failure(answer: subprocess.CompletedProcess[str], doing: str, hint: str) -> StackError:
    """Show what Terraform said from its first error on, and make an error of that one's first line."""
    lines = answer.stdout.strip().splitlines()
    first = next((number for number, line in enumerate(lines) if "Error: " in line), 0)
    for line in lines[first:]:
        say(f"  terraform | {line}", style="dim")
    cause = lines[first].partition("Error: ")[2] if lines else ""
    return StackError(f"terraform {doing}", cause.strip() or f"exit {answer.returncode}", hint)


def initialise(settings: Settings, workspace: Workspace) -> bool:
    """Run `terraform init`, unless it was done for the same providers, modules and backend.

    Returns:
        whether it ran.

    Raises:
        StackError: init failed, e.g. because the AWS provider cannot be downloaded.
    """
    stamp = workspace.folder.parents[2] / "initialised"
    digest = hashlib.sha256(str(workspace.state).encode())
    for path in sorted((workspace.folder.parents[1]).rglob("*.tf")):
        if path.name != OVERRIDE:
            digest.update(str(path).encode() + path.read_bytes())
    done = (workspace.folder / ".terraform").is_dir() and stamp.exists() and stamp.read_text() == digest.hexdigest()
    if done:
        return False
    answer = run(
        settings,
        workspace,
        "init",
        "-input=false",
        "-no-color",
        "-reconfigure",
        f"-backend-config=path={workspace.state}",
    )
    if answer.returncode:
        hint = (
            "Terraform must be able to reach its provider registry, or a mirror set by TF_CLI_CONFIG_FILE, "
            "TF_PLUGIN_CACHE_DIR or TF_CLI_ARGS_init=-plugin-dir=<folder>"
        )
        raise failure(answer, "init", hint)
    stamp.write_text(digest.hexdigest())
    return True


def _on_artifacts(workspace: Workspace) -> list[str]:
    return ["-input=false", "-no-color", f"-var=artifacts_dir={workspace.artifacts}"]


def apply(settings: Settings, workspace: Workspace) -> str:
    """Apply an environment on the lake.

    Returns:
        Terraform's last line, e.g. `Apply complete! Resources: 5 added, 0 changed, 0 destroyed.`

    Raises:
        StackError: apply failed; what Terraform said was shown.
    """
    answer = run(settings, workspace, "apply", "-auto-approve", "-compact-warnings", *_on_artifacts(workspace))
    if answer.returncode:
        raise failure(answer, "apply", "correct it, then run `make deploy`")
    return next((line for line in answer.stdout.splitlines() if line.startswith("Apply complete!")), "Apply complete!")


def plan(settings: Settings, workspace: Workspace) -> tuple[bool, str]:
    """Plan an environment on the lake.

    Returns:
        whether anything would change, and the plan as Terraform prints it.

    Raises:
        StackError: plan failed; what Terraform said was shown.
    """
    answer = run(settings, workspace, "plan", "-detailed-exitcode", "-compact-warnings", *_on_artifacts(workspace))
    # Terraform's documented exit codes: 0 no changes, 2 changes.
    if answer.returncode not in (0, 2):
        raise failure(answer, "plan", "correct it, then run the command again")
    return answer.returncode == 2, answer.stdout


def outputs(settings: Settings, workspace: Workspace) -> dict[str, Any]:
    """The outputs of an applied environment: name → value."""
    # Terraform itself: outputs lie in its state, no endpoint and so no override file is needed.
    answer = subprocess.run(
        ["terraform", "output", "-json", "-no-color"],
        cwd=workspace.folder,
        env=variables(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(answer.stdout)
    except ValueError:
        said = " ".join(f"{answer.stderr} {answer.stdout}".split()) or f"exit {answer.returncode}, nothing said"
        raise StackError("terraform output", said, "run `make deploy`") from None
    return {name: output["value"] for name, output in found.items()}
