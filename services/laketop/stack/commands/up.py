"""`laketop up`: start the lake, deploy the pipeline on it, run sample data through it."""

import os
from dataclasses import replace
from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import bootstrap, compose, lake, lifecycle, sample, tooling
from laketop.stack.commands.deploy import deploy_environment
from laketop.stack.messages import say
from laketop.stack.steps import Steps


def run(
    with_sample: Annotated[bool, typer.Option("--sample/--no-sample", help="Run sample data through the lake.")] = True,
    deploy: Annotated[bool, typer.Option("--deploy/--no-deploy", help="Deploy the pipeline.")] = True,
) -> None:
    """Start the lake: tools, parts, Terraform, sample data."""
    settings = replace(configuration.load(), mode=bootstrap.mode(os.environ))
    lake.claim(settings)
    steps = Steps()
    with lake.locked(settings, "up"):
        ending = lake.last_ending(settings)
        if ending is not None:
            say(str(ending), style="yellow")
        if settings.mode == "process":
            steps.run("tools", lambda: tooling.ensure(with_terraform=deploy))
        steps.run(f"stack ({settings.mode})", lambda: lifecycle.bring_up(settings))
        lake.forget_ending(settings)
        elsewhere = compose.elsewhere(settings)
        if deploy and not elsewhere:
            outputs = steps.run("deploy", lambda: deploy_environment(settings, "local"))
            if with_sample:
                sample.bring(settings, outputs, steps)
    if deploy and elsewhere:  # the container takes the lake's lock itself
        steps.run("deploy", lambda: compose.inside(settings, "deploy", *(["--sample"] if with_sample else [])))
    steps.show()
    if deploy:
        sample.show_next(settings)
