"""JSON lines: one flat object a line, its fields the contract's columns.

It is stricter than Spark's reader, which takes what comes: of a field that occurs twice, the last; of two objects on a
line, the first; half of a surrogate pair as a question mark.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

from .bad_file import BadFileError
from .columns import Schemas

MAX_NUMBER = 1000  # characters; the job's reader (Jackson) takes no longer ones
_SHOWN = 80  # characters of a line in a message


class _NotFlatError(ValueError):
    """An object is valid JSON, and yet no row; the text says why."""


def count_rows(lines: Iterable[tuple[int, str]], schemas: Schemas) -> int:
    """Read a file of JSON lines to its end and return its number of rows.

    Args:
        lines: the lines that are not blank, and their numbers.
        schemas: the contract, and those of other datasets.

    Raises:
        BadFileError: EMPTY_FILE, MALFORMED_JSON, NUL_CHARACTER, UNKNOWN_FIELD, MISSING_FIELD, OTHER_DATASET, or
            WRONG_EXTENSION; all of a line name its number.
    """
    known, required = frozenset(schemas.contract.header), schemas.required
    rows = 0
    for rows, (number, line) in enumerate(lines, 1):
        try:
            fields = _fields(line)
        except (ValueError, RecursionError) as error:
            if rows == 1 and tuple(line.split(",")) == schemas.contract.header:
                message = "the name says JSON lines, but the content is CSV; name it .csv and upload it again"
                raise BadFileError("WRONG_EXTENSION", message, {"found": "CSV"}) from error
            raise _malformed(number, line, error) from error
        if not required <= fields <= known:
            _refuse_fields(number, fields, schemas)
    if rows == 0:
        raise BadFileError("EMPTY_FILE", "the file has blank lines only; upload it with its rows")
    return rows


def _fields(line: str) -> frozenset[str]:
    """The names of the fields of a line.

    Raises:
        ValueError: the line is no flat JSON object.
        RecursionError: it is nested deeper than Python reads.
        BadFileError: a value has a NUL, written as `\\u0000`.
    """
    found = _DECODER.decode(line)
    if not isinstance(found, _Object):
        raise _NotFlatError(f"it is {_KINDS.get(type(found), 'a single value')}, not an object")
    if "\\u" in line:
        _check_escapes(found.values)
    return found.names


class _Object:
    """An object of JSON: the names of its fields, and its values."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.names = frozenset(name for name, _ in pairs)
        self.values = [value for _, value in pairs]
        if len(self.names) < len(pairs):
            count = Counter(name for name, _ in pairs)
            raise _NotFlatError(f"the field {count.most_common(1)[0][0]!r} occurs twice")
        for name, value in pairs:
            if isinstance(value, list | _Object):
                raise _NotFlatError(f"the value of {name!r} is {_KINDS[type(value)]}; only flat rows are taken")


_KINDS = {list: "an array", _Object: "an object", type(None): "null"}


def _number(text: str) -> str:
    # As text: what it means is the job's matter, and Python's own int refuses very long ones.
    if len(text) > MAX_NUMBER:
        raise _NotFlatError(f"a number has {len(text)} characters, more than {MAX_NUMBER}")
    return text


def _constant(name: str) -> NoReturn:
    raise _NotFlatError(f"{name} is no value of JSON; write null")


_DECODER = json.JSONDecoder(object_pairs_hook=_Object, parse_int=_number, parse_float=_number, parse_constant=_constant)


def _check_escapes(values: Iterable[Any]) -> None:
    for value in values:
        if isinstance(value, str):
            if "\0" in value:
                raise _NulError
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise _NotFlatError("it has half of a surrogate pair, which is no character") from error


class _NulError(_NotFlatError):
    """A value has a NUL, written as an escape."""


def _malformed(number: int, line: str, error: Exception) -> BadFileError:
    details = {"line": number, "text": line[:_SHOWN]}
    if isinstance(error, _NulError):
        message = f"line {number} has a NUL character, which no text has; write the file anew, without them"
        return BadFileError("NUL_CHARACTER", message, details)
    cause = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
    if number == 1 and line.lstrip().startswith("["):
        cause = f"{cause} (is the file one JSON array?)"
    message = f"line {number} is no JSON object of one row: {cause}; write one object a line"
    return BadFileError("MALFORMED_JSON", message, details | {"cause": cause})


def _refuse_fields(number: int, fields: frozenset[str], schemas: Schemas) -> NoReturn:
    schemas.refuse_other_dataset(fields)
    expected = list(schemas.contract.header)
    unknown, missing = sorted(fields - set(expected)), sorted(schemas.required - fields)
    details = {"line": number, "expected": expected, "unexpected": unknown, "missing": missing}
    if unknown:
        message = f"line {number} has the field {unknown[0][:100]!r}, which the contract does not know"
        raise BadFileError("UNKNOWN_FIELD", f"{message}; remove or rename it", details)
    message = f"line {number} has no field {missing[0]!r}, which the contract requires"
    raise BadFileError("MISSING_FIELD", f"{message}; write it, as null where there is no value", details)
