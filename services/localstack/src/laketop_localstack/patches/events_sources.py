"""EventBridge: `aws.*` sources are AWS's own.

LocalStack 4.14.0 takes an event with any source from anybody. AWS refuses the entry: only its services send as
`aws.*`. Here these are LocalStack's own senders (S3, Step Functions), a bus that hands an event on, and Laketop's
services, known by LAKETOP_SERVICE_KEY_ID.

AWS: "PutEvents" (a source that begins with `aws.` is refused).
"""

import os
from collections.abc import Mapping
from typing import Any

from localstack.services.events.provider import EventsProvider
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from laketop_localstack.patches.replace import Patched

PATCHED = (
    Patched(
        "localstack.services.events.provider",
        "EventsProvider._process_entry",
        "0a29e7b383562152b4f47877205de473edcdaf0f1b1be9682470025825a7fd5a",
    ),
)

REFUSED = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
# The access key ids of sessions begin so; those inside LocalStack that have one act for a user's role.
SESSION_KEY = "LSIA"


def may_send(source: str, key_id: str, internal: Mapping[str, Any] | None, service_key_id: str) -> bool:
    """Whether this caller may send events of this source.

    Args:
        source: the entry's Source.
        key_id: the caller's access key id.
        internal: LocalStack's parameters of a call from its inside; None from outside.
        service_key_id: the key id of Laketop's own services.
    """
    if not source.startswith("aws."):
        return True
    if key_id == service_key_id:
        return True
    if internal is None:
        return False
    # A state machine's events:putEvents comes from the inside too, with the session of the machine's role.
    return not key_id.startswith(SESSION_KEY) or internal.get("service_principal") == "events"


def apply() -> None:
    """Check the source before LocalStack takes an entry."""
    accept = EventsProvider._process_entry
    service_key_id = os.environ["LAKETOP_SERVICE_KEY_ID"]

    def process_entry(self: Any, entry: Any, processed: list[Any], failed: dict[str, int], context: Any) -> None:
        key_id = extract_access_key_id_from_auth_header(context.request.headers) or ""
        if may_send(entry.get("Source") or "", key_id, context.internal_request_params, service_key_id):
            accept(self, entry, processed, failed, context)
            return
        processed.append(dict(REFUSED))
        failed["count"] += 1

    EventsProvider._process_entry = process_entry
