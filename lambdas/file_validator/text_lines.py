"""Text files as lines, decoded and bounded, by the rules of the reader that comes later.

A line ends by LF, CR LF or CR, as for Hadoop's LineRecordReader, by which Spark reads; other characters that Unicode
calls line ends stay within a line. A byte order mark of UTF-8 at the beginning is no part of the text.
"""

import codecs
import io
from collections.abc import Iterable, Iterator

from .bad_file import BadFileError
from .pieces import with_head

MAX_LINE = 1024 * 1024  # characters; a longer line is no row of a contract, and would have to be held in memory
# Spark skips a line that is empty after Java's trim(): all characters up to the space.
BLANK = "".join(map(chr, range(33)))
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32LE"),  # before UTF-16LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32BE"),
    (codecs.BOM_UTF16_LE, "UTF-16LE"),
    (codecs.BOM_UTF16_BE, "UTF-16BE"),
)
_SAMPLE = 64  # bytes at the beginning by which UTF-16 without a mark is told


def lines(pieces: Iterable[bytes], limit: int) -> Iterator[tuple[int, str]]:
    """The lines that are not blank.

    Args:
        pieces: the text's bytes in order.
        limit: most bytes of text.

    Returns:
        (number of the line in the file from 1, the line without its end).

    Raises:
        BadFileError: NOT_UTF8, NUL_CHARACTER, LINE_TOO_LONG, or TOO_LARGE.
    """
    for number, line in enumerate(_split(_decode(_within(pieces, limit))), 1):
        if len(line) > MAX_LINE:
            raise _too_long(number)
        if line.strip(BLANK):
            yield number, line


def _split(texts: Iterable[str]) -> Iterator[str]:
    rest: list[str] = []  # the beginning of a line, in the pieces in which it came
    length = number = 0
    for text in texts:
        first, *more = text.split("\n")
        rest.append(first)
        length += len(first)
        if length > MAX_LINE:
            raise _too_long(number + 1)
        if more:
            yield "".join(rest)
            yield from more[:-1]
            number += len(more)
            rest, length = [more[-1]], len(more[-1])
    yield "".join(rest)


def _too_long(number: int) -> BadFileError:
    message = f"line {number} has more than {MAX_LINE} characters, more than any row; check the file's line ends"
    return BadFileError("LINE_TOO_LONG", message, {"line": number, "limit": MAX_LINE})


def _within(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > limit:
            message = f"the content has more than the {limit} bytes that the contract allows; split the file"
            raise BadFileError("TOO_LARGE", message, {"limit": limit})
        yield piece


def _decode(pieces: Iterable[bytes]) -> Iterator[str]:
    """The text with LF as the only line end, and without the mark at its beginning."""
    head, pieces = with_head(pieces, _SAMPLE)
    if encoding := _other_unicode(head):
        raise _not_utf8(encoding, line=1, position=0)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(), translate=True)
    position = line = 0
    ended = b""
    for piece in pieces:
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            # The decoder has kept the beginning of a character from the piece before, or has left out the mark.
            before = position + len(piece) - len(error.object) + error.start
            line += _line_ends(error.object[: error.start], ended)
            raise _not_utf8(_eight_bits(error.object[error.start :]), line + 1, before) from error
        if "\0" in text:
            number = line + _line_ends(piece[: piece.index(0)], ended) + 1
            message = f"line {number} has a NUL character, which no text has; write the file anew, without them"
            raise BadFileError("NUL_CHARACTER", message, {"line": number})
        yield text
        position, line = position + len(piece), line + _line_ends(piece, ended)
        ended = piece[-1:]
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = "the file ends in the middle of a character of UTF-8; it was cut off, upload it again"
        raise BadFileError("NOT_UTF8", message, {"encoding": "UTF-8, cut off", "position": position}) from error


def _line_ends(data: bytes, before: bytes) -> int:
    """How many line ends are in the data; a LF whose CR was the byte before is none of its own."""
    ends = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
    return ends - (before == b"\r" and data.startswith(b"\n"))


def _other_unicode(head: bytes) -> str | None:
    """UTF-16 or UTF-32 by the mark, or by the zeros that Latin letters have in UTF-16; else None."""
    if marked := next((name for mark, name in _MARKS if head.startswith(mark)), None):
        return marked
    sample = head[:_SAMPLE]
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    half = len(sample) // 2
    if half > 1 and zeros[0] == 0 and zeros[1] > half * 0.8:
        return "UTF-16LE"
    return "UTF-16BE" if half > 1 and zeros[1] == 0 and zeros[0] > half * 0.8 else None


def _eight_bits(data: bytes) -> str:
    """What text of one byte a character is likely to be: Latin-1 has no letters from 0x80 to 0x9F, Windows has."""
    windows = any(0x80 <= byte <= 0x9F for byte in data[:4096])
    return "Windows-1252" if windows else "ISO-8859-1 (Latin-1)"


def _not_utf8(encoding: str, line: int, position: int) -> BadFileError:
    message = f"line {line} is not UTF-8, it looks like {encoding}; save the file as UTF-8 and upload it again"
    return BadFileError("NOT_UTF8", message, {"encoding": encoding, "line": line, "position": position})
