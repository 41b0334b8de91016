"""FROM: tables, subqueries, UNNEST, LATERAL and what joins them, and the columns that they offer.

Follows Trino's page "SELECT" (FROM, JOIN, UNNEST, TABLESAMPLE).
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql import hidden
from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import scalar
from laketop.athena.sql.core import Column, Context, Field, Relation, Scan, Scope, Version, fail, parts
from laketop.athena.sql.correlation import Use, check_correlation
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.joins import Joined, using
from laketop.athena.sql.match_recognize.clause import is_recognition
from laketop.athena.sql.parse import place, relation_place
from laketop.athena.sql.unnest import unnested
from laketop.athena.sql.versions import as_of

CATALOG = "awsdatacatalog"

_KINDS = {("", ""): "INNER", ("INNER", ""): "INNER", ("CROSS", ""): "CROSS"} | {
    (kind, side): side for kind in ("", "OUTER") for side in ("LEFT", "RIGHT", "FULL")
}


# What Trino makes of a RIGHT or FULL JOIN of UNNEST or LATERAL: it goes through the rows of the left side alone.
_LEFT_ONLY = {"RIGHT": "INNER", "FULL": "LEFT"}


@dataclass(frozen=True)
class Source:
    """A compiled FROM, or a part of one.

    Attributes:
        sql: the clause with a space in front, empty without a FROM.
        scope: the columns that expressions can name.
        visible: the columns that `*` stands for, in order.
        starred: the columns that `r.*` can stand for.
        outer: whether a RIGHT or FULL JOIN is in it, so that what stands before it cannot join first.
    """

    sql: str
    scope: Scope
    visible: tuple[Field, ...]
    starred: tuple[Field, ...] = ()
    outer: bool = False


def compile_from(node: exp.Select, context: Context) -> Source:
    """Compile the FROM clause and the joins of a SELECT.

    Raises:
        SqlError: TABLE_NOT_FOUND and what else can be wrong with it.
    """
    clause = node.args.get("from_")
    if clause is None:
        return Source("", Scope(parent=context.scope), ())
    inner = replace(context, aggregates=None, windows=False, named_windows={}, grouped={}, keys=None)
    first, joins, sample = parts(clause, "this")[0], list(node.args.get("joins") or []), node.args.get("sample")
    source = _chain(first, joins, inner, ())
    if sample is not None:
        # sqlglot gives the sample of a subquery to the query around it
        if joins or first.args.get("joins"):
            raise not_supported("TABLESAMPLE of a subquery in a join", *place(node))
        source = _sampled(source, sample, inner)
    return replace(source, sql=f" FROM {source.sql}")


def _chain(first: exp.Expr, joins: list[exp.Join], context: Context, left: tuple[Field, ...]) -> Source:
    """A relation and what is joined to it, from left to right.

    A comma joins last: conditions see only what stands between two commas. `left` is what LATERAL can see besides.
    """
    done, source = None, _factor(first, context, left)
    for join in [*(first.args.get("joins") or []), *joins]:
        seen = left + (done.scope.fields if done else ())
        if not any(join.args.get(part) for part in ("side", "kind", "on", "using", "method")):
            done = source if done is None else _crossed(done, source)
            source = _factor(parts(join, "this")[0], context, left + done.scope.fields)
        else:
            source = _join(source, join, context, seen)
    return source if done is None else _crossed(done, source)


def _crossed(left: Source, right: Source) -> Source:
    """Two relations beside a comma."""
    scope = Scope(left.scope.fields + right.scope.fields, right.scope.parent)
    # without parentheses, so that LATERAL sees what is before the comma; it makes no difference but for outer joins
    wrapped = f"({right.sql})" if right.outer else right.sql
    visible, starred = left.visible + right.visible, left.starred + right.starred
    return Source(f"{left.sql} CROSS JOIN {wrapped}", scope, visible, starred, left.outer)


def _factor(node: exp.Expr, context: Context, left: tuple[Field, ...], *, outer: bool = False) -> Source:
    """One relation with its alias. `left` are the columns that UNNEST and LATERAL may use."""
    source = _relation(node, context, left, outer=outer)
    sample = node.args.get("sample")
    return source if sample is None else _sampled(source, sample, context)


def _relation(node: exp.Expr, context: Context, left: tuple[Field, ...], *, outer: bool) -> Source:
    if isinstance(node, exp.Table):
        return _table(node, context)
    if isinstance(node, exp.Unnest):
        relation = unnested(node, context, left, outer=outer)
        alias = node.args.get("alias")
        if not (alias and alias.args.get("columns")):
            relation = replace(relation, columns=tuple(_anonymous(column) for column in relation.columns))
        return _aliased(relation.sql, relation, alias, context, node)
    if isinstance(node, exp.Lateral):
        return _lateral(node, context, left)
    if isinstance(node, exp.Subquery) and _holds_relation(node.this):
        return _parenthesised(node, context, left)
    if is_recognition(node):
        from laketop.athena.sql.match_recognize.relation import recognized

        relation = recognized(node, context)
        return _aliased(f"({relation.sql})", relation, node.args.get("alias"), context, node)
    if isinstance(node, exp.Values | exp.Subquery):
        return _subquery(node, context)
    raise not_supported(f"{type(node).__name__.upper()} in FROM", *place(node))


def _anonymous(column: Column) -> Column:
    return replace(column, anonymous=True) if column.name.startswith("_col") else column


def _holds_relation(node: exp.Expr) -> bool:
    """Whether parentheses hold a relation of FROM, not a query."""
    if isinstance(node, exp.Table):
        return True
    if isinstance(node, exp.Unnest | exp.Lateral):
        return True
    if not isinstance(node, exp.Subquery | exp.Values):
        return False
    if node.args.get("alias") or node.args.get("joins") or node.args.get("sample"):
        return True
    return isinstance(node, exp.Subquery) and _holds_relation(node.this)


def _parenthesised(node: exp.Subquery, context: Context, left: tuple[Field, ...]) -> Source:
    inner, alias, *_ = parts(node, "this", "alias", "joins", "sample")
    source = _chain(inner, [], context, left)
    if alias is None:
        # DuckDB takes no parentheses around one relation
        return replace(source, sql=f"({source.sql})", outer=False) if inner.args.get("joins") else source
    listed = ", ".join(f"{field.sql} AS c{number}" for number, field in enumerate(source.visible))
    columns = tuple(Column(field.name or "", field.type, field.name is None) for field in source.visible)
    relation = Relation(f"SELECT {listed} FROM {source.sql}", columns)  # noqa: S608 - parts are compiled or quoted
    return _aliased(f"({relation.sql})", relation, alias, context, node)


# the table functions that Trino has: none of them is built
_TABLE_FUNCTIONS = ("sequence", "exclude_columns", "json_table", "system.builtin.sequence")


def _called(node: exp.Anonymous) -> str:
    """The name of the table function in TABLE(…), with the schema in front."""
    inner = node.expressions[0]
    names = [inner.this.sql(dialect="trino"), inner.expression] if isinstance(inner, exp.Dot) else [inner]
    return ".".join(name if isinstance(name, str) else name.name for name in names).lower()


def _table(node: exp.Table, context: Context) -> Source:
    known = ("this", "alias", "db", "catalog", "version", "joins", "sample")
    name_node, alias, database, catalog, travel, *_ = parts(node, *known)
    if isinstance(name_node, exp.Dot):
        raise fail("SYNTAX_ERROR", f"Too many dots in table name: {node.sql(dialect='trino')}", node)
    if isinstance(name_node, exp.Anonymous) and _called(name_node) not in _TABLE_FUNCTIONS:
        problem = f"Table function '{_called(name_node)}' not registered"
        raise fail("FUNCTION_NOT_FOUND", problem, name_node.expressions[0])
    if not isinstance(name_node, exp.Identifier):
        raise not_supported(f"The table function {name_node.sql(dialect='trino')}", *place(node))
    name = name_node.name.lower()
    if catalog is not None and catalog.name.lower() != CATALOG:
        raise fail("CATALOG_NOT_FOUND", f"Catalog '{catalog.name}' does not exist", node)
    version = as_of(travel, context) if travel is not None else None
    if database is None and name in context.ctes:
        if version is not None:
            raise not_supported(f"A version of the query {name}", *place(node))
        relation = context.ctes[name]
        origin = f"({relation.sql})"
    else:
        relation, origin = table_relation(node, context, database.name.lower() if database else None, name, version)
    return _aliased(origin, relation, alias, context, node, name)


def table_relation(
    node: exp.Expr, context: Context, database: str | None, name: str, version: Version | None = None
) -> tuple[Relation, str]:
    """A table, or what a view says, as a relation; and what to write after FROM.

    Args:
        version: which state of the table, None for the current one.

    Raises:
        SqlError: TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, or what is wrong with the view.
    """
    from laketop.athena.sql.views import compile_view

    session = context.session
    try:
        table = session.catalog.table(database, name, version) if version else session.catalog.table(database, name)
    except SqlError as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise
    if table.view is not None:
        relation = compile_view(table, context, node)
        return relation, f"({relation.sql})"
    scan = Scan(f"scan{len(session.scans) + 1}", table)
    session.scans.append(scan)
    first_key = len(table.columns) - table.partition_keys
    number = len(session.scans) - 1
    partitions = tuple(
        (number, column.name) if position >= first_key or column.name in table.prunable else None
        for position, column in enumerate(table.columns)
    )
    relation = Relation(f"SELECT * FROM {scan.view}", table.columns, partitions, table.database, hidden.columns(table))  # noqa: S608 - parts are compiled or quoted
    return relation, scan.view


def _aliased(
    origin: str,
    relation: Relation,
    alias: exp.TableAlias | None,
    context: Context,
    node: exp.Expr,
    name: str | None = None,
) -> Source:
    """A relation under its alias (`name` where it has none) and under the names that its columns are given."""
    shown = alias.this.name if alias and alias.this else name
    names = [column.name for column in (alias.args.get("columns") or [])] if alias else []
    if names and len(names) != len(relation.columns):
        problem = (
            f"Column alias list has {len(names)} entries but '{shown}' has {len(relation.columns)} columns available"
        )
        raise SqlError("MISMATCHED_COLUMN_ALIASES", problem, *relation_place(node))
    inner = context.session.fresh("t")
    partitions = relation.partitions or (None,) * len(relation.columns)
    fields = tuple(
        Field(
            names[number] if names else None if column.anonymous else column.name,
            shown.lower() if shown else None,
            f"{inner}.c{number}",
            column.type,
            partition,
            relation.database if alias is None or not alias.this else None,
        )
        for number, (column, partition) in enumerate(zip(relation.columns, partitions, strict=True))
    )
    unseen = tuple(
        Field(
            column.name, fields[0].relation if fields else None, f"{inner}.{sql}", column.type, None, relation.database
        )
        for column, sql in relation.hidden
    )
    return Source(f"{origin} AS {inner}", Scope(fields + unseen, context.scope), fields, fields)


def _lateral(node: exp.Lateral, context: Context, left: tuple[Field, ...]) -> Source:
    from laketop.athena.sql.query import compile_query

    query, alias, *_ = parts(node, "this", "alias", "view", "outer", "ordinality", "cross_apply", "joins", "sample")
    if not isinstance(query, exp.Subquery):
        raise not_supported(f"LATERAL {query.sql(dialect='trino')}", *place(node))
    around = Scope(left, context.scope)
    relation = compile_query(query, context.within(around))
    check_correlation(query, Use.LATERAL, around, context)
    return _aliased(f"LATERAL ({relation.sql})", relation, alias, context, node)


def _subquery(node: exp.Values | exp.Subquery, context: Context) -> Source:
    from laketop.athena.sql.query import compile_query

    # a derived table does not see the columns beside it, only those of the query around
    relation = replace(compile_query(node, context), partitions=(), database=None, hidden=())
    return _aliased(f"({relation.sql})", relation, node.args.get("alias"), context, node)


def _sampled(source: Source, sample: exp.TableSample, context: Context) -> Source:
    """TABLESAMPLE: rows, or blocks of rows, by chance."""
    from laketop.athena.sql.core import compile_expression

    method, percent = parts(sample, "method", "percent")
    if method is None or percent is None or str(method.this).upper() not in ("BERNOULLI", "SYSTEM"):
        raise fail("SYNTAX_ERROR", "mismatched input in TABLESAMPLE. Expecting: 'BERNOULLI', 'SYSTEM'", sample)
    column = percent.find(exp.Column)
    if column is not None:
        raise fail("EXPRESSION_NOT_CONSTANT", "Sample percentage cannot contain column references", column)
    kind = compile_expression(percent, replace(context, scope=Scope(), clause="TABLESAMPLE")).type
    if kind == t.UNKNOWN:
        raise fail("INVALID_ARGUMENTS", "Sample percentage cannot be NULL", percent)
    if not t.is_numeric(kind):
        raise fail("TYPE_MISMATCH", "Sample percentage should be a numeric expression", percent)
    sign, number = (-1, percent.this) if isinstance(percent, exp.Neg) else (1, percent)
    if not isinstance(number, exp.Literal):
        raise not_supported("TABLESAMPLE with anything but a number", *place(sample))
    value = sign * float(number.this)
    if not 0 <= value <= 100:
        bound = "greater than or equal to 0" if value < 0 else "less than or equal to 100"
        raise fail("NUMERIC_VALUE_OUT_OF_RANGE", f"Sample percentage must be {bound}", percent)
    if value == 100:
        return source
    return replace(source, sql=f"{source.sql} TABLESAMPLE {str(method.this).upper()} ({value!r} PERCENT)")


def _join(source: Source, join: exp.Join, context: Context, before: tuple[Field, ...]) -> Source:
    """One join; `before` is what stands in front of the last comma, which only UNNEST and LATERAL can see."""
    right_node, method, side, kind, on, columns = parts(join, "this", "method", "side", "kind", "on", "using")
    if method:
        raise fail(
            "SYNTAX_ERROR" if method.upper() != "NATURAL" else "NOT_SUPPORTED", f"{method} join not supported", join
        )
    found = _KINDS.get((kind or "", side or ""))
    if found is None:
        raise fail("SYNTAX_ERROR", f"mismatched input '{side or kind}'", join)
    lateral = isinstance(right_node, exp.Unnest | exp.Lateral)
    if lateral:
        _check_lateral(right_node, on, columns, join)
    seen = before + source.scope.fields
    if lateral and found in _LEFT_ONLY:
        _check_beside(right_node, context, seen, found)
        seen, found = (), _LEFT_ONLY[found]
    right = _right(right_node, context, seen, outer=found == "LEFT" and isinstance(right_node, exp.Unnest))
    if columns:
        joined = using(
            Joined(source.sql, source.scope.fields, source.visible, source.starred),
            Joined(right.sql, right.scope.fields, right.visible, right.starred),
            found,
            columns,
            join,
        )
        scope = Scope(joined.fields, source.scope.parent)
        return Source(joined.sql, scope, joined.visible, joined.starred, source.outer or found in ("RIGHT", "FULL"))
    scope = Scope(source.scope.fields + right.scope.fields, source.scope.parent)
    visible, starred = source.visible + right.visible, source.starred + right.starred
    if on is None:
        if found != "CROSS":
            raise fail("SYNTAX_ERROR", "mismatched input after JOIN. Expecting: 'ON', 'USING'", join)
        sql = f"{source.sql} CROSS JOIN {right.sql}"
    elif found == "CROSS":
        raise fail("SYNTAX_ERROR", "mismatched input 'ON'", join)
    elif isinstance(right_node, exp.Unnest):
        sql = f"{source.sql} CROSS JOIN {right.sql}"
    else:
        condition = scalar(on, replace(context, scope=scope, clause="JOIN clause"), "JOIN ON clause")
        sql = f"{source.sql} {found} JOIN {right.sql} ON {condition.sql}"
    return Source(sql, scope, visible, starred, source.outer or found in ("RIGHT", "FULL"))


def _right(node: exp.Expr, context: Context, left: tuple[Field, ...], *, outer: bool) -> Source:
    """The right side of a join: one relation, or (`a JOIN b JOIN c ON … ON …`) a chain of its own."""
    if not node.args.get("joins"):
        return _factor(node, context, left, outer=outer)
    source = _chain(node, [], context, left)
    return replace(source, sql=f"({source.sql})", outer=False)


def _check_beside(node: exp.Expr, context: Context, left: tuple[Field, ...], kind: str) -> None:
    """The right side of a RIGHT or FULL JOIN may not use the left side.

    Raises:
        SqlError: INVALID_COLUMN_REFERENCE where it does.
    """
    unseen = replace(context, session=replace(context.session, scans=[], ctes=[]))
    try:
        _factor(node, unseen, ())
    except SqlError as error:
        if error.name != "COLUMN_NOT_FOUND":
            raise
        _factor(node, unseen, left)
        problem = f"LATERAL reference not allowed in {kind} JOIN"
        raise SqlError("INVALID_COLUMN_REFERENCE", problem, error.line, error.column) from error


def _check_lateral(node: exp.Expr, on: exp.Expr | None, columns: object, join: exp.Join) -> None:
    what = "UNNEST" if isinstance(node, exp.Unnest) else "LATERAL"
    if columns:
        raise not_supported(f"JOIN {what} with USING", *place(join))
    if on is not None and not (isinstance(on.unnest(), exp.Boolean) and on.unnest().this):
        raise not_supported(f"JOIN {what} with a condition other than TRUE", *place(join))
