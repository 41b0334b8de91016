"""MEASURES: what is shown of the rows of a match.

The matcher says for every row of a match which rows its measures point to; these are joined, aggregates are windows
over the match's rows, and the measures are ordinary expressions over both.
"""

from dataclasses import dataclass, field
from typing import Any

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression
from laketop.athena.sql.functions import aggregation
from laketop.athena.sql.match_recognize.clause import Clause
from laketop.athena.sql.match_recognize.conditions import aggregating, pointer_type, typed
from laketop.athena.sql.match_recognize.navigation import Aggregate, Pointer, Resolved, resolved

UNMATCHED = -2  # in place of a label


@dataclass
class Rows:
    """The rows of the matches, put together for the measures.

    Attributes:
        numbered: the name of the relation's rows with their partition `pid` and their number `rn` in it.
        label: the alias of the matcher's rows.
        row: the alias of the relation's row that each is.
        inner: the alias of all of it for the measures.
        pointers: what the matcher is to point to.
        joins: (pointer, how many rows away) → the alias of the row there.
        items: the columns of it all, as DuckDB SQL.
        aggregated: whether there are aggregates, which need the rows as well that are not shown.
    """

    numbered: str
    label: str
    row: str
    inner: str
    pointers: list[list[Any]] = field(default_factory=list)
    joins: dict[tuple[int, int], str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    aggregated: bool = False

    def item(self, sql: str) -> str:
        """A column of it all, as the measures see it."""
        if sql not in self.items:
            self.items.append(sql)
        return f"{self.inner}.c{self.items.index(sql)}"

    def pointed(self, kind: str, pointer: Pointer, physical: int) -> int:
        """The number of what the matcher points to."""
        wanted = [kind, pointer.labels, pointer.last, pointer.logical, physical, pointer.running]
        if wanted not in self.pointers:
            self.pointers.append(wanted)
        return self.pointers.index(wanted)


def measures(
    clause: Clause, fields: tuple[Field, ...], rows: Rows, context: Context
) -> tuple[list[tuple[str, Expr]], set[int]]:
    """The measures with their names, and the numbers of the columns that they use.

    Raises:
        SqlError: what is wrong with an expression.
    """
    found, used = list[tuple[str, Expr]](), set[int]()
    for name, node in clause.measures:
        one = resolved(node, clause, fields, context)
        used |= {pointer.column for pointer in one.pointers.values() if pointer.kind == "column"}
        value = _measure(one, clause, fields, rows, context)
        sql = value.sql
        if value.type == t.UNKNOWN:
            sql = f"CAST({sql} AS INTEGER)"
        if clause.rows == "UNMATCHED":
            sql = f"CASE WHEN {rows.inner}.label <> {UNMATCHED} THEN {sql} END"
        found.append((name, Expr(sql, value.type)))
    return found, used


def _measure(one: Resolved, clause: Clause, fields: tuple[Field, ...], rows: Rows, context: Context) -> Expr:
    types = {field_.name: field_.type for field_ in typed(one, fields, context)}
    members, named = [], []
    for name, pointer in one.pointers.items():
        type_ = pointer_type(pointer, fields)
        if pointer.member or pointer.kind == "number":
            members.append(Field(name, None, _member(pointer, clause, rows), type_))
        if not pointer.member:
            named.append(Field(name, None, rows.item(_pointed(pointer, clause, rows)), type_))
    inner = context.within(Scope(tuple(members)))
    for name, aggregate in one.aggregates.items():
        rows.aggregated = True
        sql = _aggregated(aggregate, rows, inner).sql
        named.append(Field(name, None, rows.item(sql), types[name]))
    return compile_expression(one.node, context.within(Scope(tuple(named))))


def _member(pointer: Pointer, clause: Clause, rows: Rows) -> str:
    """What a name means in the row that an aggregate takes in."""
    if pointer.kind == "number":
        return f"{rows.label}.number"
    if pointer.kind == "label":
        return _label_name(f"{rows.label}.label", clause)
    return f"{rows.row}.c{pointer.column}"


def _pointed(pointer: Pointer, clause: Clause, rows: Rows) -> str:
    """What a name means in the row that it points to."""
    if pointer.kind == "number":
        return f"{rows.label}.number"
    if pointer.kind == "label":
        number = rows.pointed("label", pointer, pointer.physical)
        return _label_name(f"{rows.label}.k{number}", clause)
    number = rows.pointed("row", pointer, 0)
    alias = rows.joins.setdefault((number, pointer.physical), f"{rows.row}_{number}_{len(rows.joins)}")
    return f"{alias}.c{pointer.column}"


def _label_name(sql: str, clause: Clause) -> str:
    names = ", ".join(text.string(label) for label in clause.labels)
    return f"CASE WHEN {sql} >= 0 THEN list_extract(CAST([{names}] AS VARCHAR[]), {sql} + 1) END"


def _aggregated(aggregate: Aggregate, rows: Rows, context: Context) -> Expr:
    label = f"{rows.label}.label"
    numbers = aggregate.labels
    condition = f"{label} >= 0" if numbers is None else f"{label} IN ({', '.join(map(str, numbers))})"
    until = "CURRENT ROW" if aggregate.running else "UNBOUNDED FOLLOWING"
    over = (
        f" OVER (PARTITION BY {rows.label}.pid, {rows.label}.number ORDER BY {rows.label}.ordinal "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND {until})"
    )
    return aggregation.aggregate(
        aggregate.node, aggregate.name, aggregate.arguments, aggregating(context), condition=condition, over=over
    )
