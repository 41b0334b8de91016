"""Literals that are read from text: X'0A', U&'\\00e9', and those with a type in front: CHAR 'a', UUID '…', REAL '1'.

Follows Trino's pages "Data types" and "SQL statement syntax: literals" and measured answers.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, fail, parts, rule
from laketop.athena.sql.errors import SqlError

type Reader = Callable[[str, exp.Expr], Expr]

_SURROGATES = range(0xD800, 0xE000)
_HEX = "0123456789abcdefABCDEF"
_FLOAT = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|Infinity|NaN)", re.ASCII)
_BOOLEANS = {"true": "TRUE", "t": "TRUE", "1": "TRUE", "false": "FALSE", "f": "FALSE", "0": "FALSE"}
_BLANKS = "".join(map(chr, range(33)))


def blob(value: bytes) -> str:
    """Bytes as a DuckDB constant."""
    return "CAST('" + "".join(f"\\x{byte:02X}" for byte in value) + "' AS BLOB)"


@rule(exp.HexString)
def _hexadecimal(node: exp.HexString, _: Context) -> Expr:
    digits = re.sub(r"\s", "", str(parts(node, "this")[0]))
    if any(digit not in _HEX for digit in digits):
        raise fail("SYNTAX_ERROR", "Binary literal can only contain hexadecimal digits", node)
    if len(digits) % 2:
        raise fail("SYNTAX_ERROR", "Binary literal must contain an even number of digits", node)
    return Expr(blob(bytes.fromhex(digits)), t.VARBINARY)


@rule(exp.UnicodeString)
def _unicode(node: exp.UnicodeString, _: Context) -> Expr:
    spelled, escape = parts(node, "this", "escape")
    mark = escape.this if isinstance(escape, exp.Literal) else "\\"
    if len(mark) != 1 or mark in _HEX + "+'\"" or mark.isspace():
        raise fail("SYNTAX_ERROR", f"Invalid Unicode escape character: {mark}", node)
    value = _decoded(str(spelled), mark, node)
    return Expr(text.string(value), t.Varchar(len(value)), value)


def _decoded(spelled: str, mark: str, node: exp.Expr) -> str:
    pieces, rest = [], spelled
    while mark in rest:
        before, _, rest = rest.partition(mark)
        pieces.append(before)
        if rest.startswith(mark):
            pieces.append(mark)
            rest = rest[1:]
            continue
        digits = rest[1:7] if rest.startswith("+") else rest[:4]
        rest = rest[7:] if rest.startswith("+") else rest[4:]
        pieces.append(_character(digits, rest, node))
    return "".join(pieces) + rest


def _character(digits: str, rest: str, node: exp.Expr) -> str:
    wrong = next((digit for digit in digits if digit not in _HEX), None)
    if wrong is not None:
        raise fail("SYNTAX_ERROR", f"Invalid hexadecimal digit: {wrong}", node)
    if len(digits) not in (4, 6):
        raise fail("SYNTAX_ERROR", f"Incomplete escape sequence: {digits}{rest}", node)
    point = int(digits, 16)
    if point in _SURROGATES or point > 0x10FFFF:
        raise fail("SYNTAX_ERROR", f"Invalid escaped character: {digits}", node)
    return chr(point)


def _invalid(spelled: str, name: str, node: exp.Expr) -> SqlError:
    return fail("INVALID_LITERAL", f"'{spelled}' is not a valid {name} literal", node)


def _char(spelled: str, _: exp.Expr) -> Expr:
    value = spelled.rstrip(" ")
    return Expr(text.string(value), t.Char(len(spelled)))


def _boolean(spelled: str, node: exp.Expr) -> Expr:
    if spelled.lower() not in _BOOLEANS:
        raise _invalid(spelled, "BOOLEAN", node)
    return Expr(_BOOLEANS[spelled.lower()], t.BOOLEAN)


def _floating(type_: t.Type, name: str) -> Reader:
    def read(spelled: str, node: exp.Expr) -> Expr:
        trimmed = spelled.strip(_BLANKS)
        if not _FLOAT.fullmatch(trimmed):
            raise _invalid(spelled, name, node)
        value = float(trimmed if trimmed[-1:] in ("N", "y") else trimmed.rstrip("dDfF"))
        return Expr(f"CAST('{value!r}' AS {t.duckdb_type(type_)})", type_)

    return read


def _json(spelled: str, node: exp.Expr) -> Expr:
    from laketop.athena.sql.functions import json_casts

    return json_casts.json_literal(spelled, node)


def _uuid(spelled: str, node: exp.Expr) -> Expr:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", spelled):
        raise _invalid(spelled, "UUID", node)
    return Expr(f"CAST('{uuid.UUID(spelled)}' AS UUID)", t.UUID)


def _address(spelled: str, node: exp.Expr) -> Expr:
    try:
        address = ipaddress.ip_address(spelled)
    except ValueError as error:
        raise _invalid(spelled, "IPADDRESS", node) from error
    packed = address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed
    return Expr(blob(packed), t.IPADDRESS)


# How a literal is read that has the type's name in front.
TYPED: dict[exp.DType, Reader] = {
    exp.DType.BOOLEAN: _boolean,
    exp.DType.CHAR: _char,
    exp.DType.VARCHAR: lambda spelled, _: Expr(text.string(spelled), t.VARCHAR, spelled),
    exp.DType.VARBINARY: lambda spelled, _: Expr(blob(spelled.encode()), t.VARBINARY),
    exp.DType.FLOAT: _floating(t.REAL, "REAL"),
    exp.DType.DOUBLE: _floating(t.DOUBLE, "DOUBLE"),
    exp.DType.JSON: _json,
    exp.DType.UUID: _uuid,
    exp.DType.IPADDRESS: _address,
}
