"""`laketop plan`: what Terraform would change, on the lake or in an AWS account."""

from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import environments, terraform
from laketop.stack.environments import Artifacts, Environment
from laketop.stack.messages import ExitCode, StackError
from laketop.stack.terraform import LOCAL


def run(
    env: Environment = LOCAL,
    artifacts: Artifacts = None,
    check: Annotated[bool, typer.Option("--check", help="Fail where anything would change.")] = False,
) -> None:
    """Print what Terraform would change."""
    settings = configuration.load()
    if environments.delegated(settings, env, artifacts, "plan", *(["--check"] if check else [])):
        return
    account = environments.looked_at(env)
    with environments.held(settings, env, "plan"):
        workspace = terraform.prepare(settings, env, account, artifacts)
        terraform.initialise(settings, workspace)
        changes, text = terraform.plan(settings, workspace)
    print(text)
    if check and changes:
        raise StackError("terraform plan", "there are changes", "see the plan above", ExitCode.FAILED)
