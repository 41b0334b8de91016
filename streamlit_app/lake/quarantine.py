"""The files that ingest has refused, and the way back to the landing zone.

What lies there: `lambdas/file_router`, which writes beside each file why it was refused.
"""

import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import streamlit as st

from lakehouse import s3_helper
from lakehouse.s3_helper import ObjectNotFoundError, S3Object
from lakehouse.s3_objects import named
from streamlit_app.figures.quarantine import File, Files
from streamlit_app.lake.clients import bucket, client

FILES, LANDING, REASON = "files/", "landing/", ".reason.json"
LATEST = 200
_AT_ONCE = 8
_UPLOAD = re.compile(r"^\d{6}-[0-9a-f]{8}-")  # when it came and which upload it was: before the name that it had


@st.cache_data(ttl=5, show_spinner=False)
def files() -> Files:
    """What is in quarantine now.

    Raises:
        S3Error: S3 refused the listing, or a reason.
    """
    return listed(client("s3"), bucket("quarantine"), bucket("raw"), LATEST)


def send_back(file: File) -> None:
    """Put a file where it came from, for ingest to look at it once more.

    Raises:
        ObjectNotFoundError: somebody else has sent it back, or deleted it.
        S3Error: S3 refused; the file is where it was, or in both places.
    """
    try:
        redrive(client("s3"), bucket("quarantine"), file.key, file.landing)
    finally:
        files.clear()


def listed(s3: Any, quarantine: str, raw: str, most: int) -> Files:
    """The files of a quarantine bucket.

    Args:
        s3: an S3 client.
        quarantine: the bucket.
        raw: the bucket that the files came from.
        most: how many of the latest are told of.
    """
    objects = {item.key: item for item in s3_helper.list_objects(s3, f"s3://{quarantine}/{FILES}")}
    found = sorted(without_reasons(objects.values()), key=lambda item: (item.modified, item.key), reverse=True)
    latest = found[:most]
    reasons = [objects.get(item.key + REASON) for item in latest]
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        told = list(readers.map(lambda item: _reason(s3, item), reasons))
    return Files(len(found), [_file(item, reason, raw) for item, reason in zip(latest, told, strict=True)])


def without_reasons(objects: Iterable[S3Object]) -> list[S3Object]:
    """Those that are files, and no file's reason. A file may end as a reason does: it then has a reason of its own."""
    found = list(objects)
    keys = {item.key for item in found}
    return [item for item in found if not item.key.endswith(REASON) or item.key + REASON in keys]


def redrive(s3: Any, quarantine: str, key: str, landing: str) -> None:
    """Copy a file to an address, delete it here, then its reason: wherever this ends, the file is somewhere.

    Args:
        s3: an S3 client.
        quarantine: the bucket.
        key: the file's.
        landing: the address.
    """
    source = f"s3://{quarantine}/{key}"
    s3_helper.move(s3, source, landing)
    with named("delete", source + REASON):
        s3.delete_object(Bucket=quarantine, Key=key + REASON)


def _reason(s3: Any, item: S3Object | None) -> dict[str, Any]:
    if item is None:
        return {}
    try:
        document = json.loads(s3_helper.read_bytes(s3, item.uri))
    except (ObjectNotFoundError, ValueError):
        return {}  # sent back a moment ago, or not as the router writes it
    return document if isinstance(document, dict) else {}


def _file(item: S3Object, reason: dict[str, Any], raw: str) -> File:
    dataset, _, rest = item.key.removeprefix(FILES).partition("/")
    below = f"s3://{raw}/{LANDING}"
    landing = str(reason.get("landing", ""))
    if not landing.startswith(below) or landing == below:
        landing = f"{below}{dataset}/{_UPLOAD.sub('', rest.rpartition('/')[2])}"
    name = landing.removeprefix(below).removeprefix(f"{dataset}/")
    return File(item.key, dataset, name, item.size, item.modified, reason, landing)
