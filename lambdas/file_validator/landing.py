"""A version of a landing object: its bytes once from the beginning to the end, and parts of it by ranged requests."""

from typing import Any

from .pieces import Pieces


class LandingObject:
    """A version of an object in S3.

    Attributes:
        size: bytes as stored.
        etag: as S3 gives it, with its quotes.
        pieces: all bytes in order; read once.
    """

    def __init__(self, s3: Any, bucket: str, key: str, version: str) -> None:
        """Open it.

        Raises:
            botocore.exceptions.ClientError: S3 does not give it; NoSuchKey or NoSuchVersion where it is gone.
        """
        self._s3, self._name = s3, {"Bucket": bucket, "Key": key, "VersionId": version}
        found = s3.get_object(**self._name)
        self.size: int = found["ContentLength"]
        self.etag: str = found["ETag"]
        self._body = found["Body"]
        self.pieces = Pieces(self._body)

    def read_range(self, start: int, length: int) -> bytes:
        """The bytes from a position, by a request of their own (GetObject with Range)."""
        asked = f"bytes={start}-{start + length - 1}"
        content: bytes = self._s3.get_object(**self._name, Range=asked)["Body"].read()
        return content

    def close(self) -> None:
        """Let the connection go; what was not read is not fetched."""
        self._body.close()
