"""Objects of S3: their addresses, what a listing says of them, and errors that name them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.waiting import code_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "404"})


class S3Error(RuntimeError):
    """S3 refused, or could not be reached; the message names what was done, the address and the cause.

    Attributes:
        uri: the address.
        code: S3's error code, e.g. `AccessDenied`, or the name of the error's class.
    """

    def __init__(self, what: str, uri: str, error: Exception) -> None:
        super().__init__(f"{what} {uri}: {error}")
        self.uri, self.code = uri, code_of(error)


class ObjectNotFoundError(S3Error):
    """There is no such object."""


@dataclass(frozen=True)
class S3Object:
    """An object of a listing.

    Attributes:
        uri: its address.
        key: its key in the bucket.
        size: bytes as stored.
        modified: when it was written, with time zone.
        etag: its entity tag as S3 gives it, with quotes.
    """

    uri: str
    key: str
    size: int
    modified: datetime
    etag: str


def split_uri(uri: str) -> tuple[str, str]:
    """The bucket and the key (or prefix, possibly empty) of an `s3://bucket/key` address.

    Raises:
        ValueError: the text is no such address.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError(f"{uri!r} is no s3://bucket/key address")
    return bucket, key


@contextmanager
def named(what: str, uri: str) -> Iterator[None]:
    """Turn the SDK's errors into ones that name the address."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        kind = ObjectNotFoundError if code_of(error) in _ABSENT else S3Error
        raise kind(what, uri, error) from error


def find(s3: "S3Client", uri: str) -> S3Object | None:
    """What S3 says of an object, or None where there is none.

    Raises:
        S3Error: S3 refused to say.
    """
    bucket, key = split_uri(uri)
    try:
        with named("look at", uri):
            answer = s3.head_object(Bucket=bucket, Key=key)
    except ObjectNotFoundError:
        return None
    return S3Object(uri, key, answer["ContentLength"], answer["LastModified"], answer["ETag"])


def list_objects(s3: "S3Client", uri: str) -> Iterator[S3Object]:
    """The objects below an address, in S3's order (UTF-8 bytes of the keys), asked for page by page.

    Raises:
        S3Error: S3 refused the listing.
    """
    bucket, prefix = split_uri(uri)
    with named("list", uri):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                key = item["Key"]
                yield S3Object(f"s3://{bucket}/{key}", key, item["Size"], item["LastModified"], item["ETag"])


def list_keys(s3: "S3Client", uri: str) -> Iterator[str]:
    """The keys below an address, in S3's order (UTF-8 bytes).

    Raises:
        S3Error: S3 refused the listing.
    """
    return (item.key for item in list_objects(s3, uri))
