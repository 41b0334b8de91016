"""Whether what was deployed is still there.

Objects, the catalog and queries' history outlive the processes. Functions, state machines, rules, roles and the like
live in LocalStack's memory: they end with it, and are deployed again by `make up`. LocalStack is known by the session
that its health page names, so that any end is noticed, whoever caused it.
"""

import json

import httpx

from laketop.settings import Settings
from laketop.stack import lake
from laketop.stack.parts import health_url

_NOTE = "deployment.json"


def session(settings: Settings) -> str | None:
    """The session of the LocalStack that runs; None where it does not answer."""
    try:
        with httpx.Client(timeout=2, trust_env=False) as client:
            return str(client.get(health_url(settings, "localstack")).json()["session"])
    except (httpx.TransportError, ValueError, KeyError):
        return None


def note(settings: Settings) -> None:
    """Write down which LocalStack the pipeline was deployed on."""
    text = json.dumps({"session": session(settings), "at": lake.now()})
    lake.write_private(lake.run_folder(settings) / _NOTE, text)


def forget(settings: Settings) -> None:
    """The pipeline was taken down on purpose."""
    (settings.state / "run" / _NOTE).unlink(missing_ok=True)


def lost(settings: Settings) -> str | None:
    """What to tell a person whose deployment ended with an earlier LocalStack; None where it stands, or never was."""
    path = settings.state / "run" / _NOTE
    now = session(settings)
    if now is None or not path.exists():
        return None
    deployed = json.loads(path.read_text())
    if deployed["session"] == now:
        return None
    return (
        f"localstack was started again after the deployment of {deployed['at']}: functions, state machines, rules and "
        "roles are gone (objects, catalog and history are there): run `make up`"
    )
