"""json_exists, json_value and json_query over one document, and what json_object puts together."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.jsondoc import grammar, texts, values
from laketop.athena.sql.jsondoc.evaluate import EMPTY, Evaluation, Items, Long, PathError

FOUND, ON_EMPTY, ON_ERROR = "V", "E", "R"  # how an answer of json_value begins

_PARAMETERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "bigint": lambda text: Long(text),
    "decimal": Decimal,
    "double": float,
    "boolean": lambda text: text == "true",
    "varchar": str,
}


class _FailedError(Exception):
    """An error of Trino's for which the call has a behaviour: (name, message)."""


def _read(text: str) -> Any:
    try:
        return texts.tree(text)
    except ValueError as error:
        raise _FailedError("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ") from error


def _parameter(type_: str, text: str | None) -> Any:
    if type_ == "json":
        return EMPTY if text is None else _read(text)
    return None if text is None else _PARAMETERS[type_](text)


def _items(document: str, path: str, parameters: str) -> Items:
    """The items that a path finds; `parameters` is a JSON object of name → [type, text]."""
    root = _read(document)
    given = {name: _parameter(*value) for name, value in json.loads(parameters).items()}
    try:
        return Evaluation(grammar.parse(path), root, given).result()
    except PathError as error:
        raise _FailedError("PATH_EVALUATION_ERROR", f"path evaluation failed: {error}") from error


def _raised(failure: _FailedError) -> SqlError:
    return SqlError(*failure.args)


def exists(document: str, path: str, parameters: str, on_error: str) -> bool | None:
    """Whether a path finds anything.

    Args:
        on_error: TRUE, FALSE, UNKNOWN or ERROR.

    Raises:
        SqlError: PATH_EVALUATION_ERROR or JSON_INPUT_CONVERSION_ERROR where the call says ERROR ON ERROR.
    """
    try:
        return bool(_items(document, path, parameters))
    except _FailedError as error:
        if on_error == "ERROR":
            raise _raised(error) from error
        return {"TRUE": True, "FALSE": False}.get(on_error)


def value(document: str, path: str, parameters: str, type_: str, behaviours: str) -> str:
    """The one scalar that a path finds.

    Args:
        type_: the type to return, as a list in JSON; `["text"]` for one that SQL casts from text.
        behaviours: on empty and on error, with a comma: NULL, DEFAULT or ERROR.

    Returns:
        V and the value's text; V alone for null; E or R where a default must be taken.

    Raises:
        SqlError: the call says ERROR.
    """
    on_empty, on_error = behaviours.split(",")
    try:
        items = _items(document, path, parameters)
        if items:
            return FOUND + _scalar(items, type_)
        if on_empty != "ERROR":
            return ON_EMPTY
        raise _raised(_no_scalar("JSON path found no items"))
    except _FailedError as error:
        if on_error == "ERROR":
            raise _raised(error) from error
        return ON_ERROR


def _no_scalar(reason: str) -> _FailedError:
    return _FailedError("JSON_VALUE_RESULT_ERROR", f"cannot extract SQL scalar from JSON: {reason}")


def _scalar(items: Items, type_: str) -> str:
    """=text or nothing for null."""
    if len(items) > 1:
        raise _no_scalar("JSON path found multiple items")
    item = items[0]
    if item is None:
        return ""
    huge = isinstance(item, int) and not -(2**63) <= item < 2**63
    if huge or isinstance(item, list | dict | texts.Missing):
        raise _no_scalar("JSON path found an item that cannot be converted to an SQL value")
    try:
        return "=" + _cast(item, json.loads(type_))
    except values.RefusedError as error:
        raise _no_scalar("Cannot cast value to declared return type of function JSON_VALUE") from error


def _cast(item: Any, type_: list[Any]) -> str:
    if type_ == ["text"]:
        if not isinstance(item, str):
            raise values.RefusedError
        return texts.plain(item)
    if type_[0] == "varchar":
        found = values.text(item) or ""
        if len(type_) == 1 or len(found) <= type_[1]:
            return found
        if isinstance(item, str):
            return found[: type_[1]]
        raise values.RefusedError
    return values.leaf_text(item, type_)


def query(document: str, path: str, parameters: str, behaviours: str) -> str | None:
    """What a path finds, as JSON text.

    Args:
        behaviours: wrapper (WITHOUT, CONDITIONAL, UNCONDITIONAL), quotes (KEEP, OMIT), on empty and on error (NULL,
            ERROR, ARRAY, OBJECT), with commas.

    Raises:
        SqlError: the call says ERROR.
    """
    wrapper, quotes, on_empty, on_error = behaviours.split(",")
    try:
        items = _items(document, path, parameters)
        if not items:
            return _instead(on_empty, _no_output("JSON path found no items"))
        return _output(items, wrapper, quotes)
    except _FailedError as error:
        return _instead(on_error, error)


def _no_output(reason: str) -> _FailedError:
    return _FailedError("JSON_OUTPUT_CONVERSION_ERROR", f"conversion from JSON failed: {reason}")


def _instead(behaviour: str, failure: _FailedError) -> str | None:
    if behaviour == "ERROR":
        raise _raised(failure)
    return {"ARRAY": "[]", "OBJECT": "{}"}.get(behaviour)


def _output(items: Items, wrapper: str, quotes: str) -> str:
    single = len(items) == 1
    structure = single and isinstance(items[0], list | dict)
    if wrapper == "UNCONDITIONAL" or (wrapper == "CONDITIONAL" and not structure):
        return texts.written(items)
    if not single:
        raise _no_output("JSON path found multiple items")
    if quotes == "OMIT" and isinstance(items[0], str):
        return texts.plain(items[0])
    return texts.written(items[0])


def embedded(text: str) -> str:
    """A JSON text that another document takes in.

    Raises:
        SqlError: JSON_INPUT_CONVERSION_ERROR.
    """
    try:
        return texts.written(_read(text))
    except _FailedError as error:
        raise _raised(error) from error


def arranged(names: list[str | None], members: list[str | None], *, unique: bool) -> str:
    """An object of named JSON texts, in the order of Java's hash table; members that are None are left out.

    Raises:
        SqlError: a name is NULL, or there twice.
    """
    if None in names:
        raise SqlError("INVALID_FUNCTION_ARGUMENT", "null value passed for JSON object key to JSON_OBJECT function")
    kept = [
        (name, member) for name, member in zip(names, members, strict=True) if name is not None and member is not None
    ]
    known = [name for name, _ in kept]
    if len(set(known)) < len(known):
        if unique:
            raise SqlError("INVALID_FUNCTION_ARGUMENT", "duplicate key passed to JSON_OBJECT function")
        raise SqlError("NOT_SUPPORTED", "cannot construct a JSON object with duplicate key")
    shown = [f"{texts.quoted(name)}:{member}" for name, member in (kept[number] for number in order(known))]
    return "{" + ",".join(shown) + "}"


def order(names: list[str]) -> list[int]:
    """The positions of names in the order in which Java's HashMap gives them out again."""
    size = 16
    while len(names) > size * 3 // 4:
        size *= 2
    return sorted(range(len(names)), key=lambda number: _bucket(names[number], size))


def _bucket(name: str, size: int) -> int:
    hashed = 0
    units = texts.name_order(name)
    for high, low in zip(units[::2], units[1::2], strict=True):
        hashed = (hashed * 31 + high * 256 + low) & 0xFFFFFFFF
    return (hashed ^ (hashed >> 16)) & (size - 1)
