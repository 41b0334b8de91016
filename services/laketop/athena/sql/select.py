"""SELECT: the source, conditions, groups, the select list and its order.

Follows Trino's page "SELECT". What DuckDB would allow beyond it (aliases in WHERE and GROUP BY, columns outside of the
groups, aggregates in WHERE) is refused here, with Trino's errors.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.comparison import scalar
from laketop.athena.sql.core import (
    Column,
    Context,
    Expr,
    Field,
    Relation,
    compile_expression,
    fail,
    parts,
)
from laketop.athena.sql.equality import distinct_key, sort_key
from laketop.athena.sql.grouping import Groups, Item, check_grouped, compile_groups
from laketop.athena.sql.ordering import Key, arranged, check_aggregates, order_keys
from laketop.athena.sql.partitions import push_down
from laketop.athena.sql.sources import Source, compile_from

_PARTS = ("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset")
_MORE_PARTS = ("distinct", "with_", "windows")


def compile_select(node: exp.Select, context: Context) -> Relation:
    """Compile one SELECT (its WITH is already in the context).

    Raises:
        SqlError: it is wrong, or not supported.
    """
    parts(node, *_PARTS, *_MORE_PARTS, "sample")
    source = compile_from(node, context)
    aggregates: list[str] = []
    inner = replace(context, scope=replace(source.scope, parent=context.scope), aggregates=None, windows=False)
    inner = replace(inner, keys=None, grouped={})
    where = _condition(node.args.get("where"), replace(inner, clause="WHERE clause"))
    if where:
        push_down(node.args["where"].this, inner, context.session)
    listing = replace(inner, aggregates=aggregates, windows=True, clause="SELECT")
    items = _select_list(node, source, listing)
    groups = compile_groups(node.args.get("group"), items, inner)
    if groups is not None:
        listing = replace(listing, keys=groups.keys, grouped=groups.shown)
    listing = replace(listing, named_windows=_windows(node, listing))
    values = [_value(item, listing) for item in items]
    having = _having(node, listing)
    distinct = _is_distinct(node)
    names = [None if item.anonymous else item.name for item in items]
    keys = order_keys(node.args.get("order"), names, values, replace(listing, clause="ORDER BY clause"))
    if groups is not None or aggregates or having:
        _check(node, items, values, groups or Groups(), listing)
    if node.args.get("order"):
        check_aggregates(node.args["order"], names)
    if distinct:
        _check_distinct(node, values, keys)
    rest = f"{source.sql}{where}{groups.sql if groups else ''}{having}"
    columns = tuple(Column(item.name, value.type, item.anonymous) for item, value in zip(items, values, strict=True))
    return Relation(_assembled(node, _carried(values), keys, rest, distinct=distinct), columns)


def _assembled(node: exp.Select, values: list[Expr], keys: list[Key], rest: str, *, distinct: bool) -> str:
    """The whole query; one that is DISTINCT by other keys than its values groups by these in a query around."""
    if distinct and any(distinct_key(value, node) != value.sql for value in values):
        listed = ", ".join(f"{value.sql} AS c{number}" for number, value in enumerate(values))
        outputs = [Expr(f"s.c{number}", value.type) for number, value in enumerate(values)]
        groups = ", ".join(distinct_key(value, node) for value in outputs)
        values = [replace(value, sql=f"first({value.sql})") for value in outputs]
        keys = [
            replace(key, sql=sort_key(values[key.position], node)) if key.position is not None else key for key in keys
        ]
        return arranged(node, values, keys, f" FROM (SELECT {listed}{rest}) AS s GROUP BY {groups}")
    return arranged(node, values, keys, rest, distinct=distinct)


def _carried(items: Iterable[Expr]) -> list[Expr]:
    """A bare NULL needs a type to be carried."""
    return [replace(item, sql=f"CAST({item.sql} AS INTEGER)") if item.type == t.UNKNOWN else item for item in items]


def _condition(clause: exp.Expr | None, context: Context) -> str:
    if clause is None:
        return ""
    word = "WHERE" if isinstance(clause, exp.Where) else "HAVING"
    return f" {word} {scalar(clause.this, context, f'{word} clause').sql}"


def _having(node: exp.Select, context: Context) -> str:
    clause = node.args.get("having")
    if clause is None:
        return ""
    window = next((found for found in clause.find_all(exp.Window) if found.parent_select is node), None)
    if window is not None:
        raise fail("NESTED_WINDOW", "HAVING clause cannot contain window functions or row pattern measures", window)
    condition = _condition(clause, replace(context, windows=False, clause="HAVING clause"))
    # DuckDB takes a HAVING without aggregates and groups as a second WHERE
    return condition if node.args.get("group") else condition + " AND count(*) >= 0"


def _windows(node: exp.Select, context: Context) -> dict[str, exp.Window]:
    """The windows of the WINDOW clause; those that nothing uses must be right as well."""
    named: dict[str, exp.Window] = {}
    for window in node.args.get("windows") or []:
        name = window.this.name
        if name.lower() in named:
            raise fail("DUPLICATE_WINDOW_NAME", f"WINDOW name '{name}' specified more than once", window)
        named[name.lower()] = window
        inside = replace(context, windows=False)
        order = window.args.get("order")
        for key in [
            *(window.args.get("partition_by") or []),
            *(one.this for one in (order.expressions if order else [])),
        ]:
            compile_expression(key, inside)
    return named


def _is_distinct(node: exp.Select) -> bool:
    distinct = node.args.get("distinct")
    if distinct is None:
        return False
    if distinct.args.get("on"):
        raise fail("SYNTAX_ERROR", "mismatched input 'ON'", node)
    return True


def _check_distinct(node: exp.Select, values: list[Expr], keys: list[Key]) -> None:
    for value in values:
        distinct_key(value, node)
    if any(key.position is None for key in keys):
        problem = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
        raise fail("EXPRESSION_NOT_IN_DISTINCT", problem, node)


def _select_list(node: exp.Select, source: Source, context: Context) -> list[Item]:
    items: list[Item] = []
    for listed in node.expressions:
        aliases = None
        star = listed
        if isinstance(listed, exp.Aliases):
            star, aliases = parts(listed, "this", "expressions")
        if _is_star(star):
            items += _named(list(_starred(star, source, context, len(items))), aliases)
            continue
        if aliases is not None:
            raise fail("SYNTAX_ERROR", "mismatched input '('. Expecting: <identifier>", listed)
        inner = listed.this if isinstance(listed, exp.Alias) else listed
        name = listed.alias if isinstance(listed, exp.Alias) else column_name(inner)
        items.append(Item(name if name is not None else f"_col{len(items)}", inner, anonymous=name is None))
    return items


def _value(item: Item, context: Context) -> Expr:
    if item.node is not None:
        return compile_expression(item.node, context)
    assert item.value is not None  # noqa: S101 - an item has the one or the other
    return replace(item.value, sql=context.grouped.get(item.value.sql, item.value.sql))


def _is_star(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star):
        return True
    if isinstance(node, exp.Column):
        return isinstance(node.this, exp.Star)
    return isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star)


def _starred(node: exp.Expr, source: Source, context: Context, before: int) -> Iterator[Item]:
    """The items of `*`, `r.*` or `(row).*`; `before` items stand in front of them."""
    if isinstance(node, exp.Star):
        parts(node)
        if not source.sql:
            raise fail("COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", node)
        yield from _fields(source.visible, before)
        return
    parts(node.this if isinstance(node, exp.Column) else node.expression)
    names = _path(node)
    if names is not None:
        fields = _of_relation(source, names)
        if fields:
            yield from _fields(fields, before)
            return
        if len(names) == 1:
            raise fail("TABLE_NOT_FOUND", f"Unable to resolve reference {names[0]}", node)
    base = _column(names, node) if names is not None else node.this
    row = compile_expression(base, context)
    if not isinstance(row.type, t.Row):
        raise fail("TYPE_MISMATCH", "expected expression of type Row", node)
    for number, (name, type_) in enumerate(row.type.fields):
        value = Expr(f"struct_extract({row.sql}, 'f{number}')", type_)
        yield Item(name or f"_col{before + number}", value=value, anonymous=name is None)


def _fields(fields: Iterable[Field], before: int) -> Iterator[Item]:
    for number, found in enumerate(fields, before):
        value = Expr(found.sql, found.type)
        origin = ".".join(part for part in (found.relation, found.name) if part)
        yield Item(found.name or f"_col{number}", value=value, anonymous=found.name is None, origin=origin)


def _of_relation(source: Source, names: list[str]) -> list[Field]:
    wanted = [name.lower() for name in names]
    if len(wanted) == 3 and wanted[0] == "awsdatacatalog":
        wanted = wanted[1:]
    if len(wanted) > 2:
        return []
    return [field for field in source.starred if wanted == [field.database, field.relation][2 - len(wanted) :]]


def _path(node: exp.Expr) -> list[str] | None:
    """The names in front of `.*`, None where there is something else than names."""
    if isinstance(node, exp.Column):
        return [part.name for part in node.parts[:-1]]
    base = node.this
    while isinstance(base, exp.Paren):
        base = base.this
    return [part.name for part in base.parts] if isinstance(base, exp.Column) else None


def _column(names: list[str], node: exp.Expr) -> exp.Column:
    keys = ("this", "table", "db", "catalog")
    identifiers = [exp.to_identifier(name, quoted=True) for name in reversed(names)]
    column = exp.Column(**dict(zip(keys, identifiers, strict=False)))
    for part in node.find_all(exp.Identifier):
        column.this.meta.update(part.meta)
        break
    return column


def _named(items: list[Item], aliases: list[exp.Identifier] | None) -> list[Item]:
    """The items of a star under the names of `AS (a, b)`, where Trino puts plain names into capitals."""
    if aliases is None:
        return items
    if len(aliases) != len(items):
        problem = f"Column alias list has {len(aliases)} entries but relation has {len(items)} columns"
        raise fail("MISMATCHED_COLUMN_ALIASES", problem, aliases[0])
    names = [alias.name if alias.args.get("quoted") else alias.name.upper() for alias in aliases]
    return [replace(item, name=name, anonymous=False) for item, name in zip(items, names, strict=True)]


def column_name(node: exp.Expr) -> str | None:
    """What an item without alias is called: a column, or a part of one that is a row, keeps its name."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier):
        return node.name
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name if column_name(node.this) is not None else None
    return None


def _check(node: exp.Select, items: list[Item], values: list[Expr], groups: Groups, context: Context) -> None:
    """Every column that is selected, or used in HAVING and ORDER BY, must be grouped or aggregated."""
    for item, value in zip(items, values, strict=True):
        if item.node is not None:
            check_grouped(item.node, groups, context)
        elif item.origin and item.value is not None and item.value.sql not in groups.keys and value.type != t.UNKNOWN:
            raise fail("EXPRESSION_NOT_AGGREGATE", f"Column '{item.origin}' not in GROUP BY clause", exp.Null())
    if node.args.get("having"):
        check_grouped(node.args["having"].this, groups, context)
    known = {item.name.lower() for item in items}
    for ordered in node.args["order"].expressions if node.args.get("order") else ():
        plain = isinstance(ordered.this, exp.Literal)
        if not plain and not any(column.name.lower() in known for column in ordered.this.find_all(exp.Column)):
            check_grouped(ordered.this, groups, context)
