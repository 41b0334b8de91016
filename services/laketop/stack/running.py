"""The lake that runs, in whichever mode: what every command but `up` begins with."""

import os
from collections.abc import Callable, Mapping

from laketop.settings import Settings, remembered_mode
from laketop.stack import compose, readiness, supervise
from laketop.stack.control import Control
from laketop.stack.messages import ExitCode, StackError

FIND: Mapping[str, Callable[[Settings], Control | None]] = {"process": supervise.running, "docker": compose.running}


def find(settings: Settings) -> Control | None:
    """The control of a lake that runs, in the mode that it was started in; None where it does not run.

    Raises:
        StackError: what runs it does not answer.
    """
    return FIND[remembered_mode(settings.state) or settings.mode](settings)


def require_running(settings: Settings) -> None:
    """Check that the lake runs; one that is only known by its address (in a container) has to answer there.

    Raises:
        StackError: it does not run, was reset, or runs on another port than the settings say.
    """
    if "LAKETOP_LOCALSTACK_URL" in os.environ:
        if not readiness.answers(settings):
            raise StackError(
                f"lake at {settings.endpoint}", "it does not answer", "see `docker compose ps`", ExitCode.NOT_RUNNING
            )
        return
    require_control(settings)


def require_control(settings: Settings) -> Control:
    """The control of the running lake.

    Raises:
        StackError: as above.
    """
    found = find(settings)
    if found is None:
        raise StackError(f"lake {settings.state}", "it does not run", "run `make up`", ExitCode.NOT_RUNNING)
    require_same(settings, found)
    return found


def require_same(settings: Settings, found: Control) -> None:
    """Check that the running lake has the settings' port.

    Raises:
        StackError: it has another one.
    """
    if found.port != settings.port:
        raise StackError(
            f"LAKETOP_PORT={settings.port}",
            f"the lake in {settings.state} runs on port {found.port}",
            f"set LAKETOP_PORT={found.port}, or LAKETOP_STATE to another folder for a second lake",
            ExitCode.REFUSED,
        )
