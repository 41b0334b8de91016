"""ORDER BY, OFFSET and LIMIT.

Names in ORDER BY mean columns of the result first, then of the source; NULLs come last whichever way it goes (as in
DuckDB's present default, but written out). Follows Trino's page "SELECT".
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression, fail, parts
from laketop.athena.sql.equality import sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

MAX_COUNT = 2**63 - 1
MAX_SORTED = 2**31 - 1  # rows that Trino can sort


@dataclass(frozen=True)
class Key:
    """A sort key.

    Attributes:
        sql: what DuckDB sorts by.
        direction: ` ASC NULLS LAST` or one of its sisters.
        position: the number of the result's column that it is, from 0; None if it is none.
    """

    sql: str
    direction: str
    position: int | None = None


@dataclass(frozen=True)
class Limits:
    """OFFSET and LIMIT: how many rows to leave out, how many to give (None: all), and whether ties come along."""

    offset: int = 0
    count: int | None = None
    ties: bool = False


def order_keys(order: exp.Order | None, names: list[str | None], values: list[Expr], context: Context) -> list[Key]:
    """The keys of an ORDER BY.

    Args:
        names, values: the result's columns; a name is None where it cannot be used.

    Raises:
        SqlError: INVALID_COLUMN_REFERENCE for a position outside of the result, AMBIGUOUS_NAME.
    """
    if order is None:
        return []
    _check_grouping(order, names)
    outputs = tuple(Field(name, None, value.sql, value.type) for name, value in zip(names, values, strict=True))
    inner = replace(context, scope=Scope(outputs, context.scope, result=True))
    keys = []
    for node in parts(order, "expressions")[0]:
        value = _value(node, values, inner)
        position = next((number for number, item in enumerate(values) if item.sql == value.sql), None)
        # DuckDB takes no string for a key, not even one that changes nothing
        sql = sort_key(value, node) if not isinstance(value.literal, str) else "CAST(0 AS INTEGER)"
        keys.append(Key(sql, direction(node), position))
    return keys


def _check_grouping(order: exp.Order, names: list[str | None]) -> None:
    """grouping() means columns of the source, which a name of the result hides.

    Raises:
        SqlError: INVALID_ARGUMENTS.
    """
    known = {name.lower() for name in names if name is not None}
    for call in order.find_all(exp.Anonymous):
        if str(call.this).lower() == "grouping" and any(
            isinstance(argument, exp.Column) and not argument.args.get("table") and argument.name.lower() in known
            for argument in call.expressions
        ):
            problem = "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY"
            raise fail("INVALID_ARGUMENTS", problem, call)


def check_aggregates(order: exp.Order, names: list[str | None]) -> None:
    """The argument of an aggregate in ORDER BY means columns of the source, which a name of the result hides.

    Args:
        names: what the result's columns are called; None where a name cannot be used.

    Raises:
        SqlError: COLUMN_NOT_FOUND.
    """
    from laketop.athena.sql.functions.names import is_aggregate

    known = {name.lower() for name in names if name is not None}
    for call in order.find_all(exp.Anonymous, exp.GroupConcat):
        whole = call.parent if isinstance(call.parent, exp.Filter) else call
        windowed = isinstance(whole.parent, exp.Window) and whole.arg_key == "this"
        if not is_aggregate(call) or windowed or call.find_ancestor(exp.Query, exp.Order) is not order:
            continue
        for column in whole.find_all(exp.Column):
            if not column.args.get("table") and column.name.lower() in known:
                problem = "Invalid reference to output projection attribute from ORDER BY aggregation"
                raise fail("COLUMN_NOT_FOUND", problem, column)


def direction(node: exp.Ordered) -> str:
    """` ASC NULLS LAST` and its three sisters."""
    _, descending, nulls_first, fill = parts(node, "this", "desc", "nulls_first", "with_fill")
    if fill:
        raise not_supported("WITH FILL", *place(node))
    return f" {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


def _value(node: exp.Ordered, values: list[Expr], context: Context) -> Expr:
    inner = node.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    spelled = inner.this if isinstance(inner, exp.Neg) else inner
    if isinstance(spelled, exp.Literal) and not spelled.is_string and spelled.this.isdigit():
        position = inner.sql(dialect="trino")
        if not position.isdigit() or not 1 <= int(position) <= len(values):
            raise fail("INVALID_COLUMN_REFERENCE", f"ORDER BY position {position} is not in select list", inner)
        return values[int(position) - 1]
    return compile_expression(inner, context)


def arranged(node: exp.Expr, values: list[Expr], keys: list[Key], rest: str, *, distinct: bool = False) -> str:
    """A SELECT of the values as c0, c1, … in its order and within its limits.

    Args:
        node: the query, for its OFFSET and LIMIT.
        rest: what follows the select list, from FROM on.
    """
    wanted = limits(node)
    word = "SELECT DISTINCT" if distinct else "SELECT"
    listed = ", ".join(f"{value.sql} AS c{number}" for number, value in enumerate(values))
    by = ", ".join(f"{_named(key, values)}{key.direction}" for key in keys)
    if not wanted.ties:
        order = f" ORDER BY {by}" if keys else ""
        return f"{word} {listed}{rest}{order}{_limited(wanted)}"
    extra = "".join(f", {key.sql} AS k{number}" for number, key in enumerate(keys))
    by = ", ".join(f"k{number}{key.direction}" for number, key in enumerate(keys))
    names = ", ".join(f"c{number}" for number in range(len(values)))
    skipped = _limited(replace(wanted, count=None))
    return (  # parts are compiled or quoted
        f"SELECT {names} FROM (SELECT *, rank() OVER (ORDER BY {by}) AS position "  # noqa: S608
        f"FROM ({word} {listed}{extra}{rest} ORDER BY {by}{skipped}) AS r) AS r "
        f"WHERE position <= {wanted.count} ORDER BY {by}"
    )


def _named(key: Key, values: list[Expr]) -> str:
    """A key by its position where it is a column of the result."""
    if key.position is not None and values[key.position].sql == key.sql:
        return str(key.position + 1)
    return key.sql


def _limited(wanted: Limits) -> str:
    limit = "" if wanted.count is None else f" LIMIT {wanted.count}"
    return limit + (f" OFFSET {wanted.offset}" if wanted.offset else "")


def limits(node: exp.Expr) -> Limits:
    """The OFFSET, LIMIT or FETCH FIRST of a query.

    Raises:
        SqlError: SYNTAX_ERROR for anything but whole numbers, NUMERIC_VALUE_OUT_OF_RANGE for what cannot be.
    """
    offset, limit = node.args.get("offset"), node.args.get("limit")
    count, ties = None, False
    if isinstance(limit, exp.Fetch):
        _, number, options = parts(limit, "direction", "count", "limit_options")
        count = _count(number, "FETCH FIRST") if number else 1
        if count == 0:
            raise fail(
                "NUMERIC_VALUE_OUT_OF_RANGE", f"FETCH FIRST row count must be positive (actual value: {count})", node
            )
        ties = bool(options is not None and options.args.get("with_ties"))
        if ties and not node.args.get("order"):
            problem = "FETCH FIRST WITH TIES clause requires ORDER BY"
            raise fail("MISSING_ORDER_BY", problem, node)
    elif limit is not None and limit.expression.sql().upper() != "ALL":
        count = _count(limit.expression, "LIMIT")
    if count is not None and count > MAX_SORTED and node.args.get("order"):
        raise not_supported(f"ORDER BY LIMIT > {MAX_SORTED}", *place(node))
    return Limits(_count(offset.expression, "OFFSET") if offset is not None else 0, count, ties)


def _count(node: exp.Expr, what: str) -> int:
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Literal) or node.is_string or not node.this.isdigit():
        raise fail("SYNTAX_ERROR", f"{what} needs a whole number, got {node.sql(dialect='trino')}", node)
    if int(node.this) > MAX_COUNT:
        raise fail("TYPE_MISMATCH", f"Invalid {what} row count: {node.this}", node)
    return int(node.this)
