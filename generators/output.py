"""Where a generator writes: a file or an S3 object, in one of three formats, in constant memory.

Nothing half-written is left: a file gets its name, and an object comes into being, only when all is written.
"""

import gzip
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from generators import encode

FORMATS = ("csv", "jsonl", "parquet")
_NAME = re.compile(r"\.(?P<format>csv|jsonl|parquet)(?P<gzip>\.gz)?$")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PART = 16 << 20  # bytes; S3 takes 10,000 parts of at least 5 MiB
_LEVEL = 4  # of gzip: a third of the time of its best for a tenth more bytes


class OutputError(ValueError):
    """An output that cannot be: the message names it and says what is needed."""


@dataclass(frozen=True)
class Target:
    """Where rows go: an address or path, a format of FORMATS, and whether it is compressed with gzip."""

    address: str
    format: str
    compressed: bool


def target(output: str, wanted: str | None = None, stem: str = "data") -> Target:
    """Understand an output.

    Args:
        output: a path or `s3://bucket/key`; where it ends with a slash, a name is made in that folder.
        wanted: the format; by the name's ending where None.
        stem: the name that is made, without its ending.

    Raises:
        OutputError: the address has no bucket or key, or its ending is unknown or contradicts `wanted`.
    """
    if output.endswith("/") and output != "s3://":
        output = f"{output}{stem}.{wanted or 'csv'}"
    if output.startswith("s3://"):
        bucket, _, key = output.removeprefix("s3://").partition("/")
        if not _BUCKET.fullmatch(bucket) or not key:
            raise OutputError(f"{output}: an address like s3://bucket/key or s3://bucket/prefix/ is needed")
    elif "://" in output:
        raise OutputError(f"{output}: only paths and s3:// addresses can be written to")
    found = _NAME.search(output)
    if not found or (found["format"] == "parquet" and found["gzip"]):
        if wanted is None or found:
            raise OutputError(f"{output}: the name must end in .csv, .csv.gz, .jsonl, .jsonl.gz or .parquet")
        return Target(output, wanted, compressed=False)
    if wanted not in (None, found["format"]):
        raise OutputError(f"{output}: the name ends in .{found['format']}, but --format says {wanted}")
    return Target(output, found["format"], bool(found["gzip"]))


class Writer(Protocol):
    """Writes tables of a schema, one after the other: `prepare` in any thread, `write` in their order."""

    def prepare(self, table: pa.Table) -> Any:
        """The table in the form that `write` takes."""

    def write(self, prepared: Any) -> None:
        """Append it."""


@dataclass(frozen=True)
class _Text:
    sink: BinaryIO
    prepare: Callable[[pa.Table], Any]

    def write(self, prepared: Any) -> None:
        self.sink.write(prepared)


@dataclass(frozen=True)
class _Parquet:
    writer: pq.ParquetWriter
    schema: pa.Schema

    def prepare(self, table: pa.Table) -> pa.Table:
        return table.cast(self.schema)

    def write(self, prepared: pa.Table) -> None:
        self.writer.write_table(prepared)


@contextmanager
def opened(where: Target, schema: pa.Schema) -> Iterator[Writer]:
    """Open a target for tables of a schema; what is there already is replaced at the end.

    Raises:
        OSError: the file cannot be written.
        botocore.exceptions.BotoCoreError, ClientError: S3 cannot be asked, or refuses.
    """
    with _sink(where.address) as raw:
        if where.format == "parquet":
            stored = stored_schema(schema)
            with pq.ParquetWriter(raw, stored) as writer:
                yield _Parquet(writer, stored)
            return
        with _compressed(raw) if where.compressed else _kept_open(raw) as sink:
            if where.format == "csv":
                sink.write(encode.csv_header(schema.names))
                yield _Text(sink, encode.csv)
            else:
                yield _Text(sink, partial(encode.jsonl, schema=schema))


def stored_schema(schema: pa.Schema) -> pa.Schema:
    """The schema in a Parquet file: timestamps as microseconds in UTC, as Spark and Athena read them."""
    utc = pa.timestamp("us", tz="UTC")
    return pa.schema([field.with_type(utc) if pa.types.is_timestamp(field.type) else field for field in schema])


def write(table: pa.Table, output: str) -> None:
    """Write one table; the name's ending says the format.

    Raises:
        OutputError: as for `target`.
    """
    with opened(target(output), table.schema) as writer:
        writer.write(writer.prepare(table))


@contextmanager
def _compressed(raw: BinaryIO) -> Iterator[BinaryIO]:
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as sink:
        yield sink


@contextmanager
def _kept_open(raw: BinaryIO) -> Iterator[BinaryIO]:
    yield raw


@contextmanager
def _sink(address: str) -> Iterator[BinaryIO]:
    if address.startswith("s3://"):
        bucket, _, key = address.removeprefix("s3://").partition("/")
        with _Object(boto3.client("s3"), bucket, key) as sink:
            yield sink
        return
    path = Path(address)
    if path.exists() and not path.is_file():  # a pipe, a terminal
        with path.open("wb") as sink:
            yield sink
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as sink:
            yield sink
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Object:
    """An S3 object that is written in parts: it exists when the block ends, and not at all where the block fails."""

    closed = False

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client, self._name = client, {"Bucket": bucket, "Key": key}
        self._waiting, self._parts, self._upload = bytearray(), [], None
        self._written = 0

    def write(self, data: Any) -> int:
        """Take bytes; a part is uploaded whenever there are enough."""
        size = memoryview(data).nbytes
        self._waiting += data
        self._written += size
        while len(self._waiting) > _PART:
            self._send(bytes(self._waiting[:_PART]))
            del self._waiting[:_PART]
        return size

    def tell(self) -> int:
        """How many bytes were written."""
        return self._written

    def flush(self) -> None:
        """Parts have a least size: nothing is sent earlier."""

    def __enter__(self) -> "_Object":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._complete()
        elif self._upload:
            self._client.abort_multipart_upload(**self._name, UploadId=self._upload)

    def _send(self, part: bytes) -> None:
        if self._upload is None:
            self._upload = self._client.create_multipart_upload(**self._name)["UploadId"]
        number = len(self._parts) + 1
        answer = self._client.upload_part(**self._name, UploadId=self._upload, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    def _complete(self) -> None:
        if self._upload is None:
            self._client.put_object(**self._name, Body=bytes(self._waiting))
            return
        self._send(bytes(self._waiting))
        self._client.complete_multipart_upload(
            **self._name, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )
