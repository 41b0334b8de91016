"""`laketop deploy`: apply an environment's Terraform, on the lake or in an AWS account."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from laketop import settings as configuration
from laketop.settings import Settings
from laketop.stack import deployment, environments, sample, terraform
from laketop.stack.accounts import Account
from laketop.stack.clients import wake
from laketop.stack.environments import Artifacts, Confirm, Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.steps import Steps
from laketop.stack.terraform import LOCAL


def deploy_environment(
    settings: Settings, name: str, account: Account | None = None, artifacts: Path | None = None
) -> dict[str, Any]:
    """Apply an environment on the running lake, or in an account; returns Terraform's outputs."""
    workspace = terraform.prepare(settings, name, account, artifacts)
    say(f"  release {workspace.variables['release']}")
    with ThreadPoolExecutor(1) as beside:
        awake = beside.submit(wake, settings) if account is None else None
        if terraform.initialise(settings, workspace):
            say("  Terraform is initialised")
        if awake is not None:
            awake.result()
    say(f"  {terraform.apply(settings, workspace)}")
    if account is None:
        deployment.note(settings)
    return terraform.outputs(settings, workspace)


def run(
    env: Environment = LOCAL,
    artifacts: Artifacts = None,
    confirm: Confirm = None,
    with_sample: Annotated[bool, typer.Option("--sample", help="Then run sample data through the lake.")] = False,
) -> None:
    """Apply the pipeline's Terraform."""
    settings = configuration.load()
    terraform.require_environment(env)
    if with_sample and env != LOCAL:
        hint = "leave --sample away"
        raise StackError(f"deploy {env} --sample", "sample data are for the lake alone", hint, ExitCode.USAGE)
    if environments.delegated(settings, env, artifacts, "deploy", *(["--sample"] if with_sample else [])):
        return
    environments.require_release(env, artifacts)
    account = environments.account(env, "deploy", confirm)
    with environments.held(settings, env, "deploy"):
        outputs = deploy_environment(settings, env, account, artifacts)
        if with_sample:
            sample.bring(settings, outputs, Steps())
