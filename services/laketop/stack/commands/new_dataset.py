"""`laketop new-dataset`: a contract from a file, the job that goes with it, and the data dictionary anew."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from laketop.stack import checkout


def run(
    name: Annotated[str, typer.Option("--name", help="The dataset's name, e.g. flights.")],
    file: Annotated[Path, typer.Option("--file", help="A file of it: .csv, .jsonl or .parquet.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it; git's user.email by default.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a contract and a job of that name.")] = False,
) -> None:
    """Write a contract inferred from a file, and a job skeleton."""
    command = [sys.executable, "-m", "contracts.tools.new_dataset", "--name", name, "--file", str(file.absolute())]
    options = [*(["--owner", owner] if owner else []), *(["--force"] if force else [])]
    answer = subprocess.run([*command, *options], cwd=checkout.ROOT, check=False)
    if not answer.returncode:
        dictionary = [sys.executable, "-m", "contracts.tools.dictionary"]
        answer = subprocess.run(dictionary, cwd=checkout.ROOT, check=False)
    raise typer.Exit(answer.returncode)
