"""Trino's page "Map functions and operators".

A map keeps the order in which it was made. Its keys are found by `elements.key`, which is the key itself for most
types; NaN is a key that is never found again.
"""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.casts import cast
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, fail
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call, Rule, with_args
from laketop.athena.sql.functions.elements import (
    arguments,
    element,
    invalid,
    key,
    keys,
    met,
    once,
    pair,
)
from laketop.athena.sql.functions.lambdas import bind, condition, unexpected, values
from laketop.athena.sql.functions.planned import alone

PAGE = "Map functions and operators"

_FEW = 200  # keys among which a duplicate is looked for by name; DuckDB finds it among more, without its name


def _fixed(message: str, hung_on: str, type_: t.Type) -> str:
    """An error whose message does not name a value."""
    return invalid(f"{text.string(message)} || left(CAST(len({hung_on}) AS VARCHAR), 0)", type_)


def _shown(call: Call, type_: t.Type, name: str) -> str:
    """DuckDB SQL of a key as error messages show it, without NULL."""
    try:
        return f"coalesce({cast(Expr(f'CAST({name} AS {t.duckdb_type(type_)})', type_), t.VARCHAR, call.node).sql}, '')"
    except SqlError:
        return "'?'"


def built(call: Call, keys_sql: str, values_sql: str, type_: t.Map) -> str:
    """DuckDB SQL of a map of two arrays of one length.

    The query fails with INVALID_FUNCTION_ARGUMENT where a key is NULL or there twice.
    """

    def checked(names: str, items: str) -> str:
        marks = keys(call, type_.key, names)
        place = f"list_position(list_transform({marks}, lambda e_k, i_k: list_position({marks}, e_k) < i_k), TRUE)"
        double = _shown(call, type_.key, f"list_extract({names}, {place})")
        twice = invalid(f"'Duplicate map keys (' || {double} || ') are not allowed'", type_)
        return (
            f"CASE WHEN {names} IS NULL OR {items} IS NULL THEN NULL "
            f"WHEN list_position({names}, NULL) IS NOT NULL THEN {_fixed('map key cannot be null', names, type_)} "
            f"WHEN len({names}) < {_FEW} AND {place} IS NOT NULL THEN {twice} ELSE map({names}, {items}) END"
        )

    return once(checked, keys_sql, values_sql)


def _map(call: Call) -> Expr:
    if not call.nodes:
        return Expr("map(CAST([] AS INTEGER[]), CAST([] AS INTEGER[]))", t.Map(t.UNKNOWN, t.UNKNOWN))
    names, items = arguments(call, 2)
    type_ = t.Map(element(call, names), element(call, items))
    sides = coerce(names, t.Array(type_.key)).sql, coerce(items, t.Array(type_.value)).sql

    def checked(a: str, b: str) -> str:
        error = _fixed("Key and value arrays must be the same length", a, type_)
        partly = _holds_null("e_i", type_.key)
        if partly is not None:
            known = f"list_contains(list_transform({a}, lambda e_i: e_i IS NOT NULL AND {partly}), TRUE)"
            partly = f"WHEN {known} THEN {_fixed('map key cannot be indeterminate', a, type_)} "
        return f"CASE WHEN len({a}) <> len({b}) THEN {error} {partly or ''}ELSE {built(call, a, b, type_)} END"

    return Expr(once(checked, *sides), type_)


def _holds_null(value: str, type_: t.Type) -> str | None:
    """DuckDB SQL of whether a value that is not NULL holds one; None for a type that cannot."""
    match type_:
        case t.Row(fields):
            parts = [(f"struct_extract({value}, 'f{number}')", kind) for number, (_, kind) in enumerate(fields)]
            tests = [f"{part} IS NULL" for part, _ in parts]
            tests += [inner for part, kind in parts if (inner := _holds_null(part, kind))]
            return f"({' OR '.join(tests)})"
        case t.Array(element_type):
            inner = _holds_null("e_n", element_type)
            test = f"e_n IS NULL OR {inner}" if inner else "e_n IS NULL"
            return f"coalesce(list_contains(list_transform({value}, lambda e_n: {test}), TRUE), FALSE)"
        case t.Map(_, value_type):
            return _holds_null(f"map_values({value})", t.Array(value_type))
    return None


def found(call: Call, map_: str, name: str, type_: t.Map) -> tuple[str, str]:
    """Whether a key is in a map, and its value there (NULL where it is not), in DuckDB SQL."""
    if key(call, type_.key, "ek") == "ek":
        there, value = f"map_contains({map_}, {name})", f"map_extract_value({map_}, {name})"
        if t.is_float(type_.key):
            return f"({there} AND NOT isnan({name}))", f"CASE WHEN NOT isnan({name}) THEN {value} END"
        return there, value
    place = f"list_position({keys(call, type_.key, f'map_keys({map_})')}, {key(call, type_.key, name)})"
    return f"({place} IS NOT NULL)", f"list_extract(map_values({map_}), {place})"


