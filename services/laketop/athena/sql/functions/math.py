"""Trino's page "Mathematical functions and operators"."""

from laketop.athena.sql import types as t
from laketop.athena.sql.arithmetic import binary
from laketop.athena.sql.comparison import unified
from laketop.athena.sql.core import Expr
from laketop.athena.sql.functions.call import DECIMAL, INTEGER, Call, Form, Rule, apply, same


def _whole(values: list[Expr]) -> t.Type:
    """The decimal that floor, ceil and round give: one digit more for the carry where there was a fraction."""
    type_ = values[0].type
    assert isinstance(type_, t.Decimal)  # noqa: S101 - the form's kind
    return t.Decimal(type_.precision - type_.scale + min(type_.scale, 1), 0)


def _to_whole(function: str) -> tuple[Form, ...]:
    return (
        Form((INTEGER,), same, "{0}"),
        Form((DECIMAL,), _whole, f"{function}({{0}})"),
        Form((t.REAL,), t.REAL, f"CAST({function}(CAST({{0}} AS DOUBLE)) AS FLOAT)"),
        Form((t.DOUBLE,), t.DOUBLE, f"{function}({{0}})"),
    )


def _double(sql: str) -> tuple[Form, ...]:
    return (Form((t.DOUBLE,), t.DOUBLE, sql),)


_NAN, _MINUS_INFINITY = "CAST('nan' AS DOUBLE)", "CAST('-inf' AS DOUBLE)"


def _logarithm(function: str) -> str:
    return f"CASE WHEN {{0}} < 0 THEN {_NAN} WHEN {{0}} = 0 THEN {_MINUS_INFINITY} ELSE {function}({{0}}) END"


FORMS: dict[str, tuple[Form, ...]] = {
    "abs": (
        Form((INTEGER,), same, "abs({0})"),
        Form((DECIMAL,), same, "abs({0})"),
        Form((t.REAL,), t.REAL, "abs({0})"),
        Form((t.DOUBLE,), t.DOUBLE, "abs({0})"),
    ),
    "floor": _to_whole("floor"),
    "ceil": _to_whole("ceil"),
    "ceiling": _to_whole("ceil"),
    "sqrt": _double(f"CASE WHEN {{0}} < 0 THEN {_NAN} ELSE sqrt({{0}}) END"),
    "cbrt": _double("cbrt({0})"),
    "exp": _double("exp({0})"),
    "ln": _double(_logarithm("ln")),
    "log2": _double(_logarithm("log2")),
    "log10": _double(_logarithm("log10")),
    "degrees": _double("degrees({0})"),
    "radians": _double("radians({0})"),
    "power": (Form((t.DOUBLE, t.DOUBLE), t.DOUBLE, "pow({0}, {1})"),),
    "pow": (Form((t.DOUBLE, t.DOUBLE), t.DOUBLE, "pow({0}, {1})"),),
    "pi": (Form((), t.DOUBLE, "pi()"),),
    "nan": (Form((), t.DOUBLE, _NAN),),
    "infinity": (Form((), t.DOUBLE, "CAST('inf' AS DOUBLE)"),),
    "is_nan": (Form((t.REAL,), t.BOOLEAN, "isnan({0})"), Form((t.DOUBLE,), t.BOOLEAN, "isnan({0})")),
    "is_infinite": (Form((t.DOUBLE,), t.BOOLEAN, "isinf({0})"),),
    "is_finite": (Form((t.DOUBLE,), t.BOOLEAN, "isfinite({0})"),),
    "bitwise_and": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "({0} & {1})"),),
    "bitwise_or": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "({0} | {1})"),),
    "bitwise_xor": (Form((t.BIGINT, t.BIGINT), t.BIGINT, "xor({0}, {1})"),),
}


def _round(call: Call) -> Expr:
    if len(call.args) not in (1, 2) or not t.is_numeric(call.args[0].type):
        raise call.unexpected()
    value = call.args[0]
    if len(call.args) == 1:
        return apply(call, _ROUND)
    digits = call.args[1].literal
    if not isinstance(digits, int):
        raise call.refuse("a number of digits that is no literal")
    return _round_to(call, value, digits)


