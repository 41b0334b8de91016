"""Where the checkout and its tools are.

The tools (environments, jars, uv) lie in the checkout and not in the lake's state: several lakes share them, and
`make reset` keeps them.
"""

import os
import shutil
from pathlib import Path

from laketop.stack.messages import StackError

ROOT = Path(__file__).resolve().parents[3]


def tools() -> Path:
    """The folder of the tools: `LAKETOP_TOOLS`, else `.tools` in the checkout."""
    return Path(os.environ.get("LAKETOP_TOOLS") or ROOT / ".tools").absolute()


def python(environment: str) -> Path:
    """The interpreter of one of the environments (`localstack`, `glue-runtime`, `lambda-runtime`, …).

    Raises:
        StackError: the environment is not there.
    """
    path = tools() / "envs" / environment / "bin" / "python"
    if not path.exists():
        raise StackError(f"environment {environment}", f"{path} does not exist", "run `make up`, which sets it up")
    return path


def uv() -> str:
    """The uv to use: the one that the set-up found, else the one on PATH or in the tools folder.

    Raises:
        StackError: there is none.
    """
    own = tools() / "uv" / "bin" / "uv"
    found = os.environ.get("LAKETOP_UV") or shutil.which("uv") or (str(own) if own.exists() else None)
    if found is None:
        raise StackError("uv", "it is neither on PATH nor in the tools folder", "run `make up`, which installs it")
    return found