def _looked_up(call: Call, map_: Expr, name: Expr) -> tuple[str, str, t.Map] | None:
    """A map and a key in their common types; None where they have none."""
    key_type, value_type = pair(call, map_)
    target = common(key_type, name.type)
    if target is None:
        return None
    type_ = t.Map(target, value_type)
    return coerce(map_, type_).sql, coerce(name, target).sql, type_


def element_at(call: Call) -> Expr:
    """element_at of a map: NULL for a key that is not there."""
    sides = _looked_up(call, *arguments(call, 2))
    if sides is None:
        raise call.unexpected()
    map_, name, type_ = sides
    return Expr(once(lambda m, k: found(call, m, k, type_)[1], map_, name), type_.value)


def subscript(call: Call) -> Expr:
    """`m[k]`: an error for a key that is not there.

    Raises:
        SqlError: TYPE_MISMATCH for a key of another type.
    """
    map_, name = call.args
    sides = _looked_up(call, map_, name)
    if sides is None:
        raise fail("TYPE_MISMATCH", f"Cannot use {name.type} for subscript of {map_.type}", call.node)
    type_ = sides[2]

    def read(m: str, k: str) -> str:
        there, value = found(call, m, k, type_)
        error = invalid(f"'Key not present in map: ' || {_shown(call, type_.key, k)}", type_.value)
        return f"CASE WHEN {m} IS NULL OR {k} IS NULL THEN NULL WHEN {there} THEN {value} ELSE {error} END"

    return Expr(once(read, *sides[:2]), type_.value)


def _map_argument(call: Call, value: Expr) -> tuple[str, t.Map]:
    if value.type != t.UNKNOWN and not isinstance(value.type, t.Map):
        raise unexpected(call)
    type_ = t.Map(*pair(call, value))
    return coerce(value, type_).sql, type_


def _keys(call: Call) -> Expr:
    map_, type_ = _map_argument(call, *arguments(call, 1))
    return Expr(f"map_keys({map_})", t.Array(type_.key))


def _values(call: Call) -> Expr:
    map_, type_ = _map_argument(call, *arguments(call, 1))
    return Expr(f"map_values({map_})", t.Array(type_.value))


def _entries(call: Call) -> Expr:
    map_, type_ = _map_argument(call, *arguments(call, 1))
    entry = t.Row(((None, type_.key), (None, type_.value)))
    sql = f"list_transform(map_entries({map_}), lambda e_m: {{'f0': e_m.key, 'f1': e_m.value}})"
    return Expr(sql, t.Array(entry))


def _rows(call: Call) -> tuple[str, t.Map]:
    """The argument of map_from_entries: an array of pairs."""
    (value,) = arguments(call, 1)
    type_ = element(call, value)
    if type_ == t.UNKNOWN:
        type_ = t.Row(((None, t.UNKNOWN), (None, t.UNKNOWN)))
    if not isinstance(type_, t.Row) or len(type_.fields) != 2:
        raise call.unexpected()
    return coerce(value, t.Array(type_)).sql, t.Map(type_.fields[0][1], type_.fields[1][1])


def _part(rows: str, number: int) -> str:
    return f"list_transform({rows}, lambda e_m: struct_extract(e_m, 'f{number}'))"


def _without_null(rows: str, type_: t.Map, made: str) -> str:
    error = _fixed("map entry cannot be null", rows, type_)
    return f"CASE WHEN list_position({rows}, NULL) IS NOT NULL THEN {error} ELSE {made} END"


def _from_entries(call: Call) -> Expr:
    rows, type_ = _rows(call)
    return Expr(once(lambda r: _without_null(r, type_, built(call, _part(r, 0), _part(r, 1), type_)), rows), type_)


def _multimap(call: Call) -> Expr:
    rows, single = _rows(call)
    type_ = t.Map(single.key, t.Array(single.value))

    def gathered(r: str) -> str:
        marks = keys(call, single.key, _part(r, 0))
        first = f"list_filter({_part(r, 0)}, lambda e_f, i_f: list_position({marks}, list_extract({marks}, i_f)) = i_f)"
        names = "struct_extract(e_m, 'f0')"
        same = f"{key(call, single.key, names)} = {key(call, single.key, 'e_g')}"
        items = _part(f"list_filter({r}, lambda e_m: {same})", 1)
        return _without_null(r, type_, built(call, first, f"list_transform({first}, lambda e_g: {items})", type_))

    return Expr(once(gathered, rows), type_)


def _concat(call: Call) -> Expr:
    if not call.args:
        raise call.unexpected()
    types = [pair(call, value) for value in call.args]
    type_ = t.Map(met(call, *(name for name, _ in types)), met(call, *(value for _, value in types)))
    if len(call.args) == 1:
        value = with_args(call, [coerce(call.args[0], type_)])
        return alone(value, "There must be two or more concatenation arguments to map_concat")
    maps = [coerce(value, type_).sql for value in call.args]
    result = maps[0]
    for other in maps[1:]:
        result = once(lambda a, b: _merged(call, a, b, type_), result, other)
    return Expr(result, type_)


