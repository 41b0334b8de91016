"""Applies infra/envs/<name> with Terraform, from a copy of its own below the state folder.

A copy, because terraform-local writes an override file beside the sources, and because two lakes of one checkout must
not share a working folder. The copy is kept between runs, so that `init` is done once. What is uploaded lies beside it:
Terraform remembers paths, and the same relative one everywhere keeps the next plan empty on another machine.

The environment `local` is that of the lake, applied through terraform-local; Terraform's state goes with the lake's
content. Every other environment is an AWS account's, applied by Terraform itself with the person's credentials; its
state lies in a bucket of that account.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from laketop.settings import Settings
from laketop.stack import accounts, artefacts, checkout
from laketop.stack.accounts import Account
from laketop.stack.clients import aws_environment
from laketop.stack.messages import ExitCode, StackError, say

MINIMUM = (1, 10)  # the first that locks a state in S3 by itself
LOCAL = "local"
OVERRIDE = "localstack_providers_override.tf"
_DONE = re.compile(r": (Creation|Modifications|Destruction|Import) complete")
ARTIFACTS = "../../../artifacts"  # from the working folder
_FOREIGN = ("TF_WORKSPACE", "TF_DATA_DIR")
GET_TERRAFORM = "install Terraform 1.10 or later (developer.hashicorp.com/terraform/install) so that it is on PATH"


@dataclass(frozen=True)
class Workspace:
    """A copy of infra/ that one environment is applied from.

    Attributes:
        name: the environment, e.g. `local`.
        base: the folder of the copy.
        source: the working folder below it, e.g. `infra/envs/local`.
        backend: where the state lies, as `name=value` for `init`.
        account: the AWS account that it is applied to; None: the lake.
        variables: Terraform's variables, name → value.
    """

    name: str
    base: Path
    source: str
    backend: tuple[str, ...]
    account: Account | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The working folder."""
        return self.base / self.source


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


def require_environment(name: str) -> None:
    """Check that an environment exists.

    Raises:
        StackError: infra/envs has none of that name.
    """
    if name not in environments():
        hint = f"infra/envs has: {', '.join(environments()) or 'nothing'}"
        raise StackError(f"environment {name}", "there is no such folder in infra/envs", hint, ExitCode.USAGE)


def prepare(settings: Settings, name: str, account: Account | None = None, artifacts: Path | None = None) -> Workspace:
    """Copy infra/ for an environment, and what is uploaded.

    Args:
        settings: the lake, below whose state folder the copy lies.
        name: the environment.
        account: where it is applied to; None: the lake.
        artifacts: a release; None: the artefacts are built from the checkout.

    Raises:
        StackError: the environment does not exist, the release was changed, or the account has no bucket for the state.
    """
    require_environment(name)
    base = settings.state / "terraform" / name
    backend = _local_state(base) if account is None else _s3_state(account, name)
    copy_sources(checkout.ROOT / "infra", base / "infra")
    target = base / "artifacts"
    if artifacts is None:
        artefacts.build(checkout.ROOT, target)
        release = artefacts.release_id(artefacts.manifest(target))
    else:
        release = artefacts.verify(artifacts)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(artifacts, target)
    variables = {"artifacts_dir": ARTIFACTS, "release": release}
    return Workspace(name, base, f"infra/envs/{name}", backend, account, variables)


def prepare_bootstrap(settings: Settings, name: str, account: Account) -> Workspace:
    """Copy infra/ to make the bucket that an environment's state lies in; its own state is a file beside the copy.

    A bucket that is there already is taken over, so that the file may get lost.

    Raises:
        StackError: the bucket is somebody else's.
    """
    base = settings.state / "terraform" / f"bootstrap-{name}-{account.id}"
    copy_sources(checkout.ROOT / "infra", base / "infra")
    bucket = account.state_bucket(name)
    adopt = json.dumps(accounts.has_bucket(bucket))
    variables = {"environment": name, "bucket": bucket, "adopt": adopt}
    return Workspace(name, base, "infra/bootstrap", _local_state(base), account, variables)


def _local_state(base: Path) -> tuple[str, ...]:
    return (f"path={base / 'terraform.tfstate'}",)


def _s3_state(account: Account, name: str) -> tuple[str, ...]:
    style = ("use_path_style=true",) if account.endpoint else ()
    return (f"bucket={accounts.require_state_bucket(account, name)}", *style)


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


def variables(settings: Settings, workspace: Workspace) -> dict[str, str]:
    """The environment for Terraform: no workspace of the person's; on the lake no credentials either."""
    own = aws_environment(settings) if workspace.account is None else dict(os.environ)
    environment = {name: value for name, value in own.items() if not name.startswith(_FOREIGN)}
    if "TF_CLI_CONFIG_FILE" not in environment:
        cache = checkout.tools() / "terraform-plugins"
        cache.mkdir(parents=True, exist_ok=True)
        environment.setdefault("TF_PLUGIN_CACHE_DIR", str(cache))
    environment |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    environment |= {f"TF_VAR_{name}": value for name, value in workspace.variables.items()}
    return environment | (_lake(settings) if workspace.account is None else _of(workspace.account))


