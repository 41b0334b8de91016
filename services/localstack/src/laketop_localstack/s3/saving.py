"""Writes what an operation changed to the index, before the operation is answered.

LocalStack's records in memory are changed first; a change writes what it finds there, so changes of threads that come
together may be written in any order. Where the index cannot be written, the operation fails, and what it changed is
written with the next one.
"""

import logging
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.s3.models import S3Bucket, S3DeleteMarker
from localstack.services.s3.utils import get_unique_key_id

from laketop.storage import Collector, Journal, Tree, index
from laketop_localstack.s3 import memory, records
from laketop_localstack.s3.context import current
from laketop_localstack.s3.operations import TOUCHED, Touched

LOG = logging.getLogger(__name__)

NULL = "null"
# operations whose body is the object's or part's bytes, and nothing else
BODIES = ("PutObject", "UploadPart")


@dataclass
class Change:
    """What an operation changed in one bucket (`laketop.storage.Change`).

    Attributes:
        bucket: the bucket's name.
        settings: whether its own record may have changed.
        versions: key → ids of versions that may have changed, beside the current one.
        upload: the id of an upload that may have come or gone.
        part: the number of its part that may have changed.
        files: names of files that were written: one that another operation has overwritten already is in no record.
    """

    tree: Tree
    collector: Collector
    bucket: str
    settings: bool = False
    versions: dict[str, set[str]] = field(default_factory=dict)
    upload: str | None = None
    part: int | None = None
    files: set[str] = field(default_factory=set)
    _discarded: set[str] = field(default_factory=set)
    _shown: dict[str, str | None] = field(default_factory=dict)
    _was_deleted: bool = False

    def write(self, tx: sqlite3.Connection) -> None:
        """Write the records as they are in memory now."""
        self._discarded, self._shown = set(), {}
        bucket = memory.bucket(self.bucket)
        self._was_deleted = bucket is None and index.has_bucket(tx, self.bucket)
        if bucket is None:
            if self._was_deleted:
                self._discarded |= index.delete_bucket(tx, self.bucket)
            self._discard_unused(tx)
            return
        # an object may be written before the operation that made its bucket is
        if self.settings or not index.has_bucket(tx, self.bucket):
            index.put_bucket(tx, _bucket_row(bucket))
        for key, versions in self.versions.items():
            self._write_key(tx, bucket, key, versions)
        if self.upload is not None:
            self._write_upload(tx, bucket, self.upload)
        self._discard_unused(tx)

    def _discard_unused(self, tx: sqlite3.Connection) -> None:
        self._discarded |= {file for file in self.files if not index.is_used(tx, file)}

    def _write_key(self, tx: sqlite3.Connection, bucket: S3Bucket, key: str, named: set[str]) -> None:
        before = index.current_file(tx, bucket.name, key)
        found = memory.versions(bucket, key)
        newest = next(reversed(found), None)
        for version in {*named, newest} - {None}:
            if version in found:
                self._discarded |= index.put_object(tx, _row(bucket, found[version], version, version == newest))
            else:
                self._discarded |= index.delete_object(tx, bucket.name, key, version)
        if newest is not None:
            index.make_current(tx, bucket.name, key, newest)
        after = getattr(found.get(newest), "file", None)
        if after != before:
            self._shown[key] = after

    def _write_upload(self, tx: sqlite3.Connection, bucket: S3Bucket, identifier: str) -> None:
        upload = bucket.multiparts.get(identifier)
        if upload is None:
            self._discarded |= index.delete_upload(tx, bucket.name, identifier)
        elif self.part is None:
            index.put_upload(tx, bucket.name, identifier, records.dump(upload))
        elif part := upload.parts.get(str(self.part)):
            row = index.PartRow(bucket.name, identifier, self.part, part.file, records.dump(part))
            self._discarded |= index.put_part(tx, row)

    def committed(self) -> None:
        """Have the tree show it, and files go that no record names any more."""
        try:
            self._show()
        except OSError:
            LOG.exception("the tree does not show all of bucket %s until the next start", self.bucket)
            return  # the files tell the next start which links in the tree are ours
        self.collector.discard(self._discarded)

    def _show(self) -> None:
        if self._was_deleted:
            self.tree.remove_bucket(self.bucket)
        elif self.settings and memory.bucket(self.bucket):
            self.tree.add_bucket(self.bucket)
        for key, file in self._shown.items():
            if file is None:
                self.tree.hide(self.bucket, key)
            else:
                self.tree.show(self.bucket, key, file)


def _bucket_row(bucket: S3Bucket) -> index.BucketRow:
    tags = memory.store_of(bucket).tags.get_tags(bucket.bucket_arn)
    return index.BucketRow(
        bucket.name,
        bucket.bucket_account_id,
        bucket.bucket_region,
        bucket.versioning_status is not None,
        records.dump(bucket),
        records.dump_plain(tags),
    )


