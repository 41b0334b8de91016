"""What functions of arrays and maps share: their operands, the types in which elements meet, elements as keys."""

import re
from collections.abc import Callable
from functools import partial

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, costly, let
from laketop.athena.sql.equality import distinct_key, sort_key
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call

INVALID = "INVALID_FUNCTION_ARGUMENT"

_CONSTANT = re.compile(r"-?[0-9]+|NULL|'[^']*'")


def once(body: Callable[..., str], *operands: str) -> str:
    """DuckDB SQL that uses operands more than once, each computed once where one of them is long or volatile.

    Several operands are bound together: a subquery, which may be one of them, cannot stand in a lambda's body.
    """
    bound = [operand for operand in dict.fromkeys(operands) if not _CONSTANT.fullmatch(operand)]
    if not any(costly(operand) or "SELECT" in operand for operand in bound):
        return body(*operands)
    if len(bound) == 1:
        sql = bound[0]
        return let(sql, lambda name: body(*(name if operand == sql else operand for operand in operands)))
    packed = "{" + ", ".join(f"'o{number}': {operand}" for number, operand in enumerate(bound)) + "}"
    places = {operand: number for number, operand in enumerate(bound)}

    def unpacked(name: str) -> str:
        return body(*(f"struct_extract({name}, 'o{places[sql]}')" if sql in places else sql for sql in operands))

    return let(packed, unpacked)


def arguments(call: Call, count: int) -> list[Expr]:
    """The call's arguments.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where they are not as many.
    """
    if len(call.nodes) != count:
        raise call.unexpected()
    return call.args


def element(call: Call, value: Expr) -> t.Type:
    """The type of an array's elements; a bare NULL is an array of unknown.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for anything but an array.
    """
    if value.type == t.UNKNOWN:
        return t.UNKNOWN
    if not isinstance(value.type, t.Array):
        raise call.unexpected()
    return value.type.element


def pair(call: Call, value: Expr) -> tuple[t.Type, t.Type]:
    """The types of a map's keys and values; a bare NULL is a map of unknowns.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for anything but a map.
    """
    if value.type == t.UNKNOWN:
        return t.UNKNOWN, t.UNKNOWN
    if not isinstance(value.type, t.Map):
        raise call.unexpected()
    return value.type.key, value.type.value


def met(call: Call, *types: t.Type) -> t.Type:
    """The type that one type variable of the function stands for.

    Raises:
        SqlError: FUNCTION_NOT_FOUND where the types have none in common.
    """
    target: t.Type = t.UNKNOWN
    for type_ in types:
        wider = common(target, type_)
        if wider is None:
            raise call.unexpected()
        target = wider
    return target


def whole(call: Call, value: Expr, target: t.Type = t.BIGINT) -> str:
    """DuckDB SQL of an argument that is an integer.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for anything that does not convert to the integer type.
    """
    if common(value.type, target) != target:
        raise call.unexpected()
    return coerce(value, target).sql


def carried(value: Expr) -> str:
    """DuckDB SQL of a value in exactly the type that carries it: a bare NULL has none by itself."""
    return f"CAST({value.sql} AS INTEGER)" if value.type == t.UNKNOWN else value.sql


def key(call: Call, type_: t.Type, name: str) -> str:
    """The key by which Trino tells values of a type apart, for a value that is called `name` in DuckDB.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for a type that cannot be compared.
    """
    return _keyed(distinct_key, call, type_, name)


def order(call: Call, type_: t.Type, name: str) -> str:
    """The key by which Trino sorts values of a type, as `key`."""
    return _keyed(sort_key, call, type_, name)


def largest(call: Call, type_: t.Type, name: str) -> str:
    """The key by which Trino finds the largest of values of a type, as `key`: a NaN inside comes before all numbers."""
    return _keyed(partial(sort_key, nan_first=True), call, type_, name)


def _keyed(maker: Callable[..., str], call: Call, type_: t.Type, name: str) -> str:
    try:
        return maker(Expr(name, type_), call.node)
    except SqlError as error:
        if error.name == "TYPE_MISMATCH":
            raise call.unexpected() from error
        raise


def keys(call: Call, type_: t.Type, array: str, maker: Callable[[Call, t.Type, str], str] = key) -> str:
    """DuckDB SQL of an array's elements as keys: the array itself where elements are their own keys."""
    made = maker(call, type_, "ek")
    return array if made == "ek" else f"list_transform({array}, lambda ek: {made})"


def invalid(message: str, type_: t.Type) -> str:
    """A DuckDB expression that raises Trino's error for a wrong argument; `message` as `text.raising` wants it."""
    return text.raising(INVALID, message, t.duckdb_type(type_))
