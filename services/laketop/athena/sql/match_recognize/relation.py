"""MATCH_RECOGNIZE as a relation: the query around the matcher.

The rows are numbered within their partitions, the matcher gets what the conditions need of a partition as lists, and
what it finds is joined with the rows again. Follows Trino's page "MATCH_RECOGNIZE".
"""

import json
import re

from sqlglot import exp

from laketop.athena.sql import text
from laketop.athena.sql.columns import located
from laketop.athena.sql.core import Column, Context, Expr, Field, Relation, Scope, fail, shown
from laketop.athena.sql.equality import distinct_key, sort_key
from laketop.athena.sql.errors import not_supported
from laketop.athena.sql.match_recognize.clause import Clause, read
from laketop.athena.sql.match_recognize.conditions import Conditions, conditions
from laketop.athena.sql.match_recognize.measures import Rows, measures
from laketop.athena.sql.match_recognize.program import compiled
from laketop.athena.sql.ordering import direction
from laketop.athena.sql.parse import place
from laketop.athena.sql.sources import Source, compile_from

_OUTER = re.compile(r"\bt([0-9]+)\.c")
MOST_PAIRS = 4_000_000  # pairs of rows of all partitions for which conditions on two rows are computed
_STEP = re.compile(r"\brec[0-9]+\b")  # the rows of a recursive query's last step


def recognized(node: exp.Subquery, context: Context) -> Relation:
    """Compile a MATCH_RECOGNIZE.

    Args:
        node: what the parser made of it.

    Raises:
        SqlError: what is wrong with it, or NOT_SUPPORTED.
    """
    clause, session = read(node.this), context.session
    before = session.counter
    source = compile_from(clause.select, context)
    if any(int(number) <= before for number in _OUTER.findall(source.sql)) or _STEP.search(source.sql):
        raise not_supported("MATCH_RECOGNIZE of rows that depend on the query around", *place(node))
    fields = source.scope.fields
    _check_names(source, node)
    keys = [_column(item, fields) for item in clause.partition]
    order = [_column(item.this, fields) for item in clause.order]
    inner = Context(session, Scope(parent=context.scope), "MATCH_RECOGNIZE", ctes=context.ctes)
    tests = conditions(clause, fields, inner)
    rows = Rows(session.fresh("w"), session.fresh("t"), session.fresh("t"), session.fresh("t"))
    values, used = measures(clause, fields, rows, inner)
    head, tail = _shown(clause, source, keys, order)
    outputs = [_output(fields[number], number, rows) for number in head]
    outputs += [(Column(name, value.type), value.sql) for name, value in values]
    outputs += [_output(fields[number], number, rows) for number in tail]
    if not outputs:
        raise fail("TABLE_HAS_NO_COLUMNS", "pattern recognition output table has no columns", node)
    used |= {*head, *tail, *(number for number, _ in tests.columns.shifted)}
    numbered = _numbered(clause, source, keys, order, sorted(used), rows.computed)
    session.ctes.append(f"{rows.numbered} AS MATERIALIZED ({numbered})")
    listed = ", ".join(f"{sql} AS c{number}" for number, (_, sql) in enumerate(outputs))
    sql = (
        f"SELECT {listed} FROM ({_joined(clause, tests, rows)}) AS {rows.inner} "  # noqa: S608 - parts are compiled or quoted
        f"WHERE {rows.inner}.shown = 1 ORDER BY {rows.inner}.pid, {rows.inner}.ordinal"
    )
    return Relation(sql, tuple(column for column, _ in outputs))


def _check_names(source: Source, node: exp.Expr) -> None:
    """No two columns of the relation have one name."""
    names = [field.name.lower() for field in source.visible if field.name is not None]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise fail("AMBIGUOUS_NAME", f"ambiguous column: {twice} in row pattern input relation", node)


