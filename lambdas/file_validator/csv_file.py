"""CSV: one header, the contract's columns in its order, and one row a line.

The checks are those of the file as a whole. Rows are the Glue job's matter, which can reject one row and keep the rest;
what is checked here is also what makes both agree on what a row is.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .bad_file import BadFileError
from .columns import Schemas

MAX_FIELD = 128 * 1024  # characters, as much as Python's csv takes by itself
# Spark's reader fails, for the whole job, at a line of more values (its option maxColumns).
MAX_COLUMNS = 20480
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def count_rows(lines: Iterable[tuple[int, str]], schemas: Schemas) -> int:
    """Read a CSV file to its end and return its number of data rows.

    Args:
        lines: the lines that are not blank, and their numbers.
        schemas: the contract, and those of other datasets.

    Raises:
        BadFileError: EMPTY_FILE, NO_ROWS, WRONG_HEADER, OTHER_DATASET, WRONG_EXTENSION, EMBEDDED_NEWLINE, or
            MALFORMED_CSV.
    """
    csv.field_size_limit(MAX_FIELD)
    feed = _Feed(lines)
    try:
        for row in csv.reader(feed):
            feed.records += 1
            if feed.records == 1:
                _check_header(row, feed.line, schemas)
    except csv.Error as error:
        message = f"line {feed.number} cannot be read as CSV: {error}; correct it and upload the file again"
        raise BadFileError("MALFORMED_CSV", message, {"line": feed.number}) from error
    if feed.records == 0:
        raise BadFileError("EMPTY_FILE", "the file has blank lines only; upload it with its header and its rows")
    if feed.records == 1:
        raise BadFileError("NO_ROWS", "the file has a header and no rows; upload it when there are some")
    return feed.records - 1


class _Feed(Iterator[str]):
    """Hands lines to the CSV reader; that it asks for one more before a record is complete is an open quote."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines, self._given = iter(lines), 0
        self.records = self.number = 0
        self.line = ""

    def __next__(self) -> str:
        number, line = next(self._lines)
        if self._given > self.records:
            message = f"a quoted value spans lines, or its quote is never closed: see line {self.number}"
            fix = "write each row on one line"
            raise BadFileError("EMBEDDED_NEWLINE", f"{message}; {fix}", {"line": self.number})
        self._given += 1
        self.number, self.line = number, line
        if line.count(",") >= MAX_COLUMNS:
            message = f"line {number} has {line.count(',')} commas, more than Spark can read as a row"
            raise BadFileError("MALFORMED_CSV", f"{message}; correct or remove it", {"line": number})
        return line


def _check_header(found: Sequence[str], line: str, schemas: Schemas) -> None:
    expected = schemas.contract.header
    if tuple(found) == expected:
        return
    if line.lstrip().startswith(("{", "[")):
        message = "the name says CSV, but the content is JSON; name it .jsonl, one object a line, and upload it again"
        raise BadFileError("WRONG_EXTENSION", message, {"found": "JSON"})
    schemas.refuse_other_dataset(found)
    details = {
        "expected": list(expected),
        "found": list(found),
        "missing": [name for name in expected if name not in found],
        "unexpected": [name for name in found if name not in expected],
    }
    message = f"the header is not the contract's: {_difference(found, line, expected)}"
    raise BadFileError("WRONG_HEADER", f"{message}; the first line has to be {','.join(expected)}", details)


def _difference(found: Sequence[str], line: str, expected: Sequence[str]) -> str:
    """What is wrong with a header, in words: the first thing that explains it."""
    for separator, name in _SEPARATORS.items():
        if len(line.split(separator)) == len(expected) > 1:
            return f"its names are separated by {name}, not by commas"
    twice = [name for name, count in Counter(found).items() if count > 1]
    if twice:
        return f"{twice[0]!r} occurs twice"
    if [name.strip().lower() for name in found] == list(expected):
        return "its names differ in upper case or spaces"
    if sorted(found) == sorted(expected):
        return "its names are in another order"
    missing = [name for name in expected if name not in found]
    if len(missing) == len(expected):
        return "it has none of its names, so the header may be missing"
    unexpected = [name for name in found if name not in expected]
    parts = (("missing", missing), ("unexpected", unexpected))
    return "; ".join(f"{word}: {', '.join(names)[:200]}" for word, names in parts if names)
