"""Names: which column a name means, by Trino's rules.

Names are the same in any case, quoted or not. A name that fits two columns is an error, and a name of the SELECT list
is no column of WHERE, GROUP BY or HAVING (DuckDB would take it). Follows Trino's page "SELECT".
"""

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression, fail, parts, rule


@rule(exp.Column)
def _column(node: exp.Column, context: Context) -> Expr:
    parts(node, "this", "table", "db", "catalog")
    if isinstance(node.this, exp.Star):
        problem = "label.* syntax is only supported as the only argument of row pattern count function"
        raise fail("INVALID_FUNCTION_ARGUMENT", problem, node)
    names = [part.name for part in node.parts]
    # a.b may be the part b of a row called a, and in ORDER BY it surely is one where the result has an a
    longest = 1 if len(names) > 1 and context.scope.result and _is_own(names[0], context.scope) else len(names)
    for cut in range(longest, 0, -1):
        found, origin = located(names[:cut], context.scope, node)
        if found is None or origin is None:
            continue
        context.session.origins[id(node)] = origin
        value = Expr(found.sql, found.type)
        for name in names[cut:]:
            value = part_of(value, name, node)
        return value
    raise fail("COLUMN_NOT_FOUND", f"Column '{dotted(names)}' cannot be resolved", node)


@rule(exp.Identifier)
def _identifier(node: exp.Identifier, context: Context) -> Expr:
    """A lambda's argument inside of its body."""
    found = resolve([node.name], context.scope, node)
    if found is None:
        raise fail("COLUMN_NOT_FOUND", f"Column '{node.name}' cannot be resolved", node)
    return Expr(found.sql, found.type)


@rule(exp.Dot)
def _dot(node: exp.Dot, context: Context) -> Expr:
    left, right = parts(node, "this", "expression")
    if isinstance(right, exp.Anonymous):
        name = f"{left.sql(dialect='trino')}.{right.name}".lower()
        raise fail("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", node)
    if not isinstance(right, exp.Identifier):
        raise fail("SYNTAX_ERROR", f"mismatched input '{right.sql(dialect='trino')}'", node)
    return part_of(compile_expression(left, context), right.name, node)


def part_of(value: Expr, name: str, node: exp.Expr) -> Expr:
    """The named part of a row.

    Raises:
        SqlError: TYPE_MISMATCH for anything but a row, COLUMN_NOT_FOUND for an unknown part.
    """
    if not isinstance(value.type, t.Row):
        raise fail("TYPE_MISMATCH", f"Expression {node.sql(dialect='trino')} is not of type ROW", node)
    hits = [
        (number, type_)
        for number, (part, type_) in enumerate(value.type.fields)
        if part is not None and part.lower() == name.lower()
    ]
    if len(hits) > 1:
        raise fail("AMBIGUOUS_NAME", f"Ambiguous row field reference: {name}", node)
    if not hits:
        raise fail("COLUMN_NOT_FOUND", f"Column '{node.sql(dialect='trino')}' cannot be resolved", node)
    number, type_ = hits[0]
    return Expr(f"struct_extract({value.sql}, {text.string(f'f{number}')})", type_)


def _is_own(name: str, scope: Scope) -> bool:
    return any(_fits(field, [name.lower()]) for field in scope.fields)


def resolve(names: list[str], scope: Scope | None, node: exp.Expr) -> Field | None:
    """The column that a name means, looked for from the inside out; None where there is none.

    Args:
        names: [column], [relation, column] or [database, relation, column].
        node: where the name stands.

    Raises:
        SqlError: AMBIGUOUS_NAME where two columns of one scope fit.
    """
    return located(names, scope, node)[0]


def located(names: list[str], scope: Scope | None, node: exp.Expr) -> tuple[Field | None, Scope | None]:
    """The column that a name means, as `resolve` finds it, and the scope that it is in."""
    wanted = [name.lower() for name in names]
    while scope is not None:
        hits = [field for field in scope.fields if _fits(field, wanted)]
        if len(hits) > 1:
            raise fail("AMBIGUOUS_NAME", f"Column '{dotted(names)}' is ambiguous", node)
        if hits:
            return hits[0], scope
        scope = scope.parent
    return None, None


def dotted(names: list[str]) -> str:
    """A name as it was written."""
    return ".".join(names)


def _fits(field: Field, wanted: list[str]) -> bool:
    if field.name is None or field.name.lower() != wanted[-1]:
        return False
    qualifiers = wanted[:-1]
    known = [field.database, field.relation]
    if len(qualifiers) == 3 and qualifiers[0] == "awsdatacatalog":
        qualifiers = qualifiers[1:]
    if len(qualifiers) > 2:
        return False
    return all(name == known[-position] for position, name in enumerate(reversed(qualifiers), 1))
