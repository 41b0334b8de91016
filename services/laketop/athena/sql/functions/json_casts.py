"""JSON literals, and CAST to and from JSON.

Follows Trino's page "JSON functions and operators", sections "Cast to JSON" and "Cast from JSON".
"""

import json
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, fail, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.jsondoc import texts

# What DuckDB reads from JSON text by itself: whole numbers that surely fit.
_SURE_DIGITS: dict[t.Type, int] = {t.TINYINT: 2, t.SMALLINT: 4, t.INTEGER: 9, t.BIGINT: 18}
_NUMBER = r"-?[0-9]{1,200}(\.[0-9]+)?(E-?[0-9]{1,2})?"
_SMALL = r"-?[0-9]{1,30}(\.[0-9]+)?"
_STRINGS = r'\[("[^"\\]*"(,"[^"\\]*")*)?\]'
_INTEGERS = r"\[(-?[0-9]{1,9}(,-?[0-9]{1,9})*)?\]"
_KEYS = (t.BOOLEAN, *t.INTEGERS, t.REAL, t.DOUBLE)


def json_literal(spelled: str, node: exp.Expr) -> Expr:
    """JSON '…'.

    Raises:
        SqlError: INVALID_LITERAL.
    """
    try:
        return Expr(text.string(texts.canonical(spelled)), t.JSON)
    except ValueError as error:
        raise fail("INVALID_LITERAL", f"'{spelled}' is not a valid JSON literal", node) from error


def _impossible(source: t.Type, target: t.Type, node: exp.Expr) -> SqlError:
    return fail("TYPE_MISMATCH", f"Cannot cast {source} to {target}", node)


def _is_key(type_: t.Type) -> bool:
    return type_ in _KEYS or type_ == t.UNKNOWN or isinstance(type_, t.Decimal | t.Varchar)


def cast_to_json(value: Expr, node: exp.Expr) -> Expr:
    """CAST(value AS JSON).

    Raises:
        SqlError: TYPE_MISMATCH for a type that has no JSON form, INVALID_CAST_ARGUMENT for such a type as key of a map.
    """
    if not _to_json(value.type):
        raise _impossible(value.type, t.JSON, node)
    if value.type == t.UNKNOWN:
        return Expr("CAST(NULL AS VARCHAR)", t.JSON)
    for found in _maps(value.type):
        if not _is_key(found.key):
            raise fail("INVALID_CAST_ARGUMENT", f"Cannot cast {value.type} to JSON", node)
    return Expr(_written(value, node, 0), t.JSON)


def _maps(type_: t.Type) -> list[t.Map]:
    match type_:
        case t.Array(element):
            return _maps(element)
        case t.Map(_, item):
            return [type_, *_maps(item)]
        case t.Row(fields):
            return [found for _, field in fields for found in _maps(field)]
    return []


def _to_json(type_: t.Type) -> bool:
    match type_:
        case t.Array(element):
            return _to_json(element)
        case t.Map(key, item):
            return not isinstance(key, t.Array | t.Map | t.Row) and _to_json(item)
        case t.Row(fields):
            return all(_to_json(field) for _, field in fields)
    return type_ in (*_KEYS, t.DATE, t.JSON, t.UNKNOWN) or isinstance(type_, t.Decimal | t.Varchar | t.Timestamp)


def _written(value: Expr, node: exp.Expr, depth: int) -> str:
    """DuckDB SQL for a value's JSON text; NULL for NULL."""
    match value.type:
        case t.Array(element):
            name = f"json_e{depth}"
            item = _or_null(Expr(name, element), node, depth + 1)
            return f"('[' || array_to_string(list_transform({value.sql}, lambda {name}: {item}), ',') || ']')"
        case t.Map(key, item):
            return _written_map(value.sql, key, item, node, depth)
        case t.Row(fields):
            return let(value.sql, lambda name: _written_row(name, fields, node, depth))
    return scalar_text(value, node)


