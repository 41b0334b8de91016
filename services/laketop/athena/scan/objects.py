"""The objects below a table's folders: from the object store's index where it is visible, else by S3's own listing.

Both give the same objects in the same order. The index also leads to the files themselves, which DuckDB reads at disk
speed; they stay as they are until the block of `lake_objects` ends.
"""

import datetime
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from laketop import storage
from laketop.athena.sql.errors import SqlError

_LISTERS = 8


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


class IndexedObjects:
    """Objects by the store's index."""

    def __init__(self, reader: storage.Reader) -> None:
        self._reader = reader

    def list(self, folders: Sequence[tuple[str, str]]) -> Sequence[Sequence[Located]]:
        """See `Objects.list`."""
        return [self._listed(bucket, prefix) for bucket, prefix in folders]

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
        s3: a boto3 S3 client, for where the store is not visible.
    """
    with storage.reading() as reader:
        yield RemoteObjects(s3) if reader is None else IndexedObjects(reader)


def _moment(nanoseconds: int) -> datetime.datetime:
    """As S3's listing gives it: in whole seconds."""
    return datetime.datetime.fromtimestamp(nanoseconds // 1_000_000_000, datetime.UTC)


def _unlisted(bucket: str, prefix: str, why: str) -> SqlError:
    return SqlError("HIVE_FILESYSTEM_ERROR", f"Error opening Hive split: cannot list s3://{bucket}/{prefix}: {why}")
