"""WITH RECURSIVE: a base, and a step that is taken at most ten times, as in Trino.

Trino unrolls the recursion and fails where the tenth step still finds rows; so does this: each step is a named query
over the rows of the one before. Follows Trino's page "SELECT" (WITH RECURSIVE clause).
"""

from dataclasses import replace

from sqlglot import exp

from laketop.athena.sql.coercion import converts
from laketop.athena.sql.core import Column, Context, Relation, fail
from laketop.athena.sql.query import coerced, compile_query, renamed
from laketop.athena.sql.text import raising, string

MAX_DEPTH = 10
_TOO_DEEP = (
    f"Recursion depth limit exceeded ({MAX_DEPTH}). Use 'max_recursion_depth' session property to modify the limit."
)


def compile_recursive(name: str, names: list[str], query: exp.Expr, context: Context, cte: exp.Expr) -> Relation | None:
    """The relation of a query of WITH RECURSIVE; None where it does not use itself.

    Raises:
        SqlError: MISSING_COLUMN_ALIASES, INVALID_RECURSIVE_REFERENCE, TYPE_MISMATCH.
    """
    if not names:
        raise fail("MISSING_COLUMN_ALIASES", "missing column aliases in recursive WITH query", cte)
    uses = _uses(query, name)
    if not uses:
        return None
    _check_shape(query, name, uses)
    base = renamed(compile_query(query.this, context), names, cte)
    columns = tuple(Column(column.name, column.type) for column in base.columns)
    session = context.session
    first = session.fresh("w")
    marker = session.fresh("rec")
    # the step is compiled once, over a name that each of its copies replaces
    own = Relation(f"SELECT * FROM {marker}", columns)  # noqa: S608 - parts are compiled or quoted
    step = compile_query(query.expression, replace(context, ctes={**context.ctes, name: own}))
    _check_types(base, step, query)
    stepped = coerced(step, columns)
    session.ctes.append(f"{first} AS MATERIALIZED ({base.sql})")
    steps = [first]
    for _ in range(MAX_DEPTH + 1):
        following = session.fresh("w")
        session.ctes.append(f"{following} AS MATERIALIZED ({stepped.replace(marker, steps[-1])})")
        steps.append(following)
    listed = ", ".join(f"c{number}" for number in range(len(columns)))
    rows = [f"SELECT {listed} FROM {one}" for one in steps[:-1]]  # noqa: S608 - parts are compiled or quoted
    error = raising("NOT_SUPPORTED", f"{string(_TOO_DEEP)} || left(CAST(count(*) AS VARCHAR), 0)", "INTEGER")
    # the error hangs on the rows of the step that must not be
    guard = f"(SELECT CASE WHEN count(*) > 0 THEN {error} ELSE 0 END AS e FROM {steps[-1]})"  # noqa: S608
    every = " ALL" if not query.args.get("distinct") else ""
    total = session.fresh("w")
    union = f" UNION{every} ".join(rows)
    session.ctes.append(f"{total} AS (SELECT {listed} FROM ({union}) AS r CROSS JOIN {guard} AS g WHERE g.e = 0)")  # noqa: S608
    return Relation(f"SELECT * FROM {total}", columns)  # noqa: S608 - parts are compiled or quoted


def _uses(node: exp.Expr, name: str) -> list[exp.Table]:
    return [table for table in node.find_all(exp.Table) if table.name.lower() == name and not table.db]


def _check_shape(query: exp.Expr, name: str, uses: list[exp.Table]) -> None:
    """A base and a step that uses the name once, in a place where its rows can be followed."""
    if not isinstance(query, exp.Union):
        raise _invalid("recursive reference not allowed in this context", uses[0])
    if query.args.get("order") is not None:
        raise fail("INVALID_ORDER_BY", "immediate ORDER BY clause in recursive query", query)
    if query.args.get("limit") is not None:
        raise fail("INVALID_LIMIT_CLAUSE", "immediate FETCH FIRST / LIMIT clause in recursive query", query)
    if query.args.get("offset") is not None:
        raise fail("INVALID_OFFSET", "immediate OFFSET clause in recursive query", query)
    base = _uses(query.this, name)
    if base:
        raise _invalid("WITH table name is referenced in the base relation of recursion", base[0])
    if len(uses) > 1:
        raise _invalid("multiple recursive references in the step relation of recursion", uses[1])
    _check_place(query, uses[0])


def _invalid(message: str, node: exp.Expr) -> Exception:
    return fail("INVALID_RECURSIVE_REFERENCE", message, node)


def _check_place(query: exp.Expr, use: exp.Table) -> None:
    """Nothing between the query and the use of its name makes an answer of rows that are not there."""
    node: exp.Expr = use
    while node is not query and node.parent is not None:
        parent = node.parent
        side = str(parent.args.get("side") or "") if isinstance(parent, exp.Join) else ""
        if side in ("LEFT", "FULL"):
            raise _invalid(f"recursive reference in right source of {side} join", use)
        if isinstance(parent, exp.Except) and node.arg_key == "expression":
            raise _invalid("recursive reference in right relation of EXCEPT", use)
        node = parent


def _check_types(base: Relation, step: Relation, query: exp.Expr) -> None:
    if len(base.columns) != len(step.columns):
        problem = (
            "base and step relations of recursion have different number of fields: "
            f"{len(base.columns)}, {len(step.columns)}"
        )
        raise fail("TYPE_MISMATCH", problem, query.expression)
    for number, (have, want) in enumerate(zip(step.columns, base.columns, strict=True), 1):
        if not converts(have.type, want.type):
            problem = (
                f"recursion step relation output type ({have.type}) is not coercible to recursion base relation output "
                f"type ({want.type}) at column {number}"
            )
            raise fail("TYPE_MISMATCH", problem, query.expression)
