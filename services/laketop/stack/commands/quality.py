"""`laketop quality`: the quality rules that are broken in an environment."""

from typing import Annotated

import typer

from laketop import settings as configuration
from laketop.stack import quality
from laketop.stack.environments import Environment
from laketop.stack.messages import StackError, say
from laketop.stack.tables import Format, show
from laketop.stack.terraform import LOCAL


def run(
    env: Environment = LOCAL,
    form: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.TABLE,
) -> None:
    """Print the quality rules that are broken now; fail where one of them is of severity error."""
    found = quality.broken(quality.athena(configuration.load(), env), env)
    show(quality.COLUMNS, [[getattr(breach, name) for name in quality.COLUMNS] for breach in found], form)
    say(f"{len(found)} rules are broken in {env}")
    errors = [breach.name for breach in found if breach.severity == "error"]
    if errors:
        hint = "docs/PIPELINE_GUIDE.md says what to do at the step Check"
        raise StackError(f"data quality of {env}", f"of severity error: {', '.join(errors)}", hint)
