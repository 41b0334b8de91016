"""Comparisons, logic and conditions.

Types must meet (`1 = '1'` is an error, DuckDB would convert), and NaN is equal to nothing, not even to itself (DuckDB
takes it for the largest number). Follows Trino's pages "Comparison functions and operators", "Logical operators",
"Conditional expressions".
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, parts, rule, shown
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}

# DuckDB's answer corrected for NaN; `OR … IS NULL` keeps the answer NULL where the other side is NULL.
_WITH_NAN = {
    "=": "({a} = {b} AND (NOT isnan({a}) OR {b} IS NULL))",
    "<>": "({a} <> {b} OR (isnan({a}) AND {b} IS NOT NULL))",
    "<": "({a} < {b} AND (NOT isnan({b}) OR {a} IS NULL))",
    "<=": "({a} <= {b} AND (NOT isnan({b}) OR {a} IS NULL))",
    ">": "({a} > {b} AND (NOT isnan({a}) OR {b} IS NULL))",
    ">=": "({a} >= {b} AND (NOT isnan({a}) OR {b} IS NULL))",
}


# What can stand beside a comparison only in parentheses: Trino's comparisons do not chain.
_PREDICATES = (
    *_SYMBOLS,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Like,
)


def _check_operands(*nodes: exp.Expr) -> None:
    for node in nodes:
        if isinstance(node, _PREDICATES):
            raise fail("SYNTAX_ERROR", f"mismatched input: '{shown(node)}' must stand in parentheses here", node)


@rule(*_SYMBOLS)
def _comparison(node: exp.Binary, context: Context) -> Expr:
    left_node, right_node = parts(node, "this", "expression")
    _check_operands(left_node, right_node)
    symbol = _SYMBOLS[type(node)]
    if isinstance(right_node, exp.Any | exp.All):
        raise not_supported(f"A comparison with {type(right_node).__name__.upper()}", *place(node))
    left, right = compile_expression(left_node, context), compile_expression(right_node, context)
    return Expr(compare(symbol, left, right, node), t.BOOLEAN)


def meet(left: Expr, right: Expr, symbol: str, node: exp.Expr) -> tuple[Expr, Expr]:
    """Both sides in their common type.

    Raises:
        SqlError: TYPE_MISMATCH where they have none.
    """
    target = common(left.type, right.type)
    if target is None:
        raise fail("TYPE_MISMATCH", f"Cannot apply operator: {left.type} {symbol} {right.type}", node)
    if not t.is_comparable(target):
        raise not_supported(f"A comparison of {target} values", *place(node))
    return coerce(left, target), coerce(right, target)


def compare(symbol: str, left: Expr, right: Expr, node: exp.Expr) -> str:
    """DuckDB SQL for one comparison."""
    left, right = meet(left, right, symbol, node)
    template = _WITH_NAN[symbol] if t.is_float(left.type) else f"({{a}} {symbol} {{b}})"
    return template.format(a=left.sql, b=right.sql)


@rule(exp.NullSafeEQ, exp.NullSafeNEQ)
def _distinct_from(node: exp.Binary, context: Context) -> Expr:
    left, right = (compile_expression(part, context) for part in parts(node, "this", "expression"))
    left, right = meet(left, right, "IS DISTINCT FROM", node)
    negation = "NOT " if isinstance(node, exp.NullSafeEQ) else ""
    return Expr(f"({left.sql} IS {negation}DISTINCT FROM {right.sql})", t.BOOLEAN)


@rule(exp.And, exp.Or)
def _logic(node: exp.Connector, context: Context) -> Expr:
    word = "AND" if isinstance(node, exp.And) else "OR"
    left, right = (boolean(part, context, "Logical expression term") for part in parts(node, "this", "expression"))
    return Expr(f"({left.sql} {word} {right.sql})", t.BOOLEAN)


@rule(exp.Not)
def _not(node: exp.Not, context: Context) -> Expr:
    value = boolean(parts(node, "this")[0], context, "Value of logical NOT expression")
    return Expr(f"(NOT {value.sql})", t.BOOLEAN)


def boolean(node: exp.Expr, context: Context, what: str) -> Expr:
    """A condition.

    Raises:
        SqlError: TYPE_MISMATCH where it is no boolean.
    """
    value = compile_expression(node, context)
    if value.type not in (t.BOOLEAN, t.UNKNOWN):
        raise fail("TYPE_MISMATCH", f"{what} must evaluate to a boolean (actual: {value.type})", node)
    return coerce(value, t.BOOLEAN)


@rule(exp.Is)
def _is(node: exp.Is, context: Context) -> Expr:
    left, right = parts(node, "this", "expression")
    if not isinstance(right, exp.Null):
        raise fail("SYNTAX_ERROR", "mismatched input after IS. Expecting: 'DISTINCT', 'NULL'", node)
    _check_operands(left)
    return Expr(f"({compile_expression(left, context).sql} IS NULL)", t.BOOLEAN)


@rule(exp.Between)
def _between(node: exp.Between, context: Context) -> Expr:
    _check_operands(*parts(node, "this", "low", "high"))
    value, low, high = (compile_expression(part, context) for part in parts(node, "this", "low", "high"))
    return Expr(f"({compare('>=', value, low, node)} AND {compare('<=', value, high, node)})", t.BOOLEAN)


@rule(exp.In)
def _in(node: exp.In, context: Context) -> Expr:
    left, items, query = parts(node, "this", "expressions", "query")
    _check_operands(left)
    if query is not None:
        return _in_query(node, context)
    if isinstance(left, exp.Tuple):
        return _row_in(left, items, context, node)
    value = compile_expression(left, context)
    others = [compile_expression(item, context) for item in items]
    for item, other in zip(items, others, strict=True):
        compare("=", value, other, item)
    value, *others = unified([value, *others], node, "IN")
    if t.is_float(value.type):
        return Expr("(" + " OR ".join(compare("=", value, other, node) for other in others) + ")", t.BOOLEAN)
    return Expr(f"({value.sql} IN ({', '.join(other.sql for other in others)}))", t.BOOLEAN)


def _row_in(left: exp.Tuple, items: list[exp.Expr], context: Context, node: exp.In) -> Expr:
    """`(a, b) IN ((1, 2), …)`, as the comparisons it stands for."""
    values = [compile_expression(part, context) for part in left.expressions]
    tests = []
    for item in items:
        if not isinstance(item, exp.Tuple) or len(item.expressions) != len(values):
            raise fail("TYPE_MISMATCH", "IN value and list items must be the same type", node)
        others = [compile_expression(part, context) for part in item.expressions]
        tests.append("(" + " AND ".join(compare("=", a, b, node) for a, b in zip(values, others, strict=True)) + ")")
    return Expr("(" + " OR ".join(tests) + ")", t.BOOLEAN)


def _in_query(node: exp.In, context: Context) -> Expr:
    from laketop.athena.sql.query import subquery

    left, query = parts(node, "this", "query")
    value, relation = compile_expression(left, context), subquery(query, context)
    if len(relation.columns) != 1:
        raise fail("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", node)
    column = relation.columns[0]
    target = common(value.type, column.type)
    if target is None:
        raise fail(
            "TYPE_MISMATCH",
            f"value and result of subquery must be of the same type: {value.type} vs {column.type}",
            node,
        )
    if not t.is_comparable(target) or t.is_float(target):
        raise not_supported(f"IN with a subquery of {target} values", *place(node))
    inner = coerce(Expr("c0", column.type), target).sql
    return Expr(f"({coerce(value, target).sql} IN (SELECT {inner} FROM ({relation.sql}) AS s))", t.BOOLEAN)  # noqa: S608 - parts are compiled or quoted


@rule(exp.Exists)
def _exists(node: exp.Exists, context: Context) -> Expr:
    from laketop.athena.sql.query import subquery

    return Expr(f"EXISTS ({subquery(parts(node, 'this')[0], context).sql})", t.BOOLEAN)


@rule(exp.Subquery)
def _scalar(node: exp.Subquery, context: Context) -> Expr:
    from laketop.athena.sql.query import subquery

    relation = subquery(node, context)
    if len(relation.columns) != 1:
        raise fail("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", node)
    return Expr(f"({relation.sql})", relation.columns[0].type)


@rule(exp.Like)
def _like(node: exp.Like, context: Context) -> Expr:
    value, pattern, negated = parts(node, "this", "expression", "negate")
    return _negated(like(value, pattern, None, context, node), negated=negated)


@rule(exp.Escape)
def _escape(node: exp.Escape, context: Context) -> Expr:
    inner, escape = parts(node, "this", "expression")
    if not isinstance(inner, exp.Like):
        raise not_supported("ESCAPE outside of LIKE", *place(node))
    value, pattern, negated = parts(inner, "this", "expression", "negate")
    return _negated(like(value, pattern, escape, context, node), negated=negated)


def _negated(value: Expr, *, negated: bool | None) -> Expr:
    return Expr(f"(NOT {value.sql})", t.BOOLEAN) if negated else value


def like(
    value_node: exp.Expr,
    pattern_node: exp.Expr,
    escape_node: exp.Expr | None,
    context: Context,
    node: exp.Expr,
) -> Expr:
    """LIKE; an escape character only with a pattern that can be checked here, as DuckDB is more lenient.

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for a wrong escape, TYPE_MISMATCH for anything but text.
    """
    value, pattern = compile_expression(value_node, context), compile_expression(pattern_node, context)
    for side in (value, pattern):
        if not isinstance(side.type, t.Varchar) and side.type != t.UNKNOWN:
            raise fail("TYPE_MISMATCH", f"LIKE needs varchar, got {side.type}", node)
    left, right = coerce(value, t.VARCHAR).sql, coerce(pattern, t.VARCHAR).sql
    if escape_node is None:
        return Expr(f"({left} LIKE {right})", t.BOOLEAN)
    escape = compile_expression(escape_node, context)
    if not isinstance(escape.literal, str) or not isinstance(pattern.literal, str):
        raise not_supported("LIKE … ESCAPE with anything but literals", *place(node))
    if len(escape.literal) != 1:
        raise fail("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node)
    rest = pattern.literal
    while escape.literal in rest:
        after = rest.split(escape.literal, 1)[1]
        if after[:1] not in ("%", "_", escape.literal) or not after:
            problem = "Escape character must be followed by '%', '_' or the escape character itself"
            raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
        rest = after[1:]
    return Expr(f"({left} LIKE {right} ESCAPE {escape.sql})", t.BOOLEAN)


@rule(exp.Case)
def _case(node: exp.Case, context: Context) -> Expr:
    operand_node, branches, default = parts(node, "this", "ifs", "default")
    operand = compile_expression(operand_node, context) if operand_node else None
    conditions, values = [], []
    for branch in branches:
        condition, value = parts(branch, "this", "true")
        if operand is None:
            conditions.append(boolean(condition, context, "CASE WHEN clause").sql)
        else:
            conditions.append(compare("=", operand, compile_expression(condition, context), branch))
        values.append(compile_expression(value, context))
    values.append(compile_expression(default, context) if default else Expr("NULL", t.UNKNOWN))
    return choose(conditions, values, node)


@rule(exp.If)
def _if(node: exp.If, context: Context) -> Expr:
    condition, true, false = parts(node, "this", "true", "false")
    values = [compile_expression(true, context)]
    values.append(compile_expression(false, context) if false else Expr("NULL", t.UNKNOWN))
    return choose([boolean(condition, context, "IF condition").sql], values, node)


def choose(conditions: list[str], values: list[Expr], node: exp.Expr) -> Expr:
    """CASE over conditions; the last value is the default."""
    values = unified(values, node, "CASE")
    branches = " ".join(f"WHEN {test} THEN {value.sql}" for test, value in zip(conditions, values, strict=False))
    return Expr(f"(CASE {branches} ELSE {values[-1].sql} END)", values[-1].type)


def unified(values: list[Expr], node: exp.Expr, what: str) -> list[Expr]:
    """The values in the type that all of them convert to.

    Raises:
        SqlError: TYPE_MISMATCH where there is none.
    """
    target: t.Type = t.UNKNOWN
    for value in values:
        wider = common(target, value.type)
        if wider is None:
            problem = (
                f"All {what} results must be the same type or coercible to a common type. "
                f"Cannot find common type between {target} and {value.type}"
            )
            raise fail("TYPE_MISMATCH", problem, node)
        target = wider
    return [coerce(value, target) for value in values]
