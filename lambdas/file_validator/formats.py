"""Which format a file is: by its suffix, and by its first bytes, which must not contradict."""

from dataclasses import dataclass

from .bad_file import BadFileError

# What a file begins with → what it is. None of them can begin a row or a header.
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "Parquet"),
    (b"PARE", "encrypted Parquet"),
    (b"PK\x03\x04", "a zip archive (or an Excel file)"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"%PDF-", "PDF"),
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"SQLite format 3", "an SQLite database"),
)
HEAD = 16  # bytes that are enough for all of them


@dataclass(frozen=True)
class Format:
    """A format of landing files.

    Attributes:
        suffix: how a key of it ends.
        name: csv, jsonl or parquet; a key of the handler's table of readers.
        gzip: whether the content is packed.
    """

    suffix: str
    name: str
    gzip: bool


FORMATS = (
    Format(".csv", "csv", gzip=False),
    Format(".csv.gz", "csv", gzip=True),
    Format(".jsonl", "jsonl", gzip=False),
    Format(".jsonl.gz", "jsonl", gzip=True),
    Format(".parquet", "parquet", gzip=False),
)


def of_key(key: str) -> Format:
    """The format that a key's suffix names; suffixes are lower case.

    Raises:
        BadFileError: UNSUPPORTED_FORMAT.
    """
    for known in FORMATS:
        if key.endswith(known.suffix):
            return known
    suffixes = [known.suffix for known in FORMATS]
    message = f"the name ends in none of {', '.join(suffixes)}; name the file by its format and upload it again"
    raise BadFileError("UNSUPPORTED_FORMAT", message, {"key": key, "supported": suffixes})


def sniff(head: bytes) -> str | None:
    """What a file is that begins with these bytes, or None where they tell nothing: text, as a rule."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def check_content(expected: Format, head: bytes) -> None:
    """Compare the first bytes of a stored object (at least `HEAD`, where it has as many) with its suffix.

    Raises:
        BadFileError: WRONG_EXTENSION.
    """
    found = sniff(head)
    wanted = "gzip" if expected.gzip else {"parquet": "Parquet"}.get(expected.name)
    # Parquet with an encrypted footer is Parquet; its reader says what is wrong with it.
    if found == wanted or (wanted == "Parquet" and found == "encrypted Parquet"):
        return
    found = found or "text or something unknown"
    message = f"the name ends in {expected.suffix}, but the content is {found}"
    fix = "name the file by its format, or save it in that format, and upload it again"
    raise BadFileError("WRONG_EXTENSION", f"{message}; {fix}", {"suffix": expected.suffix, "found": found})


def check_unpacked(head: bytes) -> None:
    """The first bytes after unpacking are to be text.

    Raises:
        BadFileError: NESTED_GZIP, or WRONG_EXTENSION.
    """
    found = sniff(head)
    if found == "gzip":
        raise BadFileError("NESTED_GZIP", "the file was packed by gzip twice; unpack it once and upload it again")
    if found:
        message = f"the content, unpacked, is {found} and not text; save it in the format that its name says"
        raise BadFileError("WRONG_EXTENSION", message, {"found": found})
