"""Trino's page "Comparison functions and operators", as far as they look like functions."""

from functools import reduce

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Expr, lets
from laketop.athena.sql.equality import is_orderable, sort_key
from laketop.athena.sql.functions.call import Call, Rule

PAGE = "Comparison functions and operators"


def _extreme(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        values = _unified(call)
        type_ = values[0].type

        def found(*names: str) -> str:
            nulls = " OR ".join(f"{name} IS NULL" for name in names)
            return f"CASE WHEN {nulls} THEN NULL ELSE {_chosen(function, names, type_, call)} END"

        return Expr(lets([value.sql for value in values], found), type_)

    return compiled


def _unified(call: Call) -> list[Expr]:
    if not call.args:
        raise call.unexpected()
    target: t.Type | None = t.UNKNOWN
    for value in call.args:
        target = common(target, value.type) if target is not None else None
    if target is None or not is_orderable(target):
        raise call.unexpected()
    return [coerce(value, target) for value in call.args]


def _chosen(function: str, names: tuple[str, ...], type_: t.Type, call: Call) -> str:
    if t.is_float(type_):
        # NaN counts only where there is nothing else
        numbers = ", ".join(f"CASE WHEN NOT isnan({name}) THEN {name} END" for name in names)
        return f"coalesce({function}({numbers}), {names[0]})"
    largest = function == "greatest"
    if _key("x", type_, call, nan_first=largest) == "x":
        return f"{function}({', '.join(names)})"
    symbol = ">=" if largest else "<="

    def key(name: str) -> str:
        return _key(name, type_, call, nan_first=largest)

    def better(a: str, b: str) -> str:
        return lets(
            [a, b],
            lambda x, y: f"CASE WHEN {key(x)} {symbol} {key(y)} THEN {x} ELSE {y} END",
        )

    return reduce(better, names)


def _key(sql: str, type_: t.Type, call: Call, *, nan_first: bool) -> str:
    return sort_key(Expr(sql, type_), call.node, nan_first=nan_first)


LOWERED: dict[str, Rule] = {"greatest": _extreme("greatest"), "least": _extreme("least")}
