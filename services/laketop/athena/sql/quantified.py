"""IN with a query, and comparisons with ANY, SOME or ALL of a query's rows.

Trino computes the latter from the extremes and the counts of the query's rows, which shows where NULL and NaN meet.
Follows Trino's page "Comparison functions and operators" and measured answers.
"""

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import compare, compared
from laketop.athena.sql.core import Context, Expr, Relation, compile_expression, fail, let, lets
from laketop.athena.sql.correlation import Use
from laketop.athena.sql.equality import distinct_key, is_comparable, is_orderable, sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place


def _sides(left: exp.Expr, query: exp.Expr, node: exp.Expr, context: Context) -> tuple[Expr, Expr, Relation]:
    """The value, the query's row as one value of the same type, and the query; a query of several columns is of rows.

    Raises:
        SqlError: TYPE_MISMATCH where they do not meet.
    """
    from laketop.athena.sql.query import subquery

    value, relation = compile_expression(left, context), subquery(query, Use.IN, context)
    columns = relation.columns
    if len(columns) == 1 and not isinstance(value.type, t.Row):
        inner = Expr("c0", columns[0].type)
    else:
        packed = ", ".join(f'"f{number}" := c{number}' for number in range(len(columns)))
        inner = Expr(f"struct_pack({packed})", t.Row(tuple((None, column.type) for column in columns)))
    target = common(value.type, inner.type)
    if target is None:
        problem = "Value expression and result of subquery must be of the same type"
        raise fail("TYPE_MISMATCH", f"{problem}: {value.type} vs {inner.type}", node)
    return coerce(value, target), coerce(inner, target), relation


def in_query(left: exp.Expr, query: exp.Expr, node: exp.Expr, context: Context, *, negated: bool = False) -> Expr:
    """`value IN (SELECT …)`. Rows and arrays are looked up as they are, but where it filters rows.

    Args:
        negated: whether the answer is turned into its contrary: `<> ALL`.
    """
    value, inner, relation = _sides(left, query, node, context)
    if not is_comparable(value.type):
        raise fail("TYPE_MISMATCH", f"{value.type} is not comparable, and therefore cannot be used in IN", node)
    key, listed = distinct_key(value, node), distinct_key(inner, node)
    test = f"({key} IN (SELECT {listed} FROM ({relation.sql}) AS s))"  # noqa: S608 - parts are compiled or quoted
    if t.is_float(value.type) and _filters(node, negated=negated):
        # as a filter of rows it never finds NaN, in any other place it does
        test = f"({test} AND NOT isnan({value.sql}))"
    if isinstance(value.type, t.Array | t.Row) and _filters(node, negated=negated):
        if _clause(node, negated=negated) is exp.Join:
            raise not_supported("A row or an array IN a query as the condition of a join", *place(node))
        # a filter becomes a join by =, for which a NULL or NaN inside is equal to nothing
        test = f"({test} AND {compare('=', value, value, node)})"
    return Expr(test, t.BOOLEAN)


def _clause(node: exp.Expr, *, negated: bool = False) -> type | None:
    """What a condition is one of the conjuncts of, as Trino sees it once every NOT is pushed inwards.

    Args:
        negated: whether it is not the condition itself that is wanted, but its contrary.
    """
    while isinstance(node.parent, exp.Paren | exp.Not | (exp.Or if negated else exp.And)):
        node = node.parent
        negated = negated != isinstance(node, exp.Not)
    return None if negated else type(node.parent)


def _filters(node: exp.Expr, *, negated: bool) -> bool:
    """Whether a condition must hold for every row of the answer; DuckDB takes none with a query in an outer join."""
    return _clause(node, negated=negated) in (exp.Where, exp.Having, exp.Join)


def quantified(symbol: str, left: exp.Expr, right: exp.Expr, query: exp.Expr, context: Context) -> Expr:
    """`value < ALL (SELECT …)` and its sisters.

    Raises:
        SqlError: TYPE_MISMATCH where the types do not meet or have no order.
    """
    every = isinstance(right, exp.All)
    node = right.parent or right
    if (symbol, every) == ("=", False):
        return in_query(left, query, node, context)
    if (symbol, every) == ("<>", True):
        return Expr(f"(NOT {in_query(left, query, node, context, negated=True).sql})", t.BOOLEAN)
    value, inner, relation = _sides(left, query, node, context)
    if (symbol, every) == ("<>", False):
        return Expr(f"(NOT {_by_extremes('=', value, inner, relation, node, every=True)})", t.BOOLEAN)
    return Expr(_by_extremes(symbol, value, inner, relation, node, every=every), t.BOOLEAN)


def _by_extremes(symbol: str, value: Expr, inner: Expr, relation: Relation, node: exp.Expr, *, every: bool) -> str:
    if not is_orderable(value.type):
        raise fail("TYPE_MISMATCH", f"Type {value.type} must be orderable in order to be used in a comparison", node)
    if isinstance(value.type, t.Array | t.Row | t.TimestampTz | t.TimeTz):
        raise not_supported(f"A comparison of {value.type} with ANY or ALL", *place(node))
    low, high = _extreme("min", inner, node), _extreme("max", inner, node)
    gathered = f"low := {low}, high := {high}, every := count(*), known := count({inner.sql})"
    facts = f"(SELECT struct_pack({gathered}) FROM ({relation.sql}) AS s)"  # noqa: S608 - parts are compiled or quoted
    empty = "TRUE" if every else "FALSE"

    def answered(operand: str, found: str) -> str:
        edges = {name: f"struct_extract({found}, '{name}')" for name in ("low", "high", "every", "known")}
        if symbol == "=":
            same = compared("=", edges["low"], edges["high"], value.type, node)
            test = f"({same} AND {compared('=', operand, edges['high'], value.type, node)})"
        else:
            edge = "low" if (symbol in ("<", "<=")) == every else "high"
            test = compared(symbol, operand, edges[edge], value.type, node)
        rest = f"CASE WHEN {edges['every']} <> {edges['known']} THEN NULL ELSE {empty} END"
        word = "AND" if every else "OR"
        return f"CASE WHEN {edges['every']} = 0 THEN {empty} ELSE ({test} {word} {rest}) END"

    if len(value.sql) > len(facts):
        return lets([value.sql, facts], answered)
    return (
        let(facts, lambda found: answered(value.sql, found))
        if "SELECT" not in value.sql
        else lets([value.sql, facts], answered)
    )


def _extreme(function: str, inner: Expr, node: exp.Expr) -> str:
    if not t.is_float(inner.type):
        return (
            f"{function}({inner.sql})"
            if sort_key(inner, node) == inner.sql
            else f"arg_{function}({inner.sql}, {sort_key(inner, node)})"
        )
    # NaN counts only where there is nothing else
    return f"coalesce({function}(CASE WHEN NOT isnan({inner.sql}) THEN {inner.sql} END), {function}({inner.sql}))"
