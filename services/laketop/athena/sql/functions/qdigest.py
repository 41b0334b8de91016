"""Trino's page "Quantile digest functions", and what reads a T-digest."""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import Call, Rule, aggregated


def _qdigest_agg(call: Call) -> Expr:
    if not 1 <= len(call.args) <= 3:
        raise call.unexpected()
    value = call.args[0]
    element = next((to for to in (t.BIGINT, t.REAL, t.DOUBLE) if converts(value.type, to)), None)
    wanted = (t.BIGINT, t.DOUBLE)[: len(call.args) - 1]
    if element is None or not all(converts(given.type, to) for given, to in zip(call.args[1:], wanted, strict=True)):
        raise call.unexpected()
    if call.distinct and len(call.args) > 1:
        raise call.refuse("DISTINCT with a weight")
    known = " AND ".join(f"({argument.sql}) IS NOT NULL" for argument in call.args)
    weights = "NULL"
    if len(call.args) > 1:
        weights = aggregated(call, "list", _weight(coerce(call.args[1], t.BIGINT).sql), element, known).sql
    accuracy = f"CAST({_DEFAULT} AS DOUBLE)"
    if len(call.args) == 3:
        plain = replace(call, distinct=False)
        accuracy = aggregated(plain, "first", coerce(call.args[2], t.DOUBLE).sql, t.DOUBLE, known).sql
    if element == t.BIGINT:
        listed = aggregated(call, "list", coerce(value, element).sql, element, known).sql
        return Expr(f"py_qdigest_numbers({listed}, {weights}, {accuracy})", t.QDigest(element))
    listed = aggregated(call, "list", f"CAST({coerce(value, element).sql} AS DOUBLE)", element, known).sql
    return Expr(f"py_qdigest_floats('{element}', {listed}, {weights}, {accuracy})", t.QDigest(element))


_DEFAULT = 0.01  # the accuracy where none is said


def _weight(sql: str) -> str:
    def checked(name: str) -> str:
        message = f"'Percentile weight must be > 0, was ' || CAST({name} AS VARCHAR)"
        wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, "BIGINT")
        return f"CAST(CASE WHEN {name} < 1 THEN {wrong} ELSE {name} END AS DOUBLE)"

    return let(sql, checked)


def _values(call: Call) -> Expr:
    """value_at_quantile and values_at_quantiles."""
    many = call.name.startswith("values")
    if len(call.args) != 2 or not converts(call.args[1].type, t.Array(t.DOUBLE) if many else t.DOUBLE):
        raise call.unexpected()
    digest, quantiles = call.args[0], coerce(call.args[1], t.Array(t.DOUBLE) if many else t.DOUBLE).sql
    listed = quantiles if many else f"[{quantiles}]"
    match digest.type:
        case t.Simple("tdigest"):
            sql, element = f"py_tdigest_at({digest.sql}, {listed})", t.DOUBLE
        case t.QDigest(t.Simple("bigint") as element):
            sql = f"py_qdigest_numbers_at({digest.sql}, {listed})"
        case t.QDigest(t.Simple() as element):
            sql = f"py_qdigest_floats_at('{element}', {digest.sql}, {listed})"
        case _:
            raise call.unexpected()
    if element == t.REAL:
        sql = f"CAST({sql} AS FLOAT[])"
    if many:
        return Expr(sql, t.Array(element))
    return Expr(f"CASE WHEN ({quantiles}) IS NOT NULL THEN list_extract({sql}, 1) END", element)


def _quantile_at_value(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    digest, value = call.args
    if not isinstance(digest.type, t.QDigest) or not converts(value.type, digest.type.element):
        raise call.unexpected()
    element = digest.type.element
    wanted = coerce(value, element).sql
    if element == t.BIGINT:
        return Expr(f"py_qdigest_number_rank({digest.sql}, {wanted})", t.DOUBLE)
    return Expr(f"py_qdigest_float_rank('{element}', {digest.sql}, CAST({wanted} AS DOUBLE))", t.DOUBLE)


AGGREGATES: dict[str, Callable[[Call], Expr]] = {"qdigest_agg": _qdigest_agg}
LOWERED: dict[str, Rule] = {
    "value_at_quantile": _values,
    "values_at_quantiles": _values,
    "quantile_at_value": _quantile_at_value,
}

PAGE = "Quantile digest functions"
