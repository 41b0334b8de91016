"""One object's bytes: read from the file that it is, or written to a new one.

A file is written once. Whoever reads it keeps it open, so nobody waits for anybody: no lock is held while bytes move.
"""

import base64
import hashlib
import itertools
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from localstack.aws.api import CommonServiceException
from localstack.services.s3.storage.core import S3StoredObject
from localstack.services.s3.utils import get_s3_checksum

from laketop.storage import Layout
from laketop_localstack.s3.context import current

SMALLEST_CHUNK = 1 << 16
CHUNK = 1 << 20

_stamps = itertools.count(time.time_ns())


def stamp() -> int:
    """A number that is larger than all before it: nanoseconds since 1970, or a little more."""
    return next(_stamps)


def stamps_after(last: int) -> None:
    """Give stamps larger than this one, which an earlier process gave, also where the clock was set back."""
    global _stamps
    _stamps = itertools.count(max(time.time_ns(), last + 1))


class Incomplete(CommonServiceException):
    """S3's error for a body that ended early."""

    def __init__(self) -> None:
        message = "You did not provide the number of bytes specified by the Content-Length HTTP header."
        super().__init__("IncompleteBody", message, 400)


class Digests:
    """The MD5 and the checksum of bytes as they pass.

    Args:
        algorithm: S3's name of the checksum, None for none.
    """

    def __init__(self, algorithm: str | None) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._checksum = get_s3_checksum(algorithm) if algorithm else None

    def update(self, data: bytes) -> None:
        """Take the next bytes in."""
        self._md5.update(data)
        if self._checksum:
            self._checksum.update(data)

    @property
    def etag(self) -> str:
        """The MD5 in hexadecimal digits."""
        return self._md5.hexdigest()

    @property
    def checksum(self) -> str | None:
        """The checksum in base 64."""
        return base64.b64encode(self._checksum.digest()).decode() if self._checksum else None


class StoredFile(S3StoredObject):  # type: ignore[misc]
    """An object's bytes for reading.

    Args:
        s3_object: the object or part.
        path: its file.
        etag, checksum: where they are known already.
    """

    def __init__(self, s3_object: Any, path: str, etag: str | None = None, checksum: str | None = None) -> None:
        super().__init__(s3_object, "r")
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - whoever asked closes it
        self._etag, self._checksum = etag, checksum
        self._digests: Digests | None = None

    @property
    def descriptor(self) -> int:
        """The open file's descriptor."""
        return self._file.fileno()

    def read(self, s: int | None = -1) -> bytes:
        """At most `s` bytes from where the last read or seek ended; all that are left for -1."""
        return self._file.read(-1 if s is None else s) or b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go on at this place."""
        return self._file.seek(offset, whence)

    def __iter__(self) -> Iterator[bytes]:
        """The bytes from here in chunks that grow, so that a small range reads little."""
        size = SMALLEST_CHUNK
        while data := self._file.read(size):
            yield data
            size = min(size * 2, CHUNK)

    def write(self, s: Any) -> int:  # noqa: ARG002 - LocalStack's signature
        """Files are written once."""
        raise OSError("an object that is open for reading cannot be written")

    append = write

    @property
    def last_modified(self) -> int:
        """The object's own stamp: the file never changes."""
        return int(self.s3_object.internal_last_modified)

    @property
    def etag(self) -> str:
        """The MD5 of the bytes."""
        return self._etag or self._scanned().etag

    @property
    def checksum(self) -> str | None:
        """The checksum of the bytes by the object's algorithm."""
        if not self.s3_object.checksum_algorithm:
            return None
        return self._checksum or self._scanned().checksum

    def _scanned(self) -> Digests:
        if self._digests is None:
            self._digests = Digests(self.s3_object.checksum_algorithm)
            position = self._file.tell()
            self._file.seek(0)
            while data := self._file.read(CHUNK):
                self._digests.update(data)
            self._file.seek(position)
        return self._digests

    def close(self) -> None:
        """Let go of the file."""
        self.closed = True
        self._file.close()


class NewFile(S3StoredObject):  # type: ignore[misc]
    """An object's bytes for writing, in a file of their own; it stays only if the writing succeeded.

    Args:
        s3_object: the object or part; gets the file's name, its size and its stamp.
        layout: the store.
        sync: whether the bytes have to be on the disk before the writing ends.
        length: how many bytes the client said that it sends; None where it did not.
    """

    def __init__(self, s3_object: Any, layout: Layout, sync: bool, length: int | None = None) -> None:
        super().__init__(s3_object, "w")
        self._sync, self._length = sync, length
        self._name = uuid.uuid4().hex
        self._path = layout.file(self._name)
        self._handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
        self._digests: Digests | None = None
        self._whole = False

    def write(self, s: IO[bytes] | Any) -> int:
        """Write all that a stream has.

        Returns:
            how many bytes.

        Raises:
            Incomplete: it had fewer than the client said.
            OSError: the disk does not take them.
        """
        # asked now: a stream in chunks may have named the algorithm in its last header only
        digests = self._digests = Digests(self.s3_object.checksum_algorithm)
        size = 0
        while s is not None and (data := s.read(CHUNK)):
            _write_all(self._handle, data)
            digests.update(data)
            size += len(data)
        if self._length is not None and size < self._length:
            raise Incomplete
        self.s3_object.etag = digests.etag
        self.finish(size)
        return size

    def finish(self, size: int) -> None:
        """Say that the file is whole."""
        if self._sync:
            os.fsync(self._handle)
            sync_folder(os.path.dirname(self._path))
        current.files.add(self._name)
        self.s3_object.file, self.s3_object.size = self._name, size
        self.s3_object.internal_last_modified = stamp()
        self._whole = True

    def append(self, part: StoredFile) -> int:
        """Write what a part has left, by the disk itself where it can."""
        return copy_range(part.descriptor, self._handle)

    def read(self, s: int = -1) -> bytes:  # noqa: ARG002 - LocalStack's signature
        """Nothing is read from a file that is being written."""
        raise OSError("an object that is open for writing cannot be read")

    def seek(self, offset: int, whence: int = 0) -> int:
        """Where the next bytes go."""
        return os.lseek(self._handle, offset, whence)

    def __iter__(self) -> Iterator[bytes]:
        raise OSError("an object that is open for writing cannot be read")

    @property
    def last_modified(self) -> int:
        """The stamp of what was written."""
        return int(self.s3_object.internal_last_modified)

    @property
    def etag(self) -> str:
        """The MD5 of what was written."""
        return str(self.s3_object.etag)

    @property
    def checksum(self) -> str | None:
        """The checksum of what was written, by the object's algorithm."""
        return self._digests.checksum if self._digests else None

    def __exit__(self, kind: object, *_: object) -> None:
        self._whole = self._whole and kind is None
        self.close()

    def close(self) -> None:
        """Let go of the file; delete it where it is not whole."""
        if self.closed:
            return
        self.closed = True
        os.close(self._handle)
        if not self._whole:
            with suppress(FileNotFoundError):
                os.unlink(self._path)


def sync_folder(folder: str) -> None:
    """Have a folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_range(source: int, target: int) -> int:
    """Copy what is left of a file behind what another one has, without bringing it into this process where possible.

    Returns:
        how many bytes.
    """
    copied = 0
    if hasattr(os, "copy_file_range"):
        with suppress(OSError):  # another file system, or one that cannot
            while count := os.copy_file_range(source, target, CHUNK * 64):
                copied += count
    while data := os.read(source, CHUNK):
        _write_all(target, data)
        copied += len(data)
    return copied


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
