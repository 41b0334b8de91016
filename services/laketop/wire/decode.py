"""A request's JSON as the values that boto3 would pass.

Reads by the operation's input shape. A wrong JSON type gets AWS's own sentence. A member that the shape does not have
is refused by name, where AWS drops it: dropping it here could hide a setting that the user relies on.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

from botocore.model import ListShape, MapShape, Shape, StructureShape

from laketop.wire.errors import SerializationError

_LIST_FOUND = "Start of list found where not expected"
_MAP_FOUND = "Start of structure or map found where not expected."
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_ARTICLES = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "boolean": "a Boolean",
    "blob": "a Blob",
    "timestamp": "a Timestamp",
}


def decode_body(shape: StructureShape | None, body: bytes) -> dict[str, Any]:
    """Read a request's body.

    Args:
        shape: the operation's input shape; None where it takes nothing.
        body: JSON text in UTF-8.

    Returns:
        The members that are not null: timestamps as aware datetimes in UTC, blobs as bytes.

    Raises:
        SerializationError: the body is not JSON, or does not have the shape.

    Source: Smithy, "AWS JSON 1.1 protocol".
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        # UnicodeDecodeError shows the whole body, which may hold secrets.
        cause = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise SerializationError(f"The body is not valid JSON: {cause}") from None
    if shape is None:
        if value != {}:
            raise SerializationError("This operation takes no members")
        return {}
    decoded = decode(shape, value)
    if not isinstance(decoded, dict):
        raise SerializationError("The body must be a JSON object")
    return decoded


def decode(shape: Shape, value: object, path: str = "") -> Any:
    """Read one JSON value by its shape; `path` is where it stands, for messages. See `decode_body`."""
    if value is None or getattr(shape, "is_document_type", False):
        return value
    return _DECODERS[shape.type_name](shape, value, path)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _mismatch(shape: Shape, value: object) -> SerializationError:
    if isinstance(value, list):
        return SerializationError(_LIST_FOUND)
    if isinstance(value, dict):
        return SerializationError(_MAP_FOUND)
    kind = "STRING_VALUE"
    if isinstance(value, bool):
        kind = "TRUE_VALUE" if value else "FALSE_VALUE"
    elif isinstance(value, int | float):
        kind = "NUMBER_VALUE"
    return SerializationError(f"{kind} can not be converted to {_ARTICLES[shape.type_name]}")


def _structure(shape: StructureShape, value: object, path: str) -> dict[str, Any]:
    if isinstance(value, list):
        raise SerializationError(_LIST_FOUND)
    if not isinstance(value, dict):
        raise SerializationError("Expected null")
    members = shape.members
    decoded = {}
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        if name not in members:
            raise SerializationError(f"Unknown member '{where}' of {shape.name}")
        if item is not None:
            decoded[name] = decode(members[name], item, where)
    return decoded


def _list(shape: ListShape, value: object, path: str) -> list[Any]:
    if isinstance(value, dict):
        raise SerializationError(_MAP_FOUND)
    if not isinstance(value, list):
        raise SerializationError("Expected list or null")
    member = shape.member
    return [decode(member, item, f"{path}.{position}") for position, item in enumerate(value, 1)]


def _map(shape: MapShape, value: object, path: str) -> dict[str, Any]:
    if isinstance(value, list):
        raise SerializationError(_LIST_FOUND)
    if not isinstance(value, dict):
        raise SerializationError("Expected map or null")
    key_shape, value_shape = shape.key, shape.value
    return {_string(key_shape, k, path): decode(value_shape, v, f"{path}.{k}") for k, v in value.items()}


def _string(shape: Shape, value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _mismatch(shape, value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise SerializationError(f"'{path}' has half of a surrogate pair") from None
    return value


def _integer(shape: Shape, value: object, path: str) -> int:  # noqa: ARG001
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mismatch(shape, value)
    return value


def _double(shape: Shape, value: object, path: str) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _mismatch(shape, value)
    try:
        return float(value)
    except OverflowError:
        raise SerializationError(f"'{path}' is too large for {_ARTICLES[shape.type_name]}") from None


def _boolean(shape: Shape, value: object, path: str) -> bool:  # noqa: ARG001
    if not isinstance(value, bool):
        raise _mismatch(shape, value)
    return value


def _blob(shape: Shape, value: object, path: str) -> bytes:
    if not isinstance(value, str):
        raise _mismatch(shape, value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise SerializationError(f"'{path}' is not valid Base64") from None


def _timestamp(shape: Shape, value: object, path: str) -> datetime:
    textual = shape.serialization.get("timestampFormat", "unixTimestamp") != "unixTimestamp"
    if isinstance(value, bool) or not isinstance(value, str if textual else int | float):
        raise _mismatch(shape, value)
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise SerializationError(f"'{path}' is not a valid timestamp") from None


_DECODERS: dict[str, Callable[[Any, object, str], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "float": _double,
    "double": _double,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": _timestamp,
}
