"""Parquet: the footer against the contract and against the file itself. Pages are not opened: that is the job's matter.

The footer is at the end, so that it is read by ranged requests; what it may take is bounded.
"""

from collections.abc import Callable, Iterator
from typing import Any

from .bad_file import BadFileError
from .columns import Schemas
from .formats import sniff
from .parquet_footer import Footer, Leaf
from .parquet_types import PHYSICAL, fits
from .thrift_compact import ThriftError

MAGIC, ENCRYPTED = b"PAR1", b"PARE"
TAIL = 8  # bytes at the end: the footer's length and the magic
FIRST = 64 * 1024  # bytes that are read at first; most footers are smaller
MAX_FOOTER = 8 * 1024 * 1024
# Codecs by number, and those that Spark has; LZO and Brotli need libraries that neither Spark nor Glue brings.
_CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW")
_REFUSED_CODECS = ("LZO", "BROTLI")

_NEEDED = ("type", "path", "codec", "values", "unpacked", "packed", "data_page")

ReadRange = Callable[[int, int], bytes]


def count_rows(read: ReadRange, size: int, schemas: Schemas) -> int:
    """Check a Parquet file by its footer and return its number of rows.

    Args:
        read: gives the bytes of the object from a position, in a given number.
        size: the object's size in bytes.
        schemas: the contract, and those of other datasets.

    Raises:
        BadFileError: UNREADABLE_PARQUET, ENCRYPTED_PARQUET, UNSUPPORTED_COMPRESSION, NESTED_COLUMN, WRONG_TYPE,
            WRONG_HEADER, OTHER_DATASET, TOO_LARGE, or NO_ROWS.
    """
    data = _footer(read, size)
    try:
        footer = Footer(data)
        if footer.encrypted:
            raise _encrypted("its columns are encrypted")
        _check_columns(footer.columns, schemas)
        _check_row_groups(footer, size - TAIL - len(data), schemas.contract.max_content_bytes)
    except ThriftError as error:
        raise _unreadable(f"the footer cannot be read: {error}") from error
    if footer.rows == 0:
        raise BadFileError("NO_ROWS", "the file has columns and no rows; upload it when there are some")
    return footer.rows


def _unreadable(cause: str, **details: Any) -> BadFileError:
    message = f"the file is no whole Parquet file: {cause}; write it anew or upload it again"
    return BadFileError("UNREADABLE_PARQUET", message, {"cause": cause} | details)


def _encrypted(cause: str) -> BadFileError:
    return BadFileError("ENCRYPTED_PARQUET", f"the file cannot be read: {cause}; write it without encryption")


def _footer(read: ReadRange, size: int) -> bytes:
    if size < len(MAGIC) + TAIL:
        raise _unreadable(f"it has {size} bytes, fewer than an empty one", size=size)
    head, end = read(0, len(MAGIC)), read(max(0, size - FIRST), min(size, FIRST))
    found = end[-len(MAGIC) :]
    if ENCRYPTED in (head, found):
        raise _encrypted("its footer is encrypted")
    if head != MAGIC:
        raise _unreadable(f"it does not begin with PAR1{_looks_like(head)}")
    if found != MAGIC:
        raise _unreadable("it does not end with PAR1, so its end is missing")
    length = int.from_bytes(end[-TAIL : -len(MAGIC)], "little")
    if length > MAX_FOOTER:
        message = f"the footer has {length} bytes, more than {MAX_FOOTER}; write fewer and larger row groups"
        raise BadFileError("TOO_LARGE", message, {"footer": length, "limit": MAX_FOOTER})
    if not 0 < length <= size - TAIL - len(MAGIC):
        raise _unreadable(f"its footer is said to have {length} bytes, and the file has {size}")
    if length + TAIL <= len(end):
        return end[-TAIL - length : -TAIL]
    return read(size - TAIL - length, length)


def _looks_like(head: bytes) -> str:
    return f" but like {found}" if (found := sniff(head)) else ""