def _lake(settings: Settings) -> dict[str, str]:
    return {
        # terraform-local's own name for S3 does not resolve offline
        "S3_HOSTNAME": str(urlsplit(settings.endpoint).hostname),
        "DISABLE_DEPRECATION_NOTICE": "1",  # terraform-local's banner is no part of a plan
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def _of(account: Account) -> dict[str, str]:
    # A file *.auto.tfvars of the environment says more than these: an account that it names is the only one.
    emulated = {"TF_VAR_s3_use_path_style": "true"} if account.endpoint else {}
    return {"TF_VAR_account_id": account.id} | emulated


def _command(workspace: Workspace, environment: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    if workspace.account is not None:
        return ["terraform", *arguments]
    # terraform-local refuses to start where a killed run left its override file.
    (workspace.folder / OVERRIDE).unlink(missing_ok=True)
    program = shutil.which("tflocal", path=environment["PATH"])
    if program is None:
        raise StackError("tflocal", "terraform-local is not installed", "run `make up`, which installs it")
    return [sys.executable, program, *arguments]


def run(settings: Settings, workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform (on the lake through terraform-local); stdout and stderr are captured as one text.

    On AWS it takes minutes: what is done is shown meanwhile.
    """
    environment = variables(settings, workspace)
    command = _command(workspace, environment, arguments)
    lines = []
    with subprocess.Popen(
        command, cwd=workspace.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if workspace.account is not None and _DONE.search(line):
                say(f"  terraform | {line.rstrip()}", style="dim")
    return subprocess.CompletedProcess(command, process.returncode, "".join(lines))


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
    stamp = workspace.base / "initialised"
    digest = hashlib.sha256(repr(workspace.backend).encode())
    for path in sorted((workspace.base / "infra").rglob("*.tf")):
        if path.name != OVERRIDE:
            digest.update(str(path).encode() + path.read_bytes())
    done = (workspace.folder / ".terraform").is_dir() and stamp.exists() and stamp.read_text() == digest.hexdigest()
    if done:
        return False
    backend = [f"-backend-config={value}" for value in workspace.backend]
    answer = run(settings, workspace, "init", "-input=false", "-no-color", "-reconfigure", *backend)
    if answer.returncode:
        hint = (
            "Terraform must be able to reach its provider registry, or a mirror set by TF_CLI_CONFIG_FILE, "
            "TF_PLUGIN_CACHE_DIR or TF_CLI_ARGS_init=-plugin-dir=<folder>"
        )
        raise failure(answer, "init", hint)
    stamp.write_text(digest.hexdigest())
    return True


_QUIETLY = ("-input=false", "-no-color", "-compact-warnings")


def _last_line(answer: subprocess.CompletedProcess[str], beginning: str) -> str:
    return next((line for line in answer.stdout.splitlines() if line.startswith(beginning)), beginning)


def apply(settings: Settings, workspace: Workspace) -> str:
    """Apply an environment.

    Returns:
        Terraform's last line, e.g. `Apply complete! Resources: 5 added, 0 changed, 0 destroyed.`

    Raises:
        StackError: apply failed; what Terraform said was shown.
    """
    answer = run(settings, workspace, "apply", "-auto-approve", *_QUIETLY)
    if answer.returncode:
        raise failure(answer, "apply", "correct it, then run the command again")
    return _last_line(answer, "Apply complete!")


def destroy(settings: Settings, workspace: Workspace) -> str:
    """Destroy an environment.

    Returns:
        Terraform's last line, e.g. `Destroy complete! Resources: 5 destroyed.`

    Raises:
        StackError: destroy failed; what Terraform said was shown.
    """
    answer = run(settings, workspace, "destroy", "-auto-approve", *_QUIETLY)
    if answer.returncode:
        raise failure(answer, "destroy", "correct it, then run the command again")
    return _last_line(answer, "Destroy complete!")


def plan(settings: Settings, workspace: Workspace) -> tuple[bool, str]:
    """Plan an environment.

    Returns:
        whether anything would change, and the plan as Terraform prints it.

    Raises:
        StackError: plan failed; what Terraform said was shown.
    """
    answer = run(settings, workspace, "plan", "-detailed-exitcode", *_QUIETLY)
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
        env=variables(settings, workspace),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(answer.stdout)
    except ValueError:
        said = " ".join(f"{answer.stderr} {answer.stdout}".split()) or f"exit {answer.returncode}, nothing said"
        raise StackError("terraform output", said, f"run `make deploy ENV={workspace.name}`") from None
    return {name: output["value"] for name, output in found.items()}
