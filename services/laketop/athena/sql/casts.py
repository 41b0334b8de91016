"""CAST and TRY_CAST: a table of what becomes what, and arrays, maps and rows part by part.

DuckDB's casts differ from Trino's nearly everywhere: it reads '12.0' or ' 12' as integers, rounds 2.5 to 2, writes 1e0
as '1.0' and has no length of text. Follows Trino's page "Conversion functions" and measured answers.
"""

import zlib
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import casts_numbers, casts_temporal, casts_text, text
from laketop.athena.sql import types as t
from laketop.athena.sql.attempts import attempt_cast
from laketop.athena.sql.casting import Caster, family
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, let, parts, rule
from laketop.athena.sql.equality import distinct_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place
from laketop.athena.sql.type_names import type_of

__all__ = ["cast", "type_of"]

_CASTS: dict[tuple[str, str], Caster] = {**casts_numbers.CASTS, **casts_text.CASTS, **casts_temporal.CASTS}
# What is carried here in a form of its own, so that the bytes of Trino's cannot be had or read.
_SKETCHES: frozenset[t.Type] = frozenset((t.HYPERLOGLOG, t.P4_HYPERLOGLOG, t.TDIGEST, t.SET_DIGEST))


@rule(exp.Cast, exp.TryCast)
def _cast(node: exp.Cast, context: Context) -> Expr:
    value_node, to, *_ = parts(node, "this", "to", "safe")
    from laketop.athena.sql.functions import json_casts, json_parsed

    target = type_of(to)
    unparsed = json_parsed.parsed_text(node, target, context)
    if unparsed is not None:
        return json_casts.cast_text(unparsed, target, node)
    value = compile_expression(value_node, context)
    if isinstance(node, exp.TryCast) and value.type not in (t.UNKNOWN, target):
        return attempt_cast(value, lambda operand: cast(operand, target, node), node)
    return cast(value, target, node)


def cast(value: Expr, target: t.Type, node: exp.Expr) -> Expr:
    """A value in another type, as CAST makes it.

    Raises:
        SqlError: TYPE_MISMATCH where Trino has no such cast.
    """
    if value.type == target:
        return value
    if value.type == t.UNKNOWN:
        return Expr(f"CAST(NULL AS {t.duckdb_type(target)})", target)
    if t.JSON in (value.type, target):
        return _json(value, target, node)
    match value.type, target:
        case t.Array(), t.Array():
            return _array(value, target, node)
        case t.Map(), t.Map():
            return _map(value, target, node)
        case t.Row(fields), t.Row(others) if len(fields) == len(others):
            return _row(value, target, node)
    found = _find(value.type, target)
    if found is None:
        raise _impossible(value.type, target, node)
    if value.zoned:
        return Expr(found(value, target), target)
    return Expr(let(value.sql, lambda name: found(replace(value, sql=name), target)), target)


def _find(source: t.Type, target: t.Type) -> Caster | None:
    if isinstance(target, t.Varchar) and source in casts_text.UNLIMITED:
        return casts_text.UNLIMITED[source] if target.length is None else None
    return _CASTS.get((family(source), family(target)))


def _impossible(source: t.Type, target: t.Type, node: exp.Expr) -> Exception:
    sketches = {type_ in _SKETCHES or isinstance(type_, t.QDigest) for type_ in (source, target)}
    if sketches == {True, False} and t.VARBINARY in (source, target):
        return not_supported(f"A cast from {source} to {target}", *place(node))
    return fail("TYPE_MISMATCH", f"Cannot cast {source} to {target}", node)


def _json(value: Expr, target: t.Type, node: exp.Expr) -> Expr:
    from laketop.athena.sql.functions import json_casts

    if target == t.JSON:
        return json_casts.cast_to_json(value, node)
    return json_casts.cast_from_json(value, target, node)


def _name(prefix: str, sql: str) -> str:
    """A lambda's argument that nothing inside of its body is called."""
    return f"{prefix}{zlib.crc32(sql.encode()):08x}"


def _each(listed: str, source: t.Type, target: t.Type, node: exp.Expr) -> str:
    """A DuckDB list with every element cast."""
    name = _name("e", listed)
    inner = cast(Expr(name, source), target, node).sql
    return listed if inner == name else f"list_transform({listed}, lambda {name}: {inner})"


def _array(value: Expr, target: t.Array, node: exp.Expr) -> Expr:
    assert isinstance(value.type, t.Array)  # noqa: S101 - the caller matched it
    if value.type.element == t.UNKNOWN:
        return Expr(f"CAST({value.sql} AS {t.duckdb_type(target)})", target)
    return Expr(_each(value.sql, value.type.element, target.element, node), target)


def _map(value: Expr, target: t.Map, node: exp.Expr) -> Expr:
    source = value.type
    assert isinstance(source, t.Map)  # noqa: S101 - the caller matched it
    kind = t.duckdb_type(target)

    def converted(name: str) -> str:
        keys = _each(f"map_keys({name})", source.key, target.key, node)
        values = _each(f"map_values({name})", source.value, target.value, node)
        if keys == f"map_keys({name})" and values == f"map_values({name})":
            return name
        made = f"CAST(map({keys}, {values}) AS {kind})"
        if keys == f"map_keys({name})":
            return f"CASE WHEN {name} IS NULL THEN NULL ELSE {made} END"
        key = _name("k", name)
        unique = f"list_transform({keys}, lambda {key}: {distinct_key(Expr(key, target.key), node)})"
        message = f"'duplicate keys' || left(CAST({name} AS VARCHAR), 0)"
        failed = text.raising("INVALID_CAST_ARGUMENT", message, kind)
        single = f"len(list_distinct({unique})) = cardinality({name})"
        return f"CASE WHEN {name} IS NULL THEN NULL WHEN {single} THEN {made} ELSE {failed} END"

    return Expr(let(value.sql, converted), target)


def _row(value: Expr, target: t.Row, node: exp.Expr) -> Expr:
    source = value.type
    assert isinstance(source, t.Row)  # noqa: S101 - the caller matched it

    def converted(name: str) -> str:
        fields = [f"struct_extract({name}, 'f{number}')" for number in range(len(source.fields))]
        made = [
            cast(Expr(field, old), new, node).sql
            for field, (_, old), (_, new) in zip(fields, source.fields, target.fields, strict=True)
        ]
        if made == fields:
            return name
        packed = ", ".join(f'"f{number}" := {sql}' for number, sql in enumerate(made))
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE struct_pack({packed}) END"

    return Expr(let(value.sql, converted), target)
