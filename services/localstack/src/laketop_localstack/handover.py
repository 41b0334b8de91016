"""Which requests leave LocalStack before it parses them, and where they go.

LocalStack knows AWS's APIs as they were when it was built, and has no Glue or Athena of its own; so a request that
names one of them goes to our server with nothing read but its X-Amz-Target. Callers inside LocalStack (Step
Functions, EventBridge) pass the same chain of handlers, so they are served by the same lines.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from rolo.request import get_raw_path

from laketop_localstack.forward import Answer, Forwarder, UnreachableError

LOG = logging.getLogger(__name__)

# X-Amz-Target's prefix → the part of Laketop that answers, found by LAKETOP_<PART>_URL
TARGETS: Mapping[str, str] = {"AWSGlue.": "glue", "AmazonAthena.": "athena"}


def part_for(target: str) -> str | None:
    """The part that answers a request with this X-Amz-Target; None: LocalStack itself does."""
    return next((part for prefix, part in TARGETS.items() if target.startswith(prefix)), None)


def unavailable(part: str, url: str, cause: str) -> Answer:
    """The answer while a part is away: AWS JSON 1.1's ServiceUnavailableException, which every AWS client retries
    and then shows.
    """
    message = f"Laketop's {part} does not answer at {url} ({cause}): run `make status`"
    body = json.dumps({"__type": "ServiceUnavailableException", "message": message}).encode()
    return Answer(503, [("Content-Type", "application/x-amz-json-1.1")], body)


class HandOver:
    """A handler for `localstack.aws.handlers.preprocess_request`.

    Args:
        environment: has LAKETOP_GLUE_URL and LAKETOP_ATHENA_URL.

    Raises:
        KeyError, ValueError: a URL is missing or is not `http://host:port`.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._forwarders = {part: Forwarder(environment[f"LAKETOP_{part.upper()}_URL"]) for part in TARGETS.values()}

    def __call__(self, chain: Any, context: Any, response: Any) -> None:
        """Answer a request that is for a part; leave any other to the next handler."""
        request = context.request
        part = part_for(request.headers.get("X-Amz-Target", ""))
        if part is None:
            return
        forwarder = self._forwarders[part]
        target = get_raw_path(request)
        if request.query_string:
            target += "?" + request.query_string.decode("latin-1")
        body = request.get_data(cache=True, parse_form_data=False)
        try:
            answer = forwarder.send(request.method, target, request.headers.items(), body)
        except UnreachableError as error:
            LOG.warning("%s does not answer at %s: %s", part, forwarder.url, error)
            answer = unavailable(part, forwarder.url, str(error))
        response.status_code = answer.status
        response.headers.clear()
        for name, value in answer.headers:
            response.headers.add(name, value)
        response.data = answer.body
        # Not `stop`: response handlers would parse the answer by LocalStack's own models and add headers to it.
        chain.terminate()
