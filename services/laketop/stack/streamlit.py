"""How the team's dashboard (streamlit_app/) is run: on a lake as one of its parts, or here on an environment of AWS."""

import os
import sys
from collections.abc import Mapping

from laketop.settings import REGION
from laketop.stack import checkout

HEALTH = "/_stcore/health"


def command(port: int) -> list[str]:
    """The command that serves it on a port of this machine."""
    script = checkout.ROOT / "streamlit_app" / "app.py"
    # without the folder that it is started in on the path, whose `glue`, `spark`, … must not be importable
    return [sys.executable, "-P", "-m", "streamlit", "run", str(script), "--server.port", str(port)]


def environment(env: str) -> dict[str, str]:
    """What it has to be told about the environment that it shows."""
    return {"LAKEHOUSE_PREFIX": f"laketop-{env}", "PYTHONPATH": str(checkout.ROOT)}


def serve(env: str, port: int, own: Mapping[str, str] = os.environ) -> None:
    """Become the dashboard of an environment of AWS, with a person's own credentials; does not return."""
    line = command(port)
    os.execve(line[0], line, {"AWS_DEFAULT_REGION": REGION, **own, **environment(env)})  # noqa: S606 - the list is our own
