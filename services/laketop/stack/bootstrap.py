"""Brings uv and the Python environments that a command needs, then becomes that command.

It runs on whatever `python3` a machine has (3.9 and later), so it imports the standard library only. A stamp per
environment, made of everything that decides its contents, lets the next call do nothing at all: it must stay well under
a second, because every `make` target passes through here.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

UV_VERSION = "0.13.9"
ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("pyproject.toml", "uv.lock", ".python-version", "services/awsglue/pyproject.toml")
# its lock quotes what the checkout's own pyproject.toml asks for
LOCALSTACK_SOURCES = (
    "services/localstack/pyproject.toml",
    "services/localstack/uv.lock",
    "pyproject.toml",
    ".python-version",
)
CHECKS_SOURCES = ("services/checks/pyproject.toml", "services/checks/uv.lock", ".python-version")


class Environment(NamedTuple):
    """One Python environment: its folder below the tools ("" = the checkout's .venv), uv's arguments, its sources."""

    folder: str
    arguments: tuple[str, ...]
    sources: tuple[str, ...]


ENVIRONMENTS = {
    "services": Environment("", (), SOURCES),
    "localstack": Environment("envs/localstack", ("--project", "services/localstack"), LOCALSTACK_SOURCES),
    "glue-runtime": Environment("envs/glue-runtime", ("--only-group", "glue-runtime"), SOURCES),
    "lambda-runtime": Environment("envs/lambda-runtime", ("--only-group", "lambda-runtime"), SOURCES),
    "glue-tests": Environment("envs/glue-tests", ("--only-group", "glue-tests"), SOURCES),
    "localstack-tests": Environment(
        "envs/localstack-tests", ("--project", "services/localstack", "--group", "test"), LOCALSTACK_SOURCES
    ),
    "checks": Environment("envs/checks", ("--project", "services/checks"), CHECKS_SOURCES),
}
LAKE = ("services", "localstack", "glue-runtime", "lambda-runtime")
# The environments that a sub-command needs; every other one needs `services` alone, as does a lake in containers.
NEEDS = {
    "up": LAKE,
    "e2e": LAKE,
    "lend": LAKE,
    "test": tuple(name for name in ENVIRONMENTS if name != "checks"),
    "lint": ("services", "checks"),
}


class SetupError(Exception):
    """The set-up cannot go on: message and hint for a person."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def say(text: str) -> None:
    """Write one line of progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def tools_folder() -> Path:
    """The folder of the tools: `LAKETOP_TOOLS`, else `.tools` in the checkout."""
    return Path(os.environ.get("LAKETOP_TOOLS") or ROOT / ".tools").absolute()


def command_of(arguments: list[str]) -> str:
    """The sub-command of a command line, "" where there is none."""
    return next((argument for argument in arguments if not argument.startswith("-")), "")


def needed(arguments: list[str]) -> tuple[str, ...]:
    """The environments that a command line needs: where it is about AWS, none of the lake's."""
    remote = "--env" in arguments[:-1] and arguments[arguments.index("--env") + 1] != "local"
    command = command_of(arguments)
    in_containers = command in STARTING and STARTING[command](os.environ) == "docker"
    return ("services",) if remote or in_containers else NEEDS.get(command, ("services",))


def state_folder(variables: Mapping[str, str]) -> Path:
    """The folder of the lake's state."""
    return Path(variables.get("LAKETOP_STATE") or ".laketop").expanduser().resolve()


def mode(variables: Mapping[str, str]) -> str:
    """How `up` starts the lake: as LAKETOP_MODE says, else as it was started last, else as a new one."""
    remembered = state_folder(variables) / "run" / "mode"
    if not variables.get("LAKETOP_MODE") and remembered.exists():
        return remembered.read_text().strip()
    return mode_of_new(variables)


def mode_of_new(variables: Mapping[str, str]) -> str:
    """How a new lake starts: as LAKETOP_MODE says, else in containers where a Docker engine with Compose answers, else
    as processes.
    """
    return variables.get("LAKETOP_MODE") or ("docker" if docker_answers() else "process")


# The commands that start a lake → how they do.
STARTING = {"up": mode, "lend": mode_of_new}


def docker_answers() -> bool:
    """Whether a Docker engine answers within some seconds, and Compose is there."""
    for command in (["docker", "info", "--format", "{{.ServerVersion}}"], ["docker", "compose", "version"]):
        try:
            if subprocess.run(command, capture_output=True, check=False, timeout=10).returncode:
                return False
        except (OSError, subprocess.TimeoutExpired):
            return False
    return True


def folder(environment: Environment, tools: Path) -> Path:
    """Where an environment lies."""
    return tools / environment.folder if environment.folder else ROOT / ".venv"


def stamp_of(name: str, root: Path | None = None) -> str:
    """A digest of everything that decides an environment's contents (64 hexadecimal digits)."""
    environment, root = ENVIRONMENTS[name], root or ROOT
    digest = hashlib.sha256(json.dumps([name, environment.arguments, str(root)]).encode())
    for source in environment.sources:
        path = root / source
        digest.update(path.read_bytes() if path.exists() else b"absent")
        digest.update(b"\0")
    return digest.hexdigest()


def missing(names: tuple[str, ...], tools: Path) -> list[str]:
    """The environments among `names` that are not there, or not as the lock says."""
    stale = []
    for name in names:
        stamp = tools / "stamps" / name
        python = folder(ENVIRONMENTS[name], tools) / "bin" / "python"
        if not (python.exists() and stamp.exists() and stamp.read_text() == stamp_of(name)):
            stale.append(name)
    return stale


def version_of(uv: str) -> tuple[int, ...]:
    """The version of a uv as numbers, () where it does not run or does not say."""
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True)
        return tuple(int(number) for number in answer.stdout.split()[1].split("."))
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return ()


