"""Trino's page "Teradata functions": by its words, for the Trino that answers can be measured with has not got them."""

from laketop.athena.sql import types as t
from laketop.athena.sql import zoned
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import TEXT, Call, Form, Rule

PAGE = "Teradata functions"

_MILLISECONDS = 3  # the page's timestamps have three digits of a second

FORMS: dict[str, tuple[Form, ...]] = {
    "char2hexint": (Form((TEXT,), t.VARCHAR, "py_td_hex({0})"),),
    "index": (Form((TEXT, TEXT), t.BIGINT, "CAST(instr({0}, {1}) AS BIGINT)"),),
    "to_date": (Form((t.VARCHAR, t.VARCHAR), t.DATE, "CAST(py_td_read({0}, {1}) AS DATE)"),),
    "to_timestamp": (Form((t.VARCHAR, t.VARCHAR), t.Timestamp(_MILLISECONDS), "py_td_read({0}, {1})"),),
}


def _to_char(call: Call) -> Expr:
    """The clock's time at a timestamp, written in a format."""
    if len(call.args) != 2 or not isinstance(call.args[1].type, t.Varchar):
        raise call.unexpected()
    value, form = call.args
    match value.type:
        case t.TimestampTz(precision) if precision <= _MILLISECONDS:
            local = zoned.local(value)
        case t.Timestamp(precision) if precision <= _MILLISECONDS:
            local = value.sql
        case t.Simple("date"):
            local = f"CAST({value.sql} AS TIMESTAMP)"
        case _:
            raise call.unexpected()
    return Expr(f"py_td_write({local}, {form.sql})", t.VARCHAR)


LOWERED: dict[str, Rule] = {"to_char": _to_char}
