"""FROM: tables, subqueries, UNNEST and joins, and the columns that they offer.

Follows Trino's page "SELECT" (FROM, JOIN, UNNEST).
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import boolean, compare
from laketop.athena.sql.core import (
    Column,
    Context,
    Expr,
    Field,
    Relation,
    Scan,
    Scope,
    compile_expression,
    fail,
    parts,
)
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.parse import place

CATALOG = "awsdatacatalog"

_KINDS = {("", ""): "INNER", ("INNER", ""): "INNER", ("CROSS", ""): "CROSS"} | {
    (kind, side): side for kind in ("", "OUTER") for side in ("LEFT", "RIGHT", "FULL")
}


@dataclass(frozen=True)
class Source:
    """A compiled FROM.

    Attributes:
        sql: the clause with a space in front, empty without a FROM.
        scope: the columns that expressions can name.
        visible: the columns that `*` stands for, in order.
    """

    sql: str
    scope: Scope
    visible: tuple[Field, ...]


def compile_from(node: exp.Select, context: Context) -> Source:
    """Compile the FROM clause and the joins of a SELECT.

    Raises:
        SqlError: TABLE_NOT_FOUND and what else can be wrong with it.
    """
    clause = node.args.get("from_")
    if clause is None:
        return Source("", Scope(parent=context.scope), ())
    first = parts(clause, "this")[0]
    sql, fields = _factor(first, context, ())
    # a comma joins last: what stands between two commas is a relation of its own
    done, source = None, Source(sql, Scope(fields, context.scope), fields)
    for join in [*(first.args.get("joins") or []), *(node.args.get("joins") or [])]:
        if not any(join.args.get(part) for part in ("side", "kind", "on", "using", "method")):
            done = _crossed(done, source, join)
            sql, fields = _factor(parts(join, "this")[0], context, done.scope.fields)
            source = Source(sql, Scope(fields, context.scope), fields)
        else:
            source = _join(source, join, context, done)
    if done is not None:
        source = _crossed(done, source, clause)
    return replace(source, sql=f" FROM {source.sql}")


def _crossed(left: Source | None, right: Source, node: exp.Expr) -> Source:
    """Two relations beside a comma."""
    if left is None:
        return right
    _check_names(left.scope.fields, right.scope.fields, node)
    scope = Scope(left.scope.fields + right.scope.fields, right.scope.parent)
    wrapped = f"({right.sql})" if " JOIN " in right.sql else right.sql
    return Source(f"{left.sql} CROSS JOIN {wrapped}", scope, left.visible + right.visible)


def _check_names(left: tuple[Field, ...], right: tuple[Field, ...], node: exp.Expr) -> None:
    for field in right:
        twin = field.relation is not None and any(
            (field.relation, field.database) == (other.relation, other.database) for other in left
        )
        if twin:
            raise not_supported(f"Two relations called '{field.relation}' in one FROM", *place(node))


def _factor(node: exp.Expr, context: Context, left: tuple[Field, ...]) -> tuple[str, tuple[Field, ...]]:
    """One relation: its SQL with an alias, and its columns. `left` are the columns that UNNEST may use."""
    if isinstance(node, exp.Table):
        return _table(node, context)
    if isinstance(node, exp.Unnest):
        return _unnest(node, context, left)
    if isinstance(node, exp.Values | exp.Subquery):
        return _subquery(node, context)
    raise not_supported(f"{type(node).__name__.upper()} in FROM", *place(node))


def _table(node: exp.Table, context: Context) -> tuple[str, tuple[Field, ...]]:
    from laketop.athena.sql.query import renamed

    name_node, alias, database, catalog, _ = parts(node, "this", "alias", "db", "catalog", "joins")
    if not isinstance(name_node, exp.Identifier):
        raise not_supported(f"The table function {name_node.sql(dialect='trino')}", *place(node))
    name = name_node.name.lower()
    if catalog is not None and catalog.name.lower() != CATALOG:
        raise fail("CATALOG_NOT_FOUND", f"Catalog '{catalog.name}' does not exist", node)
    if database is None and name in context.ctes:
        relation, origin = context.ctes[name], f"({context.ctes[name].sql})"
    else:
        relation, origin = _scan(node, context, database.name.lower() if database else None, name)
    relation = renamed(relation, [column.name for column in (alias.args.get("columns") or [])] if alias else [], node)
    return _aliased(origin, relation, alias.this.name if alias and alias.this else name, context)


def _scan(node: exp.Table, context: Context, database: str | None, name: str) -> tuple[Relation, str]:
    from laketop.athena.sql.errors import SqlError

    try:
        table = context.session.catalog.table(database, name)
    except SqlError as error:
        if error.line is None:
            error.line, error.column = place(node)
        raise
    scan = Scan(f"scan{len(context.session.scans) + 1}", table)
    context.session.scans.append(scan)
    first_key = len(table.columns) - table.partition_keys
    number = len(context.session.scans) - 1
    partitions = tuple(
        (number, column.name) if position >= first_key else None for position, column in enumerate(table.columns)
    )
    return Relation(f"SELECT * FROM {scan.view}", table.columns, partitions, table.database), scan.view  # noqa: S608 - parts are compiled or quoted


def _aliased(origin: str, relation: Relation, alias: str | None, context: Context) -> tuple[str, tuple[Field, ...]]:
    inner = context.session.fresh("t")
    partitions = relation.partitions or (None,) * len(relation.columns)
    fields = tuple(
        Field(
            column.name,
            alias.lower() if alias else None,
            f"{inner}.c{number}",
            column.type,
            partition,
            relation.database,
        )
        for number, (column, partition) in enumerate(zip(relation.columns, partitions, strict=True))
    )
    return f"{origin} AS {inner}", fields


def _subquery(node: exp.Values | exp.Subquery, context: Context) -> tuple[str, tuple[Field, ...]]:
    from laketop.athena.sql.query import compile_query, renamed

    alias = node.args.get("alias")
    if (
        isinstance(node, exp.Subquery)
        and isinstance(node.this, exp.Table | exp.Subquery)
        and node.this.args.get("joins")
    ):
        raise not_supported("A join in parentheses", *place(node))
    bare = node.copy()
    bare.set("alias", None)
    # a derived table does not see the columns beside it, only those of the query around
    relation = compile_query(bare, replace(context, aggregates=None, windows=False, named_windows={}))
    names = [column.name for column in (alias.args.get("columns") or [])] if alias else []
    relation = replace(renamed(relation, names, node), partitions=(), database=None)
    return _aliased(f"({relation.sql})", relation, alias.this.name if alias and alias.this else None, context)


def _unnest(node: exp.Unnest, context: Context, left: tuple[Field, ...]) -> tuple[str, tuple[Field, ...]]:
    expressions, alias, offset = parts(node, "expressions", "alias", "offset")
    inner = context.within(Scope(left, context.scope))
    inner = replace(inner, aggregates=None, windows=False, clause="UNNEST")
    arrays = [compile_expression(item, inner) for item in expressions]
    columns: list[tuple[str, t.Type]] = []
    lists: list[str] = []
    for number, array in enumerate(arrays):
        lists.append(f"{_elements(array, node)} AS e{number}")
        columns += _expanded(f"u.e{number}", array.type)
    if offset:
        longest = ", ".join(f"len({_list(array)})" for array in arrays)
        lists.append(f"unnest(range(1, greatest({longest}) + 1)) AS position")
        columns.append(("u.position", t.BIGINT))
    names = [part.name for part in (alias.args.get("columns") or [])] if alias else []
    if isinstance(offset, exp.Identifier):
        names = [*names, offset.name]
    if names and len(names) != len(columns):
        problem = f"Column alias list has {len(names)} entries but relation has {len(columns)} columns"
        raise fail("MISMATCHED_COLUMN_ALIASES", problem, node)
    names = names or [f"_col{number}" for number in range(len(columns))]
    listed = ", ".join(f"{sql} AS c{number}" for number, (sql, _) in enumerate(columns))
    sql = f"LATERAL (SELECT {listed} FROM (SELECT {', '.join(lists)}) AS u)"  # noqa: S608 - parts are compiled or quoted
    relation = Relation(sql, tuple(Column(name, type_) for name, (_, type_) in zip(names, columns, strict=True)))
    return _aliased(sql, relation, alias.this.name if alias and alias.this else None, context)


def _list(value: Expr) -> str:
    return f"map_entries({value.sql})" if isinstance(value.type, t.Map) else value.sql


def _elements(value: Expr, node: exp.Expr) -> str:
    if not isinstance(value.type, t.Array | t.Map):
        raise fail("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {value.type}", node)
    return f"unnest({_list(value)})"


def _expanded(sql: str, type_: t.Type) -> list[tuple[str, t.Type]]:
    """The columns that an element becomes: a row its parts, a map's pair key and value."""
    match type_:
        case t.Map(key, value):
            return [(f"struct_extract({sql}, 'key')", key), (f"struct_extract({sql}, 'value')", value)]
        case t.Array(t.Row(fields)):
            return [(f"struct_extract({sql}, 'f{number}')", field) for number, (_, field) in enumerate(fields)]
        case t.Array(element):
            return [(sql, element)]
    return []


