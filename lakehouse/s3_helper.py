"""S3 as the pipeline needs it: addresses, whole JSON objects, listings and deletes by prefix."""

import json
from collections.abc import Iterator
from itertools import batched
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_DELETE_LIMIT = 1000  # DeleteObjects takes no more keys in one request


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


def read_bytes(s3: "S3Client", uri: str) -> bytes:
    """The whole content of an object.

    Raises:
        s3.exceptions.NoSuchKey: there is no such object.
    """
    bucket, key = split_uri(uri)
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write_json(s3: "S3Client", uri: str, document: Any) -> None:
    """Store a document as one JSON object, replacing what is there; values that JSON does not know become text."""
    bucket, key = split_uri(uri)
    body = json.dumps(document, default=str, indent=2, ensure_ascii=False).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def list_keys(s3: "S3Client", uri: str) -> Iterator[str]:
    """The keys below an address, in S3's order (UTF-8 bytes)."""
    bucket, prefix = split_uri(uri)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", ()))


def delete_prefix(s3: "S3Client", uri: str) -> int:
    """Delete all objects below an address that ends with a slash, and return how many there were.

    Raises:
        ValueError: the address does not end with a slash, so that it could match more than was meant.
        RuntimeError: S3 refused to delete an object.
    """
    bucket, prefix = split_uri(uri)
    if not prefix.endswith("/"):
        raise ValueError(f"delete_prefix: {uri!r} must end with a slash")
    count = 0
    # The listing is read to its end first: it is not changed while it is paged.
    for keys in batched(list(list_keys(s3, uri)), _DELETE_LIMIT, strict=False):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
        for failure in answer.get("Errors", ()):
            raise RuntimeError(f"s3://{bucket}/{failure.get('Key')}: not deleted: {failure.get('Message')}")
        count += len(keys)
    return count
