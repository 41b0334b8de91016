"""`laketop up`: start the lake, deploy the pipeline on it, run sample data through it."""

from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import lake, lifecycle, sample, tooling
from laketop.stack.commands.deploy import deploy_environment
from laketop.stack.messages import say
from laketop.stack.steps import Steps


def run(
    with_sample: Annotated[bool, typer.Option("--sample/--no-sample", help="Run sample data through the lake.")] = True,
) -> None:
    """Start the lake: tools, parts, Terraform, sample data."""
    settings = configuration.load()
    lifecycle.refuse_docker(settings)
    lake.claim(settings)
    steps = Steps()
    with lake.locked(settings, "up"):
        ending = lake.last_ending(settings)
        if ending is not None:
            say(str(ending), style="yellow")
        runtime = steps.run("tools", tooling.ensure)
        steps.run("stack", lambda: lifecycle.bring_up(settings, runtime))
        outputs = steps.run("deploy", lambda: deploy_environment(settings, "local"))
        lake.forget_ending(settings)
        if with_sample:
            sample.load(settings, outputs, steps)
            sample.show_kpis(settings, outputs)
    steps.show()
    sample.show_next(settings)
