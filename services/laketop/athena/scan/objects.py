"""The objects below a table's folders: from the object store's index where it is visible, else by S3's own listing.

Both give the same objects in the same order. The index also leads to the files themselves, which DuckDB reads at disk
speed; they stay as they are until the block of `lake_objects` ends.
"""

import datetime
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from laketop import storage
from laketop.athena.sql.errors import SqlError

_LISTERS = 8
_READ_SECONDS = 60


class Located(NamedTuple):
    """An object.

    Attributes:
        key: its key.
        size: in bytes.
        modified: when it was written, None where the listing does not say.
        place: where its bytes are: a path or an http URL.
    """

    key: str
    size: int
    modified: datetime.datetime | None
    place: str


class Objects(Protocol):
    """Where a query's files are."""

    def list(self, folders: Sequence[tuple[str, str]]) -> Sequence[Sequence[Located]]:
        """The objects of each (bucket, prefix), ordered by the bytes of their keys.

        Raises:
            SqlError: HIVE_FILESYSTEM_ERROR where a bucket cannot be listed.
        """

    def locate(self, bucket: str, key: str) -> str | None:
        """Where the bytes of an object are: a path or an http URL; None where it is known that there is none."""


class IndexedObjects:
    """Objects by the store's index."""

    def __init__(self, reader: storage.Reader) -> None:
        self._reader = reader

    def list(self, folders: Sequence[tuple[str, str]]) -> Sequence[Sequence[Located]]:
        """See `Objects.list`."""
        return [self._listed(bucket, prefix) for bucket, prefix in folders]

    def locate(self, bucket: str, key: str) -> str | None:
        """See `Objects.locate`."""
        return self._reader.locate(bucket, key)

    def _listed(self, bucket: str, prefix: str) -> Sequence[Located]:
        try:
            return [
                Located(one.key, one.size, _moment(one.modified), one.place)
                for one in self._reader.list(bucket, prefix)
            ]
        except storage.NoSuchBucketError as error:
            raise _unlisted(bucket, prefix, "The specified bucket does not exist") from error


class RemoteObjects:
    """Objects by S3's listing, over HTTP.

    Args:
        s3: a boto3 S3 client.
    """

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def list(self, folders: Sequence[tuple[str, str]]) -> Sequence[Sequence[Located]]:
        """See `Objects.list`."""
        with ThreadPoolExecutor(_LISTERS) as pool:
            return list(pool.map(lambda folder: self._listed(*folder), folders))

    def locate(self, bucket: str, key: str) -> str | None:
        """See `Objects.locate`: a URL, whether there is such an object or not."""
        return storage.url(bucket, key)

    def _listed(self, bucket: str, prefix: str) -> Sequence[Located]:
        try:
            return [
                Located(entry["Key"], entry["Size"], entry["LastModified"], storage.url(bucket, entry["Key"]))
                for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
                for entry in page.get("Contents", [])
            ]
        except ClientError as error:
            raise _unlisted(bucket, prefix, error.response["Error"]["Message"]) from error
        except BotoCoreError as error:
            raise _unlisted(bucket, prefix, str(error)) from error


@contextmanager
def lake_objects(s3: Any) -> Iterator[Objects]:
    """The lake's objects, for one query.

    Args:
        s3: a boto3 S3 client, for where the store is not visible; None where nothing is going to be listed.
    """
    with storage.reading() as reader:
        yield RemoteObjects(s3) if reader is None else IndexedObjects(reader)


def content(place: str) -> bytes | None:
    """The bytes of an object that `Objects.locate` found; None where there is none.

    Raises:
        SqlError: HIVE_FILESYSTEM_ERROR where it cannot be read.
    """
    try:
        if "://" not in place:
            return Path(place).read_bytes()
        answer = httpx.get(place, trust_env=False, timeout=_READ_SECONDS)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return answer.raise_for_status().content
    except FileNotFoundError:
        return None
    except (OSError, httpx.HTTPError) as error:
        raise SqlError("HIVE_FILESYSTEM_ERROR", f"Error reading {place}: {error}") from error


def _moment(nanoseconds: int) -> datetime.datetime:
    """As S3's listing gives it: in whole seconds."""
    return datetime.datetime.fromtimestamp(nanoseconds // 1_000_000_000, datetime.UTC)


def _unlisted(bucket: str, prefix: str, why: str) -> SqlError:
    return SqlError("HIVE_FILESYSTEM_ERROR", f"Error opening Hive split: cannot list s3://{bucket}/{prefix}: {why}")
