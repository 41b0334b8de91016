"""`laketop lock`: renew the locks and what is made from them."""

import subprocess

from laketop.stack import checkout
from laketop.stack.exports import EXPORTS, export
from laketop.stack.messages import StackError, say

PROJECTS = (".", "services/localstack", "services/checks", "tests/clients")


def run() -> None:
    """Resolve the locks and export requirements.txt and requirements-dev.txt."""
    for project in PROJECTS:
        if not (checkout.ROOT / project / "pyproject.toml").exists():
            say(f"{project}: no pyproject.toml, left out")
            continue
        say(f"{project}: uv lock")
        command = [checkout.uv(), "lock", "--quiet", "--project", project]
        if subprocess.run(command, cwd=checkout.ROOT, check=False).returncode:
            raise StackError(f"lock of {project}", "uv could not resolve it", "see the lines above")
    for name in EXPORTS:
        (checkout.ROOT / name).write_text(export(name))
        say(f"{name} is written")
