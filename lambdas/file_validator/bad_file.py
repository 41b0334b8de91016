"""What it means that a file is refused: one code for programs, one sentence for people, details for both."""

from typing import Any

# Code → what it says, for whoever writes a filter or reads the quarantine.
CODES = {
    "DUPLICATE_FILE": "the same bytes came before, under another name or version",
    "EMBEDDED_NEWLINE": "a quoted CSV value goes over a line's end",
    "EMPTY_FILE": "no content but blank lines",
    "ENCRYPTED_PARQUET": "Parquet that is encrypted, as a whole or a column of it",
    "LINE_TOO_LONG": "a line longer than any row",
    "MALFORMED_CSV": "no reader of CSV could split it into values",
    "MALFORMED_JSON": "a line that is no flat JSON object",
    "MISSING_FIELD": "a JSON object without a field that the contract requires",
    "NESTED_COLUMN": "a Parquet column with a structure, a list or a map",
    "NESTED_GZIP": "gzip inside of gzip",
    "NOT_UTF8": "text in another encoding",
    "NO_ROWS": "a header, or a schema, and no row",
    "NUL_CHARACTER": "a NUL, which no text of a contract has",
    "OTHER_DATASET": "the columns of another dataset's contract",
    "TOO_LARGE": "more bytes than the contract allows",
    "UNKNOWN_DATASET": "the key names no dataset that has a contract",
    "UNKNOWN_FIELD": "a JSON object with a field that the contract does not know",
    "UNREADABLE_GZIP": "gzip that is cut off, broken, or followed by something else",
    "UNREADABLE_PARQUET": "Parquet that is cut off or contradicts itself",
    "UNSUPPORTED_COMPRESSION": "Parquet pages by a codec that the job's Spark does not have",
    "UNSUPPORTED_FORMAT": "a suffix that stands for no format",
    "WRONG_EXTENSION": "another format than the suffix says",
    "WRONG_HEADER": "column names that are not the contract's",
    "WRONG_TYPE": "a Parquet column of a type that does not fit the contract's",
    "ZIP_BOMB": "a small object that unpacks to very much",
}

# A verdict is the payload of a state machine, which has 256 KiB for it; a file may name its columns as it likes.
_TEXT, _SENTENCE, _ITEMS = 200, 1000, 100


def _bounded(value: Any, length: int = _TEXT) -> Any:
    """The value with its texts and lists cut short, and its texts such that UTF-8 can have them."""
    if isinstance(value, str):
        text = value.encode("utf-8", "replace").decode()
        return text if len(text) <= length else f"{text[:length]}…"
    if isinstance(value, dict):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:_ITEMS]]
    return value


class BadFileError(Exception):
    """A file breaks its contract.

    Attributes:
        code: the reason in one word, a key of `CODES`.
        message: the reason as a sentence that says what to do about it.
        details: what was expected and found, JSON values.
    """

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        if code not in CODES:
            raise ValueError(f"{code!r} is no reason that CODES explains; add it there")
        super().__init__(code, message, details)
        self.code, self.message, self.details = code, _bounded(message, _SENTENCE), _bounded(details or {})

    def reason(self) -> dict[str, Any]:
        """`code`, `message` and `details`, as the verdict and the quarantine's reason file hold them."""
        return {"code": self.code, "message": self.message, "details": self.details}
