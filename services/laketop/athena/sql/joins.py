"""JOIN … USING: two columns of the same name become one.

Follows Trino's page "SELECT" (JOIN, USING): neither side's own column can be named any more.
"""

from dataclasses import dataclass

from sqlglot import exp

from laketop.athena.sql.coercion import coerce, common
from laketop.athena.sql.comparison import compare
from laketop.athena.sql.core import Expr, Field, fail


@dataclass(frozen=True)
class Joined:
    """A side of a join, or its result: SQL, the columns that can be named, those of `*` and those of `r.*`."""

    sql: str
    fields: tuple[Field, ...]
    visible: tuple[Field, ...]
    starred: tuple[Field, ...]


def using(left: Joined, right: Joined, kind: str, columns: list[exp.Identifier], join: exp.Join) -> Joined:
    """The join of two sides by the columns of these names.

    Args:
        columns: their names in the tree.
        kind: INNER, LEFT, RIGHT or FULL.

    Raises:
        SqlError: COLUMN_NOT_FOUND, AMBIGUOUS_NAME, DUPLICATE_COLUMN_NAME, TYPE_MISMATCH.
    """
    merged, tests, gone = [], [], set[str]()
    for number, column in enumerate(columns):
        name = column.name
        if name.lower() in [other.name.lower() for other in columns[:number]]:
            problem = f"Column '{name}' appears multiple times in USING clause"
            raise fail("DUPLICATE_COLUMN_NAME", problem, column)
        a, b = _single(left.fields, name, "left", column), _single(right.fields, name, "right", column)
        target = common(a.type, b.type)
        if target is None:
            raise fail(
                "TYPE_MISMATCH",
                f"Column types of left and right side are not compatible in JOIN USING: {a.type}, {b.type}",
                column,
            )
        tests.append(compare("=", Expr(a.sql, a.type), Expr(b.sql, b.type), join))
        sides = [coerce(Expr(field.sql, field.type), target).sql for field in (a, b)]
        chosen = {"RIGHT": sides[1], "FULL": f"coalesce({sides[0]}, {sides[1]})"}.get(kind, sides[0])
        merged.append(Field(name, None, chosen, target))
        gone |= {a.sql, b.sql}

    def rest(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(field for field in fields if field.sql not in gone)

    return Joined(
        f"{left.sql} {kind} JOIN {right.sql} ON {' AND '.join(tests)}",
        (*merged, *rest(left.fields + right.fields)),
        (*merged, *rest(left.visible + right.visible)),
        rest(left.starred + right.starred),
    )


def _single(fields: tuple[Field, ...], name: str, side: str, node: exp.Expr) -> Field:
    hits = [field for field in fields if field.name is not None and field.name.lower() == name.lower()]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise fail("AMBIGUOUS_NAME", f"Column '{name}' is ambiguous", node)
    raise fail("COLUMN_NOT_FOUND", f"Column '{name}' is missing from {side} side of join", node)
