"""Reading a JSON text from its start, no further than needed, as Trino's JSON functions on text do.

So `json_extract('{"a":1, garbage', '$.a')` is 1, and of members of equal names the first one is found.
"""

import json
import re
from collections.abc import Iterator

from laketop.athena.sql.jsondoc import texts

_WHITE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0(?![0-9])|[1-9][0-9]*)(?:\.[0-9]+|(?!\.))(?:[eE][+-]?[0-9]+|(?![eE]))")
_WORD = re.compile(r"(?:true|false|null)(?![\w$])")
_CLOSING = {"{": "}", "[": "]"}


class MalformedError(ValueError):
    """The text is not JSON at a place that was read."""


def _skip(text: str, position: int) -> int:
    found = _WHITE.match(text, position)
    assert found is not None  # noqa: S101 - the pattern fits nothing too
    return found.end()


def _scalar_end(text: str, position: int) -> int:
    character = text[position : position + 1]
    pattern = _STRING if character == '"' else _WORD if character in ("t", "f", "n") else _NUMBER
    found = pattern.match(text, position)
    if found is None:
        raise MalformedError(text)
    return found.end()


def _name_end(text: str, position: int) -> tuple[int, int]:
    """Where a member's name ends, and where its value starts."""
    if text[position : position + 1] != '"':
        raise MalformedError(text)
    end = _scalar_end(text, position)
    colon = _skip(text, end)
    if text[colon : colon + 1] != ":":
        raise MalformedError(text)
    return end, _skip(text, colon + 1)


type Token = tuple[str, int, int]


def tokens(text: str, position: int) -> Iterator[Token]:
    """The tokens of the value that starts at a position: (kind, start, end).

    A kind is `{`, `}`, `[`, `]`, `name`, or `scalar`.

    Raises:
        MalformedError: the value is not JSON; the tokens before have been given.
    """
    stack: list[str] = []
    while True:
        character = text[position : position + 1]
        if character in ("{", "["):
            yield character, position, position + 1
            stack.append(character)
            position = _skip(text, position + 1)
            if text[position : position + 1] != _CLOSING[character]:
                if character == "{":
                    end, following = _name_end(text, position)
                    yield "name", position, end
                    position = following
                continue
        else:
            end = _scalar_end(text, position)
            yield "scalar", position, end
            position = end
        while stack:
            position = _skip(text, position)
            character = text[position : position + 1]
            if character == _CLOSING[stack[-1]]:
                yield character, position, position + 1
                stack.pop()
                position += 1
                continue
            if character != ",":
                raise MalformedError(text)
            position = _skip(text, position + 1)
            if stack[-1] == "{":
                end, following = _name_end(text, position)
                yield "name", position, end
                position = following
            break
        else:
            return


def value_end(text: str, position: int) -> int:
    """Where the value that starts at a position ends."""
    end = position
    for _, _, following in tokens(text, position):
        end = following
    return end


def start(text: str) -> int:
    """Where the document starts.

    Raises:
        MalformedError: it is a number with something glued to its end.
    """
    position = _skip(text, 0)
    if text[position : position + 1] not in ("{", "[", '"'):
        end = _scalar_end(text, position)
        if text[end : end + 1].strip(" \t\r\n"):
            raise MalformedError(text)
    return position


def string(text: str, begin: int, end: int) -> str:
    """The string that a token writes."""
    body = text[begin + 1 : end - 1]
    return str(json.loads(text[begin:end])) if "\\" in body else body


def members(text: str, position: int) -> Iterator[tuple[str, int]]:
    """The members of the object at a position: (name, where the value starts)."""
    position = _skip(text, position + 1)
    if text[position : position + 1] == "}":
        return
    while True:
        end, following = _name_end(text, position)
        yield string(text, position, end), following
        position = _skip(text, value_end(text, following))
        if text[position : position + 1] == "}":
            return
        if text[position : position + 1] != ",":
            raise MalformedError(text)
        position = _skip(text, position + 1)


def elements(text: str, position: int) -> Iterator[int]:
    """Where the elements of the array at a position start.

    Raises:
        MalformedError: the text is not JSON before that place, or ends there.
    """
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return
    while True:
        if position >= len(text):
            raise MalformedError(text)
        yield position
        position = _skip(text, value_end(text, position))
        if text[position : position + 1] == "]":
            return
        if text[position : position + 1] != ",":
            raise MalformedError(text)
        position = _skip(text, position + 1)


def find(text: str, steps: tuple[str, ...]) -> int | None:
    """Where the value starts to which a path leads; None if there is none.

    Raises:
        MalformedError: the text is not JSON before that place.
    """
    position: int | None = start(text)
    for step in steps:
        if position is None:
            return None
        position = _child(text, position, step)
    return position


def _child(text: str, position: int, step: str) -> int | None:
    kind = text[position : position + 1]
    if kind == "{":
        return next((place for name, place in members(text, position) if name == step), None)
    if kind == "[":
        index = int(step) if re.fullmatch(r"[0-9]{1,10}", step) else -1
        return next((place for number, place in enumerate(elements(text, position)) if number == index), None)
    return None


def scalar(text: str, position: int) -> str | None:
    """The text of a string, number or boolean; None for null, an array or an object."""
    if text[position : position + 1] in ("{", "["):
        return None
    end = _scalar_end(text, position)
    spelled = text[position:end]
    if spelled[0] == '"':
        return texts.plain(string(text, position, end))
    return None if spelled == "null" else spelled


def _copied(text: str, begin: int, end: int, *, raw: bool) -> str:
    spelled = text[begin:end]
    if spelled[0] == '"':
        body = string(text, begin, end)
        return texts.raw(body) if raw else texts.quoted(body)
    if spelled[0].isalpha():
        return spelled
    if any(mark in spelled for mark in ".eE"):
        return texts.double(float(spelled))
    return "0" if spelled == "-0" else spelled


def copy(text: str, position: int, *, raw: bool = False) -> str:
    """The value at a position as JSON text in Trino's spelling, with its members as they stand.

    `raw` leaves characters beyond U+FFFF as they are, as json_array_get does.
    """
    out: list[str] = []
    for kind, begin, end in tokens(text, position):
        if kind in ("}", "]"):
            if out[-1] == ",":
                out.pop()
            out += [kind, ","]
        elif kind == "name":
            out += [_copied(text, begin, end, raw=raw), ":"]
        elif kind == "scalar":
            out += [_copied(text, begin, end, raw=raw), ","]
        else:
            out.append(kind)
    return "".join(out[:-1])
