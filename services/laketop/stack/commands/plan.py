"""`laketop plan`: what Terraform would change on the lake."""

from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import lake, terraform
from laketop.stack.clients import require_running
from laketop.stack.commands.deploy import Environment, require_local
from laketop.stack.messages import ExitCode, StackError


def run(
    env: Environment = "local",
    check: Annotated[bool, typer.Option("--check", help="Fail where anything would change.")] = False,
) -> None:
    """Print what Terraform would change on the lake."""
    settings = configuration.load()
    require_local(env)
    require_running(settings)
    with lake.locked(settings, "plan"):
        workspace = terraform.prepare(settings, env)
        terraform.initialise(settings, workspace)
        changes, text = terraform.plan(settings, workspace)
    print(text)
    if check and changes:
        raise StackError("terraform plan", "there are changes", "see the plan above", ExitCode.FAILED)
