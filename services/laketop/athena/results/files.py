"""Result files in S3: written where the query announced them, read again page by page.

Follows "Work with query results and recent queries" of the Athena user guide: `<id>.csv` (or `.txt`) and beside it
`.metadata`, here the columns as JSON.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from laketop.athena.errors import InvalidRequestError
from laketop.athena.results import csv
from laketop.athena.sql.errors import SqlError

_CHUNK = 65536


def split_location(location: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address.

    Raises:
        ValueError: it is none.
    """
    scheme, separator, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not separator or not bucket:
        raise ValueError(f"{location!r} is no s3:// address")
    return bucket, key


def upload(
    s3: Any, path: Path, location: str, columns: Sequence[Mapping[str, Any]], configuration: Mapping[str, Any]
) -> int:
    """Put a result and its metadata into S3.

    Args:
        configuration: the result configuration that applies (encryption, ACL, owner).

    Returns:
        The result's size in bytes.

    Raises:
        SqlError: the bucket does not take them.
    """
    bucket, key = split_location(location)
    try:
        s3.upload_file(str(path), bucket, key, ExtraArgs=_put_arguments(configuration))
    except (ClientError, BotoCoreError, Boto3Error) as error:
        raise _refused(bucket, error) from error
    put(s3, f"{location}.metadata", metadata(columns), configuration)
    return path.stat().st_size


def metadata(columns: Sequence[Mapping[str, Any]]) -> bytes:
    """The metadata file of a result with these `ColumnInfo`s."""
    return json.dumps({"Columns": list(columns)}).encode()


def put(s3: Any, location: str, body: bytes, configuration: Mapping[str, Any]) -> None:
    """Put a small file beside a result.

    Raises:
        SqlError: the bucket does not take it.
    """
    bucket, key = split_location(location)
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, **_put_arguments(configuration))
    except (ClientError, BotoCoreError) as error:
        raise _refused(bucket, error) from error


def _refused(bucket: str, error: Exception) -> SqlError:
    return SqlError("GENERIC_USER_ERROR", f"Unable to verify/create output bucket {bucket}: {error}")


def encryption(configuration: Mapping[str, Any]) -> dict[str, str]:
    """What S3 is told about the encryption that a result configuration asks for."""
    wanted = configuration.get("EncryptionConfiguration") or {}
    if wanted.get("EncryptionOption") == "SSE_S3":
        return {"ServerSideEncryption": "AES256"}
    if wanted.get("EncryptionOption") == "SSE_KMS":
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": wanted.get("KmsKey", "")}
    return {}


def _put_arguments(configuration: Mapping[str, Any]) -> dict[str, str]:
    arguments = encryption(configuration)
    if configuration.get("AclConfiguration"):
        arguments["ACL"] = "bucket-owner-full-control"
    if configuration.get("ExpectedBucketOwner"):
        arguments["ExpectedBucketOwner"] = configuration["ExpectedBucketOwner"]
    return arguments


def page(s3: Any, location: str, token: str | None, size: int) -> tuple[list[list[str | None]], str | None]:
    """Some rows of a result, and the token of the rest (None at the end).

    Args:
        token: of the page before; None for the first page, which begins with the header of a CSV.
        size: how many rows at most.

    Raises:
        InvalidRequestError: the token is none of ours, or the result is gone.
    """
    offset = _offset(token) if token else 0
    bucket, key = split_location(location)
    rows: list[list[str | None]] = []
    try:
        body = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={offset}-")["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvalidRange":
            return [], None
        raise InvalidRequestError(f"Unable to read the query's result {location}: {error}") from error
    end = offset
    with closing(body):
        for row, following in _rows(body.iter_chunks(_CHUNK), offset, lines=key.endswith(".txt")):
            if len(rows) == size:
                return rows, _token(end)
            rows.append(row)
            end = following
    return rows, None


def _rows(chunks: Iterator[bytes], offset: int, *, lines: bool) -> Iterator[tuple[list[str | None], int]]:
    if not lines:
        yield from csv.Reader(chunks, offset).rows()
        return
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        *complete, buffer = buffer.split(b"\n")
        for line in complete:
            offset += len(line) + 1
            yield [line.decode()], offset


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"laketop:{offset}".encode()).decode()


def _offset(token: str) -> int:
    try:
        mark, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except ValueError as error:
        raise InvalidRequestError("The NextToken is not valid") from error
    if mark != "laketop" or not number.isdigit():
        raise InvalidRequestError("The NextToken is not valid")
    return int(number)
