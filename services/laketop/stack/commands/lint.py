"""`laketop lint`: every static check, all of them even where one fails."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from laketop.stack import checkout
from laketop.stack.commands.lock import PROJECTS
from laketop.stack.messages import ExitCode, StackError, say

_CHECKOV = ("checkov", "--config-file", "services/checks/checkov.yaml", "--framework")
# One node a resource, as it is written: unfolded, checkov loses which bucket a for_each's settings belong to.
_FOLDED = {"CHECKOV_ENABLE_FOREACH_HANDLING": "False", "CHECKOV_ENABLE_MODULES_FOREACH_HANDLING": "False"}


@dataclass(frozen=True)
class Check:
    """One static check.

    Attributes:
        name: how it is announced.
        group: what `--only` calls it and its like.
        command: the program and its arguments, run at the root of the checkout.
        environment: the one whose program it is: `services`, one of the tools' environments, `uv`, or "" for PATH.
        variables: environment variables that it needs.
    """

    name: str
    group: str
    command: tuple[str, ...]
    environment: str = "services"
    variables: Mapping[str, str] = field(default_factory=dict)


DOCKERFILE = "services/containers/Dockerfile"
# Debian keeps only the newest build of a package, with the security fixes: another version's name finds nothing
_UNPINNED = ("--ignore", "DL3008")

CHECKS = (
    *(
        Check(f"uv lock {project}", "locks", ("uv", "lock", "--check", "--project", project), "uv")
        for project in PROJECTS
    ),
    Check("ruff check", "python", ("ruff", "check", "--quiet")),
    Check("ruff format", "python", ("ruff", "format", "--check", "--quiet")),
    Check("mypy", "python", ("mypy", "--no-error-summary")),
    Check("lint-imports", "python", ("lint-imports",)),
    Check("terraform fmt", "terraform", ("terraform", "fmt", "-check", "-recursive", "infra"), ""),
    Check("checkov infra", "terraform", (*_CHECKOV, "terraform", "--directory", "infra"), "checks", _FOLDED),
    # without ShellCheck and pyflakes, which some machines have and others have not
    Check("actionlint", "workflows", ("actionlint", "-no-color", "-shellcheck=", "-pyflakes="), "checks"),
    Check("zizmor", "workflows", ("zizmor", "--offline", "--quiet", "--no-progress", ".github"), "checks"),
    Check("hadolint", "containers", ("hadolint", "--failure-threshold", "info", *_UNPINNED, DOCKERFILE), "checks"),
    Check(
        "checkov containers", "containers", (*_CHECKOV, "dockerfile", "--directory", "services/containers"), "checks"
    ),
    Check("checkov .github", "workflows", (*_CHECKOV, "github_actions", "--directory", ".github"), "checks"),
)


def program(check: Check) -> str:
    """The program of a check.

    Raises:
        StackError: its environment is not there.
    """
    if not check.environment:
        return check.command[0]
    if check.environment == "uv":
        return checkout.uv()
    python = Path(sys.executable) if check.environment == "services" else checkout.python(check.environment)
    return str(python.parent / check.command[0])


def perform(check: Check, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a check on the checkout `root`; stdout and stderr are captured as one text."""
    return subprocess.run(
        [program(check), *check.command[1:]],
        cwd=root,
        env=os.environ | check.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run(
    only: Annotated[list[str] | None, typer.Option("--only", help="A group; may be given several times.")] = None,
) -> None:
    """Run the static checks: of the locks, of Python, of Terraform, of the workflows."""
    groups = list(dict.fromkeys(check.group for check in CHECKS))
    unknown = [name for name in only or [] if name not in groups]
    if unknown:
        problem = "there is none of that name"
        raise StackError(f"group {unknown[0]}", problem, f"one of {', '.join(groups)}", ExitCode.USAGE)
    failed = []
    for check in CHECKS:
        if only and check.group not in only:
            continue
        say(check.name, style="bold")
        answer = perform(check, checkout.ROOT)
        if answer.returncode:
            failed.append(check.name)
            print(answer.stdout.rstrip())
    if failed:
        raise StackError(
            "lint", f"{', '.join(failed)} failed", "`make lock`, `ruff format`, `ruff check --fix` put some of it right"
        )
