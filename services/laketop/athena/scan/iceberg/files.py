"""Metadata files of Iceberg tables, read through the lake's own way to objects and handed to pyiceberg.

pyiceberg reads manifests in threads of its own, but a reader of the store belongs to one thread: so whoever plans
names the files beforehand.
"""

import io
from collections.abc import Iterable
from urllib.parse import urlsplit

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile

from laketop.athena.scan.objects import Objects, content
from laketop.athena.sql.errors import SqlError, not_supported

_SCHEMES = ("s3", "s3a", "s3n")


def address(location: str) -> tuple[str, str]:
    """The bucket and the key of a file that metadata names.

    Raises:
        SqlError: NOT_SUPPORTED where it is not in S3.
    """
    parts = urlsplit(location, allow_fragments=False)
    # not split further: a key may hold a question mark
    key = location.partition("://")[2].partition("/")[2]
    if parts.scheme not in _SCHEMES or not parts.netloc or not key:
        raise not_supported(f"The file {location!r} of an Iceberg table: a place other than S3")
    return parts.netloc, key


def place(objects: Objects, location: str) -> str:
    """Where the bytes of a file are that metadata names.

    Raises:
        SqlError: ICEBERG_MISSING_DATA where it is gone, NOT_SUPPORTED where it is not in S3.
    """
    found = objects.locate(*address(location))
    if found is None:
        raise _missing(location)
    return found


class LakeFiles(FileIO):
    """The lake as pyiceberg reads files; it cannot write.

    Args:
        objects: where files are; asked in `find` only, so in the caller's thread.
    """

    def __init__(self, objects: Objects) -> None:
        super().__init__()
        self._objects = objects
        self._places: dict[str, str] = {}

    def find(self, locations: Iterable[str]) -> None:
        """Find files, so that any thread can read them.

        Raises:
            SqlError: ICEBERG_MISSING_DATA where one is gone.
        """
        for location in locations:
            if location not in self._places:
                self._places[location] = place(self._objects, location)

    def new_input(self, location: str) -> InputFile:
        """See FileIO; only for files that `find` was told of."""
        return _Input(location, self._places[location])

    def new_output(self, location: str) -> OutputFile:
        """See FileIO."""
        raise PermissionError(f"reading must not write {location}")

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """See FileIO."""
        raise PermissionError(f"reading must not delete {location}")


class _Input(InputFile):
    def __init__(self, location: str, place: str) -> None:
        super().__init__(location)
        self._place = place

    def __len__(self) -> int:
        return len(self._read())

    def exists(self) -> bool:
        return True

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002 - pyiceberg's own signature
        return io.BytesIO(self._read())

    def _read(self) -> bytes:
        found = content(self._place)
        if found is None:
            raise _missing(self.location)
        return found


def _missing(location: str) -> SqlError:
    return SqlError("ICEBERG_MISSING_DATA", f"The Iceberg table's metadata names {location}, which does not exist")
