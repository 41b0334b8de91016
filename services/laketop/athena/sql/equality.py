"""Keys: values in a form that DuckDB tells apart, and sorts, as Trino does the values themselves.

DuckDB has no notion of a map without order, of an instant whose zone does not matter, of text filled up with spaces.
Wherever values are grouped, made distinct, joined into sets or sorted, the key stands in for the value.
Follows Trino's pages "Comparison functions and operators" and "Data types".
"""

import zlib

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, fail, let

_NOT_COMPARABLE: frozenset[t.Type] = frozenset(
    (t.HYPERLOGLOG, t.P4_HYPERLOGLOG, t.TDIGEST, t.SET_DIGEST, t.GEOMETRY, t.SPHERICAL_GEOGRAPHY)
)
_DAY_MICROSECONDS = 86_400_000_000


def is_comparable(type_: t.Type) -> bool:
    """Whether Trino knows when two values of the type are equal."""
    match type_:
        case t.Array(element):
            return is_comparable(element)
        case t.Map(key, value):
            return is_comparable(key) and is_comparable(value)
        case t.Row(fields):
            return all(is_comparable(field) for _, field in fields)
    return type_ not in _NOT_COMPARABLE and not isinstance(type_, t.QDigest)


def is_orderable(type_: t.Type) -> bool:
    """Whether Trino has an order of the type's values."""
    match type_:
        case t.Array(element):
            return is_orderable(element)
        case t.Map():
            return False
        case t.Row(fields):
            return all(is_orderable(field) for _, field in fields)
    return type_ not in (t.JSON, t.BING_TILE) and is_comparable(type_)


def distinct_key(value: Expr, node: exp.Expr) -> str:
    """DuckDB SQL that is NOT DISTINCT FROM itself exactly where Trino's values are (NULLs alike, NaNs alike).

    Args:
        node: where to say that the type is not comparable.

    Returns:
        The value's own SQL where DuckDB agrees with Trino anyway.

    Raises:
        SqlError: TYPE_MISMATCH for a type that Trino cannot compare.
    """
    if not is_comparable(value.type):
        raise fail("TYPE_MISMATCH", f"{value.type} is not comparable, and therefore cannot be used here", node)
    return _key(value, ordered=False)


def sort_key(value: Expr, node: exp.Expr, *, nan_first: bool = False) -> str:
    """DuckDB SQL that sorts as Trino sorts the values (NULLs are placed by the caller).

    Args:
        nan_first: whether a NaN inside of an array or row comes before all numbers, as for the largest of values.

    An array or row that holds a NULL has no place in an order: such a key fails where it is computed, as Trino does
    where it must compare the NULL.

    Raises:
        SqlError: TYPE_MISMATCH for a type that Trino cannot order.
    """
    if not is_orderable(value.type):
        raise fail(
            "TYPE_MISMATCH", f"Type {value.type} is not orderable, and therefore cannot be used in ORDER BY", node
        )
    if not isinstance(value.type, t.Array | t.Row):
        return _key(value, ordered=True)

    def whole(name: str) -> str:
        key = _key(Expr(name, value.type), ordered=True, nan_first=nan_first)
        what = (
            "ARRAY comparison not supported for arrays"
            if isinstance(value.type, t.Array)
            else "ROW comparison not supported for fields"
        )
        failed = text.raising(
            "NOT_SUPPORTED", f"'{what} with null elements' || left(CAST({name} AS VARCHAR), 0)", "VARCHAR"
        )
        fine = f"{name} IS NULL OR NOT {holds_null(name, value.type)}"
        return f"CASE WHEN {fine} THEN {key} WHEN {failed} IS NULL THEN NULL END"

    return let(value.sql, whole)


def holds_null(sql: str, type_: t.Type) -> str:
    """A DuckDB condition: there is a NULL somewhere inside of an array or row that is none itself."""
    match type_:
        case t.Array(element):
            if not isinstance(element, t.Array | t.Row):
                return f"(list_count({sql}) < len({sql}))"
            name = _name(sql)
            inner = f"{name} IS NULL OR {holds_null(name, element)}"
            return f"(len(list_filter({sql}, lambda {name}: {inner})) > 0)"
        case t.Row(fields):
            tests = []
            for number, (_, field) in enumerate(fields):
                part = f"struct_extract({sql}, 'f{number}')"
                tests.append(f"{part} IS NULL")
                if isinstance(field, t.Array | t.Row):
                    tests.append(holds_null(part, field))
            return f"({' OR '.join(tests)})"
    return "FALSE"


def _name(sql: str) -> str:
    """A lambda's argument that nothing inside of its body is called."""
    return f"q{zlib.crc32(sql.encode()):08x}"


def _key(value: Expr, *, ordered: bool, nan_first: bool = False) -> str:
    sql = value.sql
    if nan_first and t.is_float(value.type):
        return f"CASE WHEN {sql} IS NOT NULL THEN {{'n': NOT isnan({sql}), 'x': {sql}}} END"
    match value.type:
        case t.TimestampTz():
            return value.zoned[0] if value.zoned else f"struct_extract({sql}, 't')"
        case t.TimeTz():
            return let(sql, _time_key)
        case t.Char(length) if ordered:
            # a space comes after the control characters
            return f"rpad({sql}, {length}, ' ')"
        case t.Array(element):
            name = _name(sql)
            inner = _key(Expr(name, element), ordered=ordered, nan_first=nan_first)
            return sql if inner == name else f"list_transform({sql}, lambda {name}: {inner})"
        case t.Row(fields):
            return let(sql, lambda row: _row_key(row, fields, ordered=ordered, nan_first=nan_first))
        case t.Map(key, item):
            name = _name(sql)
            pair = (
                f"struct_pack(k := {_key(Expr(f"struct_extract({name}, 'key')", key), ordered=False)}, "
                f"v := {_key(Expr(f"struct_extract({name}, 'value')", item), ordered=False)})"
            )
            return f"list_sort(list_transform(map_entries({sql}), lambda {name}: {pair}))"
    return sql


def _time_key(sql: str) -> str:
    """A time with an offset as microseconds of the day in UTC."""
    local = f"epoch_us(CAST(DATE '1970-01-01' + struct_extract({sql}, 't') AS TIMESTAMP))"
    shifted = f"({local} - CAST(struct_extract({sql}, 'o') AS BIGINT) * 60000000)"
    return f"(({shifted} % {_DAY_MICROSECONDS} + {_DAY_MICROSECONDS}) % {_DAY_MICROSECONDS})"


def _row_key(sql: str, fields: tuple[tuple[str | None, t.Type], ...], *, ordered: bool, nan_first: bool) -> str:
    old = [f"struct_extract({sql}, 'f{number}')" for number in range(len(fields))]
    new = [
        _key(Expr(part, type_), ordered=ordered, nan_first=nan_first)
        for part, (_, type_) in zip(old, fields, strict=True)
    ]
    if old == new:
        return sql
    packed = ", ".join(f'"f{number}" := {part}' for number, part in enumerate(new))
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({packed}) END"
