"""Which conditions choose partitions: only those that every row of the answer meets."""

import pytest

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table
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


def test_columns_that_the_query_names_are_known() -> None:
    assert translate("SELECT v FROM sales WHERE m = 1", _Catalog()).used == (frozenset({0, 2}),)
    assert translate("SELECT count(*) FROM sales", _Catalog()).used == (frozenset(),)
