"""sequence() of dates and timestamps.

Follows Trino's page "Array functions and operators": the end belongs to it, steps of months count from the start.
"""

from laketop.athena.sql import temporal, text
from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.functions.call import Call

_MOST = 10_000
_DIRECTION = (
    "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise "
    "stop should be less than or equal to start"
)


def date_sequence(call: Call) -> Expr:
    """The dates or timestamps from one to another.

    Raises:
        SqlError: FUNCTION_NOT_FOUND for other types.
    """
    if not 2 <= len(call.args) <= 3:
        raise call.unexpected()
    target = common(call.args[0].type, call.args[1].type)
    if target != t.DATE and not isinstance(target, t.Timestamp):
        raise call.unexpected()
    start, stop = (coerce(value, target) for value in call.args[:2])
    if len(call.args) == 2:
        if target != t.DATE:
            raise call.unexpected()
        step = Expr(
            f"(CASE WHEN {start.sql} <= {stop.sql} THEN {temporal.DAY} ELSE -{temporal.DAY} END)", t.INTERVAL_DAY
        )
    else:
        step = call.args[2]
    if step.type not in (t.INTERVAL_DAY, t.INTERVAL_YEAR):
        raise call.unexpected()
    sql = let(
        start.sql,
        lambda a: let(stop.sql, lambda b: let(step.sql, lambda by: _listed(a, b, Expr(by, step.type), target))),
    )
    return Expr(sql, t.Array(target))


def _listed(start: str, stop: str, step: Expr, target: t.Type) -> str:
    sink = t.duckdb_type(target)
    if step.type == t.INTERVAL_YEAR:
        count = f"tr_months_between({start}, {stop}) // {step.sql} + 1"
        item = f"CAST({start} + to_months(CAST(i * {step.sql} AS INTEGER)) AS {sink})"
    elif target == t.DATE:
        count = f"CAST({stop} - {start} AS BIGINT) * {temporal.DAY} // {step.sql} + 1"
        item = f"CAST({start} + CAST(i * ({step.sql} // {temporal.DAY}) AS INTEGER) AS DATE)"
    else:
        count = f"(epoch_us({stop}) - epoch_us({start})) // ({step.sql} * 1000) + 1"
        item = f"make_timestamp(epoch_us({start}) + i * {step.sql} * 1000)"
    series = f"list_transform(range({count}), lambda i: {item})"
    checks = " ".join(f"WHEN {test} THEN {_failed(name, problem, step.sql, sink)}" for test, name, problem in _checks(
        start, stop, step, target, count
    ))  # fmt: skip
    return f"(CASE WHEN {start} IS NULL OR {stop} IS NULL OR {step.sql} IS NULL THEN NULL {checks} ELSE {series} END)"


def _checks(start: str, stop: str, step: Expr, target: t.Type, count: str) -> list[tuple[str, str, str]]:
    """(test, error, message) of what must not be, in Trino's order."""
    by, invalid = step.sql, "INVALID_FUNCTION_ARGUMENT"
    checks = []
    if target == t.DATE and step.type == t.INTERVAL_DAY:
        whole = "sequence step must be a day interval if start and end values are dates"
        checks.append((f"{by} % {temporal.DAY} <> 0", invalid, whole))
    checks += [
        (f"{by} = 0", invalid, "step must not be zero"),
        (f"({by} > 0 AND {stop} < {start}) OR ({by} < 0 AND {stop} > {start})", invalid, _DIRECTION),
        (f"{count} > {_MOST}", invalid, f"result of sequence function must not have more than {_MOST} entries"),
    ]
    if isinstance(target, t.Timestamp) and step.type == t.INTERVAL_DAY and target.precision < 3:
        finer = f"sequence: steps finer than {target} is not supported by Laketop"
        checks.append((f"{by} % {10 ** (3 - target.precision)} <> 0", "NOT_SUPPORTED", finer))
    return checks


def _failed(name: str, problem: str, hook: str, sink: str) -> str:
    return text.raising(name, f"{text.string(problem)} || left(CAST({hook} AS VARCHAR), 0)", f"{sink}[]")
