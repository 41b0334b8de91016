"""gzip, unpacked piece by piece and within bounds: neither a bomb nor a cut-off file can cost memory or time.

It is stricter than Python's `gzip`: anything after the last member is refused, zeros too. Hadoop, by which Spark reads
the file later, takes them for the beginning of another member and fails.
"""

import zlib
from collections.abc import Iterable, Iterator

from .bad_file import BadFileError

_GZIP = 16 + zlib.MAX_WBITS  # zlib then reads gzip's header, and checks its CRC and length at the end of a member
MAGIC = b"\x1f\x8b"
PIECE = 256 * 1024  # bytes that are unpacked at once
FREE = 16 * 1024 * 1024  # bytes up to which any ratio is a file that repeats itself, and harmless
RATIO = 200  # bytes out for each byte in; tables are packed 3 to 30 times, gzip's end is 1,032


def gunzip(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The content of a gzip file of one or more members (RFC 1952), in pieces of at most `PIECE` bytes.

    Args:
        pieces: the file's bytes in order.
        limit: most bytes of content.

    Raises:
        BadFileError: UNREADABLE_GZIP, ZIP_BOMB, or TOO_LARGE; as soon as it is known.
    """
    member, read, written = None, 0, 0
    for piece in pieces:
        data = piece
        while data:
            member = member or zlib.decompressobj(_GZIP)
            try:
                content = member.decompress(data, PIECE)
            except zlib.error as error:
                raise _unreadable(read, str(error)) from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
            read, written = read + len(data) - len(rest), written + len(content)
            _check_bounds(read, written, limit)
            if content:
                yield content
            data, member = rest, None if member.eof else member
    if member is not None:
        raise _unreadable(read, "it ends in the middle of its data")


def _unreadable(read: int, cause: str) -> BadFileError:
    message = f"the file cannot be unpacked to its end: {cause}; upload it again, whole and with nothing after it"
    return BadFileError("UNREADABLE_GZIP", message, {"bytes_read": read, "cause": cause})


def _check_bounds(read: int, written: int, limit: int) -> None:
    details = {"packed": read, "unpacked": written}
    if written > limit:
        message = f"the content has more than the {limit} bytes that the contract allows; split the file"
        raise BadFileError("TOO_LARGE", message, details | {"limit": limit})
    if written > FREE and written > RATIO * read:
        message = f"{read} bytes unpack to {written} and more, over {RATIO} times as much, which no table does"
        raise BadFileError("ZIP_BOMB", f"{message}; upload it as plain text if it is one", details | {"ratio": RATIO})
