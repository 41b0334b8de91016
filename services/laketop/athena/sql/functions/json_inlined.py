"""CAST(j AS an array, map or row) of a column j that a subquery makes with json_parse.

Trino's planner puts an expression that is used once where it is used, and then reads json_parse and the cast in one
step (see `json_parsed`): the members of objects keep their order. The same is done here to the tree: the subquery
gives the text, and the cast becomes CAST(json_parse(j) AS …). Measured; no page says it.

Where it is not known what the planner does, every json_parse of the query is marked (`is_checked`) and refuses the
texts whose answer would depend on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.functions.planned import has_windows, is_computed, is_values, named
from laketop.athena.sql.parse import place

_NESTED = (exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT)
_CHECKED = "json_parse_checked"
# Around a value Trino takes these away where it can tell what they give.
_MAY_VANISH = (exp.Bracket, exp.Cast, exp.Dot, exp.Nullif, exp.Subquery)


class _UnprovenError(Exception):
    """It is not known where Trino's planner calls json_parse."""


@dataclass(frozen=True)
class _Move:
    """A json_parse that is to be called where its value is used: the call, and the columns that have the value."""

    call: exp.Anonymous
    columns: tuple[exp.Column, ...]


def inline(tree: exp.Expr) -> exp.Expr:
    """A query with json_parse where Trino's planner puts it; the tree is changed.

    Raises:
        SqlError: NOT_SUPPORTED for what UNION ALL makes of several json_parse.
    """
    if not any(_is_parse(call) for call in tree.find_all(exp.Anonymous)):
        return tree
    unproven = False
    for cast in list(tree.find_all(exp.Cast)):
        if type(cast) is exp.Cast and cast.to.this in _NESTED:
            try:
                _inline(cast)
            except _UnprovenError:
                unproven = True
    if unproven:
        check(tree)
    return tree


def check(tree: exp.Expr) -> None:
    """Let every json_parse of a query refuse texts whose members a cast may see in another order."""
    for call in tree.find_all(exp.Anonymous):
        call.meta[_CHECKED] = True


def is_checked(call: exp.Expr) -> bool:
    """Whether a call of json_parse must refuse objects with unsorted members."""
    return bool(call.meta.get(_CHECKED))


def _inline(cast: exp.Cast) -> None:
    value = cast.this
    while isinstance(value, exp.Paren):
        value = value.this
    if not isinstance(value, exp.Column):
        _check_stays(value)
        return
    if _traced(value) is None:
        return
    for table in _tables(value):
        cte = named(table.name.lower(), table)
        if cte is not None:
            _give_own(table, cte)
    move = _traced(value)
    assert move is not None  # noqa: S101 - the copies have the same columns
    for column in move.columns:
        call = exp.Anonymous(this="json_parse", expressions=[column.copy()])
        call.meta.update(column.meta)
        column.replace(call)
    move.call.replace(move.call.expressions[0])


def _give_own(table: exp.Table, cte: exp.CTE) -> None:
    """Let a table name an entry of WITH that nothing else uses: a copy, before the entry, where names mean the same."""
    clause, own = cte.parent, cte.copy()
    assert isinstance(clause, exp.With)  # noqa: S101 - where entries are
    name = f"{cte.alias}${len(clause.expressions)}"
    own.args["alias"].set("this", exp.to_identifier(name, quoted=True))
    place = next(place for place, entry in enumerate(clause.expressions) if entry is cte)
    clause.set("expressions", [*clause.expressions[:place], own, *clause.expressions[place:]])
    if not table.alias:
        columns = table.args["alias"].args.get("columns") if table.args.get("alias") else None
        table.set("alias", exp.TableAlias(this=table.this.copy(), columns=columns))
    table.this.replace(exp.to_identifier(name, quoted=True))


def _tables(column: exp.Column) -> Iterator[exp.Table]:
    """The tables of FROM through which a column comes, from the outside in; they may be replaced on the way."""
    select: exp.Expr | None = column.find_ancestor(exp.Select)
    while isinstance(select, exp.Select):
        source = _source(select)
        if isinstance(source, exp.Table):
            yield source
        select = _query(_source(select))


def _source(select: exp.Select) -> exp.Expr | None:
    """What a query selects from: what is first in FROM, or LATERAL after it."""
    joins = select.args.get("joins") or []
    if joins and isinstance(joins[0].this, exp.Lateral):
        lateral: exp.Expr = joins[0].this
        return lateral
    return _first(select)