def _check_columns(columns: tuple[Leaf, ...], schemas: Schemas) -> None:
    names, expected = [column.name for column in columns], schemas.contract.header
    if sorted(names) != sorted(expected):
        schemas.refuse_other_dataset(names)
        missing = [name for name in expected if name not in names]
        unexpected = [name for name in names if name not in expected]
        lists = {"expected": list(expected), "found": names, "missing": missing, "unexpected": unexpected}
        parts = (("missing", missing), ("unexpected", unexpected))
        said = "; ".join(f"{word}: {', '.join(some)[:200]}" for word, some in parts if some) or "one occurs twice"
        message = f"the columns are not the contract's ({said}); write the contract's columns, each once"
        raise BadFileError("WRONG_HEADER", message, lists)
    types = {column.name: column.type for column in schemas.contract.landing}
    for column in columns:
        if column.type is None or column.repeated:
            message = f"the column {column.name} holds lists or structures; write one plain value a row"
            raise BadFileError("NESTED_COLUMN", message, {"column": column.name})
        if not fits(types[column.name], column.type):
            details = {"column": column.name, "expected": types[column.name], "found": str(column.type)}
            message = f"the column {column.name} is {column.type}, which does not fit {types[column.name]}"
            raise BadFileError("WRONG_TYPE", f"{message}; cast it to {types[column.name]} and write anew", details)


def _check_row_groups(footer: Footer, end: int, limit: int) -> None:
    """Row groups agree with the schema and each other, and lie between the magic and the footer at `end`."""
    rows = unpacked = 0
    for number, group in enumerate(footer.row_groups()):
        count, chunks = group.get("rows", -1), group.get("chunks", [])
        if count < 0 or len(chunks) != len(footer.columns):
            raise _unreadable(f"row group {number} has {len(chunks)} columns and {count} rows", row_group=number)
        rows += count
        for column, chunk in zip(footer.columns, chunks, strict=True):
            where = f"row group {number}, column {column.name}"
            for wrong in _faults(column, chunk, count, end):
                raise _unreadable(f"{where}: {wrong}", row_group=number, column=column.name)
            unpacked += chunk["data"]["unpacked"]
    if rows != footer.rows:
        raise _unreadable(f"it says that it has {footer.rows} rows, and its row groups have {rows}")
    if unpacked > limit:
        message = f"the content has {unpacked} bytes, more than the {limit} that the contract allows; split the file"
        raise BadFileError("TOO_LARGE", message, {"unpacked": unpacked, "limit": limit})


def _faults(column: Leaf, chunk: dict[str, Any], rows: int, end: int) -> Iterator[str]:
    """What is wrong with a column of a row group, first the worst.

    Raises:
        BadFileError: it is readable by somebody, but not by the job.
    """
    if "encryption" in chunk or "encrypted_data" in chunk:
        raise _encrypted(f"the column {column.name} is encrypted")
    if chunk.get("file"):
        yield "its data are in another file"
    data = chunk.get("data", {})
    missing = [name for name in _NEEDED if name not in data]
    if missing:
        yield f"it does not say {', '.join(missing)}"
    codec = _CODECS[data["codec"]] if 0 <= data["codec"] < len(_CODECS) else f"number {data['codec']}"
    if codec not in _CODECS or codec in _REFUSED_CODECS:
        message = f"the column {column.name} is compressed by the codec {codec}; write it with SNAPPY, GZIP or ZSTD"
        raise BadFileError("UNSUPPORTED_COMPRESSION", message, {"column": column.name, "codec": codec})
    physical = PHYSICAL.index(column.type.physical) if column.type else None
    if data["path"] != [column.name] or data["type"] != physical:
        yield "it is another column than the schema says"
    if data["values"] != rows:
        yield f"it has {data['values']} values for {rows} rows"
    starts = [start for start in (data.get("dictionary_page", 0), data["data_page"]) if start != 0]
    first = min(starts, default=0)
    # A row group without rows has no pages.
    if data["packed"] < 0 or data["unpacked"] < 0 or (rows and not len(MAGIC) <= first <= end - data["packed"]):
        yield f"its {data['packed']} bytes from {first} are outside of the file's data, which end at {end}"
