"""`laketop plan-report`: an environment's plan as a page for a reviewer."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from laketop.stack import plan_report
from laketop.stack.environments import Environment
from laketop.stack.messages import StackError
from laketop.stack.terraform import LOCAL


def run(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The Markdown file to write.")],
    env: Environment = LOCAL,
) -> None:
    """Plan an environment and write what would change as Markdown, also where no plan could be made."""
    # the command itself, so that the page says what a person would see
    command = [sys.executable, "-m", "laketop.stack", "plan", "--env", env]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    sys.stdout.write(answer.stdout)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(plan_report.section(env, answer.stdout, failed=answer.returncode != 0))
    if answer.returncode:
        raise StackError(f"plan of {env}", f"`laketop plan` ended with {answer.returncode}", "see its words above")
