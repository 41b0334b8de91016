"""MATCH_RECOGNIZE where recorded answers do not reach: tables, and limits of our own."""

import pytest

from laketop.athena.sql import types as t
from laketop.athena.sql.core import Column, Table
from laketop.athena.sql.errors import SqlError
from laketop.athena.sql.translate import translate
from tests.oracle.replay import answer

_PAIRED = (
    "SELECT count(*) FROM UNNEST(sequence(1, {size})) t(x) MATCH_RECOGNIZE "
    "(ORDER BY x MEASURES count(*) AS n PATTERN (A B*) DEFINE B AS abs(x - A.x) < 3)"
)


class _Catalog:
    def table(self, database: str | None, name: str) -> Table:
        return Table(database or "shop", name, tuple(Column(letter, t.BIGINT) for letter in "abcd"), 1)


def test_only_the_columns_that_are_needed_are_read() -> None:
    sql = "SELECT n FROM x MATCH_RECOGNIZE (ORDER BY a MEASURES count(*) AS n PATTERN (A) DEFINE A AS x.c > 1)"
    with pytest.raises(SqlError, match=r"'x\.c' cannot be resolved"):
        translate(sql, _Catalog())
    found = translate(sql.replace("x.c", "A.c"), _Catalog())
    assert [set(used) for used in found.used] == [{0, 2}]


def test_conditions_on_two_rows_are_refused_where_there_are_too_many() -> None:
    assert answer(_PAIRED.format(size=30))[1] == [[10]]
    with pytest.raises(SqlError, match="over so many rows") as raised:
        answer(_PAIRED.format(size=2100))
    assert raised.value.name == "NOT_SUPPORTED"
