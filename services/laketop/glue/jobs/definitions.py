"""What makes a job definition: AWS's checks and defaults, and what of AWS cannot be honoured here.

A job is accepted where its runs can be real: Spark by Python at the one Glue version whose runtime is here. Members
that would change nothing that can be seen are kept; members that would be ignored in silence are refused by name.
"""

from collections.abc import Mapping
from typing import Any

from laketop.glue.errors import InvalidInput, NotSupported
from laketop.glue.jobs.capacity import capacity

GLUE_VERSION = "6.0"
RUNTIME = "Spark 4.1.1, Python 3.13, Java 17"
DEFAULT_TIMEOUT, MOST_TIMEOUT = 480, 7 * 24 * 60  # minutes
MOST_RETRIES = 10

UNSUPPORTED = (
    "CodeGenConfigurationNodes",
    "JobRunQueuingEnabled",
    "MaintenanceWindow",
    "NotificationProperty",
    "SourceControlDetails",
)


def complete(request: Mapping[str, Any]) -> dict[str, Any]:
    """A job definition as AWS keeps it: checked, with what was left out filled in.

    Args:
        request: the members of CreateJob without Name and Tags, or a JobUpdate.

    Returns:
        The members of the API's Job structure, without Name and times.

    Raises:
        InvalidInput: what AWS would not take.
        NotSupported: what AWS takes and this server cannot honour.

    Follows "Jobs" of the AWS Glue Developer Guide.
    """
    for name in UNSUPPORTED:
        if request.get(name):
            raise NotSupported(name)
    if (request.get("Connections") or {}).get("Connections"):
        raise NotSupported("Connections")
    if not request.get("Role"):
        raise InvalidInput("Role is required.")
    _check_version(request.get("GlueVersion"))
    return {
        "JobMode": "SCRIPT",
        "DefaultArguments": {},
        **request,
        "Command": _command(request.get("Command") or {}),
        "ExecutionProperty": {"MaxConcurrentRuns": _concurrency(request)},
        "MaxRetries": _between("MaxRetries", request.get("MaxRetries", 0), 0, MOST_RETRIES),
        "Timeout": timeout(request.get("Timeout", DEFAULT_TIMEOUT)),
        **capacity(request),
    }


def timeout(minutes: int) -> int:
    """The time after which a run is stopped, checked.

    Raises:
        InvalidInput: not from 1 minute to 7 days.
    """
    return _between("Timeout", minutes, 1, MOST_TIMEOUT)


def _between(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise InvalidInput(f"{name} is a whole number from {low} to {high}, not {value}.")
    return value


def _concurrency(request: Mapping[str, Any]) -> int:
    return _between("MaxConcurrentRuns", (request.get("ExecutionProperty") or {}).get("MaxConcurrentRuns", 1), 1, 1000)


def _check_version(version: str | None) -> None:
    if version is None:
        raise NotSupported("A job without GlueVersion", f"AWS would run it on Glue 0.9; set {GLUE_VERSION} ({RUNTIME})")
    if version != GLUE_VERSION:
        raise NotSupported(f"GlueVersion {version}", f"only {GLUE_VERSION} is ({RUNTIME})")


def _command(command: Mapping[str, Any]) -> dict[str, Any]:
    name = command.get("Name")
    if name != "glueetl":
        raise NotSupported(f"Command.Name {name!r}", "only 'glueetl', a Spark job, is")
    if command.get("Runtime"):
        raise InvalidInput("Command.Runtime is for Ray jobs only.")
    version = command.get("PythonVersion", "3")
    if version != "3":
        raise InvalidInput(f"Command.PythonVersion of a Spark job of Glue {GLUE_VERSION} is 3, not {version}.")
    location = command.get("ScriptLocation") or ""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket or not key:
        raise InvalidInput(f"Command.ScriptLocation {location!r} is no s3://bucket/key.")
    if not key.endswith(".py"):
        raise NotSupported(f"A script that is no Python file ({location})")
    return {**command, "PythonVersion": version}