def _join(source: Source, join: exp.Join, context: Context, before: Source | None) -> Source:
    """One join; `before` is what stands in front of the last comma, which only UNNEST can see."""
    right_node, side, kind, on, using = parts(join, "this", "side", "kind", "on", "using")
    found = _KINDS.get((kind or "", side or ""))
    if found is None:
        raise not_supported(f"{side} {kind} JOIN", *place(join))
    left_fields = source.scope.fields
    seen = (before.scope.fields if before else ()) + left_fields
    right_sql, right_fields = _factor(right_node, context, seen)
    _check_names(left_fields, right_fields, join)
    if using:
        return _join_using(source, right_sql, right_fields, found, [column.name for column in using], join)
    scope = Scope(left_fields + right_fields, source.scope.parent)
    if on is None:
        if found != "CROSS":
            raise fail("SYNTAX_ERROR", "mismatched input after JOIN. Expecting: 'ON', 'USING'", join)
        sql = f"{source.sql} CROSS JOIN {right_sql}"
    else:
        if isinstance(right_node, exp.Unnest) and not (isinstance(on, exp.Boolean) and on.this):
            raise not_supported("JOIN UNNEST with a condition other than TRUE", *place(join))
        condition = boolean(
            on, replace(context, scope=scope, aggregates=None, windows=False, clause="JOIN clause"), "JOIN ON clause"
        )
        sql = f"{source.sql} {found} JOIN {right_sql} ON {condition.sql}"
    nested = right_node.args.get("joins")
    if nested:
        raise not_supported("Nested joins", *place(join))
    return Source(sql, scope, source.visible + right_fields)


