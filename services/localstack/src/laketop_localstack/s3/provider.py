"""LocalStack's S3 provider with listings of our own.

LocalStack 4.14.0 sorts all of a bucket's objects for each page, and compares markers with keys that it has encoded
already, so that pages of keys with `=` or beyond ASCII lose keys or repeat them. Here a page is read from the index.

AWS: ListObjects, ListObjectsV2 and ListObjectVersions of the Amazon S3 API reference.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from localstack.aws.api.s3 import InvalidArgument
from localstack.services.s3.models import S3Bucket, S3DeleteMarker
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.utils import is_version_older_than_other
from localstack.services.s3.validation import validate_encoding_type

from laketop.sqlite import Database
from laketop.storage import index
from laketop_localstack.s3 import memory
from laketop_localstack.s3.listing import Page, after, limit, page
from laketop_localstack.s3.store import FileStore

type Item = dict[str, Any]


class Provider(S3Provider):  # type: ignore[misc]
    """S3 over a store of files.

    Args:
        store: the files.
        database: the index.
    """

    def __init__(self, store: FileStore, database: Database) -> None:
        super().__init__(store)
        self._database = database

    def list_objects(
        self,
        context: Any,
        bucket: str,
        delimiter: str | None = None,
        encoding_type: str | None = None,
        marker: str | None = None,
        max_keys: int | None = None,
        prefix: str | None = None,
        expected_bucket_owner: str | None = None,
        **_: Any,
    ) -> Item:
        """ListObjects."""
        found = self._bucket(context, bucket, expected_bucket_owner, encoding_type, max_keys)
        start = after(marker) if marker else ""
        listed = self._objects(found, prefix, delimiter, start, max_keys, marker or "", owner=True)
        answer = _answer(found, listed, encoding_type, prefix, delimiter, max_keys)
        answer["Marker"] = _coded(marker or "", encoding_type)
        if delimiter and listed.following is not None and listed.last is not None:
            answer["NextMarker"] = _coded(listed.last, encoding_type)
        return answer

    def list_objects_v2(
        self,
        context: Any,
        bucket: str,
        delimiter: str | None = None,
        encoding_type: str | None = None,
        max_keys: int | None = None,
        prefix: str | None = None,
        continuation_token: str | None = None,
        fetch_owner: bool | None = None,
        start_after: str | None = None,
        expected_bucket_owner: str | None = None,
        **_: Any,
    ) -> Item:
        """ListObjectsV2."""
        found = self._bucket(context, bucket, expected_bucket_owner, encoding_type, max_keys)
        if continuation_token is not None:
            start = _from_token(continuation_token)
        else:
            start = after(start_after) if start_after else ""
        listed = self._objects(found, prefix, delimiter, start, max_keys, owner=bool(fetch_owner))
        answer = _answer(found, listed, encoding_type, prefix, delimiter, max_keys)
        answer["KeyCount"] = listed.count
        if listed.following is not None:
            answer["NextContinuationToken"] = _token(listed.following)
        if continuation_token is not None:
            answer["ContinuationToken"] = continuation_token
        elif start_after:
            answer["StartAfter"] = _coded(start_after, encoding_type)
        return answer

    def list_object_versions(
        self,
        context: Any,
        bucket: str,
        delimiter: str | None = None,
        encoding_type: str | None = None,
        key_marker: str | None = None,
        max_keys: int | None = None,
        prefix: str | None = None,
        version_id_marker: str | None = None,
        expected_bucket_owner: str | None = None,
        **_: Any,
    ) -> Item:
        """ListObjectVersions."""
        if version_id_marker and not key_marker:
            raise InvalidArgument(
                "A version-id marker cannot be specified without a key marker.",
                ArgumentName="version-id-marker",
                ArgumentValue=version_id_marker,
            )
        found = self._bucket(context, bucket, expected_bucket_owner, encoding_type, max_keys)
        start = "" if not key_marker else (key_marker if version_id_marker else after(key_marker))

        def expand(key: str) -> Iterator[Any]:
            newest_first = reversed(memory.versions(found, key).values())
            if key == key_marker and version_id_marker:
                return _behind_version(newest_first, version_id_marker)
            return newest_first

        with self._database.read() as tx:
            listed = page(
                _keys(tx, found.name, prefix, index.keys_with_versions),
                expand,
                prefix or "",
                delimiter or "",
                start,
                limit(max_keys),
                key_marker or "",
            )
        answer = _answer(found, listed, encoding_type, prefix, delimiter, max_keys, entries="")
        for member, marker in (("Versions", False), ("DeleteMarkers", True)):
            chosen = [_version(found, one, encoding_type) for one in listed.entries if _is_marker(one) is marker]
            if chosen:
                answer[member] = chosen
        answer["KeyMarker"] = _coded(key_marker or "", encoding_type)
        answer["VersionIdMarker"] = version_id_marker or ""
        if listed.following is not None and listed.last is not None:
            answer["NextKeyMarker"] = _coded(listed.last, encoding_type)
            if listed.entries and listed.entries[-1].key == listed.last:
                answer["NextVersionIdMarker"] = listed.entries[-1].version_id or "null"
        return answer

    def _bucket(
        self, context: Any, name: str, owner: str | None, encoding_type: str | None, max_keys: int | None
    ) -> S3Bucket:
        if max_keys is not None and max_keys < 0:
            raise InvalidArgument(
                "Argument maxKeys must be an integer between 0 and 2147483647",
                ArgumentName="maxKeys",
                ArgumentValue=str(max_keys),
            )
        _, found = self._get_cross_account_bucket(context, name, expected_bucket_owner=owner)
        validate_encoding_type(encoding_type)
        return found

    def _objects(
        self,
        bucket: S3Bucket,
        prefix: str | None,
        delimiter: str | None,
        start: str,
        max_keys: int | None,
        marker: str = "",
        owner: bool = False,
    ) -> Page[Item]:
        def expand(key: str) -> list[Item]:
            found = bucket.objects.get(key)
            if found is None or _is_marker(found):
                return []  # it was deleted this moment
            return [_object(found) | ({"Owner": bucket.owner} if owner else {})]

        with self._database.read() as tx:
            keys = _keys(tx, bucket.name, prefix, index.keys_of_objects)
            return page(keys, expand, prefix or "", delimiter or "", start, limit(max_keys), marker)


def _keys(tx: Any, bucket: str, prefix: str | None, of: Any) -> Callable[[str], Iterator[str]]:
    return lambda start: of(tx, bucket, prefix or "", start)


def _object(found: Any) -> Item:
    item = {
        "Key": found.key,
        "ETag": found.quoted_etag,
        "Size": found.size,
        "LastModified": found.last_modified,
        "StorageClass": found.storage_class,
    }
    if found.checksum_algorithm:
        item["ChecksumAlgorithm"], item["ChecksumType"] = [found.checksum_algorithm], found.checksum_type
    return item


def _version(bucket: S3Bucket, found: Any, encoding_type: str | None) -> Item:
    item = {} if _is_marker(found) else _object(found) | {"StorageClass": "STANDARD"}  # the only one that S3 says here
    return item | {
        "Key": _coded(found.key, encoding_type),
        "VersionId": found.version_id or "null",
        "IsLatest": found.is_current,
        "LastModified": found.last_modified,
        "Owner": bucket.owner,
    }


def _behind_version(newest_first: Iterator[Any], marker: str) -> Iterator[Any]:
    """The versions behind one, which may be deleted meanwhile."""
    for found in newest_first:
        if found.version_id == marker:
            break
        if "null" not in (marker, found.version_id) and is_version_older_than_other(found.version_id, marker):
            yield found
            break
    yield from newest_first


def _is_marker(found: Any) -> bool:
    return isinstance(found, S3DeleteMarker)


def _answer(
    bucket: S3Bucket,
    listed: Page[Any],
    encoding_type: str | None,
    prefix: str | None,
    delimiter: str | None,
    max_keys: int | None,
    entries: str = "Contents",
) -> Item:
    """What the three operations answer alike."""
    answer: Item = {
        "IsTruncated": listed.following is not None,
        "Name": bucket.name,
        "MaxKeys": limit(max_keys),
        "Prefix": _coded(prefix or "", encoding_type),
    }
    if entries and listed.entries:
        answer[entries] = [item | {"Key": _coded(item["Key"], encoding_type)} for item in listed.entries]
    if listed.prefixes:
        answer["CommonPrefixes"] = [{"Prefix": _coded(one, encoding_type)} for one in listed.prefixes]
    if encoding_type:
        answer["EncodingType"] = encoding_type
    if delimiter:
        answer["Delimiter"] = _coded(delimiter, encoding_type)
    if bucket.bucket_region != "us-east-1":
        answer["BucketRegion"] = bucket.bucket_region
    return answer


def _coded(text: str, encoding_type: str | None) -> str:
    return quote(text) if encoding_type else text


def _token(key: str) -> str:
    return base64.b64encode(key.encode(), altchars=b"._").decode()


def _from_token(token: str) -> str:
    """The key that a page begins with.

    Raises:
        InvalidArgument: the token is not one of ours.
    """
    try:
        key = base64.b64decode(token, altchars=b"._", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = ""
    if not key:
        raise InvalidArgument(
            "The continuation token provided is incorrect", ArgumentName="continuation-token", ArgumentValue=token
        )
    return key
