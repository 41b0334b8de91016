"""`laketop fuzz`: Athena's SQL by random queries against a running Trino."""

import subprocess
import sys
from typing import Annotated

import typer

from laketop.stack import checkout
from laketop.stack.messages import StackError


def run(
    minutes: Annotated[float, typer.Option(help="How long.")] = 60,
    seed: Annotated[int, typer.Option(help="What the random queries follow from.")] = 1,
    family: Annotated[str | None, typer.Option(help="Only functions of this module of sql/functions.")] = None,
) -> None:
    """Compare random queries with a Trino at LAKETOP_TRINO_URL; what is wrong is written to fuzz.jsonl."""
    chosen = ["--family", family] if family else []
    command = [sys.executable, "-m", "tests.oracle.fuzz", "--minutes", str(minutes), "--seed", str(seed), *chosen]
    if subprocess.run(command, cwd=checkout.ROOT, check=False).returncode:
        raise StackError("fuzz", "it could not run to its end", "see the lines above")
