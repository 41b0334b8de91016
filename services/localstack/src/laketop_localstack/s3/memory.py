"""LocalStack's records of S3 in memory: finding them, and filling them from the index."""

import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

from localstack.constants import AWS_REGION_US_EAST_1, DEFAULT_AWS_ACCOUNT_ID
from localstack.services.s3.constants import ARCHIVES_STORAGE_CLASSES
from localstack.services.s3.models import S3Bucket, S3DeleteMarker, S3Multipart, S3Object, S3Store, s3_stores
from localstack.services.s3.utils import get_unique_key_id

from laketop_localstack.s3 import records
from laketop_localstack.s3.files import stamp

LOG = logging.getLogger(__name__)


def bucket(name: str) -> S3Bucket | None:
    """A bucket of any account."""
    account = s3_stores[DEFAULT_AWS_ACCOUNT_ID][AWS_REGION_US_EAST_1].global_bucket_map.get(name)
    return s3_stores[account][AWS_REGION_US_EAST_1].buckets.get(name) if account else None


def store_of(found: S3Bucket) -> S3Store:
    """The store that has a bucket's tags."""
    return s3_stores[found.bucket_account_id][found.bucket_region]


def versions(found: S3Bucket, key: str) -> Mapping[str, S3Object | S3DeleteMarker]:
    """A key's versions by their ids, the oldest first; a bucket without versions has at most one, `null`."""
    kept = found.objects._store.get(key) or {}
    return dict(kept) if isinstance(kept, dict) else {"null": kept}


def position(found: Any) -> int:
    """What orders the versions of a key; given once."""
    if not hasattr(found, "position"):
        found.position = stamp()
    return int(found.position)


def is_readable(found: S3Object) -> bool:
    """Whether a plain GET returns an object's bytes."""
    archived = found.storage_class in ARCHIVES_STORAGE_CLASSES and not found.restore
    return not archived and not found.sse_key_hash


def load(tx: sqlite3.Connection) -> None:
    """Fill the records from the index; a row without the one that it belongs to is logged and left."""
    buckets = {row["name"]: _load_bucket(row) for row in tx.execute("SELECT * FROM buckets")}
    for row in tx.execute("SELECT * FROM objects ORDER BY bucket, key, current, position"):
        if row["bucket"] in buckets:
            _load_version(buckets[row["bucket"]], row)
        else:
            LOG.error("s3://%s/%s is in no bucket that there is", row["bucket"], row["key"])
    uploads: dict[tuple[str, str], S3Multipart] = {}
    for row in tx.execute("SELECT * FROM uploads"):
        uploads[row["bucket"], row["id"]] = records.upload(row["record"])
    for row in tx.execute("SELECT * FROM parts"):
        if upload := uploads.get((row["bucket"], row["upload"])):
            upload.parts[str(row["number"])] = records.part(row["record"], row["file"])
    for (bucket_name, identifier), upload in uploads.items():
        if bucket_name in buckets:
            buckets[bucket_name].multiparts[identifier] = upload


def _load_bucket(row: sqlite3.Row) -> S3Bucket:
    found = records.bucket(row["record"], bool(row["versioned"]))
    store = s3_stores[row["account"]][row["region"]]
    store.buckets[found.name], store.global_bucket_map[found.name] = found, row["account"]
    store.tags.update_tags(found.bucket_arn, records.load_plain(row["tags"]))
    return found


def _load_version(owner: S3Bucket, row: sqlite3.Row) -> None:
    key, version, versioned = row["key"], row["version"], owner.versioning_status is not None
    found = records.version(row["record"], row["file"], row["position"], version if versioned else None)
    found.is_current = bool(row["current"])
    if versioned:
        owner.objects._store[key][version] = found
    else:
        owner.objects._store[key] = found
    if row["tags"] != "{}":
        tags = records.load_plain(row["tags"])
        store_of(owner).tags.update_tags(get_unique_key_id(owner.name, key, version), tags)