def _column(node: exp.Expr, fields: tuple[Field, ...]) -> int:
    """The number of the column that PARTITION BY or ORDER BY names."""
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        raise fail("INVALID_COLUMN_REFERENCE", f"Expected column reference. Actual: {shown(node)}", node)
    found, _ = located([part.name for part in node.parts], Scope(fields), node)
    if found is None:
        problem = f"Column {shown(node)} is not present in the input relation"
        raise fail("COLUMN_NOT_FOUND", problem, node)
    return next(number for number, one in enumerate(fields) if one is found)


def _shown(clause: Clause, source: Source, keys: list[int], order: list[int]) -> tuple[list[int], list[int]]:
    """The numbers of the columns in front of the measures, and of those behind them."""
    if clause.one_row:
        return keys, []
    fields, head = source.scope.fields, [*keys, *order]
    visible = (next(number for number, one in enumerate(fields) if one is field) for field in source.visible)
    return head, [number for number in visible if number not in head]


def _output(field: Field, number: int, rows: Rows) -> tuple[Column, str]:
    column = Column(field.name if field.name is not None else f"_col{number}", field.type, field.name is None)
    return column, rows.item(f"{rows.row}.c{number}")


def _numbered(
    clause: Clause, source: Source, keys: list[int], order: list[int], used: list[int], computed: list[str]
) -> str:
    """The relation's rows with the number of their partition, and their own in it."""
    fields = source.scope.fields
    values = [Expr(field.sql, field.type) for field in fields]
    parts = ", ".join(distinct_key(values[key], node) for key, node in zip(keys, clause.partition, strict=True))
    ways = ", ".join(
        sort_key(values[key], node) + direction(node) for key, node in zip(order, clause.order, strict=True)
    )
    window = f"{f'PARTITION BY {parts}' if parts else ''}{f' ORDER BY {ways}' if ways else ''}"
    pid = f"dense_rank() OVER (ORDER BY {parts})" if parts else "CAST(1 AS BIGINT)"
    columns = "".join(f"{fields[number].sql} AS c{number}, " for number in used)
    columns += "".join(f"{sql} AS a{number}, " for number, sql in enumerate(computed))
    return f"SELECT {columns}{pid} AS pid, row_number() OVER ({window}) AS rn{source.sql}"


def _matched(clause: Clause, tests: Conditions, rows: Rows) -> str:
    """The matcher's answer for each partition."""
    columns = tests.columns
    over = " OVER (PARTITION BY pid ORDER BY rn)"
    listed = "".join(
        f", {f'c{number}' if not shift else _shifted(number, shift) + over + f' AS {name}'}"
        for (number, shift), name in columns.shifted.items()
    )
    near = f"SELECT pid, rn{listed} FROM {rows.numbered}"  # noqa: S608 - parts are compiled or quoted
    sides = [("b", columns.truths, "INTEGER[][]"), ("o", columns.operands, "VARCHAR[][]")]
    computed = "".join(
        f", {sql} AS {letter}{number}" for letter, some, _ in sides for number, (sql, _) in enumerate(some)
    )
    alias = columns.alias
    each = f"SELECT {alias}.pid, {alias}.rn{computed} FROM ({near}) AS {alias}"  # noqa: S608
    lists = [
        "["
        + ", ".join(
            f"list_append(list({letter}{number} ORDER BY rn), {missing})" for number, (_, missing) in enumerate(some)
        )
        + "]"
        if some
        else f"CAST([] AS {kind})"
        for letter, some, kind in sides
    ]
    plan = text.string(_plan(clause, tests, rows))
    if not columns.pairs:
        call = f"py_row_pattern({plan}, count(*), {', '.join(lists)}, CAST([] AS INTEGER[][]))"
        return f"SELECT pid, {call} AS found FROM ({each}) AS r GROUP BY pid"  # noqa: S608
    listed = (
        f"SELECT pid, count(*) AS size, {lists[0]} AS truths, {lists[1]} AS operands FROM ({each}) AS r GROUP BY pid"  # noqa: S608
    )
    call = f"py_row_pattern({plan}, q.size, q.truths, q.operands, coalesce(p.pairs, []))"
    return (
        f"SELECT q.pid, {call} AS found FROM ({listed}) AS q LEFT JOIN ({_paired(tests, near)}) AS p ON p.pid = q.pid"  # noqa: S608
    )


