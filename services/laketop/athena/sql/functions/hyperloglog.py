"""Trino's page "HyperLogLog functions", and merge, which takes the other sketches too."""

from collections.abc import Callable

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.aggregates import one
from laketop.athena.sql.functions.call import Call, Form, aggregated


def _approx_set(call: Call) -> Expr:
    value = one(call)
    if isinstance(value.type, t.Varchar):
        return sketched(call, "py_hll_texts", f"encode({value.sql})", value, t.HYPERLOGLOG)
    for type_, function in ((t.BIGINT, "py_hll_numbers"), (t.DOUBLE, "py_hll_doubles")):
        if converts(value.type, type_):
            return sketched(call, function, coerce(value, type_).sql, value, t.HYPERLOGLOG)
    raise call.unexpected()


def sketched(call: Call, function: str, sql: str, value: Expr, type_: t.Type) -> Expr:
    """A sketch of a group's values that are not NULL; NULL where there are none."""
    return Expr(f"{function}({aggregated(call, 'list', sql, type_, f'({value.sql}) IS NOT NULL').sql})", type_)


def _merge(call: Call) -> Expr:
    value = one(call)
    function = "py_qdigest_merged" if isinstance(value.type, t.QDigest) else _MERGES.get(value.type)
    if function is None:
        raise call.unexpected()
    return sketched(call, function, value.sql, value, value.type)


_MERGES: dict[t.Type, str] = {t.HYPERLOGLOG: "py_hll_merged", t.TDIGEST: "py_tdigest_merged"}

FORMS: dict[str, tuple[Form, ...]] = {
    "empty_approx_set": (Form((), t.HYPERLOGLOG, r"CAST('\x02\x0C\x00\x00' AS BLOB)"),),
}
AGGREGATES: dict[str, Callable[[Call], Expr]] = {"approx_set": _approx_set, "merge": _merge}

PAGE = "HyperLogLog functions"
