"""Trino's page "JSON functions and operators", the functions that are no SQL/JSON.

A value of type json is carried as its text (see `jsondoc.texts`); json_extract and json_array_get take their results
out of the given text, so that those keep the order of members that the text has.
"""

import re

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, fail, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions import json_standard
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.json_inlined import is_checked
from laketop.athena.sql.jsondoc import jsonpath

PAGE = "JSON functions and operators"

# Names that mean the same in a path and in DuckDB's JSON pointers; an index of an array may be a member's name in both.
_POINTER = re.compile(r"(?!0[0-9])(?![0-9]{10})(?!-$)[^~/#\"\\\x00]+", re.DOTALL)


def _document(call: Call, count: int) -> Expr:
    """The first argument: JSON or text of it."""
    if len(call.args) != count:
        raise call.unexpected()
    value = call.args[0]
    if value.type == t.UNKNOWN:
        return coerce(value, t.JSON)
    if value.type != t.JSON and not isinstance(value.type, t.Varchar):
        raise call.unexpected()
    return value


def _path(call: Call) -> Expr:
    path = call.args[1]
    if not isinstance(path.type, t.Varchar | t.Char) and path.type != t.UNKNOWN:
        raise call.unexpected()
    return path if path.type != t.UNKNOWN else coerce(path, t.VARCHAR)


def _pointer(path: str | int | None) -> str | None:
    """A literal path as DuckDB's JSON pointer, where it has one."""
    try:
        steps = jsonpath.steps(path) if isinstance(path, str) else None
    except SqlError:
        return None
    if steps is None or not all(_POINTER.fullmatch(step) for step in steps):
        return None
    return "".join(f"/{step}" for step in steps) or "$"


def _extracting(function: str, type_: t.Type | None) -> Rule:
    def compiled(call: Call) -> Expr:
        value = _document(call, 2)
        path = _path(call)
        if call.args[0].type == t.UNKNOWN and type_ is None:
            raise fail("AMBIGUOUS_FUNCTION_CALL", "Could not choose a best candidate operator.", call.node)
        gives = type_ or (t.VARCHAR if value.type == t.JSON else value.type)
        pointer = _pointer(path.literal)
        if pointer is None:
            return Expr(f"py_{function}({value.sql}, {path.sql})", gives)
        arguments = f"{text.string(pointer)}, {path.sql}"
        return Expr(let(value.sql, lambda name: f"tr_{function}({name}, {arguments})"), gives)

    return compiled


def _json_size(call: Call) -> Expr:
    return Expr(f"py_json_size({_document(call, 2).sql}, {_path(call).sql})", t.BIGINT)


def _json_parse(call: Call) -> Expr:
    value = _document(call, 1)
    if call.args[0].type == t.JSON:
        raise call.unexpected()
    function = "py_json_parse_sorted" if is_checked(call.node) else "py_json_parse"
    return Expr(f"{function}({value.sql})", t.JSON)


def _json_format(call: Call) -> Expr:
    value = _document(call, 1)
    if value.type != t.JSON:
        raise call.unexpected()
    return Expr(value.sql, t.VARCHAR)


def _json_array_length(call: Call) -> Expr:
    return Expr(let(_document(call, 1).sql, lambda name: f"tr_json_array_length({name})"), t.BIGINT)


def _json_array_get(call: Call) -> Expr:
    value, index = _document(call, 2), call.args[1]
    if not converts(index.type, t.BIGINT):
        raise call.unexpected()
    return Expr(f"py_json_array_get({value.sql}, {coerce(index, t.BIGINT).sql})", t.JSON)


def _json_array_contains(call: Call) -> Expr:
    value, wanted = _document(call, 2), call.args[1]
    if wanted.type == t.UNKNOWN:
        return Expr("CAST(NULL AS BOOLEAN)", t.BOOLEAN)
    for target in (t.BOOLEAN, t.BIGINT, t.DOUBLE, t.VARCHAR):
        if converts(wanted.type, target) and not isinstance(wanted.type, t.Char):
            found = f"CAST({coerce(wanted, target).sql} AS VARCHAR)"
            return Expr(f"py_json_array_contains({value.sql}, '{target}', {found})", t.BOOLEAN)
    raise call.unexpected()


def _is_json_scalar(call: Call) -> Expr:
    return Expr(f"py_is_json_scalar({_document(call, 1).sql})", t.BOOLEAN)


LOWERED: dict[str, Rule] = {
    "json_parse": _json_parse,
    "json_format": _json_format,
    "json_extract": _extracting("json_extract", t.JSON),
    "json_extract_scalar": _extracting("json_extract_scalar", None),
    "json_size": _json_size,
    "json_array_length": _json_array_length,
    "json_array_get": _json_array_get,
    "json_array_contains": _json_array_contains,
    "is_json_scalar": _is_json_scalar,
    **json_standard.LOWERED,
}
