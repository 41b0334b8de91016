"""UNION, INTERSECT and EXCEPT over values that DuckDB may compare otherwise than Trino does.

Follows Trino's page "SELECT" (UNION | INTERSECT | EXCEPT clause).
"""

from collections.abc import Sequence

from sqlglot import exp

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Expr
from laketop.athena.sql.equality import distinct_key

_KEPT = {
    "UNION": ("first({0})", ""),
    # what both sides have; the left side's value is shown
    "INTERSECT": ("first({0}) FILTER (WHERE side = 0)", " HAVING min(side) = 0 AND max(side) = 1"),
    "EXCEPT": ("first({0})", " HAVING max(side) = 0"),
}


def combined(word: str, sides: tuple[str, str], types: Sequence[t.Type], node: exp.Expr, *, every: bool) -> str:
    """DuckDB SQL of a set operation.

    Args:
        word: UNION, INTERSECT or EXCEPT.
        sides: two queries with columns c0, c1, … of these types.
        every: whether it says ALL.

    Raises:
        SqlError: TYPE_MISMATCH or NOT_SUPPORTED for types that cannot be compared.
    """
    values = [Expr(f"c{number}", type_) for number, type_ in enumerate(types)]
    keys = [] if word == "UNION" and every else [distinct_key(value, node) for value in values]
    if all(key == value.sql for key, value in zip(keys, values, strict=False)):
        return f"({sides[0]}) {word}{' ALL' if every else ''} ({sides[1]})"
    names = ", ".join(value.sql for value in values)
    numbered = ""
    if every:
        # equal rows are told apart by their number
        numbered = f", row_number() OVER (PARTITION BY {', '.join(keys)}) AS number"
        keys.append("number")
    rows = " UNION ALL ".join(
        f"(SELECT {names}{numbered}, {number} AS side FROM ({side}) AS s)"  # noqa: S608 - parts are compiled or quoted
        for number, side in enumerate(sides)
    )
    shown, condition = _KEPT[word]
    listed = ", ".join(f"{shown.format(value.sql)} AS {value.sql}" for value in values)
    by = ", ".join(_inner(key) for key in keys)
    return f"SELECT {listed} FROM ({rows}) AS r GROUP BY {by}{condition}"  # noqa: S608 - parts are compiled or quoted


def _inner(key: str) -> str:
    """A key as an expression: DuckDB would take a bare name for one of the result's columns."""
    return f"r.{key}" if key.isalnum() else key
