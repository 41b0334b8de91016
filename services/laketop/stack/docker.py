"""Asks the Docker command line; nothing else in the stack starts it."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from laketop.stack.messages import StackError, say

# A person's settings for lakes and for Compose must not get between a lake and its containers.
_FOREIGN = ("LAKETOP_", "COMPOSE_", "AWS_", "SPARK_")


def environment(own: Mapping[str, str], inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a command: the person's (Docker's host, context and configuration), and ours."""
    return {name: value for name, value in inherited.items() if not name.startswith(_FOREIGN)} | dict(own)


def run(
    arguments: Sequence[str], own: Mapping[str, str] | None = None, show: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `docker <arguments>`.

    Args:
        arguments: of the command.
        own: further environment variables.
        show: let its output be seen as it comes, instead of capturing it.

    Raises:
        StackError: there is no `docker` on PATH.
    """
    try:
        return subprocess.run(
            ["docker", *arguments],
            env=environment(own or {}),
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        hint = "install Docker (docs.docker.com/engine/install), or run the lake as processes: LAKETOP_MODE=process"
        raise StackError("docker", "it is not on PATH", hint) from error


def ask(arguments: Sequence[str], own: Mapping[str, str] | None = None) -> str:
    """What `docker <arguments>` prints.

    Raises:
        StackError: it failed; the cause is what it said last.
    """
    answer = run(arguments, own)
    if answer.returncode:
        raise failure(arguments[0], answer)
    return answer.stdout


def failure(what: str, answer: subprocess.CompletedProcess[str]) -> StackError:
    """An error of what a command said; all of it is shown.

    Args:
        what: the command's name, e.g. `compose up`.
        answer: how it ended.
    """
    lines = [line for line in (answer.stderr or "").splitlines() if line.strip()]
    for line in lines[:-1]:
        say(f"  docker | {line}", style="dim")
    cause = lines[-1].strip() if lines else f"exit {answer.returncode}, see the lines above"
    return StackError(f"docker {what}", cause, "is the engine running? see `docker info`")


def objects(arguments: Sequence[str]) -> list[dict[str, Any]]:
    """What a command prints as JSON, an object a line or a list of them.

    Raises:
        StackError: it failed.
    """
    text = ask(arguments).strip()
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]