def find_uv(tools: Path, install: bool) -> str | None:
    """The uv on PATH where it is new enough, else our own, which is installed on demand.

    Raises:
        SetupError: uv could not be installed.
    """
    wanted = tuple(int(number) for number in UV_VERSION.split("."))
    own = tools / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(own)):
        if candidate and version_of(candidate) >= wanted:
            return candidate
    if not install:
        return None
    say(f"uv: installing {UV_VERSION} into {own.parent.parent}")
    venv = str(own.parent.parent)
    for command in (
        [sys.executable, "-m", "venv", "--clear", venv],
        [venv + "/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}"],
    ):
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise SetupError(
                f"uv: `{' '.join(command[1:])}` failed",
                "install uv yourself (docs.astral.sh/uv), or Python's venv module (Debian: python3-venv)",
            )
    return str(own)


def sync(name: str, uv: str, tools: Path, locked: bool, failures: dict[str, str]) -> None:
    """Bring one environment to what its lock says; its output is shown line by line, a failure is noted by name."""
    environment = ENVIRONMENTS[name]
    # Bytecode now, while others download: else LocalStack compiles 115 packages at its first start, which takes 15 s.
    options = ["--no-progress", "--compile-bytecode", *(["--locked"] if locked else [])]
    command = [uv, "sync", *options, *environment.arguments]
    variables = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")}
    variables["UV_PROJECT_ENVIRONMENT"] = str(folder(environment, tools))
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    lines = []
    with process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            # The list of every package and version is long and says little.
            if not line.startswith((" + ", " - ", " ~ ")):
                say(f"{name}: {line.rstrip()}")
    if process.returncode:
        failures[name] = lines[-1].strip() if lines else f"uv ended with {process.returncode}"
        return
    stamp = tools / "stamps" / name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(stamp_of(name))


def prepare(names: tuple[str, ...], tools: Path, locked: bool) -> None:
    """Bring uv and the environments; side by side, since most of the time is waiting for downloads and one build.

    Raises:
        SetupError: an environment could not be made.
    """
    tools.mkdir(parents=True, exist_ok=True)
    with (tools / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = missing(names, tools)  # another set-up may have done it while we waited
        if not stale:
            return
        uv = find_uv(tools, install=True)
        say(f"setting up: {', '.join(stale)}")
        failures: dict[str, str] = {}
        threads = [threading.Thread(target=sync, args=(name, uv, tools, locked, failures)) for name in stale]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, cause in failures.items():
        hint = "run `make lock`" if "lockfile" in cause else "see the lines above, then run the same command again"
        raise SetupError(f"environment {name}: {cause}", hint)


def main(arguments: list[str]) -> int:
    """Set up what the sub-command needs and become `laketop <arguments>`; returns only where that fails."""
    tools = tools_folder()
    try:
        prepare(needed(arguments), tools, locked=command_of(arguments) != "lock")
        uv = find_uv(tools, install=False)
    except SetupError as error:
        say(f"error: {error}")
        say(f"hint: {error.hint}")
        return 1
    except KeyboardInterrupt:
        return 130
    if uv:
        os.environ["LAKETOP_UV"] = uv
    program = str(ROOT / ".venv" / "bin" / "laketop")
    return os.execv(program, [program, *arguments])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
