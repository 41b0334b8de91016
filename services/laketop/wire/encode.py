"""An answer's values as JSON.

The twin of `decode`: what an operation returns is checked by its output shape, so that a mistake of ours is an error
here and not an answer that a client reads differently.
"""

import base64
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from laketop.wire.errors import EncodingError


def encode(shape: Shape | None, value: object, path: str = "") -> Any:
    """Write a value by its shape.

    Args:
        shape: the output shape; None where the operation answers nothing.
        value: what boto3 would return: datetimes with a zone, bytes, numbers, text, lists, dicts.
        path: where the value stands, for messages.

    Returns:
        What `json.dumps` takes: timestamps as seconds to the millisecond (or ISO text where the shape says so), blobs
        as Base64, members that are None left out.

    Raises:
        EncodingError: a wrong type, a member or enum value that the model does not have, or a required one that lacks.

    Source: Smithy, "AWS JSON 1.1 protocol".
    """
    if shape is None:
        if value:
            raise EncodingError(f"the operation answers nothing, but got {type(value).__name__}")
        return {}
    if getattr(shape, "is_document_type", False):
        return value
    return _ENCODERS[shape.type_name](shape, value, path)


def _wrong(shape: Shape, value: object, path: str) -> EncodingError:
    return EncodingError(f"{path or shape.name}: {shape.type_name} {shape.name} expected, got {type(value).__name__}")


def _structure(shape: StructureShape, value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(shape, value, path)
    members = shape.members
    encoded = {}
    for name, item in value.items():
        if name not in members:
            raise EncodingError(f"{path or shape.name}: {shape.name} has no member {name!r}")
        if item is not None:
            encoded[name] = encode(members[name], item, f"{path}.{name}" if path else str(name))
    for name in shape.required_members:
        if name not in encoded:
            raise EncodingError(f"{path or shape.name}: {shape.name} needs the member {name!r}")
    return encoded


def _list(shape: ListShape, value: object, path: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _wrong(shape, value, path)
    member = shape.member
    return [encode(member, item, f"{path}.{position}") for position, item in enumerate(value, 1)]


def _map(shape: MapShape, value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(shape, value, path)
    key_shape, value_shape = shape.key, shape.value
    return {_string(key_shape, k, path): encode(value_shape, v, f"{path}.{k}") for k, v in value.items()}


def _string(shape: Shape, value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(shape, value, path)
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        raise EncodingError(f"{path or shape.name}: {value!r} is not a value of the enum {shape.name}")
    return str(value)


def _integer(shape: Shape, value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(shape, value, path)
    return value


def _double(shape: Shape, value: object, path: str) -> float | str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(shape, value, path)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _boolean(shape: Shape, value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(shape, value, path)
    return value


def _blob(shape: Shape, value: object, path: str) -> str:
    if not isinstance(value, bytes | bytearray):
        raise _wrong(shape, value, path)
    return base64.b64encode(value).decode()


def _timestamp(shape: Shape, value: object, path: str) -> float | str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong(shape, value, path)
    if shape.serialization.get("timestampFormat", "unixTimestamp") != "unixTimestamp":
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return round(value.timestamp(), 3)


_ENCODERS: dict[str, Callable[[Any, object, str], Any]] = {
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