def _first(select: exp.Select) -> exp.Expr | None:
    clause = select.args.get("from_")
    return clause.this if clause else None


def _query(source: exp.Expr | None) -> exp.Expr | None:
    """The query that a relation of FROM is; None for a table."""
    if isinstance(source, exp.Table):
        cte = None if source.args.get("db") else named(source.name.lower(), source)
        recursive = cte is not None and cte.parent is not None and cte.parent.args.get("recursive")
        return None if cte is None or recursive else cte.this
    while isinstance(source, exp.Subquery | exp.Lateral):
        source = source.this
    return source


def _traced(column: exp.Column) -> _Move | None:
    """Where the value of a column comes from, if it is json_parse and every query on the way uses it once.

    Raises:
        _UnprovenError: it cannot be told.
    """
    select = column.find_ancestor(exp.Select)
    source = _source(select) if select else None
    if select is None or source is None:
        raise _UnprovenError
    query = _query(source)
    if not _uses_once(select, column):
        return None
    if isinstance(query, exp.Union) and not query.args.get("distinct"):
        _check_union(query, column)
    if not isinstance(query, exp.Select) or query.args.get("distinct"):
        return None
    made = _made(query, source, column)
    here = tuple(found for found in _columns(select) if _is_same(found, column))
    if made is None:
        raise _UnprovenError
    _check_stays(made)
    if isinstance(made, exp.Column):
        before = _traced(made)
        # the column passes on what is below it, and what is above it calls json_parse
        return before and _Move(before.call, (*(part for part in before.columns if part is not made), *here))
    if not isinstance(made, exp.Anonymous) or not _is_parse(made) or not made.find(exp.Column):
        return None
    if has_windows(query) and is_values(query.args.get("from_"), query):
        raise _UnprovenError  # it is computed where the windows are not used
    computed = is_values(select.args.get("from_"), select) if source is not _first(select) else is_computed(made)
    if computed or _is_key(query, made):
        return None
    return _Move(made, here)


def _check_stays(value: exp.Expr) -> None:
    """What is not a column stays between json_parse and the cast, if Trino cannot tell what it gives."""
    name = value.name.lower() if isinstance(value, exp.Anonymous) else ""
    if isinstance(value, exp.Case | exp.If):
        conditions = [branch.this for branch in value.args.get("ifs") or [value]]
        told = not all(condition.find(exp.Column) for condition in conditions)
    elif name == "coalesce":
        first, *others = value.expressions
        told = not first.find(exp.Column) or all(other in (first, exp.Null()) for other in others)
    else:
        told = isinstance(value, _MAY_VANISH) or name in ("if", "nullif")
    if told:
        raise _UnprovenError


def _check_union(query: exp.Union, column: exp.Column) -> None:
    for leaf in query.find_all(exp.Select):
        for item in leaf.expressions:
            if _is_parse(item.unalias()) and item.find(exp.Column) and not is_computed(item):
                raise not_supported("CAST of JSON that UNION ALL passes on from json_parse", *place(column))


def _made(query: exp.Select, source: exp.Expr, column: exp.Column) -> exp.Expr | None:
    """The expression that a subquery selects for a column."""
    _name_stars(query)
    names = [name.name.lower() if name else None for name in _names(source, query)]
    if names.count(column.name.lower()) != 1:
        return None
    item = _item(query.expressions, names.index(column.name.lower()), len(names))
    made: exp.Expr | None = item.unalias().unnest() if item is not None else None
    # the same expression twice is one value
    return None if [other.unalias() for other in query.expressions].count(made) > 1 else made


def _item(items: list[exp.Expr], place: int, count: int) -> exp.Expr | None:
    """What a query's list has for one of its columns; None where that comes from a `*`."""
    stars = [at for at, item in enumerate(items) if item.is_star]
    if not stars or place < stars[0]:
        return items[place] if place < len(items) else None
    last = place - count + len(items)
    return items[last] if last > stars[-1] else None


