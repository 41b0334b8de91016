"""What LocalStack 4.14.0 does wrong, mended at run time; one file a gap, in a table by service.

A patch is applied when the first request for its service arrives, just before LocalStack loads that service:
loading all of them at the start would cost seconds and memory for services nobody uses. Each file names the code
that it replaces with that code's hash; a test compares the hashes, so that another LocalStack cannot slip under a
patch unseen.
"""

import importlib
import threading
from collections.abc import Mapping
from typing import Any

# service → modules of this package; each has PATCHED (what it replaces → sha256 of that source) and apply()
PATCHES: Mapping[str, tuple[str, ...]] = {
    "cloudwatch": ("cloudwatch_dashboards", "cloudwatch_tags"),
    "events": ("events_targets", "events_sources"),
    "lambda": ("lambda_keys",),
    "s3": ("s3_checksums", "s3_events", "s3_versions"),
    "stepfunctions": (
        "stepfunctions_sync",
        "stepfunctions_athena",
        "stepfunctions_glue",
        "stepfunctions_jsonata",
        "stepfunctions_tracing",
    ),
}

# applied at the start, for they belong to no service
GATEWAY = ("gateway_body", "gateway_idle")

_applied: set[str] = set()
_lock = threading.Lock()


def module(name: str) -> Any:
    """The patch module of this name."""
    return importlib.import_module(f"{__name__}.{name}")


def apply_to(service: str) -> None:
    """Apply the patches of a service, once. An error leaves the service unpatched, and the next request tries (and
    fails) again.
    """
    if service in _applied or service not in PATCHES:
        return
    with _lock:
        if service not in _applied:
            for name in PATCHES[service]:
                module(name).apply()
            _applied.add(service)


def apply_at_start() -> None:
    """Apply the patches of the gateway, before it listens."""
    for name in GATEWAY:
        module(name).apply()


def apply_before_load(_chain: Any, context: Any, _response: Any) -> None:
    """A handler for `serve_custom_service_request_handlers`, which runs before LocalStack loads the service of a
    request.
    """
    if context.service:
        apply_to(context.service.service_name)
