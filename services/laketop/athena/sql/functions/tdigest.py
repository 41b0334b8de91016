"""Trino's page "T-Digest functions"; what reads a digest stands with the quantile digest."""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import Call, aggregated


def _tdigest_agg(call: Call) -> Expr:
    if not 1 <= len(call.args) <= 2 or not all(converts(value.type, t.DOUBLE) for value in call.args):
        raise call.unexpected()
    value = call.args[0]
    known = " AND ".join(f"({argument.sql}) IS NOT NULL" for argument in call.args)
    plain, weights = call, "NULL"
    if len(call.args) == 2:
        if call.distinct:
            raise call.refuse("DISTINCT with a weight")
        plain = replace(call, distinct=False)
        weights = aggregated(plain, "list", _weight(coerce(call.args[1], t.DOUBLE).sql), t.TDIGEST, known).sql
    listed = aggregated(plain, "list", coerce(value, t.DOUBLE).sql, t.TDIGEST, known).sql
    return Expr(f"py_tdigest({listed}, {weights})", t.TDIGEST)


def _weight(sql: str) -> str:
    def checked(name: str) -> str:
        message = f"'weight must be >= 1, was ' || CAST({name} AS VARCHAR)"
        wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, "DOUBLE")
        return f"CASE WHEN {name} < 1 THEN {wrong} ELSE {name} END"

    return let(sql, checked)


AGGREGATES: dict[str, Callable[[Call], Expr]] = {"tdigest_agg": _tdigest_agg}

PAGE = "T-Digest functions"
