"""The index of the object store: the truth about which objects there are and which file holds each one's bytes.

What readers and the store itself ask for are columns; the rest of what S3 knows of a thing is in `record`, as JSON. The
functions here take an open transaction and know nothing of LocalStack.
"""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from laketop.sqlite import Database
from laketop.storage.layout import Layout

_SURROGATES = range(0xD800, 0xE000)
_BEHIND_SURROGATES = 0xE000

SCHEMA = (
    """CREATE TABLE buckets (
        name TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, versioned INTEGER NOT NULL,
        record TEXT NOT NULL, tags TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE objects (
        bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL, position INTEGER NOT NULL,
        current INTEGER NOT NULL, file TEXT, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
        readable INTEGER NOT NULL, record TEXT NOT NULL, tags TEXT NOT NULL,
        PRIMARY KEY (bucket, key, version)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX objects_by_file ON objects (file) WHERE file IS NOT NULL",
    """CREATE TABLE uploads (
        bucket TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (bucket, id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE parts (
        bucket TEXT NOT NULL, upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (bucket, upload, number)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX parts_by_file ON parts (file)",
)


class BucketRow(NamedTuple):
    """A bucket; `versioned` where it has, or once had, versions; `record` and `tags` are JSON."""

    name: str
    account: str
    region: str
    versioned: bool
    record: str
    tags: str


class ObjectRow(NamedTuple):
    """A version of an object.

    Attributes:
        version: its id, `null` where it has none.
        position: orders the versions of a key: the newest has the highest.
        current: whether it is the key's current version.
        file: the name of its file; None for a delete marker.
        size: in bytes.
        modified: nanoseconds since 1970, UTC.
        readable: whether a plain GET returns its bytes (not archived, no key of the customer's needed).
        record, tags: JSON.
    """

    bucket: str
    key: str
    version: str
    position: int
    current: bool
    file: str | None
    size: int
    etag: str
    modified: int
    readable: bool
    record: str
    tags: str


class PartRow(NamedTuple):
    """A part of an upload; `record` is JSON."""

    bucket: str
    upload: str
    number: int
    file: str
    record: str


def open_index(layout: Layout, synchronous: str = "NORMAL") -> Database:
    """The index, made where it is missing.

    Args:
        layout: the store.
        synchronous: SQLite's setting: NORMAL survives a kill, FULL a power cut too.

    Raises:
        SchemaError: another version of Laketop made it.
    """
    return Database(layout.index, SCHEMA, synchronous)


def _insert(tx: sqlite3.Connection, table: str, row: Sequence[object]) -> None:
    places = ", ".join("?" * len(row))
    tx.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", row)  # noqa: S608 - a table of ours


def put_bucket(tx: sqlite3.Connection, row: BucketRow) -> None:
    """Insert a bucket, or replace it."""
    _insert(tx, "buckets", row)


def has_bucket(tx: sqlite3.Connection, name: str) -> bool:
    """Whether there is a bucket of this name."""
    return tx.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone() is not None


def delete_bucket(tx: sqlite3.Connection, name: str) -> set[str]:
    """Delete a bucket with everything in it.

    Returns:
        the files that its rows named.
    """
    files = {
        row["file"]
        for table in ("objects", "parts")
        for row in tx.execute(f"SELECT file FROM {table} WHERE bucket = ? AND file IS NOT NULL", (name,))  # noqa: S608 - a table of ours
    }
    for table, column in (("objects", "bucket"), ("parts", "bucket"), ("uploads", "bucket"), ("buckets", "name")):
        tx.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))  # noqa: S608 - a table of ours
    return files


def put_object(tx: sqlite3.Connection, row: ObjectRow) -> set[str]:
    """Insert a version of an object, or replace it.

    Returns:
        the file that the replaced row named, where it was another one.
    """
    files = _files(tx, "objects", "bucket = ? AND key = ? AND version = ?", (row.bucket, row.key, row.version))
    _insert(tx, "objects", row)
    return files - {row.file or ""}


def delete_object(tx: sqlite3.Connection, bucket: str, key: str, version: str) -> set[str]:
    """Delete a version of an object, if it is there.

    Returns:
        the file that it named.
    """
    where = "bucket = ? AND key = ? AND version = ?"
    files = _files(tx, "objects", where, (bucket, key, version))
    tx.execute(f"DELETE FROM objects WHERE {where}", (bucket, key, version))  # noqa: S608 - a condition of ours
    return files


def make_current(tx: sqlite3.Connection, bucket: str, key: str, version: str) -> None:
    """Say that a version is its key's current one, and no other is."""
    tx.execute(
        "UPDATE objects SET current = (version = ?) WHERE bucket = ? AND key = ? AND current <> (version = ?)",
        (version, bucket, key, version),
    )


def current_file(tx: sqlite3.Connection, bucket: str, key: str) -> str | None:
    """The file of a key's current version; None where there is none, or it is a delete marker."""
    found = tx.execute("SELECT file FROM objects WHERE bucket = ? AND key = ? AND current", (bucket, key)).fetchone()
    return found["file"] if found else None


def put_upload(tx: sqlite3.Connection, bucket: str, upload: str, record: str) -> None:
    """Insert an upload, or replace it."""
    _insert(tx, "uploads", (bucket, upload, record))


def delete_upload(tx: sqlite3.Connection, bucket: str, upload: str) -> set[str]:
    """Delete an upload and its parts.

    Returns:
        the files of the parts.
    """
    files = _files(tx, "parts", "bucket = ? AND upload = ?", (bucket, upload))
    tx.execute("DELETE FROM parts WHERE bucket = ? AND upload = ?", (bucket, upload))
    tx.execute("DELETE FROM uploads WHERE bucket = ? AND id = ?", (bucket, upload))
    return files


def put_part(tx: sqlite3.Connection, row: PartRow) -> set[str]:
    """Insert a part, or replace it.

    Returns:
        the file that the replaced row named, where it was another one.
    """
    files = _files(tx, "parts", "bucket = ? AND upload = ? AND number = ?", (row.bucket, row.upload, row.number))
    _insert(tx, "parts", row)
    return files - {row.file}


def _files(tx: sqlite3.Connection, table: str, where: str, values: Sequence[object]) -> set[str]:
    found = tx.execute(f"SELECT file FROM {table} WHERE {where} AND file IS NOT NULL", values)  # noqa: S608 - parts of ours
    return {row["file"] for row in found}


def is_used(tx: sqlite3.Connection, file: str) -> bool:
    """Whether an object or a part is this file."""
    return any(
        tx.execute(f"SELECT 1 FROM {table} WHERE file = ? LIMIT 1", (file,)).fetchone()  # noqa: S608 - a table of ours
        for table in ("objects", "parts")
    )


def used_files(tx: sqlite3.Connection) -> set[str]:
    """The files that objects and parts are."""
    found = tx.execute("SELECT file FROM objects WHERE file IS NOT NULL UNION SELECT file FROM parts")
    return {row["file"] for row in found}


def shown(tx: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """What the tree shows: bucket, key and file of every object, in order."""
    found = tx.execute("SELECT bucket, key, file FROM objects WHERE current AND file IS NOT NULL ORDER BY bucket, key")
    return ((row["bucket"], row["key"], row["file"]) for row in found)


def buckets(tx: sqlite3.Connection) -> list[str]:
    """The names of all buckets."""
    return [row["name"] for row in tx.execute("SELECT name FROM buckets ORDER BY name")]


def delete_buckets_of(tx: sqlite3.Connection, account: str) -> None:
    """Delete an account's buckets with everything in them."""
    for row in tx.execute("SELECT name FROM buckets WHERE account = ?", (account,)).fetchall():
        delete_bucket(tx, row["name"])


def last_position(tx: sqlite3.Connection) -> int:
    """The highest position of any version, 0 where there is none."""
    return int(tx.execute("SELECT coalesce(max(position), 0) AS last FROM objects").fetchone()["last"])


def keys_of_objects(tx: sqlite3.Connection, bucket: str, prefix: str, start: str) -> Iterator[str]:
    """The keys of a bucket's objects that begin with a prefix, from a text on, ordered by bytes; read as asked."""
    return _keys(tx, "AND current AND file IS NOT NULL", bucket, prefix, start)


def keys_with_versions(tx: sqlite3.Connection, bucket: str, prefix: str, start: str) -> Iterator[str]:
    """The same for all keys that have a version, a delete marker too; each once."""
    return _keys(tx, "AND current", bucket, prefix, start)


def _keys(tx: sqlite3.Connection, which: str, bucket: str, prefix: str, start: str) -> Iterator[str]:
    end = behind(prefix)
    found = tx.execute(
        f"SELECT key FROM objects WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) {which} ORDER BY key",  # noqa: S608 - a condition of ours
        (bucket, max(start, prefix), end, end),
    )
    return (row["key"] for row in found)


def behind(prefix: str) -> str | None:
    """The first text behind all that begin with a prefix, in the order of their bytes; None where there is none."""
    rest = prefix.rstrip(chr(sys.maxunicode))
    if not rest:
        return None
    following = ord(rest[-1]) + 1
    return rest[:-1] + chr(_BEHIND_SURROGATES if following in _SURROGATES else following)