def _row(bucket: S3Bucket, found: Any, version: str, newest: bool) -> index.ObjectRow:
    marker = isinstance(found, S3DeleteMarker)
    tags = memory.store_of(bucket).tags.get_tags(get_unique_key_id(bucket.name, found.key, version))
    return index.ObjectRow(
        bucket=bucket.name,
        key=found.key,
        version=version,
        position=memory.position(found),
        current=newest,
        file=None if marker else found.file,
        size=0 if marker else found.size,
        etag="" if marker else found.etag,
        modified=round(found.last_modified.timestamp() * 1_000_000) * 1000,
        readable=not marker and memory.is_readable(found),
        record=records.dump(found),
        tags=records.dump_plain(tags),
    )


@dataclass
class Saving:
    """Wraps the operations of a dispatch table.

    Args:
        journal, tree, collector: of the store.
    """

    journal: Journal
    tree: Tree
    collector: Collector
    _unsaved: list[Change] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _conditional: defaultdict[tuple[Any, Any], threading.RLock] = field(
        default_factory=lambda: defaultdict(threading.RLock)
    )

    def wrap(
        self, operations: Mapping[str, Callable[..., Any]], touched: Mapping[str, tuple[Touched, ...]] = TOUCHED
    ) -> dict[str, Callable[..., Any]]:
        """Operations that save what they change, and keep the files that they may be about to open."""
        return {
            name: self._saving(handler, touched[name], name in BODIES) if name in touched else self._reading(handler)
            for name, handler in operations.items()
        }

    def _reading(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        def read(context: Any, request: Any) -> Any:
            with self.collector.request():
                return handler(context, request)

        return read

    def _saving(self, handler: Callable[..., Any], touched: tuple[Touched, ...], body: bool) -> Callable[..., Any]:
        def save(context: Any, request: Any) -> Any:
            current.begin(_announced(context.request.headers) if body else None)
            if Touched.OBJECT in touched:
                # an operation on a version that it does not name may end when another one is current
                _note_current(request)
            with self.collector.request(), self._alone(request or {}):
                answer: Any = None
                try:
                    answer = handler(context, request)
                finally:
                    # also where it failed: an operation may fail after it has changed something
                    self._write(self._change(touched, request or {}, answer or {}, current.versions))
                return answer

        return save

    @contextmanager
    def _alone(self, request: Mapping[str, Any]) -> Iterator[None]:
        """Let one conditional write of a key at a time look at the condition and write."""
        if not (request.get("IfMatch") or request.get("IfNoneMatch")):
            yield
            return
        with self._guard:
            lock = self._conditional[request.get("Bucket"), request.get("Key")]
        with lock:
            yield

    def _change(
        self,
        touched: tuple[Touched, ...],
        request: Mapping[str, Any],
        answer: Mapping[str, Any],
        versions: Iterable[tuple[str, str]],
    ) -> Change:
        bucket = request.get("Bucket") or request["ResourceArn"].rpartition(":")[2]
        change = Change(self.tree, self.collector, bucket, settings=Touched.BUCKET in touched, files=current.files)
        if Touched.OBJECT in touched and "Key" in request:  # a form has it in a field; the store is told
            change.versions[request["Key"]] = {request.get("VersionId") or NULL, answer.get("VersionId") or NULL, NULL}
        if Touched.OBJECTS in touched:
            for one in request.get("Delete", {}).get("Objects") or []:
                change.versions.setdefault(one["Key"], {NULL}).add(one.get("VersionId") or NULL)
        if Touched.UPLOAD in touched or Touched.PART in touched:
            change.upload = request.get("UploadId") or answer.get("UploadId")
            change.part = request.get("PartNumber") if Touched.PART in touched else None
        for key, version in versions:
            change.versions.setdefault(key, {NULL}).add(version)
        return change

    def _write(self, change: Change) -> None:
        with self._guard:
            late, self._unsaved = self._unsaved, []
        waiting = [*late, change]
        for written, one in enumerate(waiting):
            try:
                self.journal.write(one)
            except sqlite3.Error as error:
                with self._guard:
                    self._unsaved.extend(waiting[written:])
                LOG.exception("s3://%s: what an operation changed could not be saved", one.bucket)
                problem = f"The change of bucket {one.bucket} could not be saved ({error}). Is the disk full?"
                raise CommonServiceException("InternalError", problem, 500) from error


def _note_current(request: Mapping[str, Any] | None) -> None:
    found = memory.bucket(str((request or {}).get("Bucket")))
    key = (request or {}).get("Key")
    if found is not None and key and (now := found.objects.get(key)):
        current.made(key, now.version_id)


def _announced(headers: Mapping[str, str]) -> int | None:
    """How many bytes of body the client announced."""
    text = headers.get("x-amz-decoded-content-length") or headers.get("content-length") or ""
    return int(text) if text.isdigit() else None