def _uses_once(select: exp.Select, column: exp.Column) -> bool:
    """Whether a column is used in one place beside WHERE, and nothing keeps Trino from moving its value there.

    Raises:
        _UnprovenError: it cannot be told.
    """
    if column.find_ancestor(exp.Lambda, exp.Select) is not select or _is_tried(column, select):
        return False
    if column.find_ancestor(exp.Where, exp.Select) is not select or _stars(select) or _has_queries(select):
        raise _UnprovenError
    uses = [found for found in _columns(select) if _is_same(found, column) and not found.find_ancestor(exp.Where)]
    joins = [join for join in select.args.get("joins") or [] if not isinstance(join.this, exp.Lateral)]
    if joins and column.find_ancestor(exp.Unnest) is not None and column.find_ancestor(exp.Join) is joins[0]:
        once = len(uses) == 1
    elif joins and any(_may_be_one_row(join.this) for join in joins):
        raise _UnprovenError
    else:
        once = not joins and not has_windows(select) and _is_one([_top(found) for found in uses])
    if not once and not joins and select.find_ancestor(exp.Select):
        raise _UnprovenError  # the other use may go, if what is around does not need it
    return once


def _is_one(tops: list[exp.Expr]) -> bool:
    """Whether uses of a column are one: the same expression twice is computed once."""
    if any(isinstance(top.unalias(), exp.Column) for top in tops):
        return len(tops) == 1
    return len({id(top) for top in tops}) == len(tops) and len({top.unalias().sql() for top in tops}) == 1


def _may_be_one_row(relation: exp.Expr) -> bool:
    """Whether Trino may find that a relation of FROM has one row, and so needs no join."""
    return not isinstance(relation, exp.Table | exp.Unnest) or bool(named(relation.name.lower(), relation))


def _has_queries(select: exp.Select) -> bool:
    """Whether there are queries in it beside those of FROM."""
    parts = [select.args.get("where"), select.args.get("having"), select.args.get("order"), *select.expressions]
    return any(part.find(exp.Select) for part in parts if part is not None)


def _top(column: exp.Column) -> exp.Expr:
    """The expression of a query's list, of GROUP BY or of ORDER BY that a column is in."""
    node: exp.Expr = column
    while node.parent is not None and not isinstance(node.parent, exp.Select | exp.Group | exp.Ordered):
        node = node.parent
    return node


def _is_tried(column: exp.Column, select: exp.Select) -> bool:
    node = column.parent
    while node is not None and node is not select:
        if isinstance(node, exp.Anonymous) and str(node.this).lower().strip('"') == "try":
            return True
        node = node.parent
    return False


def _stars(select: exp.Select) -> list[exp.Expr]:
    return [star for star in select.find_all(exp.Star) if star.parent is select or isinstance(star.parent, exp.Column)]


def _columns(select: exp.Select) -> list[exp.Column]:
    return [column for column in select.find_all(exp.Column) if column.find_ancestor(exp.Select) is select]


def _is_same(one: exp.Column, other: exp.Column) -> bool:
    return one.name.lower() == other.name.lower()


def _is_parse(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "json_parse" and len(node.expressions) == 1


def _is_key(query: exp.Select, made: exp.Expr) -> bool:
    """Whether a query may group or order by its json_parse."""
    name = made.parent.alias.lower() if isinstance(made.parent, exp.Alias) else ""
    parts = [part for part in (query.args.get("group"), query.args.get("order")) if part is not None]
    keys = [key.this if isinstance(key, exp.Ordered) else key for part in parts for key in part.expressions]
    return any(not isinstance(key, exp.Column) or key.name.lower() == name for key in keys)


def _name_stars(query: exp.Select) -> None:
    """Write out what a query's only `*` stands for, where that are the columns of one subquery."""
    source = _source(query)
    inner = _query(source)
    if source is None or not isinstance(inner, exp.Select) or not isinstance(query.expressions[0], exp.Star):
        return
    _name_stars(inner)
    names = _names(source, inner)
    known = {name.name.lower() for name in names if name}
    if len(query.expressions) == 1 and not query.args.get("joins") and len(known) == len(names):
        query.set("expressions", [exp.Column(this=name.copy()) for name in names if name])


def _names(source: exp.Expr, query: exp.Select) -> list[exp.Identifier | None]:
    """The names of a relation's columns, None for what has none."""
    aliases = [source.args.get("alias")]
    if isinstance(source, exp.Table):
        cte = named(source.name.lower(), source)
        aliases.append(cte.args["alias"] if cte else None)
    for alias in aliases:
        if alias is not None and alias.args.get("columns"):
            return list(alias.args["columns"])
    items = [item.args.get("alias") or item.this for item in query.expressions]
    return [item if isinstance(item, exp.Identifier) else None for item in items]