def scalar_text(value: Expr, node: exp.Expr) -> str:
    """DuckDB SQL for a scalar's JSON text; NULL for NULL."""
    from laketop.athena.sql.casts import cast

    type_ = value.type
    if type_ == t.JSON:
        return value.sql
    if type_ == t.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if type_ in (t.DOUBLE, t.REAL):
        return let(value.sql, lambda name: f"tr_json_{type_}({name})")
    if type_ == t.BOOLEAN or t.is_integer(type_) or isinstance(type_, t.Decimal):
        return cast(value, t.VARCHAR, node).sql
    if isinstance(type_, t.Varchar):
        return let(value.sql, lambda name: f"tr_json_quote({name})")
    return f"('\"' || {cast(value, t.VARCHAR, node).sql} || '\"')"


def _or_null(value: Expr, node: exp.Expr, depth: int) -> str:
    return f"coalesce({_written(value, node, depth)}, 'null')"


def _written_map(sql: str, key: t.Type, item: t.Type, node: exp.Expr, depth: int) -> str:
    name = f"json_e{depth}"
    key_value = Expr(f"{name}.key", key)
    shown = key_value.sql if isinstance(key, t.Varchar) else f"trim({scalar_text(key_value, node)}, '\"')"
    member = f"tr_json_quote({shown}) || ':' || {_or_null(Expr(f'{name}.value', item), node, depth + 1)}"
    entries = f"list_transform(map_entries({sql}), lambda {name}: {{'n': tr_json_name_order({shown}), 'm': {member}}})"
    members = f"list_transform(list_sort({entries}), lambda json_s: json_s.m)"
    return f"('{{' || array_to_string({members}, ',') || '}}')"


def _written_row(sql: str, fields: tuple[tuple[str | None, t.Type], ...], node: exp.Expr, depth: int) -> str:
    members = []
    for number, (name, type_) in enumerate(fields):
        label = text.string(("," if number else "") + texts.quoted(name or "") + ":")
        members.append(f"{label} || {_or_null(Expr(f'struct_extract({sql}, $$f{number}$$)', type_), node, depth)}")
    return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {' || '.join(members)} || '}}' END".replace("$$", "'")


def cast_from_json(value: Expr, target: t.Type, node: exp.Expr) -> Expr:
    """CAST(json AS target).

    Raises:
        SqlError: TYPE_MISMATCH for a type that JSON cannot become.
    """
    arguments = _arguments(target, node)
    reader = _READERS.get(type(target)) or _READERS.get(target) or _nested
    return Expr(let(value.sql, lambda name: reader(name, target, arguments)), target)


def cast_text(value: Expr, target: t.Type, node: exp.Expr) -> Expr:
    """CAST(json_parse(text) AS an array, map or row) in one step.

    Raises:
        SqlError: TYPE_MISMATCH for a type that JSON cannot become.
    """
    return Expr(_by_python(value.sql, target, _arguments(target, node)), target)


def _arguments(target: t.Type, node: exp.Expr) -> str:
    """What the Python functions are told about a type."""
    described = _description(target)
    if described is None:
        raise _impossible(t.JSON, target, node)
    for found in _maps(target):
        if not _is_key(found.key):
            raise fail("INVALID_CAST_ARGUMENT", f"Cannot cast JSON to {target}", node)
    return f"{text.string(json.dumps(described))}, {text.string(str(target))}"


def _description(type_: t.Type) -> list[Any] | None:
    """A type as `jsondoc.values` reads it; None where JSON has no cast to it."""
    match type_:
        case t.Array(element):
            inner = _description(element)
            return None if inner is None else ["array", inner]
        case t.Map(key, item):
            inner = _description(item)
            known = _description(key)
            return None if inner is None else ["map", known or ["varchar"], inner]
        case t.Row(fields):
            kinds = [_description(field) for _, field in fields]
            names = [name for name, _ in fields]
            return None if None in kinds else ["row", *([name, kind] for name, kind in zip(names, kinds, strict=True))]
        case t.Varchar(length):
            return ["varchar"] if length is None else ["varchar", length]
        case t.Decimal(precision, scale):
            return ["decimal", precision, scale]
    return [str(type_)] if type_ in (*_KEYS, t.JSON) else None


