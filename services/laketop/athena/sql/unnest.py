"""UNNEST: arrays and maps as relations.

Several arguments run beside each other, the shorter ones filled up with NULL; an array of rows becomes a column for
each part, a map a column for its keys and one for its values. Follows Trino's page "SELECT" (UNNEST).
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Context, Expr, Field, Relation, Scope, compile_expression, parts
from laketop.athena.sql.errors import SqlError, not_supported
from laketop.athena.sql.parse import place


def unnested(node: exp.Unnest, context: Context, left: tuple[Field, ...], *, outer: bool = False) -> Relation:
    """The relation that UNNEST makes, as a lateral subquery; the names of its alias are left to the caller.

    Args:
        left: the columns before it in the FROM clause, which its arguments may use.
        outer: whether there is one row of NULLs where there would be none (LEFT JOIN UNNEST … ON TRUE).

    Raises:
        SqlError: INVALID_FUNCTION_ARGUMENT for what cannot be unnested, and what is wrong with the arguments.
    """
    _restore_alias(node)
    expressions, _, offset = parts(node, "expressions", "alias", "offset")
    inner = replace(
        context, scope=Scope(left, context.scope), aggregates=None, windows=False, named_windows={}, clause="UNNEST"
    )
    values = [_value(item, inner) for item in expressions]
    lists = [f"map_entries({value.sql})" if isinstance(value.type, t.Map) else value.sql for value in values]
    found = [made for number, value in enumerate(values) for made in _expanded(f"u.e{number}", value.type)]
    longest = f"greatest({', '.join(f'len({item})' for item in lists)}, 0)"
    if outer:
        # a list of one NULL makes the one row that the join would add
        lists.append(f"CASE WHEN {longest} = 0 THEN [NULL::BIGINT] ELSE range(1, {longest} + 1) END")
    elif offset:
        lists.append(f"range(1, {longest} + 1)")
    if offset:
        found.append((f"u.e{len(lists) - 1}", None, t.BIGINT))
    columns = tuple(
        Column(name if name is not None else f"_col{number}", type_, name is None)
        for number, (_, name, type_) in enumerate(found)
    )
    listed = ", ".join(f"{sql} AS c{number}" for number, (sql, _, _) in enumerate(found))
    elements = ", ".join(f"unnest({item}) AS e{number}" for number, item in enumerate(lists))
    return Relation(f"LATERAL (SELECT {listed} FROM (SELECT {elements}) AS u)", columns)  # noqa: S608 - parts are compiled or quoted


def _restore_alias(node: exp.Unnest) -> None:
    """The parser takes the last name of the alias for the ordinality; here it is one name of the list again."""
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier):
        node.args["alias"].append("columns", offset.copy())
        node.set("offset", True)


def _value(node: exp.Expr, context: Context) -> Expr:
    if node.find(exp.Subquery, exp.Exists) is not None:
        # Trino's planner fails here
        raise not_supported("A subquery in UNNEST", *place(node))
    value = compile_expression(node, context)
    if not isinstance(value.type, t.Array | t.Map):
        raise SqlError("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {value.type}")
    return value


def _expanded(sql: str, type_: t.Type) -> Iterator[tuple[str, str | None, t.Type]]:
    """The columns that an element becomes: (SQL, name, type)."""
    match type_:
        case t.Map(key, value):
            yield f"struct_extract({sql}, 'key')", None, key
            yield f"struct_extract({sql}, 'value')", None, value
        case t.Array(t.Row(fields)):
            for number, (name, field) in enumerate(fields):
                yield f"struct_extract({sql}, 'f{number}')", name, field
        case t.Array(element):
            yield sql, None, element