def _join_using(
    source: Source, right_sql: str, right: tuple[Field, ...], kind: str, names: list[str], join: exp.Join
) -> Source:
    left_fields, right_fields = source.scope.fields, right
    merged, tests = [], []
    for name in names:
        a = _single(left_fields, name, "left", join)
        b = _single(right_fields, name, "right", join)
        target = common(a.type, b.type)
        if target is None:
            raise fail("TYPE_MISMATCH", f"Cannot apply operator: {a.type} = {b.type}", join)
        tests.append(compare("=", Expr(a.sql, a.type), Expr(b.sql, b.type), join))
        sides = [coerce(Expr(field.sql, field.type), target).sql for field in (a, b)]
        chosen = {"RIGHT": sides[1], "FULL": f"coalesce({sides[0]}, {sides[1]})"}.get(kind, sides[0])
        merged.append(Field(a.name, None, chosen, target))
        left_fields = tuple(field for field in left_fields if field is not a)
        right_fields = tuple(field for field in right_fields if field is not b)
    rest = left_fields + right_fields
    visible = tuple(field for field in source.visible if field in left_fields) + right_fields
    sql = f"{source.sql} {kind} JOIN {right_sql} ON {' AND '.join(tests)}"
    return Source(sql, Scope((*merged, *rest), source.scope.parent), (*merged, *visible))


def _single(fields: tuple[Field, ...], name: str, side: str, join: exp.Join) -> Field:
    hits = [field for field in fields if field.name is not None and field.name.lower() == name.lower()]
    if len(hits) != 1:
        problem = f"Column '{name}' is {'ambiguous' if hits else f'missing from {side} side of join'}"
        raise fail("AMBIGUOUS_NAME" if hits else "COLUMN_NOT_FOUND", problem, join)
    return hits[0]
