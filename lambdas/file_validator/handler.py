"""Is a landing file fit to be kept? Decides valid, invalid (with one reason) or absent, and changes nothing.

The checks are those of the file as a whole: its format, header and size. Rows are the Glue job's matter, which can
reject one row and keep the rest. What is checked here is also what makes both agree on what a row is: one line, in
UTF-8, by Hadoop's line ends.
"""

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

import boto3
from botocore.exceptions import ClientError

from lakehouse import contracts, s3_helper
from lakehouse.contracts import Contract
from lakehouse.logger import log

MAX_LINE = 1024 * 1024  # characters; a longer line is no row of a contract, and would have to be held in memory
MAX_FIELD = 128 * 1024  # characters, as much as Python's csv takes by itself
_BLANK = "".join(map(chr, range(33)))  # Spark skips a line that is empty after Java's trim(): all up to the space
_GONE = ("NoSuchKey", "NoSuchVersion")


class BadFileError(Exception):
    """A file breaks its contract.

    Attributes:
        code: the reason in one word, e.g. `WRONG_HEADER`.
        message: the reason as a sentence.
        details: what was expected and found, JSON values.
    """

    def __init__(self, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(code, message, details)
        self.code, self.message, self.details = code, message, details


def dataset_of(key: str, prefix: str) -> str:
    """The dataset that a landing key names: the folder below the prefix, or "" where there is none."""
    folder, slash, _ = key.removeprefix(prefix).partition("/")
    return folder if slash else ""


def check(stream: BinaryIO, key: str, size: int, contract: Contract) -> int:
    """Read a landing file to its end and return its number of data rows.

    Args:
        stream: the object's bytes as stored; read once, in pieces.
        key: the object's key; its suffix says the format, `.csv` or `.csv.gz`.
        size: the object's size in bytes.
        contract: what the file has to be.

    Raises:
        BadFileError: the file breaks the contract.
    """
    if size == 0:
        raise BadFileError("EMPTY_FILE", "the file has no content", {"size": 0})
    if size > contract.max_object_bytes:
        limit = {"size": size, "limit": contract.max_object_bytes}
        raise BadFileError("TOO_LARGE", f"the object has {size} bytes, more than the contract allows", limit)
    if key.endswith(".csv.gz"):
        content: BinaryIO = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
    elif key.endswith(".csv"):
        content = stream
    else:
        raise BadFileError("UNSUPPORTED_FORMAT", "the name ends neither in .csv nor in .csv.gz", {"key": key})
    try:
        return _count_rows(_lines(content, contract.max_content_bytes), contract)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFileError("UNREADABLE_GZIP", f"the file cannot be decompressed to its end: {error}", {}) from error
    except UnicodeDecodeError as error:
        raise BadFileError("NOT_UTF8", f"the file is not UTF-8: {error.reason}", {}) from error


def _lines(content: BinaryIO, limit: int) -> Iterator[str]:
    """The lines that are not blank, without the byte order mark; bounded in length and in sum."""
    text = io.TextIOWrapper(io.BufferedReader(content), encoding="utf-8-sig", newline=None)  # type: ignore[type-var]
    characters = 0
    while line := text.readline(MAX_LINE + 1):
        characters += len(line)
        if len(line) > MAX_LINE:
            raise BadFileError("LINE_TOO_LONG", "a line is longer than any row", {"limit": MAX_LINE})
        if characters > limit:
            raise BadFileError("TOO_LARGE", "the content is larger than the contract allows", {"limit": limit})
        if line.strip(_BLANK):
            yield line


def _count_rows(lines: Iterator[str], contract: Contract) -> int:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines)
    rows = -1
    try:
        for rows, row in enumerate(reader):
            if reader.line_num != rows + 1:
                where = {"record": rows + 1}
                raise BadFileError("EMBEDDED_NEWLINE", "a quoted value spans lines, or a quote is never closed", where)
            if rows == 0:
                _check_header(row, contract)
    except csv.Error as error:
        raise BadFileError("MALFORMED_CSV", f"the file cannot be read as CSV: {error}", {"record": rows + 2}) from error
    if rows == -1:
        raise BadFileError("EMPTY_FILE", "the file has blank lines only", {})
    if rows == 0:
        raise BadFileError("NO_ROWS", "the file has a header and no rows", {})
    return rows


def _check_header(found: list[str], contract: Contract) -> None:
    if tuple(found) != contract.header:
        details = {
            "expected": contract.header,
            "found": found,
            "missing": [name for name in contract.header if name not in found],
            "unexpected": [name for name in found if name not in contract.header],
        }
        raise BadFileError("WRONG_HEADER", "the header is not the contract's, in its order", details)


@cache
def _s3() -> Any:
    return boto3.client("s3")


@cache
def _contract(uri: str) -> Contract:
    return contracts.loads(s3_helper.read_bytes(_s3(), uri))


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Look at one landing object.

    Args:
        event: `bucket`, `key`, `version` and `time` of the upload (ISO, UTC) and `execution` (an ARN), as the state
            machine passes them.

    Returns:
        the event with `verdict` (valid, invalid, absent), and, unless absent, `dataset`, `etag`, `size`; `rows` where
        valid; `reason` (code, message, details) where invalid. Absent means that an earlier execution has dealt with
        the object, or that it is a folder's marker.
    """
    bucket, key, version = event["bucket"], event["key"], event["version"]
    dataset = dataset_of(key, os.environ["LANDING_PREFIX"])
    if key.endswith("/"):
        return event | {"verdict": "absent"}
    try:
        found = _s3().get_object(Bucket=bucket, Key=key, VersionId=version)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        log("landing object is gone", **event)
        return event | {"verdict": "absent"}
    answer = event | {"dataset": dataset, "etag": found["ETag"], "size": found["ContentLength"]}
    try:
        if dataset not in os.environ["DATASETS"].split(","):
            raise BadFileError("UNKNOWN_DATASET", f"no contract is known for {dataset!r}", {"key": key})
        contract = _contract(f"{os.environ['CONTRACTS']}{dataset}.json")
        answer |= {"verdict": "valid", "rows": check(found["Body"], key, found["ContentLength"], contract)}
    except BadFileError as bad:
        reason = {"code": bad.code, "message": bad.message, "details": bad.details}
        answer |= {"verdict": "invalid", "reason": reason}
    log("landing object checked", **answer)
    return answer
