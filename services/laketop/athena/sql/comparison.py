"""Comparisons, logic and conditions.

Types must meet (`1 = '1'` is an error, DuckDB would convert), and NaN is equal to nothing, not even to itself (DuckDB
takes it for the largest number). Follows Trino's pages "Comparison functions and operators", "Logical operators",
"Conditional expressions".
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.core import Context, Expr, compile_expression, fail, lets, parts, rule, shown
from laketop.athena.sql.definitions import can_fail
from laketop.athena.sql.equality import distinct_key, is_comparable, is_orderable, sort_key
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.parse import place
from laketop.athena.sql.strict import strict_condition

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


_ORDERINGS = ("<", "<=", ">", ">=")
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
    query = quantified_query(right_node)
    if query is not None:
        from laketop.athena.sql.quantified import quantified

        return quantified(symbol, left_node, right_node, query, context)
    if isinstance(right_node, exp.Any):
        raise fail("FUNCTION_NOT_FOUND", "Function 'any' not registered", right_node)
    left, right = compile_expression(left_node, context), compile_expression(right_node, context)
    return Expr(compare(symbol, left, right, node), t.BOOLEAN)


def quantified_query(node: exp.Expr) -> exp.Expr | None:
    """The query of ANY, SOME or ALL, None for anything else."""
    if isinstance(node, exp.Any | exp.All):
        query: exp.Expr = node.this
        return query if isinstance(query, exp.Query | exp.Values) or isinstance(node, exp.All) else None
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "some" and len(node.expressions) == 1:
        only = node.expressions[0]
        return only if isinstance(only, exp.Query | exp.Values) else None
    return None


def meet(left: Expr, right: Expr, symbol: str, node: exp.Expr) -> tuple[Expr, Expr]:
    """Both sides in their common type.

    Raises:
        SqlError: TYPE_MISMATCH where they have none, or no such comparison.
    """
    target = common(left.type, right.type)
    possible = is_orderable if symbol in _ORDERINGS else is_comparable
    if target is None or not possible(target):
        raise fail("TYPE_MISMATCH", f"Cannot apply operator: {left.type} {symbol} {right.type}", node)
    return coerce(left, target), coerce(right, target)


def compare(symbol: str, left: Expr, right: Expr, node: exp.Expr) -> str:
    """DuckDB SQL for one comparison."""
    left, right = meet(left, right, symbol, node)
    # Trino has no `>`: it turns the sides around
    operands = (right, left) if symbol in (">", ">=") else (left, right)
    return strict_condition(
        operands,
        lets([left.sql, right.sql], lambda a, b: compared(symbol, a, b, left.type, node))
        if _twice(left.type)
        else compared(symbol, left.sql, right.sql, left.type, node),
    )


def _twice(type_: t.Type) -> bool:
    """Whether a comparison of the type names its operands more than once."""
    return t.is_float(type_) or isinstance(type_, t.Array | t.Map | t.Row)


def compared(symbol: str, a: str, b: str, type_: t.Type, node: exp.Expr) -> str:
    """DuckDB SQL for a comparison of two values of one type."""
    if t.is_float(type_):
        return _WITH_NAN[symbol].format(a=a, b=b)
    if isinstance(type_, t.Array | t.Map | t.Row):
        from laketop.athena.sql.nested import compare_nested

        return compare_nested(symbol, a, b, type_, node)
    key = sort_key if symbol in _ORDERINGS else distinct_key
    return f"({key(Expr(a, type_), node)} {symbol} {key(Expr(b, type_), node)})"


@rule(exp.NullSafeEQ, exp.NullSafeNEQ)
def _distinct_from(node: exp.Binary, context: Context) -> Expr:
    left, right = (compile_expression(part, context) for part in parts(node, "this", "expression"))
    left, right = meet(left, right, "IS DISTINCT FROM", node)
    negation = "NOT " if isinstance(node, exp.NullSafeEQ) else ""
    a, b = distinct_key(left, node), distinct_key(right, node)
    return Expr(f"({a} IS {negation}DISTINCT FROM {b})", t.BOOLEAN)


@rule(exp.And, exp.Or)
def _logic(node: exp.Connector, context: Context) -> Expr:
    word = "AND" if isinstance(node, exp.And) else "OR"
    terms = [boolean(term, context, "Logical expression term").sql for term in _terms(node)]
    return Expr(_joined(word, terms), t.BOOLEAN)


def _terms(node: exp.Connector) -> Iterator[exp.Expr]:
    """The terms of `a AND b AND c`, or of the same with OR, in order."""
    left, right = parts(node, "this", "expression")
    if type(left) is type(node):
        yield from _terms(left)
    else:
        yield left
    yield right


def _joined(word: str, terms: list[str]) -> str:
    """AND or OR of terms; one that can fail is not computed where those before it settle the answer.

    The others stay conditions of their own, so that DuckDB can use them for a scan or a join.
    """
    settled = "FALSE" if word == "AND" else "TRUE"
    if settled in terms:
        return settled
    chain, pending = "", list(terms)
    while pending:
        term = pending.pop()
        if not can_fail(term):
            continue
        # what is between this one and the next that can fail guards that one, with this one
        chain = f"({term} {word} {chain})" if chain else term
        before = _guards(pending)
        if before:
            chain = f"CASE WHEN {_all(word, before)} IS {settled} THEN {settled} ELSE {chain} END"
    plain = [term for term in terms if not can_fail(term)]
    return _all(word, [*plain, chain] if chain else plain)


def _guards(terms: list[str]) -> list[str]:
    """The last terms up to one that can fail, which is the first of them."""
    found: list[str] = []
    for term in reversed(terms):
        found.insert(0, term)
        if can_fail(term):
            break
    return found


def _all(word: str, terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else "(" + f" {word} ".join(terms) + ")"


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


def scalar(node: exp.Expr, context: Context, what: str) -> Expr:
    """A condition of a clause; an aggregate in it is an error of the whole.

    Raises:
        SqlError: EXPRESSION_NOT_SCALAR, or as `boolean`.
    """
    try:
        return boolean(node, context, what)
    except SqlError as error:
        if error.name == "EXPRESSION_NOT_SCALAR":
            error.line, error.column = place(node)
        raise


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
    value, low, high = unified([value, low, high], node, "BETWEEN")

    def inside(a: str, b: str, c: str) -> str:
        lower, upper = (compared(symbol, a, side, value.type, node) for symbol, side in ((">=", b), ("<=", c)))
        return f"({lower} AND {upper})"

    meet(value, value, "<=", node)
    operands = [value.sql, low.sql, high.sql]
    sql = lets(operands, inside) if _twice(value.type) else inside(*operands)
    return Expr(_first_known(value, (low, high), sql), t.BOOLEAN)


def _first_known(value: Expr, others: Sequence[Expr], sql: str) -> str:
    """A condition on a value and others, of which Trino computes none where the value is NULL."""
    failing = next((other for other in others if can_fail(other.sql)), None)
    return strict_condition((value, failing), sql) if failing else sql


@rule(exp.In)
def _in(node: exp.In, context: Context) -> Expr:
    left, items, query = parts(node, "this", "expressions", "query")
    _check_operands(left)
    if query is not None:
        from laketop.athena.sql.quantified import in_query

        return in_query(left, query, node, context)
    nodes = (left, *items)
    value, *others = unified([compile_expression(item, context) for item in nodes], node, "IN", nodes)
    meet(value, value, "=", node)
    if not _twice(value.type):
        listed = ", ".join(distinct_key(other, node) for other in others)
        return Expr(_first_known(value, others, f"({distinct_key(value, node)} IN ({listed}))"), t.BOOLEAN)

    def found(a: str, *rest: str) -> str:
        return "(" + " OR ".join(compared("=", a, b, value.type, node) for b in rest) + ")"

    return Expr(_first_known(value, others, lets([value.sql, *(other.sql for other in others)], found)), t.BOOLEAN)


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
            tested = compile_expression(condition, context)
            conditions.append(
                "FALSE" if t.UNKNOWN in (operand.type, tested.type) else compare("=", operand, tested, branch)
            )
        values.append(compile_expression(value, context))
    values.append(compile_expression(default, context) if default else Expr("NULL", t.UNKNOWN))
    nodes = [branch.args["true"] for branch in branches] + ([default] if default else [])
    return choose(conditions, values, node, nodes)


@rule(exp.If)
def _if(node: exp.If, context: Context) -> Expr:
    condition, true, false = parts(node, "this", "true", "false")
    values = [compile_expression(true, context)]
    values.append(compile_expression(false, context) if false else Expr("NULL", t.UNKNOWN))
    return choose([boolean(condition, context, "IF condition").sql], values, node)


def choose(conditions: list[str], values: list[Expr], node: exp.Expr, nodes: Sequence[exp.Expr] = ()) -> Expr:
    """CASE over conditions; the last value is the default."""
    values = unified(values, node, "CASE", nodes)
    branches = " ".join(f"WHEN {test} THEN {value.sql}" for test, value in zip(conditions, values, strict=False))
    return Expr(f"(CASE {branches} ELSE {values[-1].sql} END)", values[-1].type)


def unified(values: list[Expr], node: exp.Expr, what: str, nodes: Sequence[exp.Expr] = ()) -> list[Expr]:
    """The values in the type that all of them convert to.

    Args:
        nodes: the values in the tree, where the error stands at the one that does not fit and not at the whole.

    Raises:
        SqlError: TYPE_MISMATCH where there is none.
    """
    target: t.Type = t.UNKNOWN
    for number, value in enumerate(values):
        wider = common(target, value.type)
        if wider is None:
            problem = (
                f"All {what} results must be the same type or coercible to a common type. "
                f"Cannot find common type between {target} and {value.type}"
            )
            raise fail("TYPE_MISMATCH", problem, nodes[number] if number < len(nodes) else node)
        target = wider
    return [coerce(value, target) for value in values]
