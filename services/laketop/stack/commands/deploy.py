"""`laketop deploy`: build the artefacts and apply an environment's Terraform on the lake."""

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import typer

from laketop import settings as configuration
from laketop.settings import Settings
from laketop.stack import deployment, lake, terraform
from laketop.stack.clients import require_running, wake
from laketop.stack.messages import ExitCode, StackError, say

Environment = Annotated[str, typer.Option("--env", metavar="NAME", help="The folder under infra/envs.")]


def require_local(name: str) -> None:
    """Refuse the environments that this command cannot reach.

    Raises:
        StackError: it is not `local`.
    """
    if name != "local":
        hint = f"apply it on AWS by hand: terraform -chdir=infra/envs/{name} apply"
        raise StackError(f"environment {name}", "only local is deployed on the lake", hint, ExitCode.REFUSED)


def deploy_environment(settings: Settings, name: str) -> dict[str, Any]:
    """Apply an environment on the running lake; returns Terraform's outputs."""
    workspace = terraform.prepare(settings, name)
    with ThreadPoolExecutor(1) as beside:
        awake = beside.submit(wake, settings)
        if terraform.initialise(settings, workspace):
            say("  Terraform is initialised")
        awake.result()
    say(f"  {terraform.apply(settings, workspace)}")
    deployment.note(settings)
    return terraform.outputs(settings, workspace)


def run(env: Environment = "local") -> None:
    """Apply the pipeline's Terraform on the lake."""
    settings = configuration.load()
    require_local(env)
    require_running(settings)
    with lake.locked(settings, "deploy"):
        deploy_environment(settings, env)
