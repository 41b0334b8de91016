"""Trino's page "Aggregate functions": the map aggregates."""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.equality import distinct_key
from laketop.athena.sql.functions.aggregates import one
from laketop.athena.sql.functions.call import Call, aggregated


def gathered(call: Call, key: Expr, fields: dict[str, Expr], *, distinct: bool = False) -> str:
    """A group's rows as a list of structs with the fields, and under "d" what tells the key from others.

    Rows whose key is NULL are left out.
    """
    told = distinct_key(key, call.node)
    listed = {name: field.sql for name, field in fields.items()} | {"d": told}
    struct = ", ".join(f"'{name}': {sql}" for name, sql in listed.items())
    plain = replace(call, distinct=distinct)
    if distinct and plain.order:
        raise call.refuse("DISTINCT with ORDER BY")
    return aggregated(plain, "list", f"{{{struct}}}", t.Array(key.type), f"({key.sql}) IS NOT NULL").sql


def grouped(rows: str, value: str, type_: t.Map) -> Expr:
    """The map from each key to a value.

    Args:
        rows: a list of structs with "k" and "d".
        value: DuckDB SQL for the value, in which {rows} is the list and {at} the positions of the key's rows.
    """

    def mapped(name: str) -> str:
        told = f"list_transform({name}, lambda p: p.d)"
        entry = f"{{'k': {name}[g[1]].k, 'v': {value.format(rows=name, at='g')}}}"
        return f"map_from_entries(list_transform(tr_agg_groups({told}), lambda g: {entry}))"

    return Expr(f"CAST({let(rows, mapped)} AS {t.duckdb_type(type_)})", type_)


def _two(call: Call) -> tuple[Expr, Expr]:
    if len(call.args) != 2:
        raise call.unexpected()
    return call.args[0], call.args[1]


def _map_agg(call: Call) -> Expr:
    key, value = _two(call)
    return grouped(gathered(call, key, {"k": key, "v": value}), "{rows}[{at}[1]].v", t.Map(key.type, value.type))


def _multimap_agg(call: Call) -> Expr:
    key, value = _two(call)
    rows = gathered(call, key, {"k": key, "v": value}, distinct=call.distinct)
    # a list of a list: the rows of a key, then the value of each
    return grouped(rows, "list_transform({at}, lambda i: {rows}[i].v)", t.Map(key.type, t.Array(value.type)))


def _map_union(call: Call) -> Expr:
    value = one(call)
    if value.type == t.UNKNOWN:
        raise call.refuse("an untyped NULL")
    if not isinstance(value.type, t.Map):
        raise call.unexpected()
    plain = replace(call, distinct=False)
    listed = aggregated(plain, "list", f"map_entries({value.sql})", value.type, f"({value.sql}) IS NOT NULL").sql
    key = distinct_key(Expr("p.key", value.type.key), call.node)
    entry = f"{{'k': p.key, 'v': p.value, 'd': {key}}}"
    return grouped(f"list_transform(flatten({listed}), lambda p: {entry})", "{rows}[{at}[1]].v", value.type)


def _histogram(call: Call) -> Expr:
    value = one(call)
    type_ = t.Map(value.type, t.BIGINT)
    native = not isinstance(value.type, t.Array | t.Map | t.Row) and distinct_key(value, call.node) == value.sql
    if native and not t.is_float(value.type):
        plain = replace(call, order="")
        return Expr(f"CAST({aggregated(plain, 'histogram', value.sql, type_).sql} AS {t.duckdb_type(type_)})", type_)
    rows = gathered(call, value, {"k": value}, distinct=call.distinct)
    return grouped(rows, "CAST(len({at}) AS BIGINT)", type_)


AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "histogram": _histogram,
    "map_agg": _map_agg,
    "map_union": _map_union,
    "multimap_agg": _multimap_agg,
}

PAGE = "Aggregate functions"
