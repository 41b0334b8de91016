"""`laketop quality-issues`: an issue at GitHub for each quality rule that is broken in an environment."""

from laketop import settings as configuration
from laketop.stack import github, quality, quality_issues
from laketop.stack.environments import Environment
from laketop.stack.messages import say
from laketop.stack.terraform import LOCAL


def run(
    env: Environment = LOCAL,
) -> None:
    """Open, update and close issues at GitHub, so that they say which quality rules are broken now."""
    repository = github.connect()
    broken = quality.broken(quality.athena(configuration.load(), env), env)
    for change in quality_issues.changes(broken, list(repository.pages("issues", state="open")), env):
        say(change.what)
        repository.send(change.method, change.path, change.body)
    say(f"{len(broken)} rules are broken in {env}")