_ROUND = _to_whole("round")


def _round_to(call: Call, value: Expr, digits: int) -> Expr:
    if not -38 <= digits <= 38:
        raise call.refuse(f"{digits} digits")
    match value.type:
        case t.Decimal(precision, scale):
            result = t.Decimal(min(t.MAX_PRECISION, precision + 1), scale)
            # widened first: DuckDB rounds within the digits that the argument has
            wide = f"CAST({value.sql} AS {t.duckdb_type(result)})"
            return Expr(f"CAST(round({wide}, {digits}) AS {t.duckdb_type(result)})", result)
        case t.Simple("real"):
            return Expr(f"CAST({_finite(f'CAST({value.sql} AS DOUBLE)', digits)} AS FLOAT)", t.REAL)
        case t.Simple("double"):
            return Expr(_finite(value.sql, digits), t.DOUBLE)
    if digits >= 0:
        return value
    kind = t.duckdb_type(value.type)
    wide = f"CAST({value.sql} AS DECIMAL(38,0))"
    return Expr(f"CAST(round({wide}, {digits}) AS {kind})", value.type)


def _finite(sql: str, digits: int) -> str:
    """A rounded double; DuckDB makes 0 of infinity."""
    return f"CASE WHEN isfinite({sql}) THEN round({sql}, {digits}) ELSE {sql} END"


def _truncate(call: Call) -> Expr:
    value = call.args[0] if call.args else None
    if len(call.args) == 1 and value is not None and t.is_float(value.type):
        return Expr(f"trunc({value.sql})", value.type)
    if len(call.args) == 1 and value is not None and isinstance(value.type, t.Decimal):
        result = t.Decimal(max(value.type.precision - value.type.scale, 1), 0)
        return Expr(f"CAST(trunc({value.sql}) AS {t.duckdb_type(result)})", result)
    raise call.refuse("this form")


def _mod(call: Call) -> Expr:
    if len(call.args) != 2:
        raise call.unexpected()
    return binary("%", call.args[0], call.args[1], call.node)


def _sign(call: Call) -> Expr:
    if len(call.args) != 1 or not t.is_numeric(call.args[0].type):
        raise call.unexpected()
    value = call.args[0]
    if t.is_float(value.type):
        kind = t.duckdb_type(value.type)
        return Expr(
            f"CASE WHEN isnan({value.sql}) THEN {value.sql} ELSE CAST(sign({value.sql}) AS {kind}) END", value.type
        )
    result = t.Decimal(1, 0) if isinstance(value.type, t.Decimal) else value.type
    return Expr(f"CAST(sign({value.sql}) AS {t.duckdb_type(result)})", result)


def _log(call: Call) -> Expr:
    apply(call, (Form((t.DOUBLE, t.DOUBLE), t.DOUBLE, ""),))
    base, value = (_logarithm("ln").format(f"CAST({argument.sql} AS DOUBLE)") for argument in call.args)
    return Expr(f"(({value}) / ({base}))", t.DOUBLE)


def _extreme(function: str) -> Rule:
    def compiled(call: Call) -> Expr:
        if not call.args:
            raise call.unexpected()
        values = unified(call.args, call.node, function)
        if not t.is_comparable(values[0].type):
            raise call.refuse(f"{values[0].type} values")
        listed = ", ".join(value.sql for value in values)
        nulls = " OR ".join(f"{value.sql} IS NULL" for value in values)
        if t.is_float(values[0].type):
            # NaN counts only where there is nothing else
            numbers = ", ".join(f"CASE WHEN NOT isnan({value.sql}) THEN {value.sql} END" for value in values)
            listed = f"{function}({numbers}), {values[0].sql}"
            return Expr(f"CASE WHEN {nulls} THEN NULL ELSE coalesce({listed}) END", values[0].type)
        return Expr(f"CASE WHEN {nulls} THEN NULL ELSE {function}({listed}) END", values[0].type)

    return compiled


LOWERED: dict[str, Rule] = {
    "round": _round,
    "truncate": _truncate,
    "mod": _mod,
    "sign": _sign,
    "log": _log,
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
}
