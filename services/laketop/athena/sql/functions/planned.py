"""What Trino computes when it plans a query: constants, and what is selected straight from VALUES.

Measured; no page says it.
"""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr, let
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.functions.call import Call

_UNCOMPILED = (
    "Compiler failed. Possible reasons include: the query may have too many or too complex expressions, "
    "or the underlying tables may have too many columns"
)
_BEFORE = ("joins", "where", "group", "having", "distinct", "windows", "limit", "offset")


def is_computed(node: exp.Expr) -> bool:
    """Whether Trino computes an expression with columns when it plans: it is selected from VALUES and nothing else."""
    select = node.find_ancestor(exp.Select)
    if select is None or node.find_ancestor(exp.Where, exp.Having, exp.Select) is not select:
        return False
    joins = select.args.get("joins") or []
    first = bool(joins) and node.find_ancestor(exp.Join, exp.Select) is joins[0]
    selected = (
        not joins and not select.args.get("where") and not has_windows(select) and not _is_after_grouping(node, select)
    )
    return (first or selected) and is_values(select.args.get("from_"), select)


def alone(call: Call, problem: str) -> Expr:
    """A call with too few arguments, which Trino finds when it computes it, or cannot compile.

    Raises:
        SqlError: COMPILER_ERROR where it is not computed when the query is planned.
    """
    if not is_computed(call.node):
        raise SqlError("COMPILER_ERROR", _UNCOMPILED)
    value = call.args[0]

    def failing(name: str) -> str:
        message = f"{text.string(problem)} || left(CAST({name} AS VARCHAR), 0)"
        wrong = text.raising("INVALID_FUNCTION_ARGUMENT", message, t.duckdb_type(value.type))
        return f"CASE WHEN {name} IS NOT NULL THEN {wrong} END"

    return Expr(let(value.sql, failing), value.type)


def has_windows(select: exp.Select) -> bool:
    """Whether a query itself, not one inside of it, calls window functions."""
    return any(window.find_ancestor(exp.Select) is select for window in select.find_all(exp.Window))


def _groups(select: exp.Select) -> bool:
    from laketop.athena.sql.functions.names import is_aggregate  # the pages of functions import this module

    return bool(select.args.get("group")) or any(
        is_aggregate(node) and node.find_ancestor(exp.Select) is select for node in select.find_all(exp.Expr)
    )


def _is_after_grouping(node: exp.Expr, select: exp.Select) -> bool:
    """Whether an expression is computed from groups: it is neither a key of theirs nor in an aggregate."""
    from laketop.athena.sql.functions.names import is_aggregate  # the pages of functions import this module

    if not _groups(select):
        return False
    path = [node]
    while path[-1].parent is not None and path[-1].parent is not select:
        path.append(path[-1].parent)
    if any(is_aggregate(part) or isinstance(part, exp.Group) for part in path):
        return False
    top = path[-1]
    keys = select.args["group"].expressions if select.args.get("group") else []
    places = [str(number) for number, item in enumerate(select.expressions, 1) if item is top]
    return not any(key == top.unalias() or key.name in places for key in keys)


def named(name: str, node: exp.Expr) -> exp.CTE | None:
    """The entry of WITH that a table's name means at a node; None where it means a table."""
    below: exp.Expr | None = None
    place: exp.Expr | None = node
    while place is not None:
        if isinstance(place, exp.With) and isinstance(below, exp.CTE):
            seen = _before(place, below)
        else:
            clause = place.args.get("with_")
            seen = clause.expressions if clause is not None and clause is not below else []
        for cte in seen:
            if cte.alias.lower() == name:
                found: exp.CTE = cte
                return found
        below, place = place, place.parent
    return None


def _before(clause: exp.With, entry: exp.CTE) -> list[exp.CTE]:
    """The entries of WITH that one of them can select from."""
    place = next(place for place, cte in enumerate(clause.expressions) if cte is entry)
    return clause.expressions[: place + 1 if clause.args.get("recursive") else place]


def is_values(source: exp.Expr | None, around: exp.Select) -> bool:
    """Whether a FROM clause is VALUES, or a query that only selects from it."""
    if source is None:
        return True
    inner = source.this
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if isinstance(inner, exp.Table):
        cte = named(inner.name.lower(), around)
        inner = cte.this if cte else None
    if isinstance(inner, exp.Values):
        return True
    return (
        isinstance(inner, exp.Select)
        and not any(inner.args.get(part) for part in _BEFORE)
        and not has_windows(inner)
        and not _groups(inner)
        and is_values(inner.args.get("from_"), inner)
    )
