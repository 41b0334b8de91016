"""Types of Parquet columns, and which of them fit a type of the contract (Apache Parquet, "Logical types").

What fits is what Spark reads into the contract's type without losing anything: tried with Spark 4.1, and narrower where
Parquet says more than the bytes (bytes that nobody calls text are no text).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PHYSICAL = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
# Converted types, the older annotation, by number: (kind, its parameters).
_CONVERTED: dict[int, tuple[str, dict[str, Any]]] = {
    0: ("string", {}),
    1: ("map", {}),
    2: ("map", {}),
    3: ("list", {}),
    4: ("enum", {}),
    6: ("date", {}),
    7: ("time", {"unit": "millis"}),
    8: ("time", {"unit": "micros"}),
    9: ("timestamp", {"unit": "millis"}),
    10: ("timestamp", {"unit": "micros"}),
    11: ("int", {"bits": 8, "signed": False}),
    12: ("int", {"bits": 16, "signed": False}),
    13: ("int", {"bits": 32, "signed": False}),
    14: ("int", {"bits": 64, "signed": False}),
    15: ("int", {"bits": 8, "signed": True}),
    16: ("int", {"bits": 16, "signed": True}),
    17: ("int", {"bits": 32, "signed": True}),
    18: ("int", {"bits": 64, "signed": True}),
    19: ("json", {}),
    20: ("bson", {}),
    21: ("interval", {}),
}
_DECIMAL = 5


@dataclass(frozen=True)
class Stored:
    """The type of a Parquet column.

    Attributes:
        physical: one of `PHYSICAL`.
        length: bytes of a FIXED_LEN_BYTE_ARRAY, else None.
        kind: what the annotation says (string, decimal, date, timestamp, int, …), or None.
        parameters: of the kind: `precision` and `scale`; `unit`; `bits` and `signed`.
    """

    physical: str
    length: int | None
    kind: str | None
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        values = ",".join(str(value).lower() for value in self.parameters.values())
        kind = f"{self.kind}({values})" if values else self.kind
        return f"{kind} as {self.physical}" if kind else self.physical


def stored(element: Mapping[str, Any]) -> Stored:
    """The type of a column by its element of the footer's schema; a logical type holds before a converted one."""
    physical = PHYSICAL[element["type"]]
    kind, parameters = _annotation(element)
    return Stored(physical, element.get("type_length"), kind, parameters)


def _annotation(element: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    for kind, value in element.get("logical", {}).items():
        return _LOGICAL[kind](value) if kind in _LOGICAL else (kind, {})
    converted = element.get("converted_type")
    if converted == _DECIMAL:
        return _decimal(element)
    return _CONVERTED.get(converted, (f"converted type {converted}", {})) if converted is not None else (None, {})


def _decimal(value: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return "decimal", {"precision": value.get("precision", 0), "scale": value.get("scale", 0)}


_LOGICAL: dict[str, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    "decimal": _decimal,
    "timestamp": lambda value: ("timestamp", {"unit": next(iter(value.get("unit", {})), "unknown unit")}),
    "time": lambda value: ("time", {"unit": next(iter(value.get("unit", {})), "unknown unit")}),
    "int": lambda value: ("int", {"bits": value.get("bits", 0), "signed": value.get("signed", False)}),
}


def fits(hive: str, column: Stored) -> bool:
    """Whether a Parquet column can be a column of a Hive type, e.g. `bigint` or `decimal(10,2)`.

    Raises:
        KeyError: no column of a file can be of that type (a contract with arrays, say).
    """
    base, *arguments = re.split(r"[(,)]", hive.replace(" ", ""))
    return _FITS[base](column, [int(argument) for argument in arguments if argument])


def _fits_decimal(column: Stored, arguments: list[int]) -> bool:
    precision, scale = arguments if len(arguments) == 2 else (*arguments, 0)
    found = (column.parameters.get("precision", 0), column.parameters.get("scale", 0))
    digits = _digits(column)
    valid = column.kind == "decimal" and 0 <= found[1] <= found[0] <= digits and found[0] > 0
    # The digits before the point must have room too: Spark refuses decimal(10,0) for decimal(10,2).
    return valid and found[1] <= scale and found[0] - found[1] <= precision - scale


def _digits(column: Stored) -> int:
    """How many decimal digits the column's bytes have room for."""
    if column.physical == "FIXED_LEN_BYTE_ARRAY":
        length = min(max(column.length or 0, 0), 64)
        return len(str(2 ** (8 * length - 1))) - 1 if length else 0
    return {"INT32": 9, "INT64": 18, "BYTE_ARRAY": 38}.get(column.physical, 0)


def _is_int(column: Stored, bits: int) -> bool:
    if column.physical not in ("INT32", "INT64") or column.kind not in (None, "int"):
        return False
    width = {"INT32": 32, "INT64": 64}[column.physical]
    found, signed = column.parameters.get("bits", width), column.parameters.get("signed", True)
    return bool(found <= width <= bits and (found if signed else found + 1) <= bits)


_FITS: dict[str, Callable[[Stored, list[int]], bool]] = {
    "string": lambda column, _: column.physical == "BYTE_ARRAY" and column.kind in ("string", "enum", "json"),
    "int": lambda column, _: _is_int(column, 32),
    "bigint": lambda column, _: _is_int(column, 64),
    "double": lambda column, _: column.physical in ("DOUBLE", "FLOAT") and column.kind is None,
    "boolean": lambda column, _: column.physical == "BOOLEAN" and column.kind is None,
    "date": lambda column, _: column.physical == "INT32" and column.kind == "date",
    # Spark has no nanoseconds; INT96 is what Hive and older Sparks write.
    "timestamp": lambda column, _: (
        (column.physical, column.kind, column.parameters.get("unit"))
        in (("INT64", "timestamp", "millis"), ("INT64", "timestamp", "micros"), ("INT96", None, None))
    ),
    "decimal": _fits_decimal,
}