def _paired(tests: Conditions, near: str) -> str:
    """The conditions on two rows, for any two rows of each partition where these are not too many."""
    columns = tests.columns
    one, other = columns.alias, columns.other
    sized = f"SELECT *, count(*) OVER (PARTITION BY pid) AS size FROM ({near}) AS n"  # noqa: S608
    kept = (
        f"SELECT * EXCLUDE (size, total) FROM (SELECT *, sum(size) OVER () AS total FROM ({sized}) AS n) AS n "  # noqa: S608
        f"WHERE total <= {MOST_PAIRS}"
    )
    names = "".join(f", NULL AS {name}" for name in columns.shifted.values())
    # the row that is none comes last
    missing = f"SELECT pid, count(*) + 1 AS rn{names} FROM ({kept}) AS n GROUP BY pid"  # noqa: S608
    some = f"({kept} UNION ALL {missing})"
    computed = "".join(f", {sql} AS b{number}" for number, sql in enumerate(columns.pairs))
    each = (
        f"SELECT {one}.pid, {one}.rn AS i, {other}.rn AS j{computed} "  # noqa: S608
        f"FROM {some} AS {one} JOIN {some} AS {other} ON {other}.pid = {one}.pid"
    )
    lists = ", ".join(f"list(b{number} ORDER BY i, j)" for number in range(len(columns.pairs)))
    return f"SELECT pid, [{lists}] AS pairs FROM ({each}) AS r GROUP BY pid"  # noqa: S608


def _shifted(number: int, shift: int) -> str:
    return f"{'lag' if shift < 0 else 'lead'}(c{number}, {abs(shift)})"


def _plan(clause: Clause, tests: Conditions, rows: Rows) -> str:
    """The clause for the matcher, as JSON."""
    word, label = clause.skip
    return json.dumps(
        {
            "steps": compiled(clause.pattern, clause.labels, clause.select),
            "labels": clause.labels,
            "conditions": tests.tests,
            "bases": tests.bases,
            "aggregates": tests.aggregates,
            "numbered": tests.numbered,
            "kinds": tests.columns.kinds,
            "rows": clause.rows,
            "skip": [word, clause.sets.get(label, ())],
            "pointers": rows.pointers,
            "members": rows.aggregated,
        }
    )


def _joined(clause: Clause, tests: Conditions, rows: Rows) -> str:
    """The rows of the matches with all that the measures need of them."""
    names = ["number", "ordinal", "position", "label", "shown", *(f"k{number}" for number in range(len(rows.pointers)))]
    parts = ", ".join(f"list_extract(m, {number}) AS {name}" for number, name in enumerate(names, 1))
    found = f"SELECT pid, unnest(found) AS m FROM ({_matched(clause, tests, rows)}) AS f"  # noqa: S608
    label = rows.label
    listed = "".join(f", {sql} AS c{number}" for number, sql in enumerate(rows.items))
    joins = "".join(
        f" LEFT JOIN {rows.numbered} AS {alias} ON {alias}.pid = {label}.pid "
        f"AND {alias}.rn = {label}.k{number}{f' + ({physical})' if physical else ''}"
        for (number, physical), alias in rows.joins.items()
    )
    row = rows.row
    return (
        f"SELECT {label}.pid, {label}.ordinal, {label}.label, {label}.shown{listed} "  # noqa: S608
        f"FROM (SELECT pid, {parts} FROM ({found}) AS e) AS {label} "
        f"JOIN {rows.numbered} AS {row} ON {row}.pid = {label}.pid AND {row}.rn = {label}.position{joins}"
    )
