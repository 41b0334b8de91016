"""LocalStack's `S3ObjectStore` over the store's files. It never deletes anything: files that no record names go by
`laketop.storage.Collector`, so an operation that fails leaves the old object as it was.
"""

from collections.abc import Callable
from typing import Any, Literal

from localstack.aws.api import CommonServiceException
from localstack.services.s3.models import S3Multipart, S3Object, S3Part
from localstack.services.s3.storage.core import LimitedStream, S3ObjectStore, S3StoredMultipart
from localstack.services.s3.utils import ObjectRange

from laketop.storage import Layout
from laketop_localstack.s3.context import current
from laketop_localstack.s3.files import NewFile, StoredFile, stamp


class FileStore(S3ObjectStore):  # type: ignore[misc]
    """Objects as files.

    Args:
        layout: where.
        sync: whether bytes have to be on the disk before an operation is answered.
        on_close: called when the service stops.
    """

    def __init__(self, layout: Layout, sync: bool, on_close: Callable[[], None]) -> None:
        self.layout, self.sync, self._on_close = layout, sync, on_close
        self.root_directory = str(layout.root)

    def open(self, bucket: str, s3_object: S3Object | S3Part, mode: Literal["r", "w"] = "r") -> StoredFile | NewFile:
        """An object's bytes.

        Raises:
            CommonServiceException: InternalError where its file is gone or cut off, which only a power cut or somebody
                else can have done.
        """
        if mode == "w":
            if isinstance(s3_object, S3Object):
                current.made(s3_object.key, s3_object.version_id)
            return NewFile(s3_object, self.layout, self.sync, current.length)
        return self._opened(bucket, s3_object)

    def _opened(self, bucket: str, s3_object: Any, etag: str | None = None, checksum: str | None = None) -> StoredFile:
        name = getattr(s3_object, "key", None) or f"part {s3_object.part_number}"
        try:
            stored = StoredFile(s3_object, self.layout.file(s3_object.file), etag, checksum)
        except FileNotFoundError as error:
            raise _damaged(bucket, name, "its file is gone") from error
        size = stored.seek(0, 2)
        stored.seek(0)
        if size != s3_object.size:
            stored.close()
            raise _damaged(bucket, name, f"its file has {size:,} bytes instead of {s3_object.size:,}")
        return stored

    def remove(self, bucket: str, s3_object: S3Object | list[S3Object]) -> None:
        """Nothing: the record goes first, then the file."""

    def close(self) -> None:
        """The service stops."""
        self._on_close()

    def copy(
        self,
        src_bucket: str,  # noqa: ARG002 - LocalStack's signature
        src_object: S3Object,
        dest_bucket: str,
        dest_object: S3Object,
    ) -> StoredFile:
        """Make an object the same file as another one."""
        whole = "-" not in src_object.etag
        same = (
            src_object.checksum_type == "FULL_OBJECT"
            and src_object.checksum_algorithm == dest_object.checksum_algorithm
        )
        current.made(dest_object.key, dest_object.version_id)
        dest_object.file, dest_object.size = src_object.file, src_object.size
        dest_object.internal_last_modified = stamp()
        etag = src_object.etag if whole else None
        return self._opened(dest_bucket, dest_object, etag, src_object.checksum_value if same else None)

    def get_multipart(self, bucket: str, upload_id: S3Multipart) -> "FileMultipart":
        """An upload's parts."""
        return FileMultipart(self, bucket, upload_id)

    def remove_multipart(self, bucket: str, s3_multipart: S3Multipart) -> None:
        """Nothing: the record goes first, then the files."""


class FileMultipart(S3StoredMultipart):  # type: ignore[misc]
    """The parts of an upload, a file each."""

    _s3_store: FileStore

    def open(self, s3_part: S3Part, mode: Literal["r", "w"] = "r") -> StoredFile | NewFile:
        """A part's bytes."""
        return self._s3_store.open(self.bucket, s3_part, mode)

    def remove_part(self, s3_part: S3Part) -> None:
        """Nothing: a part that failed is in no record."""

    def complete_multipart(self, parts: list[S3Part]) -> None:
        """Make the upload's object of its parts; one part alone is the object."""
        target = self.s3_multipart.object
        if len(parts) == 1:
            target.file, target.size, target.internal_last_modified = parts[0].file, parts[0].size, stamp()
            return
        with NewFile(target, self._s3_store.layout, self._s3_store.sync) as joined:
            size = 0
            for part in parts:
                with self.open(part) as source:
                    size += joined.append(source)
            joined.finish(size)

    def close(self) -> None:
        """Nothing is open."""

    def copy_from_object(
        self, s3_part: S3Part, src_bucket: str, src_s3_object: S3Object, range_data: ObjectRange | None
    ) -> None:
        """Make a part of an object's bytes, or of a range of them."""
        with self._s3_store.open(src_bucket, src_s3_object) as source, self.open(s3_part, "w") as part:
            part.write(LimitedStream(source, range_data) if range_data else source)
            if s3_part.checksum_algorithm:
                s3_part.checksum_value = part.checksum


def _damaged(bucket: str, key: str, how: str) -> CommonServiceException:
    message = f"The bytes of s3://{bucket}/{key} are damaged: {how}. Delete the object, or write it again."
    return CommonServiceException("InternalError", message, 500)
