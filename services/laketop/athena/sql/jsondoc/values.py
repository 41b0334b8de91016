"""CAST from JSON: what a JSON value is in another type.

A type is given as nested lists, `["array", ["integer"]]`, and a result as text that DuckDB's own casts read without
loss. Follows Trino's page "JSON functions and operators", section "Cast from JSON", and measured answers.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any

import numpy

from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.jsondoc import texts

type Read = Callable[[Any], Any]

_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_HEX = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+[fFdD]?", re.ASCII)
_DOUBLE = re.compile(r"([+-]?)(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?)", re.ASCII)
_JAVA_SPACE = "".join(map(chr, range(33)))
_TRUTH = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
_JAVA_NAMES = {"integer": "INT"}


class RefusedError(Exception):
    """A value that cannot be cast; the text says why."""


def _structure(value: Any, type_: str) -> None:
    if isinstance(value, list):
        mark = "{" if isinstance(value, texts.Members) else "["
        raise RefusedError(f"Unexpected token when cast to {type_}: {mark}")


def text(value: Any) -> str | None:
    """A scalar as varchar."""
    _structure(value, "varchar")
    if isinstance(value, str):
        return texts.plain(value)
    if isinstance(value, float):
        return texts.scientific(value) if math.isfinite(value) else texts.infinite(value)
    return None if value is None else texts.written(value)


def whole(value: Any, type_: str) -> int | None:
    """A scalar as one of the four integers."""
    _structure(value, type_)
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value) or not _fits(int(value[:30]), type_):
            raise RefusedError(f"Cannot cast '{value}' to {_JAVA_NAMES.get(type_, type_.upper())}")
        return int(value)
    if isinstance(value, float):
        # half away from zero, exactly
        if not math.isfinite(value):
            raise RefusedError(f"Cannot cast '{texts.infinite(value)}' to {type_.upper()}")
        value = int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)) if abs(value) < 2**63 else 2**63
    if value is not None and not _fits(int(value), type_):
        raise RefusedError(f"Out of range for {type_}")
    return None if value is None else int(value)


def _fits(value: int, type_: str) -> bool:
    bound: int = 2 ** (_BITS[type_] - 1)
    return -bound <= value < bound


def double(value: Any, type_: str = "double") -> float | None:
    """A scalar as double."""
    _structure(value, type_)
    if isinstance(value, str):
        trimmed = value.strip(_JAVA_SPACE)
        if _HEX.fullmatch(trimmed):
            return float.fromhex(trimmed.rstrip("fFdD"))
        found = _DOUBLE.fullmatch(trimmed)
        if not found:
            raise RefusedError(f"Cannot cast '{value}' to {type_.upper()}")
        return float(found[0].rstrip("fFdD") if found[3] else found[0])
    if value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def real(value: Any) -> float | None:
    """A scalar as real: the nearest one of 32 bits."""
    found = double(value, "real")
    with numpy.errstate(over="ignore"):
        return None if found is None else float(numpy.float32(found))


def boolean(value: Any) -> bool | None:
    """A scalar as boolean."""
    _structure(value, "boolean")
    if isinstance(value, str):
        if value.lower() not in _TRUTH:
            raise RefusedError(f"Cannot cast '{value}' to BOOLEAN")
        return _TRUTH[value.lower()]
    if isinstance(value, int) and not _fits(value, "bigint"):
        raise RefusedError("Out of range")
    return None if value is None else value != 0


def decimal(value: Any, precision: int, scale: int) -> Decimal | None:
    """A scalar as decimal, rounded half up; a double through its shortest text."""
    type_ = f"DECIMAL({precision},{scale})"
    _structure(value, type_)
    if value is None:
        return None
    spelled = repr(value) if isinstance(value, float) else str(int(value)) if isinstance(value, int) else value
    if isinstance(value, Decimal):
        spelled = str(value)
    if not _DECIMAL.fullmatch(spelled):
        raise RefusedError(f"Cannot cast input json to {type_}")
    with localcontext(prec=2000):
        exact = Decimal(spelled)
        if exact.adjusted() > precision - scale:
            raise RefusedError(f"Cannot cast input json to {type_}")
        rounded = exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    if rounded.adjusted() >= precision - scale and rounded != 0:
        raise RefusedError(f"Cannot cast input json to {type_}")
    return abs(rounded) if rounded == 0 else rounded


def _bounded(length: int, *, nested: bool) -> Read:
    def read(value: Any) -> str | None:
        found = text(value)
        if found is not None and len(found) > length:
            if nested:
                raise SqlError("NOT_SUPPORTED", f"A cast from json to a type with varchar({length}) of a longer text")
            raise SqlError("GENERIC_INTERNAL_ERROR", f"Value [{found}] does not fit in type varchar({length})")
        return found

    return read


def _shown(read: Read) -> Read:
    """A leaf of a nested value: as text, whatever its type."""

    def written(value: Any) -> str | None:
        found = read(value)
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, float):
            return repr(found) if math.isfinite(found) else texts.infinite(found)
        return None if found is None else f"{found:f}" if isinstance(found, Decimal) else str(found)

    return written


def _leaf(type_: list[Any], *, nested: bool) -> Read:
    name, *parameters = type_
    if name == "varchar":
        return _bounded(parameters[0], nested=nested) if parameters else text
    if name in _BITS:
        return lambda value: whole(value, name)
    if name == "decimal":
        return lambda value: decimal(value, parameters[0], parameters[1])
    if name == "json":
        return texts.written
    return {"double": double, "real": real, "boolean": boolean}[name]


def _array(element: Read) -> Read:
    def read(value: Any) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list) or isinstance(value, texts.Members):
            raise RefusedError(f"Expected a json array, but got {_token(value)}")
        return [element(item) for item in value]

    return read


def _token(value: Any) -> str:
    if isinstance(value, list):
        return "{" if isinstance(value, texts.Members) else "["
    return value if isinstance(value, str) else texts.written(value)


def _map(key: Read, item: Read) -> Read:
    def read(value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, texts.Members):
            raise RefusedError(f"Expected a json object, but got {_token(value)}")
        found = {}
        for name, member in value:
            shown = key(name)
            if shown in found:
                raise RefusedError("Duplicate map keys are not allowed")
            found[shown] = item(member)
        return found

    return read


def _row(fields: list[tuple[str | None, Read]]) -> Read:
    names = {name: number for number, (name, _) in enumerate(fields) if name}

    def read(value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        if isinstance(value, texts.Members):
            return _row_of_members(value, fields, names)
        if not isinstance(value, list):
            raise RefusedError(f"Expected a json array or object, but got {_token(value)}")
        if len(value) != len(fields):
            raise RefusedError("Expected json array ending" if len(value) > len(fields) else "Unexpected token: ]")
        items = zip(fields, value, strict=True)
        return {f"f{number}": convert(item) for number, ((_, convert), item) in enumerate(items)}

    return read


def _row_of_members(
    value: texts.Members, fields: list[tuple[str | None, Read]], names: dict[str, int]
) -> dict[str, Any]:
    """The fields of a row from an object's members.

    `names` says which field is called so; one that has a capital is never found.
    """
    if not names:
        problem = "Cannot cast a JSON object to anonymous row type. Input must be a JSON array."
        raise RefusedError(problem)
    found: dict[str, Any] = {}
    for name, member in value:
        number = names.get(name.lower())
        if number is None:
            continue
        if f"f{number}" in found:
            raise RefusedError(f"Duplicate field: {name.lower()}")
        found[f"f{number}"] = fields[number][1](member)
    return {f"f{number}": found.get(f"f{number}") for number in range(len(fields))}


def _nested(type_: list[Any]) -> Read:
    name, *inner = type_
    if name == "array":
        return _array(_nested(inner[0]))
    if name == "map":
        return _map(_shown(_leaf(inner[0], nested=False)) if inner[0] != ["varchar"] else str, _nested(inner[1]))
    if name == "row":
        return _row([(field, _nested(kind)) for field, kind in inner])
    return _shown(_leaf(type_, nested=True))


def leaf_text(value: Any, type_: list[Any]) -> str:
    """A scalar that is not null in a type, as text that DuckDB's casts read.

    Raises:
        RefusedError: it is no value of the type.
    """
    return str(_shown(_leaf(type_, nested=False))(value))


@lru_cache(maxsize=500)
def _reader(type_: str) -> Read:
    return _nested(json.loads(type_))


@lru_cache(maxsize=500)
def _leaf_reader(type_: str) -> Read:
    return _leaf(json.loads(type_), nested=False)


def scalar(document: str, type_: str, shown: str) -> Any:
    """A JSON document as a scalar of a type.

    Args:
        document: JSON text.
        type_: the type as a list, in JSON.
        shown: the type's name for messages.

    Raises:
        SqlError: INVALID_CAST_ARGUMENT.
    """
    try:
        return _leaf_reader(type_)(texts.pairs(document))
    except (RefusedError, ValueError) as error:
        raise SqlError("INVALID_CAST_ARGUMENT", f"Cannot cast '{document}' to {shown}") from error


def nested(document: str, type_: str, shown: str) -> str:
    """A JSON document as an array, map or row: JSON text whose leaves are strings, for DuckDB to cast.

    Raises:
        SqlError: INVALID_CAST_ARGUMENT.
    """
    try:
        found = _reader(type_)(texts.pairs(document))
    except (RefusedError, ValueError) as error:
        reason = str(error) if isinstance(error, RefusedError) else ""
        raise SqlError("INVALID_CAST_ARGUMENT", f"Cannot cast to {shown}. {reason}\n{document}") from error
    return json.dumps(found, ensure_ascii=False)