def _merged(call: Call, first: str, second: str, type_: t.Map) -> str:
    """All entries of the second map, then those of the first whose keys it does not have."""
    marks, name = keys(call, type_.key, f"map_keys({second})"), key(call, type_.key, "struct_extract(e_m, 'key')")
    rest = f"list_filter(map_entries({first}), lambda e_m: list_position({marks}, {name}) IS NULL)"
    return f"map_from_entries(map_entries({second}) || {rest})"


def _with_lambda(call: Call) -> tuple[str, t.Map]:
    return _map_argument(call, values(call, 2, 1)[0])


def _entry(name: str) -> tuple[str, str]:
    return f"struct_extract({name}, 'key')", f"struct_extract({name}, 'value')"


def _filter(call: Call) -> Expr:
    map_, type_ = _with_lambda(call)
    chosen = condition(call, 1, (type_.key, type_.value), _entry)
    return Expr(f"map_from_entries(list_filter(map_entries({map_}), lambda {chosen.names[0]}: {chosen.sql}))", type_)


def _transform_keys(call: Call) -> Expr:
    map_, type_ = _with_lambda(call)
    new = bind(call, 1, (type_.key, type_.value), _entry)
    gives = t.Map(new.body.type, type_.value)
    names = f"list_transform(map_entries({{0}}), lambda {new.names[0]}: {{1}})"
    return Expr(
        once(lambda m: built(call, names.format(m, new.sql), f"map_values({m})", gives), map_),
        gives,
    )


def _transform_values(call: Call) -> Expr:
    map_, type_ = _with_lambda(call)
    new = bind(call, 1, (type_.key, type_.value), _entry)
    items = f"list_transform(map_entries({{0}}), lambda {new.names[0]}: {{1}})"
    return Expr(
        once(lambda m: f"map(map_keys({m}), {items.format(m, new.sql)})", map_), t.Map(type_.key, new.body.type)
    )


def _zip_with(call: Call) -> Expr:
    given = values(call, 3, 2)
    left, right = (_map_argument(call, value)[1] for value in given)
    target = common(left.key, right.key)
    if target is None:
        raise unexpected(call)
    left, right = t.Map(target, left.value), t.Map(target, right.value)
    sides = coerce(given[0], left).sql, coerce(given[1], right).sql
    gives: list[t.Type] = []

    def zipped(a: str, b: str) -> str:
        def operands(name: str) -> tuple[str, ...]:
            return name, found(call, a, name, left)[1], found(call, b, name, right)[1]

        new = bind(call, 2, (target, left.value, right.value), operands)
        gives.append(new.body.type)
        marks = keys(call, target, f"map_keys({a})")
        rest = f"list_filter(map_keys({b}), lambda e_m: list_position({marks}, {key(call, target, 'e_m')}) IS NULL)"
        names = f"(map_keys({a}) || {rest})"
        return f"map({names}, list_transform({names}, lambda {new.names[0]}: {new.sql}))"

    sql = once(zipped, *sides)
    return Expr(sql, t.Map(target, gives[0]))


_NORM = "sqrt(list_sum(list_transform(map_values({0}), lambda e_c: e_c * e_c)))"


def _cosine(call: Call) -> Expr:
    type_ = t.Map(t.VARCHAR, t.DOUBLE)
    given = arguments(call, 2)
    if any(common(value.type, type_) != type_ for value in given):
        raise call.unexpected()

    def similar(a: str, b: str) -> str:
        products = (
            f"list_transform(map_keys({a}), lambda e_c: "
            f"coalesce(map_extract_value({a}, e_c) * map_extract_value({b}, e_c), 0))"
        )
        empty = " OR ".join(f"list_position(map_values({m}), NULL) IS NOT NULL" for m in (a, b))
        ratio = f"list_sum({products}) / ({_NORM.format(a)} * {_NORM.format(b)})"
        return (
            f"CASE WHEN {a} IS NULL OR {b} IS NULL OR {empty} THEN NULL "
            f"ELSE coalesce({ratio}, CAST('nan' AS DOUBLE)) END"
        )

    return Expr(once(similar, *(coerce(value, type_).sql for value in given)), t.DOUBLE)


LOWERED: dict[str, Rule] = {
    "cosine_similarity": _cosine,
    "map": _map,
    "map_concat": _concat,
    "map_entries": _entries,
    "map_filter": _filter,
    "map_from_entries": _from_entries,
    "map_keys": _keys,
    "map_values": _values,
    "map_zip_with": _zip_with,
    "multimap_from_entries": _multimap,
    "transform_keys": _transform_keys,
    "transform_values": _transform_values,
}
