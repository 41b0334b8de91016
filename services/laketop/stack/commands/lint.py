"""`laketop lint`: every static check, all of them even where one fails."""

import subprocess
import sys
from pathlib import Path

from laketop.stack import checkout
from laketop.stack.messages import StackError, say

_BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": [str(_BIN / "ruff"), "check", "--quiet"],
    "ruff format": [str(_BIN / "ruff"), "format", "--check", "--quiet"],
    "mypy": [str(_BIN / "mypy"), "--no-error-summary"],
    "lint-imports": [str(_BIN / "lint-imports")],
    "terraform fmt": ["terraform", "fmt", "-check", "-recursive", "infra"],
}


def run() -> None:
    """Run ruff, mypy, import-linter and terraform fmt."""
    failed = []
    for name, command in CHECKS.items():
        say(name, style="bold")
        answer = subprocess.run(
            command, cwd=checkout.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if answer.returncode:
            failed.append(name)
            print(answer.stdout.rstrip())
    if failed:
        raise StackError(
            "lint", f"{', '.join(failed)} failed", "`ruff format`, `ruff check --fix` put some of it right"
        )
