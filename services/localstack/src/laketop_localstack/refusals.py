"""Requests that LocalStack would accept and that could not do here what they do on AWS: each refused, by name, as
AWS refuses things.

A handler of LocalStack's own chain and not patches: it sees the parsed request of every service before the service
does.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException

from laketop_localstack.functions.environment import RESERVED

RUNTIME = "python3.13"
SYNCHRONOUS_LIMIT = 6 * 1024 * 1024
ASYNCHRONOUS_LIMIT = 1024 * 1024

type Request = Mapping[str, Any]


class RefusedError(Exception):
    """A request is refused: AWS's error code, the HTTP status, and a message that names what is missing."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def schedule(_request: Request) -> None:
    """EventBridge Scheduler keeps schedules and never runs them."""
    raise RefusedError(
        "ValidationException",
        "EventBridge Scheduler schedules never fire in Laketop, so they are not accepted: use an EventBridge rule "
        "with a schedule expression (events:PutRule, Terraform's aws_cloudwatch_event_rule)",
    )


def function(request: Request) -> None:
    """What a function may ask for: one runtime, a zip package, Lambda's own log group."""
    if request.get("PackageType") == "Image" or request.get("ImageConfig"):
        raise _invalid("Laketop runs functions from zip packages, not from container images (PackageType Image)")
    runtime = request.get("Runtime")
    if runtime is not None and runtime != RUNTIME:
        raise _invalid(
            f"Laketop runs functions by {RUNTIME} only, and this one asks for {runtime}: set Runtime to {RUNTIME}"
        )
    if request.get("FileSystemConfigs"):
        raise _invalid("Laketop has no Amazon EFS: FileSystemConfigs cannot be mounted")
    group = (request.get("LoggingConfig") or {}).get("LogGroup")
    name = str(request.get("FunctionName", "")).rsplit(":", 1)[-1]
    if group and group != f"/aws/lambda/{name}":
        raise _invalid(
            f"Laketop writes a function's log to /aws/lambda/{name} only: "
            f"LoggingConfig.LogGroup {group} is not supported"
        )
    _environment((request.get("Environment") or {}).get("Variables") or {})


def metrics(request: Request) -> None:
    """A metrics configuration counts all requests of a bucket, or those of keys with a prefix."""
    chosen = set((request.get("MetricsConfiguration") or {}).get("Filter") or {})
    if others := sorted(chosen - {"Prefix"}):
        raise RefusedError(
            "NotImplemented",
            f"Laketop counts a bucket's requests by the prefix of keys only: MetricsConfiguration.Filter "
            f"{', '.join(others)} is not supported; leave the filter away, or filter by Prefix",
            501,
        )


def _environment(variables: Mapping[str, str]) -> None:
    """ "Working with Lambda environment variables": the reserved keys; AWS's own words."""
    if taken := sorted(RESERVED & variables.keys()):
        raise _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(taken)}"
        )


def _invalid(message: str) -> RefusedError:
    return RefusedError("InvalidParameterValueException", message)


# (service, operation) → the check of its request
CHECKS: Mapping[tuple[str, str], Callable[[Request], None]] = {
    ("scheduler", "CreateSchedule"): schedule,
    ("scheduler", "UpdateSchedule"): schedule,
    ("lambda", "CreateFunction"): function,
    ("lambda", "UpdateFunctionConfiguration"): function,
    ("s3", "PutBucketMetricsConfiguration"): metrics,
}


def payload_limit(invocation_type: str, size: int) -> None:
    """ "Lambda quotas": 6 MB for a synchronous invocation, 1 MB for an asynchronous one.

    Args:
        invocation_type: the X-Amz-Invocation-Type header.
        size: the payload's bytes.

    Raises:
        RefusedError: RequestTooLargeException, 413.
    """
    limit = ASYNCHRONOUS_LIMIT if invocation_type == "Event" else SYNCHRONOUS_LIMIT
    if size > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise RefusedError("RequestTooLargeException", message, 413)


def refuse(_chain: Any, context: Any, _response: Any) -> None:
    """A handler for `serve_custom_service_request_handlers`.

    Raises:
        CommonServiceException: the request is refused; LocalStack turns it into the service's error.
    """
    if not context.service or not context.operation:
        return
    key = (context.service.service_name, context.operation.name)
    try:
        if key == ("lambda", "Invoke"):
            headers = context.request.headers
            payload_limit(headers.get("X-Amz-Invocation-Type", ""), int(headers.get("Content-Length") or 0))
        elif check := CHECKS.get(key):
            check(context.service_request or {})
    except RefusedError as refused:
        # A body that nobody reads blocks its sender, who then never sees the refusal.
        context.request.get_data(cache=False)
        raise CommonServiceException(refused.code, refused.message, refused.status, sender_fault=True) from refused
