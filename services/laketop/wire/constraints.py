"""What a request's values must satisfy: required members, lengths, ranges, patterns, enums.

The rules are those of botocore's model and the sentences those of AWS's own validation, which users search for. A rule
on the elements of a list or map is reported once, on the whole list, as AWS does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from laketop.wire.patterns import compile_pattern

_NOT_NULL = "Member must not be null"
_MOST_REPORTED = 10
_INTEGER_LIMITS = {"integer": 2**31, "long": 2**63}
_NESTED = ("structure", "list", "map")


def violations(shape: Shape, value: object) -> str | None:
    """Check decoded values against the model.

    Args:
        shape: the operation's input shape.
        value: what `decode_body` returned for it.

    Returns:
        AWS's message, e.g. "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must
        not be null", with at most ten violations; None where there is none.

    Source: Smithy, "Constraint traits"; AWS Glue API reference, "Common Errors" (ValidationException).
    """
    found: list[str] = []
    for violation in _walk(shape, value, ""):
        found.append(violation)
        if len(found) == _MOST_REPORTED:
            break
    if not found:
        return None
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found)}"


def _walk(shape: Shape, value: object, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    for constraint in _broken(shape, value):
        yield _sentence(shape, value, path, constraint)
    walker = _WALKERS.get(shape.type_name)
    if walker:
        yield from walker(shape, value, path)


def _structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: {_NOT_NULL}"
    if shape.is_tagged_union and len(value) != 1:
        yield f"Value at '{path}' failed to satisfy constraint: Member must have exactly one member of the union set"
    for name, item in value.items():
        yield from _walk(shape.members[name], item, _join(path, name))


def _list(shape: ListShape, value: list[Any], path: str) -> Iterator[str]:
    if _any_broken(shape.member, value):
        yield _sentence(shape, value, path, f"Member must satisfy constraint: {_all_of(shape.member)}")
    if shape.member.type_name in _NESTED:
        for position, item in enumerate(value, 1):
            if item is not None:
                yield from _nested(shape.member, item, f"{path}.{position}.member")


def _map(shape: MapShape, value: dict[str, Any], path: str) -> Iterator[str]:
    if _any_broken(shape.key, value):
        yield _sentence(shape, value, path, f"Map keys must satisfy constraint: {_all_of(shape.key)}")
    if _any_broken(shape.value, value.values()):
        yield _sentence(shape, value, path, f"Map value must satisfy constraint: {_all_of(shape.value)}")
    if shape.value.type_name in _NESTED:
        for key, item in value.items():
            if item is not None:
                yield from _nested(shape.value, item, f"{path}.{key}.member")


_WALKERS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {"structure": _structure, "list": _list, "map": _map}


def _nested(shape: Shape, value: object, path: str) -> Iterator[str]:
    """The rules inside an element; its own are reported with the list that holds it."""
    if not getattr(shape, "is_document_type", False):
        yield from _WALKERS[shape.type_name](shape, value, path)


def _any_broken(shape: Shape, values: Any) -> bool:
    return any(value is None or next(iter(_broken(shape, value)), None) for value in values)


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    for holds, constraint in _rules(shape, value):
        if not holds:
            yield constraint


def _rules(shape: Shape, value: Any) -> Iterator[tuple[bool, str]]:
    """Each rule of a shape: whether the value satisfies it, and AWS's sentence."""
    traits = shape.metadata
    if traits.get("enum"):
        yield value in traits["enum"], _enum(traits["enum"])
    if "pattern" in traits:
        yield compile_pattern(traits["pattern"]).fullmatch(value) is not None, _pattern(traits["pattern"])
    low, high = _limits(shape)
    measure = _measure(shape)
    if high is not None:
        yield _size(measure, value) <= high, f"Member must have {measure} less than or equal to {high}"
    if low is not None:
        yield _size(measure, value) >= low, f"Member must have {measure} greater than or equal to {low}"


def _all_of(shape: Shape) -> str:
    traits = shape.metadata
    low, high = _limits(shape)
    texts = [
        _enum(traits["enum"]) if traits.get("enum") else None,
        None if high is None else f"Member must have {_measure(shape)} less than or equal to {high}",
        None if low is None else f"Member must have {_measure(shape)} greater than or equal to {low}",
        _pattern(traits["pattern"]) if "pattern" in traits else None,
        _NOT_NULL,
    ]
    return f"[{', '.join(text for text in texts if text)}]"


def _limits(shape: Shape) -> tuple[int | float | None, int | float | None]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    bound = _INTEGER_LIMITS.get(shape.type_name)
    if bound:
        # A number past its type's range would be cut silently by a client that reads it back.
        return (-bound if low is None else low), (bound - 1 if high is None else high)
    return low, high


def _measure(shape: Shape) -> str:
    return "value" if shape.type_name in ("integer", "long", "float", "double") else "length"


def _size(measure: str, value: Any) -> int | float:
    return value if measure == "value" else len(value)


def _enum(values: Sequence[str]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(values)}]"


def _pattern(pattern: str) -> str:
    return f"Member must satisfy regular expression pattern: {pattern}"


def _sentence(shape: Shape, value: object, path: str, constraint: str) -> str:
    shown = "" if shape.metadata.get("sensitive") else f" '{_text(value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    camel = name[0].lower() + name[1:]
    return f"{path}.{camel}" if path else camel


def _text(value: object) -> str:
    """A value as Java prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_text(item)}' for key, item in value.items())}}}"
    return str(value)
