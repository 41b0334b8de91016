"""Where objects' bytes are, for readers outside the store: athena, and whoever shares the machine or the volume.

Where the store's folder is visible, an object is the file that holds its current version. That file never changes, so
an overwrite while a query runs cannot mix two versions; `reading` keeps it for as long as the block runs. Where it is
not, an object is a URL.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple
from urllib.parse import quote

from laketop import settings
from laketop.storage import leases
from laketop.storage.index import behind
from laketop.storage.layout import Layout

# These mean something to whoever takes a path for a pattern, as DuckDB does.
_PATTERN = frozenset("*?[")


class NoSuchBucketError(LookupError):
    """There is no bucket of this name; the message names it."""


class Located(NamedTuple):
    """An object of a listing.

    Attributes:
        key: its key.
        size: in bytes.
        modified: nanoseconds since 1970, UTC.
        place: the path of its file, or its URL.
    """

    key: str
    size: int
    modified: int
    place: str


def url(bucket: str, key: str) -> str:
    """An object's address on the lake's endpoint.

    Returns:
        An http URL with every byte of the key that could mean something else percent-quoted.

    Follows "Methods for accessing a general purpose bucket" (path-style URLs) of the Amazon S3 user guide.
    """
    return f"{settings.load().endpoint}/{quote(bucket, safe='')}/{quote(key, safe='/')}"


class Reader:
    """The objects as the index has them.

    Args:
        layout: the store.
        connection: a connection to its index.
    """

    def __init__(self, layout: Layout, connection: sqlite3.Connection) -> None:
        self._layout, self._connection = layout, connection

    def locate(self, bucket: str, key: str) -> str | None:
        """The path of the file that an object's current version is.

        Returns:
            A path; the object's URL where a plain read is not allowed, so that S3 says why; None where there is no such
            object.
        """
        found = self._connection.execute(
            "SELECT file, readable FROM objects WHERE bucket = ? AND key = ? AND current AND file IS NOT NULL",
            (bucket, key),
        ).fetchone()
        return self._place(bucket, key, *found) if found else None

    def list(self, bucket: str, prefix: str) -> Iterator[Located]:
        """The current objects whose keys begin with a prefix, ordered by their keys' bytes.

        Raises:
            NoSuchBucketError: there is no such bucket.
        """
        if not self._connection.execute("SELECT 1 FROM buckets WHERE name = ?", (bucket,)).fetchone():
            raise NoSuchBucketError(f"The specified bucket does not exist: {bucket}")
        found = self._connection.execute(
            """SELECT key, size, modified, file, readable FROM objects
            WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) AND current AND file IS NOT NULL ORDER BY key""",
            (bucket, prefix, *[behind(prefix)] * 2),
        )
        for key, size, modified, file, readable in found:
            yield Located(key, size, modified, self._place(bucket, key, file, readable))

    def _place(self, bucket: str, key: str, file: str, readable: int) -> str:
        path = self._layout.file(file)
        return path if readable and not _PATTERN & set(path) else url(bucket, key)


@contextmanager
def reading() -> Iterator[Reader | None]:
    """The store, where its folder is visible from here; no file that it names goes away while the block runs.

    Returns:
        A reader for the thread that opened it; None where the folder is not visible: then only URLs lead to objects.
    """
    layout = Layout.of(settings.load().state)
    if not layout.index.exists():
        yield None
        return
    address = f"file:{quote(str(layout.index))}?mode=ro"
    with leases.lease(layout.readers), closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        yield Reader(layout, connection)


def locate(bucket: str, key: str) -> str:
    """The place of an object's bytes: a path where the store is visible and has the object, else a URL.

    Args:
        bucket: the bucket's name.
        key: the object's key, as S3 has it (not quoted).
    """
    with reading() as reader:
        return (reader.locate(bucket, key) if reader else None) or url(bucket, key)
