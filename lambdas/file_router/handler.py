"""Moves a landing file to where the validator's verdict sends it: the raw zone, or quarantine with its reason.

Nothing is lost: the copy and its note are written before the landing object is deleted; names carry the arrival and the
content's ETag, so that a second file of the same name gets a place of its own; and it is one version of the landing
object that is copied and deleted, never one that came later. The same event, repeated, ends in the same objects.
"""

import os
import re
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse import s3_helper
from lakehouse.logger import log

_TAG = 8  # digits of the ETag in a name: enough to tell two files of one second and one name apart
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_GONE = ("NoSuchKey", "NoSuchVersion", "404")  # HeadObject, by which a copy begins, has no body to say more


def kept_name(key: str, prefix: str, time: str, etag: str) -> str:
    """The name of a landing file in its new place, e.g. `180500-1a2b3c4d-shop.csv`: arrival, content, old name.

    Only letters, digits, dots, dashes and underscores stay: a path with `*` or `{` in it would be a pattern to Spark.

    Args:
        key: the landing key.
        prefix: the prefix of the landing zone and the dataset, which the new place has of its own.
        time: the upload's time, ISO 8601 in UTC.
        etag: the object's ETag, with or without quotes.
    """
    clock = time[11:19].replace(":", "")
    return f"{clock}-{etag.strip('"')[:_TAG]}-{_UNSAFE.sub('-', key.removeprefix(prefix))}"


def raw_key(dataset: str, time: str, name: str) -> str:
    """The key of an accepted file in the raw zone."""
    return f"{dataset}/ingest_date={time[:10]}/{name}"


def note_key(dataset: str, time: str, name: str) -> str:
    """The key of the note that adds an accepted file to the next batch."""
    return f"batches/{dataset}/open/{time[:10]}-{name}.json"


def quarantine_key(dataset: str, time: str, name: str) -> str:
    """The key of a refused file in the quarantine bucket."""
    return f"files/{dataset or 'unknown'}/ingest_date={time[:10]}/{name}"


@cache
def _s3() -> Any:
    return boto3.client("s3")


def _copy(event: dict[str, Any], bucket: str, key: str) -> bool:
    """Copy the version that was checked; False where it is not there any more."""
    source = {"Bucket": event["bucket"], "Key": event["key"], "VersionId": event["version"]}
    try:
        _s3().copy(source, bucket, key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return False
    return True


def _delete(event: dict[str, Any]) -> None:
    _s3().delete_object(Bucket=event["bucket"], Key=event["key"], VersionId=event["version"])


def _accept(event: dict[str, Any], name: str) -> dict[str, Any]:
    bucket = os.environ["RAW_BUCKET"]
    key = raw_key(event["dataset"], event["time"], name)
    if not _copy(event, bucket, key):
        return {"outcome": "absent"}
    fields = ("dataset", "rows", "size", "etag", "time", "execution")
    note = {field: event[field] for field in fields} | {
        "landing": f"s3://{event['bucket']}/{event['key']}",
        "raw": f"s3://{bucket}/{key}",
    }
    s3_helper.write_json(_s3(), f"s3://{bucket}/{note_key(event['dataset'], event['time'], name)}", note)
    _delete(event)
    return {"outcome": "accepted", "raw": note["raw"], "rows": event["rows"]}


def _refuse(event: dict[str, Any], name: str) -> dict[str, Any]:
    bucket = os.environ["QUARANTINE_BUCKET"]
    key = quarantine_key(event["dataset"], event["time"], name)
    if not _copy(event, bucket, key):
        return {"outcome": "absent"}
    reason = event["reason"] | {
        "landing": f"s3://{event['bucket']}/{event['key']}",
        "size": event["size"],
        "time": event["time"],
        "execution": event["execution"],
    }
    s3_helper.write_json(_s3(), f"s3://{bucket}/{key}.reason.json", reason)
    _delete(event)
    return {"outcome": "quarantined", "quarantine": f"s3://{bucket}/{key}", "reason": event["reason"]}


_ROUTES = {"valid": _accept, "invalid": _refuse}


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Move one landing object.

    Args:
        event: the validator's answer.

    Returns:
        `outcome`: accepted (with `raw`, `rows`), quarantined (with `quarantine`, `reason`), or absent where an earlier
        execution has moved the object; and the event's `bucket`, `key` and `dataset`.

    Raises:
        KeyError: the verdict is none that has a route.
    """
    prefix = f"{os.environ['LANDING_PREFIX']}{event['dataset']}/"
    name = kept_name(event["key"], prefix, event["time"], event["etag"])
    same = {field: event[field] for field in ("bucket", "key", "dataset")}
    answer = same | _ROUTES[event["verdict"]](event, name)
    log("landing object routed", execution=event["execution"], **answer)
    return answer
