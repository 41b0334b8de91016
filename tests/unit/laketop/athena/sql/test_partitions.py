"""Which conditions choose partitions: only those that every row of the answer meets."""

import datetime as dt

import pytest

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Condition, Table
from laketop.athena.sql.translate import translate

COLUMNS = (Column("v", t.BIGINT), Column("y", t.VARCHAR), Column("m", t.INTEGER), Column("d", t.DATE))


class _Catalog:
    def table(self, database: str | None, name: str) -> Table:
        return Table(database or "shop", name, COLUMNS, 3)


@pytest.mark.parametrize(
    ("sql", "filters"),
    [
        ("SELECT v FROM sales", [[]]),
        ("SELECT v FROM sales WHERE y = '2024' AND v > 1", [["y = '2024'"]]),
        ("SELECT v FROM sales WHERE (m >= 3 AND 5 > m)", [["m >= 3", "m < 5"]]),
        ("SELECT v FROM sales WHERE m IN (1, 2) AND d BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'",
         [["m IN (1, 2)", "d >= '2024-01-01' AND d <= '2024-01-31'"]]),
        ("SELECT v FROM sales WHERE y = 'it''s'", [["y = 'it''s'"]]),
        ("SELECT v FROM sales WHERE y = '2024' OR v = 1", [[]]),
        ("SELECT v FROM sales WHERE NOT y = '2024'", [[]]),
        ("SELECT v FROM sales WHERE m = 1.0", [[]]),
        ("SELECT v FROM sales WHERE lower(y) = 'x'", [[]]),
        ("SELECT y FROM (SELECT v AS y FROM sales) WHERE y = 2024", [[]]),
        ("SELECT a.v FROM sales a JOIN sales b ON a.v = b.v WHERE b.m = 2", [[], ["m = 2"]]),
        ("SELECT v FROM sales s WHERE EXISTS (SELECT 1 FROM sales i WHERE s.m = 3 AND i.m = 4)", [[], ["m = 4"]]),
        ("WITH one AS (SELECT * FROM sales WHERE m = 1) SELECT v FROM one WHERE d = DATE '2024-01-01'", [["m = 1"]]),
    ],
)  # fmt: skip
def test_filters(sql: str, filters: list[list[str]]) -> None:
    assert [scan.filters for scan in translate(sql, _Catalog()).scans] == filters


class _Iceberg:
    def table(self, database: str | None, name: str) -> Table:
        columns = (*COLUMNS, Column("n", t.Timestamp(6)), Column("z", t.TimestampTz(6)), Column("x", t.DOUBLE))
        return Table("shop", name, columns, 0, prunable=frozenset(column.name for column in columns))


@pytest.mark.parametrize(
    ("where", "conditions"),
    [
        ("v > 1 AND y = 'it''s'", [Condition("v", ">", (1,)), Condition("y", "=", ("it's",))]),
        ("3 > m", [Condition("m", "<", (3,))]),
        ("v IN (1, 2)", [Condition("v", "IN", (1, 2))]),
        ("d BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'",
         [Condition("d", "BETWEEN", (dt.date(2024, 1, 1), dt.date(2024, 1, 31)))]),
        ("n < TIMESTAMP '2024-01-01 01:02:03.5'", [Condition("n", "<", (dt.datetime(2024, 1, 1, 1, 2, 3, 500000),))]),
        ("z = TIMESTAMP '2024-01-01 01:02:03 UTC'",
         [Condition("z", "=", (dt.datetime(2024, 1, 1, 1, 2, 3, tzinfo=dt.UTC),))]),
        ("z = TIMESTAMP '2024-01-01 01:02:03 Europe/Rome'", []),
        ("z = TIMESTAMP '2024-01-01 01:02:03'", []),
        ("n = TIMESTAMP '2024-01-01 01:02:03 UTC'", []),
        ("n = DATE '2024-01-01'", []),
        ("d = TIMESTAMP '2024-01-01 00:00:00'", []),
        ("x = 1", []),
        ("v = 1 OR v = 2", []),
        ("v IN (1, m)", []),
    ],
)  # fmt: skip
def test_conditions_on_prunable_columns(where: str, conditions: list[Condition]) -> None:
    (scan,) = translate(f"SELECT 1 FROM t WHERE {where}", _Iceberg()).scans
    assert (scan.conditions, scan.filters) == (conditions, [])


def test_columns_that_the_query_names_are_known() -> None:
    assert translate("SELECT v FROM sales WHERE m = 1", _Catalog()).used == (frozenset({0, 2}),)
    assert translate("SELECT count(*) FROM sales", _Catalog()).used == (frozenset(),)
