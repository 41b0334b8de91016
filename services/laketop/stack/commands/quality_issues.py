"""`laketop quality-issues`: an issue at GitHub for each quality rule that is broken in an environment."""

from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import github, quality, quality_issues
from laketop.stack.messages import say


def run(
    env: Annotated[str, typer.Option("--env", metavar="NAME", help="The folder under infra/envs.")] = "local",
) -> None:
    """Open, update and close issues at GitHub, so that they say which quality rules are broken now."""
    repository = github.connect()
    broken = quality.broken(quality.athena(configuration.load(), env), env)
    for change in quality_issues.changes(broken, list(repository.pages("issues", state="open")), env):
        say(change.what)
        repository.send(change.method, change.path, change.body)
    say(f"{len(broken)} rules are broken in {env}")
