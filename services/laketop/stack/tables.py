"""Tables on stdout: aligned for people, TSV or CSV for programs."""

import csv
import io
import sys
from collections.abc import Sequence
from enum import StrEnum

type Row = Sequence[str | None]


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"


def _aligned(header: Sequence[str], rows: Sequence[Row]) -> str:
    cells = [
        list(header),
        *([("NULL" if cell is None else " ".join(cell.splitlines())) for cell in row] for row in rows),
    ]
    widths = [max((len(row[i]) for row in cells), default=0) for i in range(len(header))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells
    )


def _csv(header: Sequence[str], rows: Sequence[Row]) -> str:
    """CSV as Athena writes it: a null is nothing, an empty string is two quotes."""
    quoted = [
        ",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *rows)
    ]
    return "".join(line + "\n" for line in quoted)


def _tsv(header: Sequence[str], rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerows([header, *(["" if cell is None else cell for cell in row] for row in rows)])
    return text.getvalue()


_WRITERS = {Format.TABLE: _aligned, Format.TSV: _tsv, Format.CSV: _csv}


def render(header: Sequence[str], rows: Sequence[Row], form: Format = Format.TABLE) -> str:
    """A table as text; None is a null."""
    return _WRITERS[form](header, rows)


def show(header: Sequence[str], rows: Sequence[Row], form: Format = Format.TABLE) -> None:
    """Print a table to stdout."""
    sys.stdout.write(render(header, rows, form))
