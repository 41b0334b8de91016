"""S3: what its events say about an object.

LocalStack 4.14.0:
- gives EventBridge the key URL-encoded; AWS gives it there as it is (and encoded to SQS, SNS and Lambda only);
- gives EventBridge one sequencer for all events, and one requester; AWS's sequencers order the events of a key;
- gives the reason of a finished multipart upload as `s3:ObjectCreated:CompleteMultipartUpload`; AWS without the prefix;
- compares a notification's prefix and suffix with the encoded key, so that `dt=` never matches.

AWS: "Amazon S3 event message structure" and "EventBridge event message structure" of the S3 user guide.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from localstack.services.s3 import notifications

from laketop_localstack.patches.replace import Patched

NOTIFICATIONS = "localstack.services.s3.notifications"
PATCHED = (
    Patched(
        NOTIFICATIONS,
        "EventBridgeNotifier._get_event_payload",
        "0ba4a16801cf7566758cc00d45eff2961550005b3c6ec22f35ffd7f14f9191bf",
    ),
    Patched(
        NOTIFICATIONS,
        "S3EventNotificationContext.from_request_context",
        "c20931b0161823bfa0646510310d4dce19d0f7eae5473de7807086380c591749",
    ),
    Patched(NOTIFICATIONS, "_matching_filter", "8fed9a331e2bfa98084267df313dff0bc8ef42ff69e7cbaa619fb71f7c2dc3fa"),
)


def as_on_aws(detail: Mapping[str, Any], key: str, account_id: str, time: datetime) -> dict[str, Any]:
    """An event's detail as AWS has it.

    Args:
        detail: LocalStack's.
        key: the object's key as it is.
        account_id: the caller's account.
        time: when the request came.
    """
    about = dict(detail["object"]) | {"key": key}
    if "sequencer" in about:
        about["sequencer"] = f"{round(time.timestamp() * 1_000_000):018X}"
    changed = dict(detail) | {"object": about, "requester": account_id}
    if "reason" in detail:
        changed["reason"] = detail["reason"].rpartition(":")[2]
    return changed


def apply() -> None:
    """Correct what LocalStack makes of a request for EventBridge, and its filter."""
    payload = notifications.EventBridgeNotifier._get_event_payload
    matches = notifications._matching_filter

    def corrected(ctx: Any, config_id: str | None = None) -> dict[str, Any]:
        entry: dict[str, Any] = payload(ctx, config_id)
        detail = as_on_aws(json.loads(entry["Detail"]), unquote(ctx.key_name), ctx.account_id, ctx.event_time)
        return entry | {"Detail": json.dumps(detail)}

    notifications.EventBridgeNotifier._get_event_payload = staticmethod(corrected)
    notifications._matching_filter = lambda chosen, key_name: matches(chosen, unquote(key_name))
