"""Moves a landing file to where the validator's verdict sends it: the raw zone, or quarantine with its reason.

Nothing is lost and nothing is doubled, whatever call is the last one before a crash, and however often the same event
comes. What is done for a valid file, in this order:

1. The claim on its content is read. Only its owner goes on. Where another owner took it over (this execution was too
   slow) and is done, the file is a duplicate and goes into quarantine; where he is not done, it is to be tried again.
2. The version that was checked is copied into the raw zone, and
3. its note is written into the batch. The keys of both follow from the claim's `origin`, the first upload of the
   content, not from this one: a late execution that lost its claim meanwhile can only write the same bytes to the same
   place and the same note again, which the job reads once.
4. The claim is made done, on the condition that it is still this owner's. From now on the content is a duplicate for
   everybody else, and the batch is not touched again: not by a repetition, which would reopen a note that a job has
   closed.
5. The landing version is deleted, and never one that came later.

A crash before 4 leaves the landing object and a claim that the same event finds its own, or that expires; after 4 it
leaves a landing object that a repetition deletes.
"""

import os
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse import s3_helper
from lakehouse.logger import lambda_scope, log

from . import settling
from .places import kept_name, note_key, quarantine_key, raw_key

_GONE = ("NoSuchKey", "NoSuchVersion", "404")  # HeadObject, by which a copy begins, has no body to say more
_NOTED = ("dataset", "format", "sha256", "rows", "size", "etag", "time", "execution")


@cache
def _s3() -> Any:
    return boto3.client("s3")


def _landing(event: dict[str, Any]) -> str:
    return f"s3://{event['bucket']}/{event['key']}"


def _prefix(dataset: str) -> str:
    return f"{os.environ['LANDING_PREFIX']}{dataset}/"


def _version(event: dict[str, Any]) -> dict[str, str]:
    return {"Bucket": event["bucket"], "Key": event["key"], "VersionId": event["version"]}


def _there(call: Any, *arguments: Any, **named: Any) -> bool:
    """Make a call on a landing object; False where it is not there any more."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return False
    return True


def _accept(event: dict[str, Any]) -> dict[str, Any]:
    try:
        claim = settling.own(_s3(), event["claim"], event)
        bucket, dataset, origin = os.environ["RAW_BUCKET"], event["dataset"], claim.origin
        name = kept_name(origin, _prefix(dataset))
        raw = f"s3://{bucket}/{raw_key(dataset, origin['time'], name)}"
        if claim.done:
            still_there = _there(_s3().head_object, **_version(event))
        else:
            still_there = _there(_s3().copy, _version(event), *s3_helper.split_uri(raw))
        if not still_there:
            return {"outcome": "absent"}
        if not claim.done:
            note = {field: event[field] for field in _NOTED} | {"landing": _landing(event), "raw": raw}
            s3_helper.write_json(_s3(), f"s3://{bucket}/{note_key(dataset, origin['time'], name)}", note)
            settling.finish(_s3(), claim, event)
    except settling.ClaimLostError as lost:
        return _refuse(event | {"reason": _duplicate(lost.owner, event["claim"])})
    _s3().delete_object(**_version(event))
    return {"outcome": "accepted", "raw": raw, "rows": event["rows"]}


def _duplicate(owner: dict[str, str], claim: str) -> dict[str, Any]:
    first = f"s3://{owner['bucket']}/{owner['key']}"
    message = f"the same bytes came as {first} too, and are in the lake; nothing is to be done"
    fix = f"to load them again, delete {claim} and upload the file anew"
    details = {"owner": owner, "claim": claim}
    return {"code": "DUPLICATE_FILE", "message": f"{message} ({fix})", "details": details}


def _refuse(event: dict[str, Any]) -> dict[str, Any]:
    bucket, name = os.environ["QUARANTINE_BUCKET"], kept_name(event, _prefix(event["dataset"]))
    address = f"s3://{bucket}/{quarantine_key(event['dataset'], event['time'], name)}"
    if not _there(_s3().copy, _version(event), *s3_helper.split_uri(address)):
        return {"outcome": "absent"}
    fields = ("size", "time", "execution")
    reason = event["reason"] | {"landing": _landing(event)} | {field: event[field] for field in fields}
    s3_helper.write_json(_s3(), f"{address}.reason.json", reason)
    _s3().delete_object(**_version(event))
    return {"outcome": "quarantined", "quarantine": address, "reason": event["reason"]}


_ROUTES = {"valid": _accept, "invalid": _refuse}
_KEPT = ("bucket", "key", "version", "time", "execution", "dataset", "format", "sha256", "size")


def _handle(event: dict[str, Any]) -> dict[str, Any]:
    same = {field: event[field] for field in _KEPT if field in event}
    answer = same | _ROUTES[event["verdict"]](event)
    log("landing object routed", **answer)
    return answer


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Move one landing object.

    Args:
        event: the validator's answer, with a verdict of valid or invalid.

    Returns:
        `outcome`: accepted (with `raw`, the address, and `rows`), quarantined (with `quarantine`, the address, and
        `reason`; a valid file too, where another of the same content was faster), or absent where an earlier execution
        has moved the object; and, as far as the event has them, `bucket`, `key`, `version`, `time`, `execution`,
        `dataset`, `format`, `sha256` and `size`.

    Raises:
        KeyError: the verdict is none that has a route.
        ClaimPendingError: another owner has taken the claim over, and is not done; to be tried again.
    """
    with lambda_scope(context, event):
        return _handle(event)
