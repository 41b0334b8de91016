"""The notes that the router leaves for each raw file; those that are open are the batch.

A note is an object `batches/<dataset>/open/<name>.json` in the raw zone's bucket. To close it is to move it to
`batches/<dataset>/closed/`; a job does so last, so that a run that failed finds its batch again.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakehouse import s3_helper

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

OPEN, CLOSED = "open", "closed"
SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
_THREADS = 16  # notes are small objects: what costs is the way there and back


class BatchError(RuntimeError):
    """A batch cannot be processed as its notes say; the message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class Note:
    """What the router noted about a raw file.

    Attributes:
        key: the note's own key in the raw zone's bucket.
        raw: the file's address; addresses of one dataset sort by arrival.
        rows: how many rows the validator counted.
        format: csv, jsonl or parquet.
        open: whether the file is of the batch, or of one that is done.
    """

    key: str
    raw: str
    rows: int
    format: str
    open: bool


def format_of(raw: str) -> str:
    """The format that a raw file's name tells, as for notes from before they had one.

    Raises:
        BatchError: the name ends in none that is known.
    """
    name = raw.removesuffix(".gz")
    for suffix, found in SUFFIXES.items():
        if name.endswith(suffix):
            return found
    raise BatchError(
        f"{raw}: its note names no format, and the name ends in none of {', '.join(SUFFIXES)}: add `format` to the note"
    )


def read_notes(s3: "S3Client", raw: str, dataset: str) -> list[Note]:
    """All notes of a dataset, in the order of arrival.

    Args:
        s3: an S3 client.
        raw: the raw zone's address, `s3://bucket/`.
        dataset: the dataset's name.

    Raises:
        BatchError: a note is not JSON, or lacks a member.
    """
    bucket, _ = s3_helper.split_uri(raw)

    def read(key: str) -> Note:
        return _parse(key, s3_helper.read_bytes(s3, f"s3://{bucket}/{key}"))

    keys = list(s3_helper.list_keys(s3, f"{raw}batches/{dataset}/"))
    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(read, keys))
    # An open note beside a closed one of the same file is an event delivered twice: the file is read once, as open.
    unique = {note.raw: note for note in sorted(found, key=lambda note: note.open)}
    return sorted(unique.values(), key=lambda note: note.raw)


def _parse(key: str, content: bytes) -> Note:
    try:
        document = json.loads(content)
        raw, rows = document["raw"], int(document["rows"])
    except (ValueError, KeyError, TypeError) as error:
        problem = f"note {key} cannot be read ({error!r}): it needs `raw` and `rows`; mend it, or move it away"
        raise BatchError(problem) from error
    return Note(key=key, raw=raw, rows=rows, format=document.get("format") or format_of(raw), open=f"/{OPEN}/" in key)


def close_notes(s3: "S3Client", raw: str, dataset: str, notes: Iterable[Note]) -> None:
    """Move notes from open to closed; repeated, it ends in the same.

    Args:
        s3: an S3 client.
        raw: the raw zone's address, `s3://bucket/`.
        dataset: the dataset's name.
        notes: the open notes of the batch.
    """
    bucket, _ = s3_helper.split_uri(raw)
    for note in notes:
        closed = f"batches/{dataset}/{CLOSED}/{note.key.rsplit('/', 1)[-1]}"
        s3.copy_object(Bucket=bucket, Key=closed, CopySource={"Bucket": bucket, "Key": note.key})
        s3.delete_object(Bucket=bucket, Key=note.key)