type _Reader = Callable[[str, t.Type, str], str]


def _with_pattern(sql: str, pattern: str, native: str, other: str) -> str:
    """DuckDB's own reading where the text has a form that it surely reads as Trino does."""
    return (
        f"CASE WHEN {sql} IS NULL OR {sql} = 'null' THEN NULL "
        f"WHEN regexp_full_match({sql}, {text.string(pattern)}) THEN {native} ELSE {other} END"
    )


def _whole(sql: str, target: t.Type, arguments: str) -> str:
    kind = t.duckdb_type(target)
    other = f"CAST(py_json_bigint({sql}, {arguments}) AS {kind})"
    return _with_pattern(sql, f"-?[0-9]{{1,{_SURE_DIGITS[target]}}}", f"CAST({sql} AS {kind})", other)


def _double(sql: str, _: t.Type, arguments: str) -> str:
    return _with_pattern(sql, _NUMBER, f"CAST({sql} AS DOUBLE)", f"py_json_double({sql}, {arguments})")


def _real(sql: str, _: t.Type, arguments: str) -> str:
    other = f"CAST(py_json_double({sql}, {arguments}) AS FLOAT)"
    return _with_pattern(sql, _SMALL, f"CAST(CAST({sql} AS DOUBLE) AS FLOAT)", other)


def _decimal(sql: str, target: t.Type, arguments: str) -> str:
    assert isinstance(target, t.Decimal)  # noqa: S101 - the table's key
    kind, whole = t.duckdb_type(target), target.precision - target.scale
    fraction = rf"(\.[0-9]{{1,{target.scale}}})?" if target.scale else ""
    pattern = f"-?[0-9]{{1,{whole}}}{fraction}" if whole else "0"
    return _with_pattern(sql, pattern, f"CAST({sql} AS {kind})", f"CAST(py_json_text({sql}, {arguments}) AS {kind})")


def _boolean(sql: str, _: t.Type, arguments: str) -> str:
    return _with_pattern(sql, "true|false", f"({sql} = 'true')", f"py_json_boolean({sql}, {arguments})")


def _text(sql: str, target: t.Type, arguments: str) -> str:
    if target == t.VARCHAR:
        return f"tr_json_varchar({sql}, {arguments})"
    return f"py_json_text({sql}, {arguments})"


def _by_python(sql: str, target: t.Type, arguments: str) -> str:
    return f"CAST(CAST(py_json_nested({sql}, {arguments}) AS JSON) AS {t.duckdb_type(target)})"


def _nested(sql: str, target: t.Type, arguments: str) -> str:
    kind = t.duckdb_type(target)
    other = _by_python(sql, target, arguments)
    if target == t.Array(t.VARCHAR):
        return _with_pattern(sql, _STRINGS, f"CAST(CAST({sql} AS JSON) AS {kind})", other)
    if target in (t.Array(t.BIGINT), t.Array(t.INTEGER), t.Array(t.DOUBLE)):
        return _with_pattern(sql, _INTEGERS, f"CAST(CAST({sql} AS JSON) AS {kind})", other)
    if target == t.Array(t.JSON):
        parts = f"CAST(json_extract({sql}, '$[*]') AS VARCHAR[])"
        plain = f"starts_with({sql}, '[') AND json_valid({sql}) AND NOT tr_json_respelled({sql})"
        return f"CASE WHEN {plain} THEN {parts} ELSE {other} END"
    return other


_READERS: dict[Any, _Reader] = {
    t.Varchar: _text,
    t.Decimal: _decimal,
    **dict.fromkeys(t.INTEGERS, _whole),
    t.DOUBLE: _double,
    t.REAL: _real,
    t.BOOLEAN: _boolean,
}
