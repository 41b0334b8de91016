"""Trino's page "Aggregate functions": checksum, and reduce_agg with its lambdas."""

from collections.abc import Callable
from dataclasses import replace

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.aggregates import one
from laketop.athena.sql.functions.call import Call, aggregated
from laketop.athena.sql.functions.lambdas import bind, unexpected, values
from laketop.athena.sql.parse import place


def _checksum(call: Call) -> Expr:
    value = one(call)
    hashed = _hashed(call, value.sql, value.type)
    total = aggregated(call, "sum", f"CAST({hashed} AS HUGEINT)", t.DOUBLE, f"({value.sql}) IS NOT NULL").sql
    missing = aggregated(replace(call, distinct=False), "count", "*", t.BIGINT, f"({value.sql}) IS NULL").sql
    rows = aggregated(replace(call, distinct=False), "count", "*", t.BIGINT).sql
    if call.distinct:
        missing = f"least({missing}, 1)"
    sql = f"py_agg_checksum(CAST(coalesce({total}, 0) AS VARCHAR), {missing})"
    return Expr(f"CASE WHEN {rows} > 0 THEN {sql} END", t.VARBINARY)


def _hashed(call: Call, sql: str, type_: t.Type) -> str:
    """Trino's hash of a value as a BIGINT."""
    if isinstance(type_, t.Array):
        element = _hashed(call, "e", type_.element)
        items = f"list_transform({sql}, lambda e: coalesce({element}, 0))"
        return f"py_agg_hash_list({items})"
    if isinstance(type_, t.Decimal) and type_.precision > _SHORT_DIGITS:
        return f"py_agg_hash_long(CAST(tr_unscaled({sql}, {type_.scale}) AS VARCHAR))"
    if isinstance(type_, t.Decimal):
        return f"py_agg_hash(CAST(tr_unscaled({sql}, {type_.scale}) AS BIGINT))"
    if type_ in _TEXTS or isinstance(type_, t.Varchar | t.Char):
        return f"py_agg_hash_bytes({sql if type_ == t.VARBINARY else f'encode({sql})'})"
    if isinstance(type_, t.Timestamp) and type_.precision <= _MICROSECONDS:
        return f"py_agg_hash(epoch_us({sql}))"
    if isinstance(type_, t.Time) and type_.precision <= _MICROSECONDS:
        return f"py_agg_hash(CAST(epoch_us({sql}) AS BIGINT) * 1000000)"
    if type_ in _NUMBERS:
        return f"py_agg_hash({_NUMBERS[type_].format(sql)})"
    raise call.refuse(f"{type_} values")


_SHORT_DIGITS = 18
_MICROSECONDS = 6
_TEXTS = (t.VARBINARY, t.JSON)
_WHOLE = "CAST({} AS BIGINT)"
_NUMBERS: dict[t.Type, str] = {
    t.BOOLEAN: _WHOLE,
    t.TINYINT: _WHOLE,
    t.SMALLINT: _WHOLE,
    t.INTEGER: _WHOLE,
    t.BIGINT: _WHOLE,
    t.UNKNOWN: _WHOLE,
    t.INTERVAL_DAY: _WHOLE,
    t.INTERVAL_YEAR: _WHOLE,
    t.DATE: "CAST(({} - DATE '1970-01-01') AS BIGINT)",
    t.DOUBLE: "py_agg_bits({})",
    t.REAL: "py_agg_bits_of_real({})",
}


def _reduce_agg(call: Call) -> Expr:
    value, start = values(call, 4, 2)
    state = start.type
    if isinstance(value.type, t.Decimal):
        raise call.refuse("decimal values")
    # the state's type is the one that both lambdas keep: a bigint added to an integer is a bigint
    while True:
        step = bind(call, 2, (state, value.type), lambda name: (f"{name}.s", f"{name.replace('_0', '_1')}.v"))
        both = bind(call, 3, (state, state))
        wider = state
        for body in (step.body, both.body):
            found = common(wider, body.type)
            if found is None or body.type == t.UNKNOWN:
                raise unexpected(call)
            wider = found
        if wider == state:
            break
        state = wider
    _check_state(call, state)
    item, carrier = t.duckdb_type(value.type), t.duckdb_type(state)
    known = f"({value.sql}) IS NOT NULL"
    plain = replace(call, distinct=False)
    first = aggregated(plain, "first", coerce(start, state).sql, state, known).sql
    rows = aggregated(call, "list", f"{{'s': CAST(NULL AS {carrier}), 'v': {value.sql}}}", state, known).sql
    pair = f"lambda {step.names[0]}, {step.names[1]}: {{'s': CAST({step.sql} AS {carrier}), 'v': {step.names[1]}.v}}"
    seed = let(first, lambda name: f"{{'s': {name}, 'v': CAST(NULL AS {item})}}")
    reduced = f"struct_extract(list_reduce({rows}, {pair}, {seed}), 's')"
    return Expr(f"CASE WHEN {first} IS NOT NULL THEN {reduced} END", state)


def _check_state(call: Call, state: t.Type) -> None:
    short = isinstance(state, t.Decimal) and state.precision <= _SHORT_DIGITS
    if not (short or state in _STATES or isinstance(state, t.Timestamp | t.Time)):
        raise not_supported(f"State type not supported for reduce_agg: {state}", *place(call.node))


_STATES = (*t.INTEGERS, t.BOOLEAN, t.DOUBLE, t.REAL, t.DATE, t.INTERVAL_DAY, t.INTERVAL_YEAR)

AGGREGATES: dict[str, Callable[[Call], Expr]] = {"checksum": _checksum, "reduce_agg": _reduce_agg}

PAGE = "Aggregate functions"
