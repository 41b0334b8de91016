"""An object's bytes in pieces: each goes by once, is counted into the checksum, and is not kept."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

SIZE = 256 * 1024  # bytes of a piece: many lines, and little memory


class Pieces:
    """The stored bytes of an object, in order.

    Iterating reads the stream to its end. `sha256` is that of all bytes only after `drain`, or after an iteration that
    came to the end.
    """

    def __init__(self, stream: BinaryIO, size: int = SIZE) -> None:
        """Take a stream that is open for reading; `size` is the length of a piece in bytes."""
        self._stream, self._size = stream, size
        self._hash = hashlib.sha256()
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._stream.read(self._size):
            self._hash.update(piece)
            self.count += len(piece)
            yield piece

    def drain(self) -> None:
        """Read what is left, for the checksum."""
        for _ in self:
            continue

    @property
    def sha256(self) -> str:
        """SHA-256 of what was read so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()


def with_head(pieces: Iterable[bytes], length: int) -> tuple[bytes, Iterator[bytes]]:
    """Look at the first bytes without losing them.

    Returns:
        (at least `length` bytes, less only where there are no more; all pieces, these bytes included).
    """
    rest = iter(pieces)
    head = b""
    while len(head) < length and (piece := next(rest, None)) is not None:
        head += piece
    return head, chain((head,), rest) if head else rest
