"""Read a file that a new dataset is to be like: its columns and rows, or why it cannot be one.

CSV and JSONL (also with `.gz`) are streamed, Parquet is read batch by batch. What the pipeline would refuse is refused
here too, so that the contract's first file is accepted.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from contracts.tools.naming import check_columns
from contracts.tools.profiles import Number, Profile

ROWS = 500_000  # that are looked at: some seconds
_BATCH = 10_000

type Row = Mapping[str, str | None]


class FileRefusedError(ValueError):
    """A file cannot be the example of a dataset; the message says where and why."""


def profile(path: Path, rows: int = ROWS) -> tuple[list[Profile], int, bool]:
    """Look at a file's rows.

    Args:
        path: a file whose name ends with .csv, .jsonl (each with .gz or without) or .parquet.
        rows: how many to look at.

    Returns:
        the columns in the file's order, how many rows were looked at, and whether these were all.

    Raises:
        FileRefusedError: the file is empty, damaged or not what its name says.
        NameRefusedError: a column's name cannot be a table's.
        OSError: the file cannot be read.
    """
    name = path.name.removesuffix(".gz")
    read = _FORMATS.get(Path(name).suffix)
    if read is None or (path.suffix == ".gz" and name.endswith(".parquet")):
        wanted = ".csv, .csv.gz, .jsonl, .jsonl.gz or .parquet"
        raise FileRefusedError(f"{path}: the name says no format; it has to end with {wanted}")
    if path.stat().st_size == 0:
        raise FileRefusedError(f"{path} is empty; a contract is inferred from a file with a header and rows")
    try:
        profiles, count, whole = read(path, rows)
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"{path} is not UTF-8 ({error.reason}); convert it and try again") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefusedError(f"{path} cannot be decompressed to its end: {error}") from error
    if not count:
        raise FileRefusedError(f"{path} has no rows; a contract is inferred from rows")
    return profiles, count, whole


def _open(path: Path, newline: str) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline=newline)
    return path.open(encoding="utf-8-sig", newline=newline)


def _csv(path: Path, rows: int) -> tuple[list[Profile], int, bool]:
    with _open(path, "") as file:
        reader = csv.reader((line for line in file if line.strip()), strict=True)
        try:
            header = next(reader, None)
            if header is None:
                raise FileRefusedError(f"{path} has blank lines only; a header and rows are needed")
            check_columns(header, str(path))
            profiles = [Profile(name) for name in header]
            count = 0
            for count, row in enumerate(islice(reader, rows), 1):
                _check_row(path, count, row, header, reader.line_num)
                for column, text in zip(profiles, row, strict=True):
                    column.add(text or None)
            return profiles, count, next(reader, None) is None
        except csv.Error as error:
            raise FileRefusedError(f"{path}, line {reader.line_num}: no CSV: {error}") from error


def _check_row(path: Path, number: int, row: list[str], header: list[str], lines: int) -> None:
    if len(row) != len(header):
        raise FileRefusedError(f"{path}, row {number}: {len(row)} values, but the header has {len(header)} names")
    if lines != number + 1:
        raise FileRefusedError(
            f"{path}, row {number}: a quoted value goes over more than one line, which landing files cannot have; "
            "write the file as JSONL or Parquet"
        )


def _jsonl(path: Path, rows: int) -> tuple[list[Profile], int, bool]:
    profiles: dict[str, Profile] = {}
    count = 0
    with _open(path, "\n") as file:
        lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
        for count, (number, line) in enumerate(islice(lines, rows), 1):
            row = _object(f"{path}, line {number}", line)
            for name in row:
                if name not in profiles:
                    profiles[name] = Profile(name, missing=count - 1)
            for name, column in profiles.items():
                column.add_json(row.get(name))
        whole = next(lines, None) is None
    check_columns(list(profiles), str(path))
    return list(profiles.values()), count, whole


def _object(where: str, line: str) -> Row:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            raise FileRefusedError(f"{where}: an object has a member twice; keep one")
        return found

    def constant(text: str) -> Any:
        raise FileRefusedError(f"{where}: {text} is no JSON; write null")

    try:
        document = json.loads(
            line, object_pairs_hook=pairs, parse_int=Number, parse_float=Number, parse_constant=constant
        )
    except json.JSONDecodeError as error:
        raise FileRefusedError(f"{where}: no JSON: {error}") from error
    if not isinstance(document, dict) or not document:
        raise FileRefusedError(f"{where}: a JSON object with members is needed, one a line")
    return {name: _scalar(f"{where}, {name}", value) for name, value in document.items()}


def _scalar(where: str, value: Any) -> str | None:
    if isinstance(value, dict | list):
        raise FileRefusedError(f"{where}: a nested value; a contract's columns are flat, so give each part a column")
    if isinstance(value, bool):
        return Number("true" if value else "false")
    return value or None  # an empty text is no value, as in CSV


def _parquet(path: Path, rows: int) -> tuple[list[Profile], int, bool]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            check_columns(file.schema_arrow.names, str(path))
            profiles = [Profile(field.name, _hive(pa, path, field)) for field in file.schema_arrow]
            count = 0
            for batch in file.iter_batches(min(_BATCH, rows)):
                part = batch.slice(0, rows - count)
                for column, values in zip(profiles, part.columns, strict=True):
                    _add(pa, column, values)
                count += part.num_rows
                if count >= rows:
                    break
            return profiles, count, count == file.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise FileRefusedError(f"{path} cannot be read as Parquet: {error}") from error


def _add(pa: Any, column: Profile, values: Any) -> None:
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us", values.type.tz))  # refuses nanoseconds that would be lost
    for value in values.to_pylist():
        column.add(None if value is None or value == "" else _text(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.replace(tzinfo=None).isoformat(sep=" ") if hasattr(value, "hour") else str(value)


def _hive(pa: Any, path: Path, field: Any) -> str:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_decimal(kind) and kind.precision <= 38 and 0 <= kind.scale <= kind.precision:
        return f"decimal({kind.precision},{kind.scale})"
    for test, hive in _HIVE:
        if getattr(pa.types, test)(kind):
            return hive
    raise FileRefusedError(
        f"{path}, column {field.name}: a contract has no type for {field.type}; "
        "write it as text, number, boolean, date or timestamp"
    )


# pyarrow.types' question → the Hive type that holds all its values.
_HIVE = (
    ("is_boolean", "boolean"),
    ("is_int8", "int"),
    ("is_int16", "int"),
    ("is_int32", "int"),
    ("is_uint8", "int"),
    ("is_uint16", "int"),
    ("is_uint32", "bigint"),
    ("is_int64", "bigint"),
    ("is_uint64", "decimal(20,0)"),
    ("is_floating", "double"),
    ("is_date", "date"),
    ("is_timestamp", "timestamp"),
    ("is_string", "string"),
    ("is_large_string", "string"),
    ("is_string_view", "string"),
    ("is_null", "string"),
)

_FORMATS: Mapping[str, Callable[[Path, int], tuple[list[Profile], int, bool]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
