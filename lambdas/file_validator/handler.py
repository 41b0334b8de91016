"""Is a landing file fit to be kept? Decides valid, invalid (with one reason) or absent.

The checks are those of the file as a whole: its format, its columns, its size, and that its content is new. Rows are
the Glue job's matter. All it writes is the claim on a valid file's content.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse import contracts, s3_helper
from lakehouse.contracts import Contract
from lakehouse.logger import lambda_scope, log

from . import claims, csv_file, formats, jsonl_file, parquet_file, text_lines, unpacking
from .bad_file import BadFileError
from .columns import Schemas
from .formats import Format
from .landing import LandingObject
from .pieces import with_head

_GONE = ("NoSuchKey", "NoSuchVersion")
_CLAIM_SECONDS = "900"

_COUNT_LINES: dict[str, Callable[[Iterable[tuple[int, str]], Schemas], int]] = {
    "csv": csv_file.count_rows,
    "jsonl": jsonl_file.count_rows,
}


def dataset_of(key: str, prefix: str) -> str:
    """The dataset that a landing key names: the folder below the prefix, or "" where there is none."""
    folder, slash, _ = key.removeprefix(prefix).partition("/")
    return folder if slash else ""


def check(landing: LandingObject, expected: Format, schemas: Schemas) -> int:
    """Read a landing file to its end and return its number of rows.

    Args:
        landing: the object, not read yet; afterwards its checksum is known.
        expected: the format that its key names.
        schemas: the contract, and those of other datasets.

    Raises:
        BadFileError: the file breaks the contract.
    """
    size, limit = landing.size, schemas.contract.max_object_bytes
    if size == 0:
        message = "the file has no content; upload it with its rows"
        raise BadFileError("EMPTY_FILE", message, {"size": 0})
    if size > limit:
        message = f"the object has {size} bytes, more than the {limit} that the contract allows; split the file"
        raise BadFileError("TOO_LARGE", message, {"size": size, "limit": limit})
    return _READERS[expected.name](landing, expected, schemas)


def _check_text(landing: LandingObject, expected: Format, schemas: Schemas) -> int:
    limit = schemas.contract.max_content_bytes
    head, content = with_head(landing.pieces, formats.HEAD)
    formats.check_content(expected, head)
    if expected.gzip:
        head, content = with_head(unpacking.gunzip(content, limit), formats.HEAD)
        formats.check_unpacked(head)
    return _COUNT_LINES[expected.name](text_lines.lines(content, limit), schemas)


def _check_parquet(landing: LandingObject, expected: Format, schemas: Schemas) -> int:
    formats.check_content(expected, landing.read_range(0, min(formats.HEAD, landing.size)))
    rows = parquet_file.count_rows(landing.read_range, landing.size, schemas)
    landing.pieces.drain()
    return rows


_READERS: dict[str, Callable[[LandingObject, Format, Schemas], int]] = {
    "csv": _check_text,
    "jsonl": _check_text,
    "parquet": _check_parquet,
}


@cache
def _s3() -> Any:
    return boto3.client("s3")


@cache
def _contract(uri: str) -> Contract:
    return contracts.loads(s3_helper.read_bytes(_s3(), uri))


def _contract_of(dataset: str) -> Contract:
    return _contract(f"{os.environ['CONTRACTS']}{dataset}.json")


def _schemas(dataset: str, key: str) -> Schemas:
    known = os.environ["DATASETS"].split(",")
    if dataset not in known:
        folders = ", ".join(f"{os.environ['LANDING_PREFIX']}{name}/" for name in known)
        message = f"no contract is known for {dataset!r}; upload the file to one of {folders}"
        if not dataset:
            message = f"the file is in no dataset's folder; upload it to one of {folders}"
        raise BadFileError("UNKNOWN_DATASET", message, {"key": key, "known": known})

    def others() -> Iterator[Contract]:
        return (_contract_of(name) for name in known if name != dataset)

    return Schemas(_contract_of(dataset), others)


def _open(event: dict[str, Any]) -> LandingObject | None:
    """The version that the event names, or None where it is not there any more."""
    try:
        return LandingObject(_s3(), event["bucket"], event["key"], event["version"])
    except ClientError as error:
        if not _is_gone(error):
            raise
        return None


def _is_gone(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _GONE and error.operation_name in ("GetObject", "HeadObject")


def _verdict(landing: LandingObject, event: dict[str, Any], dataset: str) -> dict[str, Any]:
    schemas = _schemas(dataset, event["key"])
    expected = formats.of_key(event["key"])
    try:
        rows = check(landing, expected, schemas)
        sha256 = landing.pieces.sha256
        place = claims.Place.of(os.environ["RAW_BUCKET"], dataset, sha256)
        claims.claim(_s3(), place, event, int(os.environ.get("CLAIM_SECONDS", _CLAIM_SECONDS)))
    except BadFileError as bad:
        return {"verdict": "invalid", "format": expected.name, "reason": bad.reason()}
    return {
        "verdict": "valid",
        "format": expected.name,
        "rows": rows,
        "sha256": sha256,
        "claim": str(place),
    }


def _handle(event: dict[str, Any]) -> dict[str, Any]:
    landing = _open(event)
    if landing is None:
        log("landing object is gone", **event)
        return event | {"verdict": "absent"}
    try:
        if event["key"].endswith("/") and landing.size == 0:
            return event | {"verdict": "absent"}
        dataset = dataset_of(event["key"], os.environ["LANDING_PREFIX"])
        answer = event | {"dataset": dataset, "etag": landing.etag, "size": landing.size}
        try:
            answer |= _verdict(landing, event, dataset)
        except BadFileError as bad:
            answer |= {"verdict": "invalid", "reason": bad.reason()}
        except ClientError as error:
            if not _is_gone(error):
                raise
            # a second delivery, while the first was being routed
            log("landing object went while it was read", **event)
            return event | {"verdict": "absent"}
    finally:
        landing.close()
    log("landing object checked", **answer)
    return answer


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Look at one landing object.

    Args:
        event: `bucket`, `key`, `version` and `time` of the upload (ISO, UTC) and `execution` (an ARN), as the state
            machine passes them.

    Returns:
        the event with `verdict` (valid, invalid, absent), and, unless absent, `dataset`, `etag`, `size` (bytes as
        stored) and, where the suffix names one, `format` (csv, jsonl, parquet). Where valid: `rows`, `sha256` (of the
        stored bytes, hexadecimal) and `claim` (address of the claim on them). Where invalid: `reason` (code, message,
        details). Absent means that an earlier execution has dealt with the object, or that it is a folder's marker.

    Raises:
        ClaimPendingError: the file is valid, and another of the same content is on its way; to be tried again.
    """
    with lambda_scope(context, event):
        return _handle(event)
