"""Hive types as contracts name them, and the texts that are values of each.

A number with more digits than its type has would be rounded or cut by a cast, silently; so the text decides first.
"""

import re

from lakehouse.contracts import ContractError

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_NO_PATTERN = ("string", "char", "varchar")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_PATTERNS = {
    "boolean": r"(?i:true|false)",
    "tinyint": r"[+-]?\d{1,3}",
    "smallint": r"[+-]?\d{1,5}",
    "int": r"[+-]?\d{1,10}",
    "bigint": r"[+-]?\d{1,19}",
    "float": _NUMBER,
    "double": _NUMBER,
    "date": r"\d{4}-\d{2}-\d{2}",
    "timestamp": r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?",
}


def base(kind: str) -> str:
    """The type's name without its arguments, e.g. `decimal` of `decimal(12,2)`."""
    return kind.partition("(")[0]


def precision_and_scale(kind: str) -> tuple[int, int] | None:
    """Digits in all and after the point, of a decimal type; None of any other."""
    found = _DECIMAL.fullmatch(kind)
    return (int(found[1]), int(found[2])) if found else None


def text_pattern(kind: str) -> str | None:
    """The regular expression (Java's and Python's) of the whole texts that may be values of a type; None: any may.

    Raises:
        ContractError: values of the type have no text.
    """
    if digits := precision_and_scale(kind):
        precision, scale = digits
        fraction = rf"(?:\.\d{{1,{scale}}})?" if scale else ""
        return rf"[+-]?\d{{1,{max(precision - scale, 1)}}}{fraction}"
    if base(kind) in _NO_PATTERN:
        return None
    if base(kind) not in _PATTERNS:
        raise ContractError(
            f"type {kind}: a landing file has no values of it; use one of "
            f"{', '.join((*_PATTERNS, 'decimal(p,s)', *_NO_PATTERN))}"
        )
    return _PATTERNS[base(kind)]
