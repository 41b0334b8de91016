"""requirements.txt and requirements-dev.txt, made from the lock for tools that know no other format."""

import subprocess

from laketop.stack import checkout
from laketop.stack.messages import StackError

# File → uv's arguments: what the lake and its pipeline need; the same and the tools and tests.
EXPORTS = {
    "requirements.txt": ("--no-default-groups", "--group", "services", "--group", "pipeline"),
    "requirements-dev.txt": ("--group", "dev"),
}
_HEADER = "# Made from uv.lock by `make lock`: do not edit.\n"


def export(name: str) -> str:
    """The text of one of the files, as the lock says now.

    Raises:
        StackError: uv could not export it, e.g. because the lock is older than pyproject.toml.
    """
    command = [checkout.uv(), "export", "--locked", "--quiet", "--no-header", "--no-emit-workspace", *EXPORTS[name]]
    answer = subprocess.run(command, cwd=checkout.ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise StackError(name, answer.stderr.strip().replace("\n", " "), "run `make lock`")
    return _HEADER + answer.stdout
