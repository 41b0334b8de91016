"""Trino's page "Bitwise functions".

Shifts are Java's: of a negative number of places the last six bits count.
"""

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, converts
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import Call, Form, Rule

PAGE = "Bitwise functions"

_BITS: dict[t.Type, int] = {t.TINYINT: 8, t.SMALLINT: 16, t.INTEGER: 32, t.BIGINT: 64}

FORMS: dict[str, tuple[Form, ...]] = {
    "bitwise_and": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "({0} & {1})"),),
    "bitwise_or": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "({0} | {1})"),),
    "bitwise_xor": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "xor({0}, {1})"),),
    "bitwise_not": (Form((t.BIGINT,), t.BIGINT, "(-1 - {0})"),),
    "bit_count": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "tr_math_bit_count({0}, {1})"),),
}


def _shift(macro: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if len(call.args) != 2:
            raise call.unexpected()
        value, places = call.args
        value = coerce(value, t.TINYINT) if value.type == t.UNKNOWN else value
        if value.type not in _BITS or not converts(places.type, t.INTEGER):
            raise call.unexpected()
        wide, count, kind = coerce(value, t.BIGINT).sql, coerce(places, t.INTEGER).sql, t.duckdb_type(value.type)

        def body(x: str, n: str) -> str:
            return f"CAST({macro}({x}, {n}, {_BITS[value.type]}) AS {kind})"

        return Expr(let(wide, lambda x: let(count, lambda n: body(x, n))), value.type)

    return compiled


LOWERED: dict[str, Rule] = {
    "bitwise_left_shift": _shift("tr_math_shift_left"),
    "bitwise_right_shift": _shift("tr_math_shift_right"),
    "bitwise_right_shift_arithmetic": _shift("tr_math_shift_right_signed"),
}
