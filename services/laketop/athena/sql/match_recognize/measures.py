"""MEASURES: what is shown of the rows of a match.

The matcher says for every row of a match which rows its measures point to; these are joined, aggregates are windows
over the match's rows, and the measures are ordinary expressions over both.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql import types as t
from laketop.athena.sql.core import Context, Expr, Field, Scope, compile_expression
from laketop.athena.sql.functions import aggregation
from laketop.athena.sql.match_recognize.clause import Clause
from laketop.athena.sql.match_recognize.conditions import aggregating, typed
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
        computed: what aggregates take in of the relation's rows, as DuckDB SQL; like Trino, for every row.
        aggregated: whether there are aggregates, which need the rows as well that are not shown.
    """

    numbered: str
    label: str
    row: str
    inner: str
    pointers: list[list[Any]] = field(default_factory=list)
    joins: dict[tuple[int, int], str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)
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
    types = {str(known.name): known.type for known in typed(one, fields, context)}
    named = [
        Field(name, None, rows.item(_pointed(pointer, clause, rows)), types[name])
        for name, pointer in one.pointers.items()
        if not pointer.member
    ]
    for name, aggregate in one.aggregates.items():
        rows.aggregated = True
        taken = _taken(aggregate, rows)
        known = _computed(aggregate, one, fields, rows, context)
        # DuckDB computes the arguments for the rows as well that the filter leaves out, where they might fail
        members = [
            Field(inner, None, f"CASE WHEN {taken} THEN {_member(pointer, clause, rows)} END", types[inner])
            for inner, pointer in one.pointers.items()
            if pointer.member or pointer.kind == "number"
        ]
        members += known
        sql = _aggregated(aggregate, taken, rows, context.within(Scope(tuple(members)))).sql
        named.append(Field(name, None, rows.item(sql), types[name]))
    return compile_expression(one.node, context.within(Scope(tuple(named))))


def _computed(
    aggregate: Aggregate, one: Resolved, fields: tuple[Field, ...], rows: Rows, context: Context
) -> list[Field]:
    """Names for those arguments of an aggregate that are computed from columns, which they replace."""
    found = []
    for number, argument in enumerate(aggregate.arguments):
        used = {column.name for column in argument.find_all(exp.Column)}
        if isinstance(argument, exp.Column) or not used or any(one.pointers[name].column < 0 for name in used):
            continue
        named = tuple(
            Field(name, None, fields[one.pointers[name].column].sql, fields[one.pointers[name].column].type)
            for name in used
        )
        value = compile_expression(argument, context.within(Scope(named)))
        name = f"$c{len(rows.computed)}"
        found.append(Field(name, None, f"{rows.row}.a{len(rows.computed)}", value.type))
        rows.computed.append(value.sql)
        aggregate.arguments[number] = exp.Column(this=exp.to_identifier(name, quoted=True))
    return found


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


def _taken(aggregate: Aggregate, rows: Rows) -> str:
    """A condition for the rows that an aggregate takes in."""
    label, numbers = f"{rows.label}.label", aggregate.labels
    return f"{label} >= 0" if numbers is None else f"{label} IN ({', '.join(map(str, numbers))})"


def _aggregated(aggregate: Aggregate, condition: str, rows: Rows, context: Context) -> Expr:
    until = "CURRENT ROW" if aggregate.running else "UNBOUNDED FOLLOWING"
    over = (
        f" OVER (PARTITION BY {rows.label}.pid, {rows.label}.number ORDER BY {rows.label}.ordinal "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND {until})"
    )
    return aggregation.aggregate(
        aggregate.node, aggregate.name, aggregate.arguments, aggregating(context), condition=condition, over=over
    )
