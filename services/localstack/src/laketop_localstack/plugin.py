"""What LocalStack calls while it starts (the entry points of this package), and when the endpoint counts as ready.

LocalStack logs a plug-in that fails to load and goes on without it. So the supervisor asks `/_laketop/health`,
which only this code
answers: a LocalStack without the plug-in never becomes ready.
"""

import json
import logging
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localstack.runtime import hooks

LOG = logging.getLogger(__name__)

NEEDED = (
    "LAKETOP_STATE",
    "LAKETOP_GLUE_URL",
    "LAKETOP_ATHENA_URL",
    "LAKETOP_LAMBDA_PYTHON",
    "LAKETOP_SERVICE_KEY_ID",
    "LAKETOP_INSTANCE",
)
HEALTH_PATH = "/_laketop/health"

_ready = threading.Event()
# tells one process from the next: what lives in memory ends with it
_SESSION = uuid.uuid4().hex


def check_environment(environment: Mapping[str, str]) -> None:
    """Stop a start that could only half work.

    Raises:
        SystemExit: a variable of `NEEDED` is missing, or LAKETOP_LAMBDA_PYTHON names no file.
    """
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise SystemExit(
            f"laketop-localstack: the environment lacks {', '.join(missing)}: start LocalStack by `make up`"
        )
    interpreter = environment["LAKETOP_LAMBDA_PYTHON"]
    if not os.access(interpreter, os.X_OK):
        raise SystemExit(
            f"laketop-localstack: LAKETOP_LAMBDA_PYTHON={interpreter} cannot be run: run `make up`, which installs it"
        )


def health(chain: Any, context: Any, response: Any) -> None:
    """Answer `GET /_laketop/health`: 200 once LocalStack takes requests with this plug-in in place, 503 before.

    The body names the status and the session, which is another one in every process.
    """
    if context.request.path != HEALTH_PATH:
        return
    ready = _ready.is_set()
    response.status_code = 200 if ready else 503
    response.headers["Content-Type"] = "application/json"
    response.data = json.dumps({"status": "ready" if ready else "starting", "session": _SESSION}).encode()
    chain.terminate()


def keep_alive(_chain: Any, context: Any, _response: Any) -> None:
    """Keep a client's connection open, as AWS's endpoints do: LocalStack closes it unless a request asks for it, which
    costs every request a new one.
    """
    context.request.headers.setdefault("Connection", "keep-alive")


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def laketop_start() -> None:
    """Put our handlers into LocalStack's chain, before it listens."""
    check_environment(os.environ)
    # Objects and unpacked functions belong to the lake's state, not to the machine's /tmp, which may be memory.
    tempfile.tempdir = str(clean_scratch(os.environ))
    # Imported here: when LocalStack loads its plug-ins, its own handlers are not there yet.
    from localstack.aws import handlers

    from laketop_localstack import catalog
    from laketop_localstack.handover import HandOver
    from laketop_localstack.patches import apply_at_start, apply_before_load
    from laketop_localstack.providers import CHOSEN
    from laketop_localstack.refusals import refuse
    from laketop_localstack.retries import Retries
    from laketop_localstack.s3 import requests
    from localstack import config

    apply_at_start()
    config.dirs.static_libs = str(catalog.folder(os.environ))
    catalog.ensure(Path(config.dirs.static_libs))
    for service, provider in CHOSEN.items():
        if f"PROVIDER_OVERRIDE_{service.upper()}" in os.environ:
            continue  # LocalStack's own setting: its own store of objects, to compare ours with
        config.SERVICE_PROVIDER_CONFIG.set_provider(service, provider)
    handlers.preprocess_request.append(health)
    retries = Retries()
    handlers.preprocess_request.append(retries.again)
    handlers.run_custom_finalizers.append(retries.keep)
    handlers.preprocess_request.append(HandOver(os.environ))
    handlers.preprocess_request.append(keep_alive)
    handlers.serve_custom_service_request_handlers.append(refuse)
    handlers.serve_custom_service_request_handlers.append(apply_before_load)
    handlers.run_custom_response_handlers.append(requests.count)
    requests.start()


def clean_scratch(environment: Mapping[str, str]) -> Path:
    """An empty folder for temporary files; what a LocalStack that was killed left behind is deleted."""
    state = Path(environment["LAKETOP_STATE"]).resolve()
    folder = state / "localstack" / "tmp" / "laketop"
    for left in (folder, state / "lambda"):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@hooks.on_infra_ready()  # type: ignore[untyped-decorator]
def laketop_ready() -> None:
    """LocalStack listens: from now on health says so."""
    _ready.set()
