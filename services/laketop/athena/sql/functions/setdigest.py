"""Trino's page "Set Digest functions"."""

from collections.abc import Callable

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.aggregates import one
from laketop.athena.sql.functions.call import Call, Form, aggregated
from laketop.athena.sql.functions.hyperloglog import sketched


def _make_set_digest(call: Call) -> Expr:
    value = one(call)
    if isinstance(value.type, t.Varchar) or value.type == t.VARBINARY:
        data = value.sql if value.type == t.VARBINARY else f"encode({value.sql})"
        return sketched(call, "py_setdigest_texts", data, value, t.SET_DIGEST)
    if t.is_integer(value.type) and converts(value.type, t.BIGINT):
        return sketched(call, "py_setdigest_numbers", coerce(value, t.BIGINT).sql, value, t.SET_DIGEST)
    raise call.refuse(f"{value.type} values")


def _merge_set_digest(call: Call) -> Expr:
    value = one(call)
    if value.type != t.SET_DIGEST:
        raise call.unexpected()
    known = f"({value.sql}) IS NOT NULL"
    return Expr(f"py_setdigest_merged({aggregated(call, 'list', value.sql, value.type, known).sql})", t.SET_DIGEST)


_TWO = (t.SET_DIGEST, t.SET_DIGEST)
FORMS: dict[str, tuple[Form, ...]] = {
    "hash_counts": (Form((t.SET_DIGEST,), t.Map(t.BIGINT, t.SMALLINT), "py_setdigest_counts({0})"),),
    "intersection_cardinality": (Form(_TWO, t.BIGINT, "py_setdigest_common({0}, {1})"),),
    "jaccard_index": (Form(_TWO, t.DOUBLE, "py_setdigest_jaccard({0}, {1})"),),
}
AGGREGATES: dict[str, Callable[[Call], Expr]] = {
    "make_set_digest": _make_set_digest,
    "merge_set_digest": _merge_set_digest,
}

PAGE = "Set Digest functions"
