"""Athena's CSV: every value in double quotes, NULL as nothing between the commas.

Python's csv module cannot tell NULL from an empty text when it reads, so both directions are here, in one page.
"""

from collections.abc import Iterable, Iterator, Sequence


def line(values: Iterable[str | None]) -> str:
    """One line of CSV with its line end.

    Args:
        values: texts; None is NULL.
    """
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in values) + "\n"


class Reader:
    """Rows of Athena's CSV from a stream of bytes, each with the place where it ends.

    Args:
        chunks: the bytes, from the start of a row.
        start: the place of the first byte in the file.
    """

    def __init__(self, chunks: Iterable[bytes], start: int = 0) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._offset = start

    def rows(self) -> Iterator[tuple[list[str | None], int]]:
        """(values, offset of the next row) of each row."""
        while True:
            end = self._row_end()
            if end is None:
                return
            row, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
            self._offset += end + 1
            yield split(row.decode()), self._offset

    def _row_end(self) -> int | None:
        """Where the first line end outside of quotes is."""
        position, quoted = 0, False
        while True:
            while position < len(self._buffer):
                mark = self._buffer[position]
                if mark == 0x22:
                    quoted = not quoted
                elif mark == 0x0A and not quoted:
                    return position
                position += 1
            chunk = next(self._chunks, None)
            if chunk is None:
                return None
            self._buffer += chunk


def split(row: str) -> list[str | None]:
    """The values of one row without its line end.

    Raises:
        ValueError: the text was not written by `line`.
    """
    values: list[str | None] = []
    position = 0
    while True:
        if row[position : position + 1] == '"':
            end = _closing(row, position + 1)
            values.append(row[position + 1 : end].replace('""', '"'))
            position = end + 1
        else:
            values.append(None)
        if position == len(row):
            return values
        if row[position] != ",":
            raise ValueError(f"no comma at {position} of {row[:100]!r}")
        position += 1


def _closing(row: str, position: int) -> int:
    while True:
        end = row.find('"', position)
        if end < 0:
            raise ValueError(f"an open quote in {row[:100]!r}")
        if row[end + 1 : end + 2] != '"':
            return end
        position = end + 2


def header(names: Sequence[str]) -> str:
    """The line of column names."""
    return line(names)
