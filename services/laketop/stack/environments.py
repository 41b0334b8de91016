"""What a command asks for before it touches an environment: the lake that runs, or the account that is meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from laketop.settings import Settings
from laketop.stack import accounts, artefacts, compose, lake, terraform
from laketop.stack.accounts import Account
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.running import require_running
from laketop.stack.terraform import LOCAL

# These may be deployed from the sources as they are; the others get what one of these has tested.
BUILT_HERE = (LOCAL, "dev")

Environment = Annotated[str, typer.Option("--env", metavar="NAME", help="The folder under infra/envs.")]
Artifacts = Annotated[
    Path | None, typer.Option("--artifacts", metavar="FOLDER", help="A release, dist/<release>; else built now.")
]
Confirm = Annotated[
    str | None, typer.Option("--confirm", metavar="ACCOUNT", help="The AWS account that is meant, 12 digits.")
]


@contextmanager
def held(settings: Settings, name: str, doing: str) -> Iterator[None]:
    """Hold an environment for one command at a time, on this machine.

    Raises:
        StackError: another command is at work on it; it is the lake's, and the lake does not run.
    """
    if name == LOCAL:
        require_running(settings)
        with lake.locked(settings, doing):
            yield
        return
    lake.claim(settings)
    with lake.locked(settings, f"{doing} --env {name}", name=name):
        yield


def delegated(settings: Settings, name: str, artifacts: Path | None, *arguments: str) -> bool:
    """Run a command about the lake's environment in the container that has Terraform, where this machine has none.

    Args:
        settings: the lake.
        name: the environment.
        artifacts: the release that was named.
        arguments: of `laketop`.

    Returns:
        whether it was run.

    Raises:
        StackError: it failed, the lake does not run, or a release was named, which no container sees.
    """
    if name != LOCAL or not compose.elsewhere(settings):
        return False
    require_running(settings)
    if artifacts is not None:
        raise StackError("--artifacts", "it needs Terraform on this machine", terraform.GET_TERRAFORM, ExitCode.REFUSED)
    compose.inside(settings, *arguments)
    return True


def account(name: str, doing: str, confirmed: str | None) -> Account | None:
    """The account that an environment is about to be changed in; None for the lake's.

    Args:
        name: the environment.
        doing: the command, e.g. `deploy`.
        confirmed: the account that the person named.

    Raises:
        StackError: there is no such environment, there are no credentials, or they are of an account that the person
            did not name.
    """
    found = looked_at(name)
    if found is not None:
        accounts.require_confirmed(found, doing, name, confirmed)
    return found


def looked_at(name: str) -> Account | None:
    """The account that an environment is read in, which nobody has to confirm; None for the lake's.

    Raises:
        StackError: there is no such environment, or there are no credentials.
    """
    terraform.require_environment(name)
    if name == LOCAL:
        return None
    found = accounts.current()
    say(f"environment {name}: {found}", style="bold")
    return found


def require_release(name: str, artifacts: Path | None) -> None:
    """Check what is to be deployed: nothing that no other environment has tested goes beyond dev.

    Raises:
        StackError: a release is needed and none was named, or the one that was named was changed.
    """
    if artifacts is not None:
        artefacts.verify(artifacts)
    elif name not in BUILT_HERE:
        raise StackError(
            f"deploy {name}",
            "it takes the release that dev has tested, and ARTIFACTS names none",
            f"make build prints the folder: make deploy ENV={name} ARTIFACTS=dist/<release> CONFIRM=<account id>",
            ExitCode.REFUSED,
        )
