"""Large files in bounded memory: streams that nobody ever holds, of two sizes that are far apart.

The short form reads 2 and 12 MB; the long one a gigabyte. What is traced is the peak of Python's memory.
"""

import tracemalloc
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from lambdas.file_validator import formats
from lambdas.file_validator import handler as validator
from lambdas.file_validator.columns import Schemas
from lambdas.file_validator.pieces import Pieces
from tests.fixtures.bad_files.rows import as_csv, as_jsonl, good
from tests.unit.lambdas.file_validator.reading import TRANSACTIONS

MEGABYTE = 1024 * 1024
ROWS = 2000


def _block(form: str) -> tuple[bytes, bytes]:
    """(what comes once, a block of rows that comes again and again)."""
    if form == "jsonl":
        return b"", as_jsonl(good("memory", ROWS))
    head, _, rows = as_csv(good("memory", ROWS)).partition(b"\n")
    return head + b"\n", rows


class Generated:
    """A stream of rows, made as it is read; `size` is known when it has come to its end."""

    def __init__(self, form: str, blocks: int, gzip: bool) -> None:
        self._parts = self._packed(form, blocks) if gzip else self._plain(form, blocks)
        self._rest, self._hash, self.read_bytes = b"", sha256(), 0
        self.largest = 0

    @staticmethod
    def _plain(form: str, blocks: int) -> Iterator[bytes]:
        head, rows = _block(form)
        yield head
        for _ in range(blocks):
            yield rows

    @classmethod
    def _packed(cls, form: str, blocks: int) -> Iterator[bytes]:
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        for part in cls._plain(form, blocks):
            yield packer.compress(part)
        yield packer.flush()

    def read(self, size: int) -> bytes:
        """As a file: at most `size` bytes, none at the end."""
        while len(self._rest) < size and (part := next(self._parts, None)) is not None:
            self._rest += part
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._hash.update(piece)
        self.read_bytes += len(piece)
        self.largest = max(self.largest, size)
        return piece

    def sha256(self) -> str:
        return self._hash.hexdigest()


class Landing:
    def __init__(self, stream: Any) -> None:
        self.size, self.pieces = 1, Pieces(stream)


def peak(form: str, megabytes: int, gzip: bool) -> int:
    """Validate a file of about that size, and return the peak of memory that it took, in bytes."""
    blocks = megabytes * MEGABYTE // len(_block(form)[1])
    stream = Generated(form, blocks, gzip)
    landing: Any = Landing(stream)
    suffix = f".{form}.gz" if gzip else f".{form}"
    tracemalloc.start()
    try:
        rows = validator.check(landing, formats.of_key(f"x{suffix}"), Schemas(TRANSACTIONS))
        used = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == blocks * ROWS
    assert landing.pieces.count == stream.read_bytes
    assert landing.pieces.sha256 == stream.sha256()
    return used


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_six_times_the_file_takes_no_more_memory(form: str, gzip: bool) -> None:
    small, large = peak(form, 2, gzip), peak(form, 12, gzip)
    # Packed, the small one does not even fill a piece of the stream.
    assert large < (2 if gzip else 1.2) * small
    assert large < 16 * MEGABYTE


@pytest.mark.long
def test_a_gigabyte_takes_no_more_memory() -> None:
    assert peak("csv", 1024, gzip=False) < 1.2 * peak("csv", 4, gzip=False)


def test_parquet_is_hashed_in_pieces() -> None:
    stream = Generated("csv", 100, gzip=False)
    pieces: Any = Pieces(stream)  # type: ignore[arg-type]
    tracemalloc.start()
    pieces.drain()
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pieces.sha256 == stream.sha256()
    assert used < 4 * MEGABYTE < stream.read_bytes
