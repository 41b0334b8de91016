"""Becomes a part of the lake, with exactly the environment that the parts file gives it.

Run by the supervisor as `python -m laketop.stack.launch <parts file> <part>`. Standard library only: it is on the way
of every start.
"""

import json
import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Replace this process by the part's program."""
    file, name = arguments
    part = json.loads(Path(file).read_text())[name]
    os.execve(part["command"][0], part["command"], part["environment"])  # noqa: S606 - the list is our own


if __name__ == "__main__":
    main(sys.argv[1:])
