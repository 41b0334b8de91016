"""sequence, of Trino's page "Array functions and operators"."""

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import common
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import Call, Rule
from laketop.athena.sql.functions.date_sequences import date_sequence
from laketop.athena.sql.functions.elements import invalid, once, whole

PAGE = "Array functions and operators"

_MOST = 10_000  # entries
_GIVES = t.Array(t.BIGINT)
_WRONG_WAY = (
    "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop "
    "should be less than or equal to start"
)


def _sequence(call: Call) -> Expr:
    if len(call.nodes) not in (2, 3):
        raise call.unexpected()
    if any(isinstance(value.type, t.Timestamp) or value.type == t.DATE for value in call.args[:2]):
        return date_sequence(call)
    if any(common(value.type, t.BIGINT) != t.BIGINT for value in call.args):
        raise call.unexpected()
    return Expr(once(_numbers, *(whole(call, value) for value in call.args)), _GIVES)


def _numbers(start: str, stop: str, step: str | None = None) -> str:
    way = step or f"CASE WHEN {start} <= {stop} THEN CAST(1 AS BIGINT) ELSE CAST(-1 AS BIGINT) END"
    hung = f"left(CAST({start} AS VARCHAR), 0)"
    zero = invalid(f"'step must not be zero' || {hung}", _GIVES)
    backwards = invalid(f"{text.string(_WRONG_WAY)} || {hung}", _GIVES)
    many = invalid(f"'result of sequence function must not have more than {_MOST} entries' || {hung}", _GIVES)
    # the difference of two bigints is none
    count = f"(CAST({stop} AS HUGEINT) - {start}) // {way}"
    checks = f"WHEN {count} >= {_MOST} THEN {many} "
    if step:
        wrong = f"({step} > 0 AND {start} > {stop}) OR ({step} < 0 AND {start} < {stop})"
        checks = f"WHEN {step} = 0 THEN {zero} WHEN {wrong} THEN {backwards} {checks}"
    there = " OR ".join(f"{operand} IS NULL" for operand in (start, stop, step) if operand)
    return f"CASE WHEN {there} THEN NULL {checks}ELSE generate_series({start}, {stop}, {way}) END"


LOWERED: dict[str, Rule] = {"sequence": _sequence}
