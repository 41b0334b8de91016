"""S3 as the pipeline needs it: whole objects, JSON, lines, conditional writes, deletes; files, folders and copies.

Listings and errors are those of `s3_objects`, transfers those of `s3_transfer`; all are to be had here.
"""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import closing
from itertools import batched
from typing import TYPE_CHECKING, Any

from lakehouse.s3_objects import (
    ObjectNotFoundError,
    S3Error,
    S3Object,
    find,
    list_keys,
    list_objects,
    named,
    split_uri,
)
from lakehouse.s3_transfer import Progress, copy, download, download_folder, move, upload, upload_folder
from lakehouse.waiting import patiently

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

__all__ = [
    "ObjectNotFoundError",
    "Progress",
    "S3Error",
    "S3Object",
    "copy",
    "delete_prefix",
    "download",
    "download_folder",
    "find",
    "list_keys",
    "list_objects",
    "move",
    "put_if_absent",
    "put_if_match",
    "read_bytes",
    "read_json",
    "split_uri",
    "stream_lines",
    "upload",
    "upload_folder",
    "write_bytes",
    "write_json",
]

_DELETE_LIMIT = 1000  # DeleteObjects takes no more keys in one request
_TAKEN = frozenset({"PreconditionFailed", "412"})
_CONFLICT = frozenset({"ConditionalRequestConflict"})


def read_bytes(s3: "S3Client", uri: str) -> bytes:
    """The whole content of an object.

    Raises:
        ObjectNotFoundError: there is no such object.
        S3Error: S3 refused it.
    """
    bucket, key = split_uri(uri)
    with named("read", uri):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def read_json(s3: "S3Client", uri: str) -> Any:
    """The document that an object holds.

    Raises:
        ObjectNotFoundError, S3Error: as for `read_bytes`.
        ValueError: the content is no JSON; the message names the address.
    """
    try:
        return json.loads(read_bytes(s3, uri))
    except ValueError as error:
        raise ValueError(f"{uri} is no JSON: {error}") from error


def stream_lines(s3: "S3Client", uri: str, *, encoding: str = "utf-8") -> Iterator[str]:
    r"""The lines of an object without their ends (`\n`, `\r\n` or `\r`), one in memory at a time.

    A key that ends with `.gz` is decompressed on the way.

    Raises:
        ObjectNotFoundError, S3Error: as for `read_bytes`, also in the middle.
        UnicodeDecodeError: the content is in another encoding.
        gzip.BadGzipFile, EOFError: the content is no whole gzip file.
    """
    bucket, key = split_uri(uri)
    with named("read", uri), closing(s3.get_object(Bucket=bucket, Key=key)["Body"]) as body:
        content: Any = gzip.GzipFile(fileobj=body) if key.endswith(".gz") else body
        for line in io.TextIOWrapper(io.BufferedReader(content), encoding=encoding):
            yield line.removesuffix("\n")


def write_bytes(s3: "S3Client", uri: str, body: bytes, *, content_type: str = "application/octet-stream") -> str:
    """Store an object, replacing what is there, and return its ETag.

    Raises:
        S3Error: S3 refused it.
    """
    bucket, key = split_uri(uri)
    with named("write", uri):
        return s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)["ETag"]


def write_json(s3: "S3Client", uri: str, document: Any) -> None:
    """Store a document as one JSON object, replacing what is there; values that JSON does not know become text.

    Raises:
        S3Error: S3 refused it.
    """
    body = json.dumps(document, default=str, indent=2, ensure_ascii=False).encode()
    write_bytes(s3, uri, body, content_type="application/json")


def put_if_absent(s3: "S3Client", uri: str, body: bytes) -> str | None:
    """Store an object where there is none: its ETag, or None where somebody else was first.

    "How to prevent object overwrites with conditional writes": of many writers at once exactly one wins. Where the
    answer of a write is lost and the SDK repeats it, the writer finds its own object and gets None: an object that
    claims something should say whose it is, so that the loser can look.

    Raises:
        S3Error: S3 refused it for another reason.
    """
    return _put_if(s3, uri, body, {"IfNoneMatch": "*"})


def put_if_match(s3: "S3Client", uri: str, body: bytes, etag: str) -> str | None:
    """Replace an object that still has this ETag: the new ETag, or None where somebody changed or deleted it.

    Raises:
        S3Error: S3 refused it for another reason.
    """
    return _put_if(s3, uri, body, {"IfMatch": etag})


def _put_if(s3: "S3Client", uri: str, body: bytes, condition: Any) -> str | None:
    bucket, key = split_uri(uri)
    # On 409, which says that another write was under way, S3 wants the request again; it then fails or goes through.
    try:
        with named("write", uri):
            return patiently(lambda: s3.put_object(Bucket=bucket, Key=key, Body=body, **condition), codes=_CONFLICT)[
                "ETag"
            ]
    except S3Error as error:
        gone = "IfMatch" in condition and isinstance(error, ObjectNotFoundError)
        if error.code in _TAKEN or gone:
            return None
        raise


def delete_prefix(s3: "S3Client", uri: str) -> int:
    """Delete all objects below an address that ends with a slash, and return how many there were.

    Raises:
        ValueError: the address does not end with a slash, so that it could match more than was meant.
        S3Error: S3 refused the request.
        RuntimeError: S3 refused to delete an object.
    """
    bucket, prefix = split_uri(uri)
    if not prefix.endswith("/"):
        raise ValueError(f"delete_prefix: {uri!r} must end with a slash")
    count = 0
    # The listing is read to its end first: it is not changed while it is paged.
    for keys in batched(list(list_keys(s3, uri)), _DELETE_LIMIT, strict=False):
        with named("delete below", uri):
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
        for failure in answer.get("Errors", ()):
            raise RuntimeError(f"s3://{bucket}/{failure.get('Key')}: not deleted: {failure.get('Message')}")
        count += len(keys)
    return count
