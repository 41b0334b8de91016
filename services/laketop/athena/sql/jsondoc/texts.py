"""The one text of a JSON value, as Trino's json type holds it.

Members of an object are sorted by their names (as UTF-16, Java's order) where the whole document is parsed, and of
equal names the last one wins. Whitespace is gone. Whole numbers keep their digits, other numbers are written as Java
writes a double (1.50 is 1.5, 1e7 is 1.0E7), one beyond all doubles is the string "Infinity". Control characters and
characters beyond U+FFFF are escaped with upper-case digits, all others stand as they are.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from laketop.athena.sql.errors import SqlError

_ESCAPES = {code: f"\\u{code:04X}" for code in range(32)} | {
    8: "\\b",
    9: "\\t",
    10: "\\n",
    12: "\\f",
    13: "\\r",
    34: '\\"',
    92: "\\\\",
}
_SURROGATES = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_SMALLEST = {5e-324: "4.9E-324", 1e-323: "9.9E-324"}  # Java writes at least two digits


class Missing:
    """The document of an empty text: neither a value nor an error."""


MISSING = Missing()


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def quoted(value: str) -> str:
    """A string as JSON text."""
    body = value.translate(_ESCAPES)
    return f'"{body}"' if body.isascii() else f'"{_SURROGATES.sub(_escaped, body)}"'


def raw(value: str) -> str:
    """A string as JSON text in which only what must be is escaped."""
    return f'"{plain(value.translate(_ESCAPES))}"'


def plain(value: str) -> str:
    """A string as SQL text: a half of a surrogate pair cannot be stored and becomes a question mark."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def scientific(value: float) -> str:
    """A finite double with one digit before the point and an exponent, as Java writes large and small ones."""
    if value == 0:
        return "-0E0" if math.copysign(1, value) < 0 else "0E0"
    if abs(value) in _SMALLEST:
        return ("-" if value < 0 else "") + _SMALLEST[abs(value)]
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits))
    short = text.rstrip("0")
    power = len(text) - 1 + int(exponent)
    return f"{'-' if sign else ''}{short[0]}.{short[1:] or '0'}E{power}"


def double(value: float) -> str:
    """A double as JSON text."""
    if not math.isfinite(value):
        return f'"{infinite(value)}"'
    return repr(value) if value == 0 or 1e-3 <= abs(value) < 1e7 else scientific(value)


def infinite(value: float) -> str:
    """The name of a double that is no number."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def name_order(name: str) -> bytes:
    """By what Java sorts names."""
    return name.encode("utf-16-be", "surrogatepass")


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: quoted,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double,
    Decimal: lambda value: f"{value:f}",
    type(None): lambda _: "null",
    Missing: lambda _: "null",
}


class Members(list[tuple[str, Any]]):
    """An object whose members are kept in order, those of equal names too."""


def written(value: Any, *, ordered: bool = False) -> str:
    """A value as JSON text; `ordered` sorts the members of objects."""
    out: list[str] = []
    _write(value, out.append, ordered=ordered)
    return "".join(out)


def _write(value: Any, put: Callable[[str], None], *, ordered: bool) -> None:
    writer = _WRITERS.get(type(value))
    if writer is not None:
        put(writer(value))
    elif isinstance(value, dict | Members):
        _write_object(value, put, ordered=ordered)
    elif isinstance(value, list):
        put("[")
        for number, item in enumerate(value):
            if number:
                put(",")
            _write(item, put, ordered=ordered)
        put("]")
    else:
        put(str(value))  # a number of a narrower kind


def _write_object(value: dict[str, Any] | Members, put: Callable[[str], None], *, ordered: bool) -> None:
    members = list(value.items() if isinstance(value, dict) else value)
    if ordered:
        members.sort(key=lambda member: name_order(member[0]))
    put("{")
    for number, (name, item) in enumerate(members):
        put(("," if number else "") + quoted(name) + ":")
        _write(item, put, ordered=ordered)
    put("}")


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class _Floats:
    """Notes whether a document has a number with a fraction: the fast writer cannot write those."""

    seen = False

    def __call__(self, text: str) -> float:
        self.seen = True
        return float(text)


@cache
def _decoder() -> tuple[json.JSONDecoder, _Floats]:
    floats = _Floats()
    return json.JSONDecoder(parse_float=floats, parse_constant=_no_constant), floats


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode
_PAIRS = json.JSONDecoder(object_pairs_hook=Members, parse_constant=_no_constant)
_TREE = json.JSONDecoder(parse_constant=_no_constant)
_SPACE = " \t\r\n"


def canonical(text: str) -> str:
    """The text of a JSON document in the form that json_parse gives it.

    Raises:
        ValueError: it is no JSON document.
    """
    decoder, floats = _decoder()
    floats.seen = False
    value = _guarded(decoder.decode, text)
    if floats.seen or "\\u" in text or not (text.isascii() or max(text) <= "\uffff"):
        return _guarded(lambda tree: written(tree, ordered=True), value)
    return _ENCODE(value)


def _guarded[A, R](function: Callable[[A], R], argument: A) -> R:
    try:
        return function(argument)
    except RecursionError as error:
        raise SqlError("NOT_SUPPORTED", "A JSON document that is nested very deeply is not supported") from error
    except ValueError as error:
        if "Exceeds the limit" in str(error):
            raise SqlError("NOT_SUPPORTED", "A JSON number of thousands of digits is not supported") from error
        raise


def pairs(text: str) -> Any:
    """The value of a document with its objects as `Members`.

    Raises:
        ValueError: it is no JSON document.
    """
    return _guarded(_PAIRS.decode, text)


def is_sorted(text: str) -> bool:
    """Whether the members of every object of a document are in the order of their names, each name once.

    Raises:
        ValueError: it is no JSON document.
    """
    return _is_sorted(pairs(text))


def _is_sorted(value: Any) -> bool:
    if isinstance(value, Members):
        names = [name_order(name) for name, _ in value]
        return all(one < other for one, other in pairwise(names)) and all(_is_sorted(item) for _, item in value)
    return all(map(_is_sorted, value)) if isinstance(value, list) else True


def tree(text: str) -> Any:
    """The value of the first document of a text, whatever follows it; `MISSING` where there is none.

    Raises:
        ValueError: it is no JSON.
    """
    start = len(text) - len(text.lstrip(_SPACE))
    if start == len(text):
        return MISSING
    value, end = _guarded(lambda whole: _TREE.raw_decode(whole, start), text)
    after = text[end : end + 1]
    if isinstance(value, int | float | None) and after and after not in _SPACE:
        raise ValueError(text)
    return value
